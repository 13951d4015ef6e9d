"""What is owed, since when, and what to do about it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.models.books import Books, Line

Ask = Callable[..., list[tuple[Any, ...]]]

AGING = "select aging_bucket, open_amount_eur from receivables.aging order by invoice_id"
OWED = "select open_amount_eur, overdue_eur, unapplied_eur from receivables.aging_by_customer"


BUCKETS = {-1: "not_due", 0: "not_due", 1: "1_30", 30: "1_30", 31: "31_60", 60: "31_60"}
BUCKETS |= {61: "61_90", 90: "61_90", 91: "over_90", 4000: "over_90"}


def test_an_invoice_is_late_from_the_day_after_its_due_date(books: Books, ask: Ask) -> None:
    today = date(2025, 3, 1)  # 29 February 2024 lies between
    for late in BUCKETS:
        due = today - timedelta(days=late)
        books.add_invoice(books.add_customer(), "2014-01-01", [Line(100)], due=due.isoformat())

    assert ask(AGING, as_of=today.isoformat()) == [(bucket, 120.0) for bucket in BUCKETS.values()]


def test_open_amounts_are_rebuilt_for_a_day_of_the_past(books: Books, ask: Ask) -> None:
    """120 of 2 January: 50 paid on 10 February, 40 credited on 1 March, the rest paid on 20 March."""
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-02", [Line(100)], paid="all")
    books.add_transaction(invoice, "2025-02-10", 50)
    books.add_transaction(invoice, "2025-03-20", 30)
    books.add_invoice(
        customer,
        "2025-03-01",
        [Line("-33.33", tax="-6.67")],
        credited_invoice_id=invoice,
        status="cancelled",
        paid="all",
    )

    days = {
        "2025-01-31": 120.0,
        "2025-02-10": 70.0,
        "2025-02-28": 70.0,
        "2025-03-01": 30.0,
        "2025-03-20": 0.0,
    }
    for day, amount in days.items():
        [(owed,)] = ask("select coalesce(sum(open_amount_eur), 0) from receivables.aging", as_of=day)
        assert (day, owed) == (day, amount)
    history = "select cast(snapshot_date as text), open_amount_eur from receivables.month_ends order by 1"
    assert ask(history, as_of="2025-03-31") == [
        ("2025-01-31", 120.0),
        ("2025-02-28", 70.0),
        ("2025-03-31", 0.0),
    ]


def test_one_transaction_settles_invoices_in_the_order_they_were_made(books: Books, ask: Ask) -> None:
    """1,000 pays the 400 whole and 600 of the 700; the last 100 came a month later."""
    customer = books.add_customer()
    first = books.add_invoice(customer, "2025-01-01", [Line(400, tax=0)], paid="all")
    second = books.add_invoice(customer, "2025-01-01", [Line(700, tax=0)], paid="all")
    big = books.add_transaction(first, "2025-02-01", 1000)
    books.add_transaction(second, "2025-02-01", 1000, id=big)
    books.add_transaction(second, "2025-03-01", 100)

    assert ask(OWED, as_of="2025-02-15") == [(100.0, 100.0, 0.0)]


def test_an_unlinked_credit_note_is_unapplied_and_never_netted_into_a_bucket(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    books.add_invoice(customer, "2025-01-01", [Line(100)], due="2025-01-31")
    books.add_invoice(customer, "2025-01-15", [Line(-50)], status="credit_note")

    assert ask(AGING, as_of="2025-03-15") == [("31_60", 120.0), ("unapplied", -60.0)]
    assert ask(OWED, as_of="2025-03-15") == [(60.0, 120.0, 60.0)]


def test_drafts_later_documents_and_excluded_customers_owe_nothing(books: Books, ask: Ask) -> None:
    customer, excluded = books.add_customer(), books.add_customer()
    books.add_invoice(customer, "2025-01-01", [Line(1)], draft=True, status="draft")
    books.add_invoice(customer, "2025-06-01", [Line(2)])
    books.add_invoice(customer, "2025-01-01", [Line(4)], status="incomplete")
    books.add_invoice(customer, "2025-01-01", [Line(8)], deleted_at=None, status="proforma")
    books.add_invoice(excluded, "2025-01-01", [Line(16)])
    books.add_exclusion(excluded)

    assert ask(AGING, as_of="2025-03-01") == []
    reasons = "select reason from billing.documents_left_out order by original_id"
    assert ask(reasons, as_of="2025-03-01") == [
        ("draft",),
        ("after the as-of date",),
        ("status incomplete",),
        ("status proforma",),
    ]
    assert ask("select excluded, open_amount_eur from billing.invoices", as_of="2025-03-01") == [(True, 19.2)]


def test_a_missing_due_date_is_thirty_days_after_the_invoice(books: Books, ask: Ask) -> None:
    books.add_invoice(books.add_customer(), "2025-01-01", [Line(100)], deadline=None)

    assert ask("select cast(due_date as text), due_date_assumed from receivables.aging") == [
        ("2025-01-31", True)
    ]


def test_count_back_takes_sales_off_newest_first_by_their_real_days(books: Books, ask: Ask) -> None:
    """212,000 open at the end of June: 100,000 of June, 80,000 of May, 32,000 of April's 70,000."""
    customer = books.add_customer()
    for day, amount, paid in (
        ("2025-04-10", 70000, 38000),
        ("2025-05-10", 80000, 0),
        ("2025-06-10", 100000, 0),
    ):
        books.add_invoice(customer, day, [Line(amount, tax=0)], paid=paid)

    [(countback, simple)] = ask(
        "select dso_countback_days, dso_simple_days from receivables.indicators where is_as_of",
        as_of="2025-06-30",
    )

    assert countback == pytest.approx(30 + 31 + 30 * 32 / 70)
    assert simple == pytest.approx(212 / 250 * 91)


