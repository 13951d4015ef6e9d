"""Quotes over HTTP: create, change, set their status, send them."""

from typing import Any

import httpx2
import pytest

from pennybridge.emulator.additions import Kept
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import ids
from tests.emulator.writing import created, line, refused

LINE = {
    "label": "Audit", "quantity": 1, "raw_currency_unit_price": "1000", "unit": "day", "vat_rate": "FR_200",
}  # fmt: skip


@pytest.fixture
def customer(emulator: Emulator) -> Kept:
    """To whom the quotes go."""
    return emulator.add_customer(emails=["achats@cap-horizon.example"])


def body(customer: Kept, **changes: Any) -> dict[str, Any]:
    """What is sent to make a quote."""
    return {
        "customer_id": customer.id, "date": "2026-11-02", "deadline": "2026-12-02", "invoice_lines": [LINE],
        **changes,
    }  # fmt: skip


def create(http: httpx2.Client, customer: Kept, **changes: Any) -> dict[str, Any]:
    """A quote as the API makes it."""
    created = http.post("/quotes", json=body(customer, **changes))
    assert created.status_code == 201, created.text
    quote: dict[str, Any] = created.json()
    return quote


def test_a_quote_is_made_with_its_totals(http: httpx2.Client, customer: Kept) -> None:
    quote = create(http, customer, discount={"type": "relative", "value": "10"}, external_reference="Q1")

    assert (quote["status"], quote["quote_number"]) == ("pending", "D-2026-0001")
    assert (quote["currency_amount_before_tax"], quote["tax"], quote["amount"]) == (
        "900.0",
        "180.0",
        "1080.0",
    )
    assert ids(http.get(f"/quotes/{quote['id']}/invoice_lines"))
    assert http.get(f"/quotes/{quote['id']}").json()["external_reference"] == "Q1"


def test_a_quote_in_another_currency_is_booked_in_euros(http: httpx2.Client, customer: Kept) -> None:
    quote = create(http, customer, currency="USD")

    assert quote["currency_amount"] == "1200.0"
    assert quote["amount"] != "1200.0"
    assert quote["exchange_rate"] != "1.0"


def test_lines_come_from_products_too(emulator: Emulator, http: httpx2.Client, customer: Kept) -> None:
    product = emulator.add_product("Licence", "80.00")

    quote = create(http, customer, invoice_lines=[{"product_id": product.id, "quantity": 3}])

    [line] = http.get(f"/quotes/{quote['id']}/invoice_lines").json()["items"]
    assert (line["label"], line["quantity"], line["product"]["id"]) == ("Licence", "3.0", product.id)
    assert quote["currency_amount_before_tax"] == "240.0"


def test_a_changed_quote_is_computed_again(emulator: Emulator, http: httpx2.Client, customer: Kept) -> None:
    quote = create(http, customer)
    other = emulator.add_customer("Delta")
    [line] = ids(http.get(f"/quotes/{quote['id']}/invoice_lines"))

    edits = {"update": [{"id": line, "raw_currency_unit_price": "500"}], "create": [LINE]}
    changed = http.put(
        f"/quotes/{quote['id']}",
        json={"invoice_lines": edits, "customer_id": other.id, "deadline": "2027-01-01"},
    ).json()

    assert changed["currency_amount_before_tax"] == "1500.0"
    assert (changed["customer"]["id"], changed["deadline"]) == (other.id, "2027-01-01")


def test_the_status_is_set(http: httpx2.Client, customer: Kept) -> None:
    quote = create(http, customer)
    path = f"/quotes/{quote['id']}"

    accepted = http.put(f"{path}/update_status", json={"status": "accepted"}).json()
    http.put(f"{path}/update_status", json={"status": "invoiced"})

    assert accepted["status"] == "accepted"
    assert http.put(path, json={"language": "en_GB"}).status_code == 422
    assert http.put(f"{path}/update_status", json={"status": "paid"}).status_code == 400


def test_a_quote_is_sent_once_its_pdf_is_there(
    emulator: Emulator, http: httpx2.Client, customer: Kept
) -> None:
    quote = create(http, customer)
    path = f"/quotes/{quote['id']}/send_by_email"

    early = http.post(path, json={}).status_code
    emulator.settle()
    sent = http.post(path, json={"recipients": ["pdg@cap-horizon.example"]}).status_code
    to_customer = http.post(path, json={}).status_code

    assert (early, sent, to_customer) == (409, 204, 204)
    assert [mail.recipients for mail in emulator.books.outbox] == [
        ["pdg@cap-horizon.example"], ["achats@cap-horizon.example"],
    ]  # fmt: skip


def test_quotes_reach_their_changelog(emulator: Emulator, http: httpx2.Client, customer: Kept) -> None:
    quote = create(http, customer)

    emulator.settle()

    events = http.get("/changelogs/quotes").json()["items"]
    assert [(event["id"], event["operation"]) for event in events] == [
        (quote["id"], "insert"), (quote["id"], "update"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"deadline": "2026-11-01"}, 422),
        ({"customer_id": 4096}, 404),
        ({"invoice_lines": [{"product_id": 4096, "quantity": 1}]}, 404),
        ({"invoice_lines": [{**LINE, "quantity": "1"}]}, 400),
        ({"quote_template_id": 4096}, 404),
        ({"status": "accepted"}, 400),
    ],
)
def test_what_makes_no_quote_is_refused(
    http: httpx2.Client, customer: Kept, changes: dict[str, Any], status: int
) -> None:
    assert http.post("/quotes", json=body(customer, **changes)).status_code == status
    assert ids(http.get("/quotes")) == []


def test_an_external_reference_is_used_once(http: httpx2.Client, customer: Kept) -> None:
    create(http, customer, external_reference="Q1")

    refused = http.post("/quotes", json=body(customer, external_reference="Q1"))

    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "External reference has already been taken",
    )


def test_a_quote_in_another_currency_is_booked_anew_line_by_line(
    emulator: Emulator, http: httpx2.Client
) -> None:
    customer = emulator.add_customer()
    quote = created(http.post("/quotes", json={
        "customer_id": customer.id, "date": "2026-11-02", "deadline": "2026-12-02",
        "invoice_lines": [line()],
    }))  # fmt: skip

    changed = http.put(f"/quotes/{quote['id']}", json={"currency": "USD"}).json()
    (kept,) = http.get(f"/quotes/{quote['id']}/invoice_lines").json()["items"]
    refusal = http.put(f"/quotes/{quote['id']}", json={"currency": "QQQ"})

    assert changed["currency_amount"] == "120.0"
    assert kept["amount"] == changed["amount"] != "120.0"
    assert refused(refusal) == "Currency is not included in the list"
