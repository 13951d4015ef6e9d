"""Statuses, remaining amounts and numbers follow from what happened to a document."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennybridge.emulator.documents import (
    date_problem,
    deadline_of,
    fill,
    finalized,
    linked,
    next_number,
    settled,
)
from pennybridge.emulator.records import customer_invoice, invoice_line
from pennybridge.emulator.resources import Record
from pennybridge.money import format_amount

AT = "2026-03-01T08:00:00.000000Z"
DAY = date(2026, 3, 1)
DUE = date(2026, 3, 31)
cents = st.integers(1, 500_000).map(lambda number: Decimal(number) / 100)


def draft(total: str = "120", *, key: int = 4096, **fields: Any) -> Record:
    line = invoice_line(key + 1, AT, label="Conseil", unit_price=Decimal(total) / Decimal("1.2"))
    return customer_invoice(key, AT, customer=None, lines=[line], day=DAY, deadline=DUE, **fields)


def final(total: str = "120", *, today: date = DAY, key: int = 4096) -> Record:
    invoice = draft(total, key=key)
    return invoice | finalized(invoice, number=f"F-2026-{key:06d}", today=today)


def test_a_draft_has_no_number_and_nothing_to_pay() -> None:
    invoice = draft()

    assert (invoice["status"], invoice["invoice_number"], invoice["paid"]) == ("draft", "", False)
    assert invoice["remaining_amount_with_tax"] is None


@pytest.mark.parametrize(("days_after_due", "status"), [(-1, "upcoming"), (0, "upcoming"), (1, "late")])
def test_an_invoice_is_late_from_the_day_after_its_deadline(days_after_due: int, status: str) -> None:
    assert final(today=DUE + timedelta(days=days_after_due))["status"] == status


def test_a_payment_of_a_part_leaves_the_rest_open() -> None:
    invoice = final()
    part = settled(invoice, Decimal(50), today=DAY)

    assert (part["status"], part["paid"], part["remaining_amount_with_tax"]) == (
        "partially_paid",
        False,
        "70.0",
    )
    assert part["remaining_amount_without_tax"] == "58.33"
    rest = settled(invoice | part, Decimal(70), today=DAY)
    assert (rest["status"], rest["paid"], rest["remaining_amount_with_tax"]) == ("paid", True, "0.0")


def test_a_payment_taken_back_opens_the_invoice_again() -> None:
    paid = final() | settled(final(), Decimal(120), today=DAY)

    assert settled(paid, Decimal(-120), today=DUE + timedelta(days=9))["status"] == "late"


def test_a_whole_credit_note_cancels_both_documents() -> None:
    on_invoice, on_note = linked(final(), final("-120", key=8192), today=DAY)

    assert (on_invoice["status"], on_invoice["remaining_amount_with_tax"]) == ("cancelled", "0.0")
    assert (on_note["status"], on_note["remaining_amount_with_tax"]) == ("cancelled", "0.0")
    assert on_note["credited_invoice"] == {"id": 4096}


def test_credit_notes_over_parts_add_up_to_a_cancellation() -> None:
    first, _ = linked(final(), final("-50", key=8192), today=DAY)
    second, _ = linked(final() | first, final("-70", key=12288), today=DAY)

    assert (first["status"], first["remaining_amount_with_tax"]) == ("partially_cancelled", "70.0")
    assert second["status"] == "cancelled"


def test_what_a_credit_note_cannot_take_off_a_paid_invoice_stays_open_on_it() -> None:
    paid = final() | settled(final(), Decimal(120), today=DAY)
    on_invoice, on_note = linked(paid, final("-120", key=8192), today=DAY)

    assert on_invoice["remaining_amount_with_tax"] == "0.0"
    assert (on_note["remaining_amount_with_tax"], on_note["paid"]) == ("-120.0", False)


def test_linking_a_draft_changes_the_link_only() -> None:
    """Observed: a linked draft credit note stays `credit_note`."""
    on_invoice, on_note = linked(final(), draft("-120", key=8192), today=DAY)

    assert (on_invoice, on_note) == ({}, {"credited_invoice": {"id": 4096}})


def test_an_unlinked_credit_note_keeps_a_negative_amount_open() -> None:
    note = final("-33")

    assert (note["status"], note["remaining_amount_with_tax"], note["_credit_note"]) == (
        "credit_note",
        "-33.0",
        True,
    )


@given(cents, st.lists(cents, min_size=1, max_size=6))
def test_a_transaction_fills_the_oldest_invoices_first(amount: Decimal, totals: list[Decimal]) -> None:
    invoices = []
    for rank, total in enumerate(totals):
        invoice = final(key=4096 * (rank + 1))
        invoices.append(
            invoice | {"remaining_amount_with_tax": format_amount(total), "created_at": f"2026-0{rank + 1}"}
        )

    shares = fill(amount, invoices[::-1])

    assert [invoice["id"] for invoice, _ in shares] == [invoice["id"] for invoice in invoices]
    assert sum(share for _, share in shares) == min(amount, sum(totals))
    partial = [share for (_, share), total in zip(shares, totals, strict=True) if 0 < share < total]
    assert len(partial) <= 1


@given(st.lists(st.decimals(-300, 300, places=2), max_size=8))
def test_whatever_is_paid_and_taken_back_the_fields_agree(amounts: list[Decimal]) -> None:
    invoice = final()
    for amount in amounts:
        invoice |= settled(invoice, amount, today=DAY)

    assert Decimal(invoice["remaining_amount_with_tax"]) == 120 - sum(amounts, Decimal(0))
    assert invoice["paid"] == (invoice["remaining_amount_with_tax"] == "0.0")


def test_numbers_begin_anew_each_year() -> None:
    assert next_number("F-2025-000317", date(2025, 12, 31)) == "F-2025-000318"
    assert next_number(None, date(2026, 1, 1)) == "F-2026-000001"


def test_a_document_cannot_be_dated_before_the_last_one_finalized() -> None:
    assert date_problem(date(2026, 3, 1), date(2026, 3, 1)) is None
    assert (
        date_problem(date(2026, 2, 28), date(2026, 3, 1)) == "Date cannot be before latest finalized invoice."
    )


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("upon_receipt", date(2026, 1, 31)),
        ("7_days", date(2026, 2, 7)),
        ("30_days", date(2026, 3, 2)),
        ("30_days_end_of_month", date(2026, 3, 31)),
        ("45_days_end_of_month", date(2026, 3, 31)),
        ("custom", date(2026, 3, 2)),
    ],
)
def test_a_deadline_follows_from_the_payment_conditions(terms: str, due: date) -> None:
    assert deadline_of(date(2026, 1, 31), terms) == due