def test_count_back_carries_a_month_of_net_credits_into_the_month_before(books: Books, ask: Ask) -> None:
    """June is -20,000: May's 100,000 becomes 80,000, and June's 30 days are added."""
    customer = books.add_customer()
    books.add_invoice(customer, "2025-05-10", [Line(100000, tax=0)], paid=30000)
    books.add_invoice(customer, "2025-06-10", [Line(-20000, tax=0)], status="credit_note")

    [(days,)] = ask(
        "select dso_countback_days from receivables.indicators where is_as_of", as_of="2025-06-30"
    )

    assert days == pytest.approx(30 + 31 * 50 / 80)


def test_count_back_says_when_the_sales_there_are_do_not_reach(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    books.add_invoice(customer, "2025-05-10", [Line(100, tax=0)])
    books.add_invoice(customer, "2025-06-10", [Line(50, tax=0)])
    books.add_invoice(
        customer, "2025-06-11", [Line(-120, tax=0)], status="credit_note", paid="all", due="2025-06-11"
    )

    found = ask(
        "select dso_countback_days, is_beyond_history, history_days from receivables.indicators "
        "where is_as_of",
        as_of="2025-06-30",
    )

    assert found == [(None, True, 61)]


def test_payment_delay_is_weighted_by_amount_and_rated(books: Books, ask: Ask) -> None:
    """140 paid 7 days late and 85 paid 55 late are 25 days on average; 214 overdue bring it to 17.8."""
    customer = books.add_customer()
    for amount, late in ((140, 7), (85, 55)):
        invoice = books.add_invoice(
            customer, "2025-01-01", [Line(amount, tax=0)], due="2025-01-31", paid="all"
        )
        books.add_transaction(invoice, (date(2025, 1, 31) + timedelta(days=late)).isoformat(), amount)
    books.add_invoice(customer, "2025-03-01", [Line(214, tax=0)], due="2025-03-31")

    [(paid, with_open, rating)] = ask(
        "select payment_delay_days, payment_delay_with_open_days, payment_rating "
        "from receivables.payment_delays",
        as_of="2025-04-10",
    )

    assert (round(paid, 2), round(with_open, 1), rating) == (25.13, 17.8, "A")


def test_a_statement_ends_with_what_is_owed(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(100)], paid=70)
    books.add_transaction(invoice, "2025-02-01", 70)
    books.add_invoice(customer, "2025-02-10", [Line(-10)], status="credit_note")

    rows = ask(
        "select entry_kind, debit_eur, credit_eur, balance_eur from receivables.statement_rows "
        "order by row_number"
    )

    assert rows == [
        ("invoice", 120.0, 0.0, 120.0),
        ("payment", 0.0, 70.0, 50.0),
        ("credit_note", 0.0, 12.0, 38.0),
    ]


def test_what_to_do_names_its_reason_and_disputes_wait(books: Books, ask: Ask) -> None:
    late, disputing, covered, debited, fine = (
        books.add_customer(name) for name in ("Late", "Disputing", "Covered", "Debited", "Fine")
    )
    for customer in (late, disputing, covered, debited):
        invoice = books.add_invoice(
            customer, "2025-01-01", [Line(100)], due="2025-01-31",
            e_invoicing_status="in_dispute" if customer == disputing else None,
        )  # fmt: skip
        if customer in (late, debited):  # a direct debit of December will not come any more
            begun = datetime(2025, 3, 3, tzinfo=UTC) - timedelta(days=0 if customer == debited else 90)
            books.add("payments", customer_invoice_id=invoice, status="submitted", created_at=begun)
    books.add_invoice(covered, "2025-01-05", [Line(-100)], status="credit_note")
    books.add_invoice(fine, "2025-03-01", [Line(100)], due="2025-04-30")

    assert ask("select action, reason from receivables.to_do order by customer_id", as_of="2025-03-05") == [
        ("firm_reminder", "oldest overdue invoice is 33 days late"),
        ("wait", "an invoice is disputed or refused"),
        ("apply_credit", "unapplied credit covers what is overdue"),
        ("wait", "a payment of an overdue invoice is under way"),
    ]


def test_collection_effectiveness_is_counted_month_by_month(books: Books, ask: Ask) -> None:
    """Opening 100, sales 60, open 80 of which 60 not due: (100 + 60 - 80) / (100 + 60 - 60)."""
    customer = books.add_customer()
    old = books.add_invoice(customer, "2025-01-10", [Line(100, tax=0)], due="2025-01-31", paid=80)
    books.add_transaction(old, "2025-02-10", 80)
    books.add_invoice(customer, "2025-02-15", [Line(60, tax=0)], due="2025-03-15")

    [(effectiveness,)] = ask(
        "select collection_effectiveness from receivables.indicators where is_as_of", as_of="2025-02-28"
    )

    assert effectiveness == pytest.approx(0.8)
