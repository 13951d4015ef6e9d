"""Customers are found by what is given of them, never guessed among several, and created once."""

import msgspec
import pytest

from pennybridge.invoicing.customers import Match, customer_reference, match_customers
from pennybridge.invoicing.drafts import Customer
from tests.invoicing.desk import Desk
from tests.invoicing.drafting import a_draft

MARTIN = a_draft().customer
SIREN, SIRET, VAT = "732829320", "73282932000074", "FR44732829320"


def match(desk: Desk, *wanted: Customer) -> list[Match]:
    with desk.client() as client:
        found = match_customers(client, wanted)
    return [found[customer] for customer in wanted]


@pytest.mark.parametrize(
    "wanted",
    [
        Customer(external_reference="martin"),
        Customer(reg_no=SIREN),
        Customer(vat_number=VAT),
        Customer(vat_number="FR 44 732 829 320"),
        Customer(emails=("COMPTA@martin.example",)),
        Customer(name="ATELIER martin"),
        Customer(name="Renamed since", reg_no=SIREN),
    ],
)
def test_any_key_finds_the_customer(desk: Desk, wanted: Customer) -> None:
    known = desk.emulator.add_customer(
        "Atelier Martin",
        external_reference="martin",
        reg_no=SIREN,
        vat_number=VAT,
        emails=["compta@martin.example"],
    )
    desk.emulator.add_customer("Atelier Martinez")

    assert match(desk, wanted) == [Match(known.id)]


def test_a_foreign_vat_number_is_found_though_no_list_can_be_asked_for_it(desk: Desk) -> None:
    known = desk.emulator.add_customer("Müller GmbH", vat_number="DE136695976")

    assert match(desk, Customer(name="Mueller", vat_number="DE 136695976")) == [Match(known.id)]


def test_an_establishment_is_found_by_its_siret_or_by_the_companys_siren(desk: Desk) -> None:
    head = desk.emulator.add_customer("Siège", reg_no=SIREN)
    assert match(desk, Customer(reg_no=SIRET)) == [Match(head.id)]

    shop = desk.emulator.add_customer("Boutique", reg_no=SIRET)
    assert match(desk, Customer(reg_no=SIRET)) == [Match(shop.id)]


def test_several_customers_are_a_problem_that_names_them(desk: Desk) -> None:
    ids = [desk.emulator.add_customer("Double").id for _ in range(2)]

    (found,) = match(desk, Customer(name="Double"))

    assert found.customer_id is None
    assert all(str(one) in (found.problem or "") for one in ids)


def test_the_name_tells_apart_customers_who_share_a_stronger_key(desk: Desk) -> None:
    desk.emulator.add_customer("Siège", reg_no=SIREN)
    shop = desk.emulator.add_customer("Boutique", reg_no=SIREN)

    assert match(desk, Customer(reg_no=SIREN, name="boutique")) == [Match(shop.id)]


def test_an_e_mail_finds_nobody_whom_the_siren_contradicts(desk: Desk) -> None:
    desk.emulator.add_customer("Cabinet", reg_no="552100554", emails=["compta@cabinet.example"])

    (found,) = match(desk, Customer(reg_no=SIREN, name="Cabinet", emails=("compta@cabinet.example",)))

    assert (found.customer_id, found.problem) == (None, None)


def test_a_name_does_not_stand_for_a_number_that_nobody_has(desk: Desk) -> None:
    desk.emulator.add_customer("Atelier Martin")

    (found,) = match(desk, Customer(reg_no=SIREN, name="Atelier Martin"))

    assert found.reference == customer_reference(Customer(reg_no=SIREN))


def test_many_names_cost_no_more_than_the_list_of_customers(desk: Desk) -> None:
    known = desk.emulator.add_customer("Client 7")
    wanted = [Customer(name=f"Client {number}") for number in range(40)]
    before = len(desk.requests())

    found = match(desk, *wanted)

    assert found[7] == Match(known.id)
    assert len(desk.requests(before)) == 2


def test_a_customer_who_was_created_without_our_knowing_is_found_by_our_reference(desk: Desk) -> None:
    desk.emulator.fail_next("POST", "/company_customers", "lost_answer", times=3)
    first = desk.create([a_draft()], create_customers=True)
    second = desk.create([a_draft(reference="B")], create_customers=True)

    assert not first.failed
    assert not second.failed
    assert len(desk.records("customers")) == 1


def test_an_individual_is_created_as_one(desk: Desk) -> None:
    jeanne = msgspec.structs.replace(
        MARTIN, kind="individual", name=None, first_name="Jeanne", last_name="Petit"
    )

    report = desk.create([a_draft(customer=jeanne)], create_customers=True)

    assert not report.failed, report
    (customer,) = desk.records("customers")
    assert (customer["customer_type"], customer["name"]) == ("individual", "Jeanne Petit")
    assert match(desk, jeanne) == [Match(customer["id"])]
