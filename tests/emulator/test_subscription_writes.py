"""Billing subscriptions over HTTP: create, change, stop, resume, and what they bill."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from pennybridge.emulator.additions import Kept
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import every_page, ids

LINE = {
    "label": "Abonnement", "quantity": 2, "raw_currency_unit_price": "50.00", "unit": "piece",
    "vat_rate": "FR_200",
}  # fmt: skip


@pytest.fixture
def customer(emulator: Emulator) -> Kept:
    """Whom the subscriptions bill."""
    return emulator.add_customer(emails=["compta@cap-horizon.example"])


def body(customer: Kept, **changes: Any) -> dict[str, Any]:
    """What is sent to make a subscription that bills 100 a month from tomorrow on."""
    return {
        "customer_id": customer.id, "start": "2026-11-03", "mode": {"type": "finalized"}, "label": "Licence",
        "payment_conditions": "30_days", "payment_method": "offline", "recurring_rule": {"type": "monthly"},
        "customer_invoice_data": {"invoice_lines": [LINE]}, **changes,
    }  # fmt: skip


def create(http: httpx2.Client, customer: Kept, **changes: Any) -> dict[str, Any]:
    """A subscription as the API makes it."""
    created = http.post("/billing_subscriptions", json=body(customer, **changes))
    assert created.status_code == 201, created.text
    subscription: dict[str, Any] = created.json()
    return subscription


def change(http: httpx2.Client, subscription: dict[str, Any], **changes: Any) -> httpx2.Response:
    """Change one."""
    return http.put(f"/billing_subscriptions/{subscription['id']}", json=changes)


def dates(http: httpx2.Client) -> list[str]:
    """The dates of all invoices."""
    return [invoice["date"] for invoice in every_page(http, "/customer_invoices", sort="id")]


def test_a_subscription_bills_when_the_clock_moves(
    emulator: Emulator, http: httpx2.Client, customer: Kept
) -> None:
    subscription = create(http, customer)

    emulator.move_clock(days=62)
    invoices = every_page(http, "/customer_invoices", sort="id")
    now = http.get(f"/billing_subscriptions/{subscription['id']}").json()

    assert (subscription["status"], subscription["next_occurrence"]) == ("not_started", "2026-11-03")
    assert subscription["customer_invoice_data"]["currency_amount_before_tax"] == "100.0"
    assert [invoice["date"] for invoice in invoices] == ["2026-11-03", "2026-12-03", "2027-01-03"]
    assert {invoice["amount"] for invoice in invoices} == {"120.0"}
    assert {invoice["billing_subscription"]["id"] for invoice in invoices} == {subscription["id"]}
    assert (now["status"], now["next_occurrence"]) == ("in_progress", "2027-02-03")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"type": "monthly", "interval": 2, "day_of_month": 15}, ["2026-11-15", "2027-01-15"]),
        ({"type": "monthly", "day_of_month": 31, "count": 2}, ["2026-11-30", "2026-12-31"]),
        ({"type": "weekly", "day_of_week": "monday", "interval": 6}, ["2026-12-14", "2027-01-25"]),
        ({"type": "yearly"}, ["2026-11-03"]),
    ],
)
def test_the_rule_tells_the_days(
    emulator: Emulator, http: httpx2.Client, customer: Kept, rule: dict[str, Any], expected: list[str]
) -> None:
    """In requests a rule has another shape than in answers."""
    subscription = create(http, customer, recurring_rule=rule)

    emulator.move_clock(days=100)

    assert subscription["recurring_rule"]["rule_type"] == rule["type"]
    assert subscription["recurring_rule"]["interval"] == rule.get("interval", 1)
    assert dates(http) == expected


def test_a_subscription_ends_with_its_count(emulator: Emulator, http: httpx2.Client, customer: Kept) -> None:
    subscription = create(http, customer, recurring_rule={"type": "monthly", "count": 2})

    emulator.move_clock(days=120)

    assert subscription["finish"] == "2026-12-03"
    assert http.get(f"/billing_subscriptions/{subscription['id']}").json()["status"] == "finished"
    assert len(dates(http)) == 2


def test_a_stopped_subscription_bills_no_more_until_it_is_resumed(
    emulator: Emulator, http: httpx2.Client, customer: Kept
) -> None:
    """What would have been billed meanwhile is not made up for (assumed)."""
    subscription = create(http, customer)
    emulator.move_clock(days=2)

    stopped = change(http, subscription, stop=True).json()
    emulator.move_clock(days=61)
    resumed = change(http, subscription, stop=False).json()
    emulator.move_clock(days=31)

    assert (stopped["status"], stopped["next_occurrence"]) == ("stopped", None)
    assert stopped["stopped_at"] is not None
    assert (resumed["status"], resumed["stopped_at"], resumed["next_occurrence"]) == (
        "in_progress", None, "2027-02-03",
    )  # fmt: skip
    assert dates(http) == ["2026-11-03", "2027-02-03"]


def test_what_is_not_running_cannot_be_stopped_nor_what_runs_resumed(
    http: httpx2.Client, customer: Kept
) -> None:
    subscription = create(http, customer)

    resumed = change(http, subscription, stop=False)
    change(http, subscription, stop=True)
    again = change(http, subscription, stop=True)

    assert (resumed.status_code, again.status_code) == (422, 422)


def test_changed_lines_are_billed_from_the_next_occurrence_on(
    emulator: Emulator, http: httpx2.Client, customer: Kept
) -> None:
    subscription = create(http, customer)
    emulator.move_clock(days=2)
    lines = f"/billing_subscriptions/{subscription['id']}/invoice_lines"
    [first] = http.get(lines).json()["items"]

    edits = {
        "update": [{"id": first["id"], "quantity": 3}],
        "create": [{**LINE, "label": "Support", "quantity": 1, "raw_currency_unit_price": "25.5"}],
    }
    changed = change(http, subscription, customer_invoice_data={"invoice_lines": edits}).json()
    emulator.move_clock(days=31)

    assert changed["customer_invoice_data"]["currency_amount_before_tax"] == "175.5"
    amounts = [invoice["currency_amount_before_tax"] for invoice in every_page(http, "/customer_invoices")]
    assert amounts == ["175.5", "100.0"]
    assert {line["label"] for line in http.get(lines).json()["items"]} == {"Abonnement", "Support"}


def test_lines_are_deleted_but_never_all_of_them(http: httpx2.Client, customer: Kept) -> None:
    data = {"invoice_lines": [LINE, {**LINE, "label": "Support"}]}
    subscription = create(http, customer, customer_invoice_data=data)
    found = ids(http.get(f"/billing_subscriptions/{subscription['id']}/invoice_lines"))

    def delete(*keys: int) -> httpx2.Response:
        edits = {"delete": [{"id": key} for key in keys]}
        return change(http, subscription, customer_invoice_data={"invoice_lines": edits})

    assert delete(*found).status_code == 422
    assert delete(1).status_code == 404
    assert delete(found[0]).json()["customer_invoice_data"]["currency_amount"] == "120.0"


def test_sections_are_carried_onto_the_invoices(
    emulator: Emulator, http: httpx2.Client, customer: Kept
) -> None:
    data = {
        "invoice_line_sections": [{"title": "Socle", "rank": 1}], "pdf_invoice_subject": "Votre licence",
        "invoice_lines": [{**LINE, "section_rank": 1}],
    }  # fmt: skip
    create(http, customer, customer_invoice_data=data)

    emulator.move_clock(days=2)

    [invoice] = every_page(http, "/customer_invoices")
    [section] = http.get(f"/customer_invoices/{invoice['id']}/invoice_line_sections").json()["items"]
    assert (section["title"], section["rank"]) == ("Socle", 1)
    assert invoice["pdf_invoice_subject"] == "Votre licence"


def test_mode_and_rule_are_changed(emulator: Emulator, http: httpx2.Client, customer: Kept) -> None:
    subscription = create(http, customer)

    rule = {"type": "weekly", "day_of_week": "friday"}
    changed = change(http, subscription, mode={"type": "awaiting_validation"}, recurring_rule=rule).json()
    emulator.move_clock(days=5)

    assert (changed["mode"], changed["next_occurrence"]) == ("awaiting_validation", "2026-11-06")
    [invoice] = every_page(http, "/customer_invoices")
    assert (invoice["draft"], invoice["date"]) == (True, "2026-11-06")


def test_invoices_go_by_email_to_the_customers_addresses(
    emulator: Emulator, http: httpx2.Client, customer: Kept
) -> None:
    """Documented: the customer's own recipients where none are given."""
    mode = {"type": "email", "email_settings": {}}

    subscription = create(http, customer, mode=mode)
    emulator.move_clock(days=2)

    assert subscription["email_settings"]["recipients"] == ["compta@cap-horizon.example"]
    [mail] = emulator.books.outbox
    assert mail.recipients == ["compta@cap-horizon.example"]
    assert mail.document_id == ids(http.get("/customer_invoices"))[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"recurring_rule": {"type": "monthly", "interval": 0}},
        {"recurring_rule": {"type": "monthly", "day_of_month": 32}},
        {"recurring_rule": {"type": "monthly", "day_of_month": 1.5}},
        {"recurring_rule": {"type": "monthly", "count": 0}},
        {"recurring_rule": {"type": "monthly", "count": 1}, "start": "2020-01-01"},
        {"mode": {"type": "email", "email_settings": {"recipients": [f"a{n}@b.fr" for n in range(26)]}}},
        {"customer_invoice_data": {"invoice_lines": [{**LINE, "quantity": 0}]}},
        {"customer_invoice_data": {"invoice_lines": [{**LINE, "section_rank": 3}]}},
    ],
)
def test_what_makes_no_sense_is_refused(http: httpx2.Client, customer: Kept, changes: dict[str, Any]) -> None:
    refused = http.post("/billing_subscriptions", json=body(customer, **changes))

    assert refused.status_code in (400, 422), refused.text
    assert ids(http.get("/billing_subscriptions")) == []


def test_occurrences_before_today_are_not_billed(
    emulator: Emulator, http: httpx2.Client, customer: Kept
) -> None:
    """Assumed."""
    create(http, customer, start="2026-01-15")

    emulator.clock.move(timedelta(days=20))

    assert dates(http) == ["2026-11-15"]


def test_unknown_customers_and_subscriptions_are_not_found(http: httpx2.Client, customer: Kept) -> None:
    unknown = http.post("/billing_subscriptions", json={**body(customer), "customer_id": 4096})

    assert unknown.status_code == 404
    assert http.put("/billing_subscriptions/4096", json={"stop": True}).status_code == 404
