"""Transactions are matched with invoices and shared out; categories are weighed."""

from decimal import Decimal
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pennybridge.emulator.additions import Kept
from pennybridge.emulator.server import Emulator
from tests.emulator.writing import changes_of, created, invoice, line, refused

Json = dict[str, Any]


def transfer(emulator: Emulator, amount: str) -> Kept:
    """A bank transaction that no invoice has taken anything of."""
    if not emulator.books.count("bank_accounts"):
        emulator.pay(emulator.add_customer_invoice("1.00"))
    account = emulator.books.select("bank_accounts")[0]
    return emulator.add(
        "transactions",
        {
            "label": "VIR CAP HORIZON F-117", "date": "2026-11-02",
            "amount": amount, "currency_amount": amount, "outstanding_balance": str(-Decimal(amount)),
            "bank_account": {"id": account["id"]},
            "journal": {"id": account["journal"]["id"]},
        },
    )  # fmt: skip


def match(http: httpx2.Client, made: Json, transaction: Json) -> httpx2.Response:
    """Match a transaction with an invoice."""
    path = f"/customer_invoices/{made['id']}/matched_transactions"
    return http.post(path, json={"transaction_id": transaction["id"]})


def unmatch(http: httpx2.Client, made: Json, transaction: Json) -> httpx2.Response:
    """Take a match back."""
    return http.delete(f"/customer_invoices/{made['id']}/matched_transactions/{transaction['id']}")


def remaining(http: httpx2.Client, made: Json) -> tuple[str, str]:
    """What an invoice still lacks, and its status."""
    found = http.get(f"/customer_invoices/{made['id']}").json()
    return found["remaining_amount_with_tax"], found["status"]


def test_a_transaction_pays_what_it_can(emulator: Emulator, http: httpx2.Client) -> None:
    made = emulator.add_customer_invoice("120.00")
    part, rest = transfer(emulator, "50.00"), transfer(emulator, "100.00")

    assert match(http, made, part).status_code == 204
    assert remaining(http, made) == ("70.0", "partially_paid")
    assert match(http, made, rest).status_code == 204
    assert remaining(http, made) == ("0.0", "paid")
    assert http.get(f"/transactions/{rest.id}").json()["outstanding_balance"] == "-30.0"
    listed = http.get(f"/customer_invoices/{made.id}/matched_transactions").json()["items"]
    assert {one["id"] for one in listed} == {part.id, rest.id}
    tied = http.get(f"/transactions/{rest.id}/matched_invoices").json()["items"]
    assert [one["id"] for one in tied] == [made.id]


