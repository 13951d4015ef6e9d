"""Customers and contacts are created and changed; each refusal says why."""

from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.writing import ADDRESS, changes_of, company, created, refused

PERSON = {"first_name": "Ada", "last_name": "Roux", "billing_address": ADDRESS}


@pytest.fixture(autouse=True)
def our_company(emulator: Emulator) -> None:
    emulator.add_company()


def test_a_company_customer_comes_back_complete(emulator: Emulator, http: httpx2.Client) -> None:
    """What was not sent has its default; texts are empty rather than null (observed)."""
    sent = company(reference=None, billing_language="es_ES", notes=None)
    answered = created(http.post("/company_customers", json=sent))

    assert {name: answered[name] for name in ("name", "reg_no", "billing_language")} == {
        "name": "Cap Horizon", "reg_no": "732829320", "billing_language": "es_ES",
    }  # fmt: skip
    assert (answered["reference"], answered["phone"], answered["payment_conditions"]) == ("", "", "30_days")
    assert "customer_type" not in answered
    assert http.get(f"/customers/{answered['id']}").json()["customer_type"] == "company"
    emulator.settle()
    assert changes_of(http, "customers", answered["id"]) == ["insert"]


def test_an_individual_is_named_by_both_names(http: httpx2.Client) -> None:
    """Observed."""
    person = created(http.post("/individual_customers", json=PERSON))
    assert person["name"] == "Ada Roux"

    renamed = http.put(f"/individual_customers/{person['id']}", json={"last_name": "Lovelace"}).json()

    assert (renamed["name"], renamed["first_name"]) == ("Ada Lovelace", "Ada")


def test_only_what_is_sent_changes(emulator: Emulator, http: httpx2.Client) -> None:
    """Also inside an address (assumed)."""
    customer = created(http.post("/company_customers", json=company()))

    changed = http.put(
        f"/company_customers/{customer['id']}",
        json={
            "billing_address": {"city": "Brest"},
            "emails": ["a@b.example", "c@d.example"],
            "delivery_address": None,
        },
    ).json()

    assert changed["billing_address"] == ADDRESS | {"city": "Brest"}
    assert (changed["name"], changed["emails"]) == ("Cap Horizon", ["a@b.example", "c@d.example"])
    emulator.settle()
    assert changes_of(http, "customers", customer["id"]) == ["insert", "update"]


@pytest.mark.parametrize("path", ["/company_customers", "/individual_customers"])
def test_an_external_reference_is_used_once(http: httpx2.Client, path: str) -> None:
    """Observed text; across both types of customer."""
    created(http.post("/company_customers", json=company(external_reference="CRM-7")))
    body = (company() if path == "/company_customers" else PERSON) | {"external_reference": "CRM-7"}

    assert refused(http.post(path, json=body)) == "External reference has already been taken"


def test_a_customer_keeps_its_own_reference_when_changed(http: httpx2.Client) -> None:
    first = created(http.post("/company_customers", json=company(external_reference="CRM-7")))
    second = created(http.post("/company_customers", json=company()))

    same = http.put(f"/company_customers/{first['id']}", json={"external_reference": "CRM-7"})
    taken = http.put(f"/company_customers/{second['id']}", json={"external_reference": "CRM-7"})

    assert same.status_code == 200
    assert refused(taken) == "External reference has already been taken"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": " "}, "Name can't be blank"), ({"emails": ["nobody"]}, "Emails is invalid: nobody"),
        ({"billing_address": ADDRESS | {"country_alpha2": "France"}}, "Country alpha2 is invalid: France"),
        ({"external_reference": ""}, "External reference can't be blank"),
    ],
)  # fmt: skip
def test_a_customer_that_makes_no_sense_is_refused(
    http: httpx2.Client, change: dict[str, Any], reason: str
) -> None:
    assert refused(http.post("/company_customers", json=company(**change))) == reason


def test_a_customer_of_the_other_type_is_not_found(http: httpx2.Client) -> None:
    person = created(http.post("/individual_customers", json=PERSON))

    assert refused(http.put(f"/company_customers/{person['id']}", json={}), 404).startswith("Couldn't find")


def test_a_ledger_account_is_found_by_its_number_or_made(http: httpx2.Client) -> None:
    first = created(http.post("/company_customers", json=company(ledger_account={"number": "411CAP"})))
    second = created(http.post("/company_customers", json=company(ledger_account={"number": "411CAP"})))

    account = http.get(f"/ledger_accounts/{first['ledger_account']['id']}").json()

    assert (account["number"], account["label"]) == ("411CAP", "Cap Horizon")
    assert second["ledger_account"] == first["ledger_account"]


def test_contacts_are_created_changed_and_deleted(http: httpx2.Client) -> None:
    """They are a resource of their own: the customer's emails stay as they are (documented)."""
    customer = created(http.post("/company_customers", json=company()))
    path = f"/customers/{customer['id']}/contacts"

    contact = created(
        http.post(path, json={"first_name": "Ada", "last_name": "Roux", "email": "ada@cap.example"})
    )
    changed = http.put(f"{path}/{contact['id']}", json={"role": "Comptable"}).json()
    listed = http.get(path).json()["items"]
    gone = http.delete(f"{path}/{contact['id']}")

    assert (changed["role"], changed["email"]) == ("Comptable", "ada@cap.example")
    assert listed == [changed]
    assert (gone.status_code, gone.content) == (204, b"")
    assert http.get(f"{path}/{contact['id']}").status_code == 404
    assert http.get(f"/customers/{customer['id']}").json()["emails"] == customer["emails"]


def test_a_contact_of_another_customer_is_not_found(http: httpx2.Client) -> None:
    mine, other = (created(http.post("/company_customers", json=company())) for _ in range(2))
    body = {"first_name": "Ada", "last_name": "Roux", "email": "ada@cap.example"}
    contact = created(http.post(f"/customers/{mine['id']}/contacts", json=body))

    assert http.put(f"/customers/{other['id']}/contacts/{contact['id']}", json={}).status_code == 404
    assert http.delete(f"/customers/{other['id']}/contacts/{contact['id']}").status_code == 404
    assert http.post("/customers/123/contacts", json=body).status_code == 404


def test_customers_of_another_company_are_out_of_reach(emulator: Emulator, http: httpx2.Client) -> None:
    theirs = emulator.add_customer(company=2)

    assert http.put(f"/company_customers/{theirs.id}", json={"name": "Mine"}).status_code == 404
    assert emulator.books.get("customers", theirs.id) == theirs
