"""Whether a document may be finalized now, and what it then becomes.

Source:
    `Date cannot be before latest finalized invoice.` and `La comptabilité est figée jusqu'au …`: observed.
    Numbering must be set up in the app first, without it finalizing fails: observed; with which text is
    assumed, as are the numbers themselves (`documents.next_number`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pennybridge.emulator.answers import Refusal
from pennybridge.emulator.calls import Call
from pennybridge.emulator.documents import date_problem, finalized, next_number
from pennybridge.emulator.life import last_number, latest_finalized
from pennybridge.emulator.resources import Record


def final_fields(call: Call, invoice: Mapping[str, Any]) -> Record:
    """What finalizing a document changes, its number included.

    Raises:
        Refusal: 422: its day is in a closed period or before that of the last number.
    """
    day = day_of(invoice)
    if day is None:
        raise Refusal(422, "Date can't be blank")
    check_open(call, day)
    check_order(call, day)
    if not call.company.has_numbering:
        raise Refusal(422, "Invoice numbering is not configured")
    number = next_number(last_number(call.books, call.company.id, day.year), day)
    return finalized(invoice, number=number, today=call.now.date())


def day_of(invoice: Mapping[str, Any]) -> date | None:
    """The date of a document; incomplete ones may have none."""
    return date.fromisoformat(invoice["date"]) if invoice["date"] else None


def check_order(call: Call, day: date) -> None:
    """Refuse with 422 a day before that of the last number."""
    if problem := date_problem(day, latest_finalized(call.books, call.company.id)):
        raise Refusal(422, problem)


def check_open(call: Call, day: date | None) -> None:
    """Refuse with 422 a day up to which the accounts are closed."""
    closed = call.company.closed_until
    if closed and day and day <= closed:
        raise Refusal(422, f"La comptabilité est figée jusqu'au {closed:%d/%m/%Y}")