def test_invoices_are_filled_in_the_order_of_their_creation(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: not in the order of matching."""
    older, newer = emulator.add_customer_invoice("120.00"), emulator.add_customer_invoice("120.00")
    received = transfer(emulator, "150.00")

    match(http, newer, received)
    assert remaining(http, newer) == ("0.0", "paid")
    match(http, older, received)

    assert remaining(http, older) == ("0.0", "paid")
    assert remaining(http, newer) == ("90.0", "partially_paid")
    assert http.get(f"/transactions/{received.id}").json()["outstanding_balance"] == "0.0"


def test_unmatching_one_unties_all(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: all links of the transaction go."""
    older, newer = emulator.add_customer_invoice("120.00"), emulator.add_customer_invoice("120.00")
    received = transfer(emulator, "150.00")
    match(http, older, received)
    match(http, newer, received)

    gone = unmatch(http, newer, received)

    assert (gone.status_code, gone.content) == (204, b"")
    assert [remaining(http, made) for made in (older, newer)] == [("120.0", "upcoming")] * 2
    assert http.get(f"/transactions/{received.id}").json()["outstanding_balance"] == "-150.0"
    assert http.get(f"/transactions/{received.id}/matched_invoices").json()["items"] == []
    assert unmatch(http, newer, received).status_code == 404


def test_matching_is_an_event_twice(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed on supplier invoices: two updates for matching, two for unmatching."""
    made, received = emulator.add_customer_invoice("120.00"), transfer(emulator, "120.00")
    before = len(changes_of(http, "customer_invoices", made.id))

    match(http, made, received)
    emulator.settle()
    matched = len(changes_of(http, "customer_invoices", made.id))
    unmatch(http, made, received)
    emulator.settle()

    assert matched == before + 2
    assert len(changes_of(http, "customer_invoices", made.id)) == matched + 2
    assert changes_of(http, "transactions", received.id) == ["insert", "update", "update"]


def test_money_paid_back_settles_a_credit_note(emulator: Emulator, http: httpx2.Client) -> None:
    note, paid_back = emulator.add_customer_invoice("-120.00"), transfer(emulator, "-120.00")

    match(http, note, paid_back)

    assert remaining(http, note)[0] == "0.0"


def test_what_cannot_be_matched_is_refused(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented text for drafts."""
    draft, made = emulator.add_customer_invoice(draft=True), emulator.add_customer_invoice()
    received = transfer(emulator, "120.00")
    theirs = emulator.add_customer_invoice(company=2)

    assert refused(match(http, draft, received)) == "This endpoint is not applicable for draft invoices"
    assert refused(unmatch(http, draft, received)) == "This endpoint is not applicable for draft invoices"
    assert match(http, made, {"id": 123}).status_code == 404
    assert match(http, theirs, received).status_code == 404
    assert unmatch(http, made, received).status_code == 404


def test_a_payment_of_the_seed_can_be_taken_back(emulator: Emulator, http: httpx2.Client) -> None:
    made = emulator.add_customer_invoice("120.00")
    received = emulator.pay(made, "20.00")

    unmatch(http, made, received)

    assert remaining(http, made) == ("120.0", "upcoming")


def test_a_transaction_reference_finds_its_transaction(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented in general; by label of a bank transaction here."""
    customer, received = emulator.add_customer(), transfer(emulator, "120.00")
    reference = {"banking_provider": "bank", "provider_field_name": "label", "provider_field_value": "F-117"}

    made = created(http.post("/customer_invoices", json=invoice(customer, transaction_reference=reference)))
    unpaid = created(http.post("/customer_invoices", json=invoice(customer)))
    stripe = reference | {"banking_provider": "stripe", "provider_field_name": "payment_id"}
    later = http.put(f"/customer_invoices/{unpaid['id']}", json={"transaction_reference": stripe}).json()

    assert (made["transaction_reference"], made["status"]) == (reference, "paid")
    assert http.get(f"/transactions/{received.id}").json()["outstanding_balance"] == "0.0"
    assert (later["transaction_reference"], later["status"]) == (stripe, "upcoming")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_euro_is_lost_however_one_matches(
    emulator: Emulator, http: httpx2.Client, data: st.DataObject
) -> None:
    """What invoices lack and what transactions have left always add up to what there was."""
    emulator.reset()
    cents = st.integers(1, 30_000).map(lambda number: f"{number / 100:.2f}")
    customer = emulator.add_customer()
    made = [
        created(http.post("/customer_invoices", json=invoice(customer, line(price, vat_rate="exempt"))))
        for price in data.draw(st.lists(cents, min_size=1, max_size=4))
    ]
    received = [transfer(emulator, amount) for amount in data.draw(st.lists(cents, min_size=1, max_size=3))]
    billed = sum(Decimal(one["amount"]) for one in made)
    paid = sum(Decimal(one["amount"]) for one in received)

    for _ in range(data.draw(st.integers(0, 8))):
        act = data.draw(st.sampled_from([match, match, unmatch]))
        act(http, data.draw(st.sampled_from(made)), data.draw(st.sampled_from(received)))

        open_now = [Decimal(remaining(http, one)[0]) for one in made]
        left = [
            -Decimal(http.get(f"/transactions/{one.id}").json()["outstanding_balance"]) for one in received
        ]
        assert billed - sum(open_now) == paid - sum(left)
        assert all(Decimal(0) <= rest for rest in (*open_now, *left))


@pytest.fixture
def axes(emulator: Emulator) -> dict[str, Kept]:
    """Two groups of categories."""
    return {
        label: emulator.add_category(label, group)
        for label, group in (("Nantes", "Agences"), ("Lyon", "Agences"), ("Vente", "Métiers"))
    }


def weights(axes: dict[str, Kept], **shares: str) -> list[Json]:
    """What a PUT of categories sends."""
    return [{"id": axes[label].id, "weight": weight} for label, weight in shares.items()]


def test_categories_are_replaced_and_no_event_tells_of_it(
    emulator: Emulator, http: httpx2.Client, axes: dict[str, Kept]
) -> None:
    """Documented; the silence observed."""
    made = emulator.add_customer_invoice()
    path = f"/customer_invoices/{made.id}/categories"
    before = changes_of(http, "customer_invoices", made.id)

    http.put(path, json=weights(axes, Nantes="0.3", Lyon="0.7", Vente="1"))
    second = http.put(path, json=weights(axes, Lyon="1.0"))
    emulator.settle()

    assert [(one["label"], one["weight"]) for one in second.json()] == [("Lyon", "1.0")]
    assert http.get(path).json()["items"] == second.json()
    assert changes_of(http, "customer_invoices", made.id) == before
    assert http.put(path, json=[]).json() == []


def test_customers_and_transactions_carry_categories_too(
    emulator: Emulator, http: httpx2.Client, axes: dict[str, Kept]
) -> None:
    customer, received = emulator.add_customer(), transfer(emulator, "120.00")

    of_customer = http.put(f"/customers/{customer.id}/categories", json=weights(axes, Nantes="1"))
    of_transaction = http.put(f"/transactions/{received.id}/categories", json=weights(axes, Vente="1"))

    assert http.get(f"/customers/{customer.id}/categories").json()["items"] == of_customer.json()
    assert http.get(f"/transactions/{received.id}").json()["categories"] == of_transaction.json()
    assert of_transaction.json()[0]["label"] == "Vente"


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ({"Nantes": "0.5", "Lyon": "0.4"}, "must equal 100%"),
        ({"Nantes": "0.5", "Vente": "1"}, "must equal 100%"),
        ({"Nantes": "1.5"}, "Weight must be greater than 0"),
        ({"Nantes": "0"}, "Weight must be greater than 0"),
        ({"Nantes": "0.12345678"}, "Weight can have at most 7 decimals"),
        ({"Nantes": "half"}, "Weight is not a number"),
    ],
)
def test_weights_that_do_not_add_up_are_refused(
    emulator: Emulator, http: httpx2.Client, axes: dict[str, Kept], shares: dict[str, str], reason: str
) -> None:
    """`… must equal 100%` is observed."""
    made = emulator.add_customer_invoice()

    refusal = http.put(f"/customer_invoices/{made.id}/categories", json=weights(axes, **shares))

    assert reason in refused(refusal)
    assert http.get(f"/customer_invoices/{made.id}/categories").json()["items"] == []


def test_categories_are_for_finalized_invoices_and_known_ones(
    emulator: Emulator, http: httpx2.Client, axes: dict[str, Kept]
) -> None:
    draft, made = emulator.add_customer_invoice(draft=True), emulator.add_customer_invoice()
    whole = weights(axes, Nantes="1")

    on_draft = http.put(f"/customer_invoices/{draft.id}/categories", json=whole)
    unknown = http.put(f"/customer_invoices/{made.id}/categories", json=[{"id": 123, "weight": "1"}])
    doubled = http.put(f"/customer_invoices/{made.id}/categories", json=whole * 2)

    assert refused(on_draft) == "This endpoint is not applicable for draft invoices"
    assert unknown.status_code == 404
    assert refused(doubled) == "Categories must be unique"
