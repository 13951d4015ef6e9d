"""The life of a customer invoice: status, what remains to be paid, numbers, credit notes, payments.

Functions take records in the API's shapes and return the fields that change, so that whoever stores them
decides how. Remaining amounts are in euros, also for foreign invoices (observed), and null on drafts
(observed).

Source:
    Meaning of each status: https://pennylane.readme.io/docs/filter-my-invoices. A finalized credit note
    becomes `cancelled` once linked:
    https://pennylane.readme.io/changelog/deprecation-credit-notes-and-draft-invoices-endpoints. An unlinked
    one keeps a negative remaining amount (observed). Assumed: `paid` is true when nothing remains, whatever
    settled it; a part paid or credited shows as such even past the deadline; what a credit note cannot take
    off its invoice stays open on the credit note.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pennybridge.emulator.resources import Record
from pennybridge.money import format_amount, to_cents

PAYABLE = frozenset({"upcoming", "late", "partially_paid", "partially_cancelled"})
"""Statuses of a finalized invoice of which something remains to be paid."""

_ZERO = Decimal(0)


def is_credit_note(invoice: Mapping[str, Any]) -> bool:
    """Whether a document reduces another; its status does not tell (a linked one is `cancelled`)."""
    return invoice["credited_invoice"] is not None or invoice["amount"].startswith("-")


def open_amount(invoice: Mapping[str, Any]) -> Decimal:
    """What remains to be paid, in euros, tax included; zero for drafts."""
    return Decimal(invoice["remaining_amount_with_tax"] or 0)


def remaining_fields(invoice: Mapping[str, Any], remaining: Decimal) -> Record:
    """Both remaining amounts and `paid`; the part without tax keeps the proportion of the whole document."""
    total = Decimal(invoice["amount"])
    before_tax = total - Decimal(invoice["tax"])
    without_tax = to_cents(remaining * before_tax / total) if total else _ZERO
    return {
        "remaining_amount_with_tax": format_amount(remaining),
        "remaining_amount_without_tax": format_amount(without_tax),
        "paid": remaining == 0,
    }


def status_of(invoice: Mapping[str, Any], *, remaining: Decimal, today: date) -> str:
    """The status that a document's contents call for.

    Args:
        invoice: The document; its note `_credited` says what linked credit notes took off, in euros.
        remaining: What remains to be paid, in euros.
        today: The day of the question; an invoice is not late on its deadline.
    """
    if invoice["archived_at"] is not None:
        return "archived"
    if is_credit_note(invoice):
        return "cancelled" if invoice["credited_invoice"] and not invoice["draft"] else "credit_note"
    if invoice["draft"]:
        return "draft"
    return _status_of_final(invoice, remaining=remaining, today=today)


def _status_of_final(invoice: Mapping[str, Any], *, remaining: Decimal, today: date) -> str:
    total = Decimal(invoice["amount"])
    credited = Decimal(invoice.get("_credited", 0))
    if credited and credited >= total:
        return "cancelled"
    if remaining <= 0:
        return "paid"
    if credited:
        return "partially_cancelled"
    if remaining < total:
        return "partially_paid"
    return "late" if invoice["deadline"] and invoice["deadline"] < today.isoformat() else "upcoming"


def finalized(invoice: Mapping[str, Any], *, number: str, today: date) -> Record:
    """The fields that finalizing a draft changes: its number, its open amount and its status."""
    remaining = Decimal(invoice["amount"])
    return {
        "draft": False,
        "invoice_number": number,
        **remaining_fields(invoice, remaining),
        "status": status_of({**invoice, "draft": False}, remaining=remaining, today=today),
    }


def settled(invoice: Mapping[str, Any], amount: Decimal, *, today: date) -> Record:
    """The fields that a payment of so many euros changes; a negative amount takes a payment back."""
    remaining = open_amount(invoice) - amount
    return {
        **remaining_fields(invoice, remaining),
        "status": status_of(invoice, remaining=remaining, today=today),
    }


def linked(
    invoice: Mapping[str, Any], credit_note: Mapping[str, Any], *, today: date
) -> tuple[Record, Record]:
    """The fields that linking a credit note changes, on the credited invoice and on the credit note.

    Nothing but the link changes when either is a draft, as observed. Otherwise the credit note pays what
    remains of the invoice; the rest of it stays open on the credit note, with its negative sign, until it
    is paid back.
    """
    on_note: Record = {"credited_invoice": {"id": invoice["id"]}}
    if invoice["draft"] or credit_note["draft"]:
        return {}, on_note
    credit = -Decimal(credit_note["amount"])
    applied = max(_ZERO, min(credit, open_amount(invoice)))
    credited = format_amount(Decimal(invoice.get("_credited", 0)) + credit)
    on_note |= remaining_fields(credit_note, applied - credit) | {"status": "cancelled"}
    return {
        "_credited": credited,
        **settled({**invoice, "_credited": credited}, applied, today=today),
    }, on_note


def fill(amount: Decimal, invoices: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Decimal]]:
    """How a transaction of so many euros fills the invoices it is matched with: oldest created first.

    The invoices are filled in creation order (observed); what is beyond them stays on the transaction. A
    negative one fills credit notes (assumed).

    Returns:
        Each invoice with the euros it receives, in the order filled; all are listed, some may receive
        nothing.
    """
    shares = []
    sign = Decimal(1).copy_sign(amount)
    for invoice in sorted(invoices, key=lambda record: (record["created_at"], record["id"])):
        share = sign * max(_ZERO, min(sign * amount, sign * open_amount(invoice)))
        amount -= share
        shares.append((invoice, share))
    return shares


def next_number(last_number: str | None, day: date, *, prefix: str = "F") -> str:
    """The number of a document finalized on a day, given the last one of that year's series.

    >>> next_number(None, date(2026, 1, 5)), next_number("F-2026-000041", date(2026, 3, 1))
    ('F-2026-000001', 'F-2026-000042')
    """
    rank = int(last_number.rpartition("-")[2]) + 1 if last_number else 1
    return f"{prefix}-{day.year}-{rank:06d}"


def date_problem(day: date, latest_finalized: date | None) -> str | None:
    """Why a document of this date cannot be finalized now: dates follow the numbers (documented)."""
    if latest_finalized and day < latest_finalized:
        return "Date cannot be before latest finalized invoice."
    return None


_DAYS = {"upon_receipt": 0, "7_days": 7, "15_days": 15, "30_days": 30, "45_days": 45, "60_days": 60}


def deadline_of(day: date, payment_conditions: str) -> date:
    """The day by which a document of this date is due; `custom` counts as 30 days (assumed).

    >>> deadline_of(date(2026, 1, 10), "45_days"), deadline_of(date(2026, 1, 10), "30_days_end_of_month")
    (datetime.date(2026, 2, 24), datetime.date(2026, 2, 28))
    """
    terms = payment_conditions.removesuffix("_end_of_month")
    due = day + timedelta(days=_DAYS.get(terms, 30))
    if terms == payment_conditions:
        return due
    first_of_next = (due.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first_of_next - timedelta(days=1)
