"""Documents and payments as books hold them: overpaid, settled otherwise, due before they were made."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.models.books import Books, Line

Ask = Callable[..., list[tuple[Any, ...]]]

ENTRIES = """
    select entry_kind, due_date is null, debit_eur, credit_eur
    from receivables.statement_rows order by row_number
"""


def test_an_overpaid_invoice_is_unapplied_and_not_late(books: Books, ask: Ask) -> None:
    invoice = books.add_invoice(books.add_customer(), "2025-01-10", [Line(100)], due="2025-02-09", paid=150)
    books.add_transaction(invoice, "2025-02-19", 150)

    assert ask("select aging_bucket, days_late, open_amount_eur from receivables.aging") == [
        ("unapplied", 0, -30.0)
    ]
    assert ask("select days_late, overdue_eur, unapplied_eur from receivables.aging_by_customer") == [
        (0, 0.0, 30.0)
    ]


def test_an_invoice_due_before_it_was_made_is_due_that_day_and_flagged(books: Books, ask: Ask) -> None:
    books.add_invoice(books.add_customer(), "2025-01-10", [Line(100)], due="2024-12-01")

    late = "select aging_bucket, days_late, due_date_assumed from receivables.aging"
    assert ask(late, as_of="2025-01-10") == [("not_due", 0, True)]
    assert ask(late, as_of="2025-01-11") == [("1_30", 1, True)]
    assert ask("select item from metrics.quality where topic = 'inconsistent'") == [
        ("due before its own date",)
    ]


def test_a_statement_calls_a_payment_only_what_someone_paid(books: Books, ask: Ask) -> None:
    """Dollars worth 95 brought 92.10, the rest is the rate's; 50 were settled somehow; 60 went back."""
    customer = books.add_customer()
    dollars = books.add_invoice(
        customer, "2025-01-10", [Line(100, tax=0)], currency="USD", rate="0.95", paid="all"
    )
    books.add_transaction(dollars, "2025-01-20", "92.10")
    books.add_invoice(customer, "2025-02-01", [Line(50, tax=0)], paid="all")
    note = books.add_invoice(customer, "2025-04-01", [Line(-50)], status="credit_note", paid="all")
    books.add_transaction(note, "2025-04-15", -60)

    assert ask(ENTRIES) == [
        ("invoice", False, 95.0, 0.0),
        ("payment", True, 0.0, 92.1),
        ("other_settlement", True, 0.0, 2.9),
        ("invoice", False, 50.0, 0.0),
        ("assumed_settlement", True, 0.0, 50.0),
        ("credit_note", True, 0.0, 60.0),
        ("refund", True, 60.0, 0.0),
    ]
    assert ask("select payments, paid_amount_eur from receivables.payment_delays") == [(1, 95.0)]


def test_what_to_do_follows_the_most_money_and_not_an_old_remainder(books: Books, ask: Ask) -> None:
    """5,000 are 17 days late, a remainder of 40 two years: 5,000 x 1 + 40 x 2."""
    customer = books.add_customer()
    books.add_invoice(customer, "2025-02-01", [Line(5000, tax=0)], due="2025-02-14")
    books.add_invoice(customer, "2023-02-01", [Line(40, tax=0)], due="2023-03-03")

    [(action, reason, days_late, score)] = ask(
        "select action, reason, days_late, score from receivables.to_do", as_of="2025-03-03"
    )

    assert (action, days_late) == ("call", 731)
    assert reason == "the largest part is at most 17 days late, the oldest invoice 731"
    assert score == 5080


def test_a_disputed_invoice_does_not_keep_others_from_being_asked_for(books: Books, ask: Ask) -> None:
    """90 are disputed for a year; 5,000 more are 40 days late, and 200 of them 4 days, being debited."""
    customer = books.add_customer()
    books.add_invoice(
        customer, "2024-02-01", [Line(90, tax=0)], due="2024-03-03", e_invoicing_status="in_dispute"
    )
    books.add_invoice(customer, "2025-01-01", [Line(5000, tax=0)], due="2025-01-22")
    debited = books.add_invoice(customer, "2025-02-01", [Line(200, tax=0)], due="2025-02-27")
    books.add(
        "payments",
        customer_invoice_id=debited,
        status="submitted",
        created_at=datetime(2025, 3, 1, tzinfo=UTC),
    )

    found = ask("select action, reason, overdue_eur, days_late from receivables.to_do", as_of="2025-03-03")

    assert found == [("firm_reminder", "oldest overdue invoice is 40 days late", 5290.0, 365)]


def test_unapplied_money_counts_as_collected_once(books: Books, ask: Ask) -> None:
    """Of 160, 60 are not due, 20 late, 80 paid; 10 too much wait for an invoice: 90 / (90 + 20)."""
    customer = books.add_customer()
    old = books.add_invoice(customer, "2025-01-10", [Line(100, tax=0)], due="2025-01-31", paid=80)
    books.add_transaction(old, "2025-02-10", 80)
    books.add_invoice(customer, "2025-02-15", [Line(60, tax=0)], due="2025-03-15")
    paid_twice = books.add_invoice(customer, "2025-01-05", [Line(30, tax=0)], due="2025-01-05", paid=40)
    books.add_transaction(paid_twice, "2025-01-05", 30)
    books.add_transaction(paid_twice, "2025-02-20", 10)

    [(found,)] = ask(
        "select collection_effectiveness from receivables.indicators where is_as_of", as_of="2025-02-28"
    )

    assert found == pytest.approx(90 / 110)


def test_sales_below_zero_give_no_dso(books: Books, ask: Ask) -> None:
    books.add_invoice(books.add_customer(), "2025-01-10", [Line(-100)], status="credit_note")

    [found] = ask(
        "select dso_countback_days, dso_simple_days, best_possible_dso_days, collection_effectiveness "
        "from receivables.indicators where is_as_of"
    )

    assert found == (0.0, None, None, None)
