"""What customers do: pay on time, late, in part, several invoices at once, or not at all.

Only customers that carry the note `_pays` pay by themselves; those that somebody adds wait for that
somebody. When and how much follows from the seed and the invoice's id, so that it is the same whoever asks,
whenever.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from pennybridge.emulator.desk import Desk
from pennybridge.emulator.documents import PAYABLE, open_amount, settled
from pennybridge.emulator.records import transaction
from pennybridge.emulator.resources import Record
from pennybridge.money import format_amount, to_cents

HABITS = ("punctual", "late", "very_late", "in_parts", "monthly_run", "direct_debit", "never")
"""Values of the note `_pays`."""

_ALL = Decimal(1)
_DAYS_LATE = {"punctual": (-6, 1), "late": (4, 35), "very_late": (45, 110), "direct_debit": (0, 0)}


def expect_payment(desk: Desk, invoice: Mapping[str, Any], *, after: date = date.min) -> None:
    """Plan the day an invoice becomes late, and those on which it is paid, if they come after `after`."""
    if invoice["status"] not in PAYABLE or not invoice["deadline"]:
        return
    deadline = date.fromisoformat(invoice["deadline"])
    if invoice["status"] == "upcoming":
        desk.plan(deadline + timedelta(days=1), lambda: _mark_late(desk, invoice["id"]))
    customer = desk.books.get("customers", (invoice["customer"] or {}).get("id", 0)) or {}
    for day, share in payments_of(invoice, customer.get("_pays", "never"), seed=desk.seed):
        if day > after:
            _plan_payment(desk, customer["id"], invoice["id"], day, share)


def payments_of(invoice: Mapping[str, Any], habit: str, *, seed: int) -> list[tuple[date, Decimal]]:
    """When a customer of some habit pays an invoice: days, each with the share of what is open then."""
    chance = Random(f"{seed}:{invoice['id']}")  # noqa: S311 - repeatable on purpose
    deadline = date.fromisoformat(invoice["deadline"])
    if habit == "never" or chance.random() < 0.015:  # now and then one is forgotten or disputed
        return []
    if habit == "monthly_run":
        first = (deadline.replace(day=1) + timedelta(days=32)).replace(day=10)
        return [(deadline.replace(day=10) if deadline.day <= 10 else first, _ALL)]
    if habit == "in_parts":
        first = deadline + timedelta(days=chance.randint(0, 5))
        second = (first + timedelta(days=chance.randint(20, 60)), _ALL)
        return [
            (first, Decimal(chance.choice(("0.3", "0.5", "0.6")))),
            *([second] if chance.random() < 0.8 else []),
        ]
    earliest, latest = _DAYS_LATE[habit]
    day = deadline + timedelta(days=chance.randint(earliest, latest))
    return [(max(day, date.fromisoformat(invoice["date"])), _ALL)]


def _plan_payment(desk: Desk, customer_id: int, invoice_id: int, day: date, share: Decimal) -> None:
    due = desk.payments[day, customer_id]
    due.append((invoice_id, share))
    if len(due) == 1:  # one transfer for all that the customer pays that day
        desk.plan(day, lambda: _pay(desk, customer_id, desk.payments.pop((day, customer_id))))


def _pay(desk: Desk, customer_id: int, due: Sequence[tuple[int, Decimal]]) -> None:
    shares = []
    for invoice_id, share in due:
        invoice = desk.books.get("customer_invoices", invoice_id)
        if invoice is not None and invoice["status"] in PAYABLE:
            shares.append((invoice, to_cents(open_amount(invoice) * share)))
    if shares and desk.bank_account:
        receive(desk, desk.existing("customers", customer_id), shares)


def receive(desk: Desk, customer: Mapping[str, Any], shares: Sequence[tuple[Record, Decimal]]) -> Record:
    """Take in one transfer from a customer and match it with invoices, each receiving so many euros."""
    total = sum((amount for _, amount in shares), Decimal(0))
    numbers = " ".join(invoice["invoice_number"] for invoice, _ in shares[:3])
    if customer.get("_pays") == "direct_debit":
        for invoice, amount in shares:
            _record_debit(desk, invoice, amount)
    received = desk.insert(
        "transactions",
        transaction(
            desk.books.new_id(),
            desk.now,
            label=f"VIR {customer['name'].upper()} {numbers}",
            day=desk.day,
            amount=total,
            outstanding=Decimal(0),
            bank_account=desk.bank_account or {},
            customer_id=customer["id"],
            **_in_currency([invoice for invoice, _ in shares], total),
        ),
    )
    for invoice, amount in shares:
        desk.books.match(invoice["id"], received["id"], amount)
        desk.books.update("customer_invoices", invoice["id"], settled(invoice, amount, today=desk.day))
    return received


def _in_currency(invoices: Sequence[Record], total_eur: Decimal) -> dict[str, Any]:
    currencies = {invoice["currency"] for invoice in invoices}
    if currencies == {"EUR"} or len(currencies) > 1:
        return {}
    first = invoices[0]
    in_currency = to_cents(total_eur * Decimal(first["currency_amount"]) / Decimal(first["amount"]))
    return {"currency": first["currency"], "currency_amount": in_currency}


def _record_debit(desk: Desk, invoice: Record, amount_eur: Decimal) -> None:
    payment = {
        "id": desk.books.new_id(),
        "label": f"Prélèvement {invoice['invoice_number']}",
        "currency": "EUR",
        "currency_amount": format_amount(amount_eur),
        "status": "paid_out",
    }
    desk.insert("customer_invoice_payments", payment, invoice["id"])


def _mark_late(desk: Desk, invoice_id: int) -> None:
    invoice = desk.books.get("customer_invoices", invoice_id)
    if invoice is None or invoice["status"] != "upcoming":
        return
    if desk.announces_late:
        desk.books.update("customer_invoices", invoice_id, {"status": "late"})
    else:
        desk.books.insert_many("customer_invoices", desk.company.id, [({**invoice, "status": "late"}, None)])
