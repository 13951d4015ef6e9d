"""MRR by month and what moved it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from pennybridge.periods import month_end
from tests.models.books import Books, Line

Ask = Callable[..., list[tuple[Any, ...]]]

MRR = """
    select cast(period_start as text), mrr_base from metrics.mrr
    where granularity = 'month' order by period_index"""
MOVEMENTS = """
    select cast(periods.period_start as text), movements.movement, movements.movement_base
    from metrics.movements as movements
    join metrics.periods as periods
        on periods.granularity = movements.granularity and periods.period_index = movements.period_index
    where movements.granularity = 'month' order by 1, 2"""


def monthly(books: Books, customer: int, months: dict[str, int], label: str = "Abonnement Pro") -> None:
    """One invoice per month, dated and for the month that begins on the day given."""
    for first_day, amount in months.items():
        last_day = month_end(date.fromisoformat(first_day)).isoformat()
        books.add_invoice(customer, first_day, [Line(amount, label, (first_day, last_day))])


def test_mrr_is_the_snapshot_of_the_last_day_of_each_month(books: Books, ask: Ask) -> None:
    """100 a month from 15 March counts whole in March, and not at all once it has ended."""
    books.add_invoice(books.add_customer(), "2025-03-15", [Line(100, period=("2025-03-15", "2025-04-14"))])

    assert ask(MRR, as_of="2025-06-30") == [
        ("2025-03-01", 100.0),
        ("2025-04-01", 0.0),
        ("2025-05-01", 0.0),
        ("2025-06-01", 0.0),
    ]


def test_a_pause_of_a_month_is_churn_and_reactivation(books: Books, ask: Ask) -> None:
    monthly(books, books.add_customer(), {"2025-01-01": 50, "2025-02-01": 50, "2025-04-01": 75})

    assert ask(MOVEMENTS, as_of="2025-07-31") == [
        ("2025-01-01", "new", 50.0),
        ("2025-03-01", "churn", -50.0),
        ("2025-04-01", "reactivation", 75.0),
        ("2025-05-01", "churn", -75.0),
    ]


def test_a_switch_of_product_is_one_expansion(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 100}, "Abonnement Bronze")
    monthly(books, customer, {"2025-02-01": 250}, "Abonnement Or")

    assert ask(MOVEMENTS, as_of="2025-02-28") == [
        ("2025-01-01", "new", 100.0),
        ("2025-02-01", "expansion", 150.0),
    ]


def test_cancelling_one_of_two_sales_is_contraction_and_only_the_last_is_churn(
    books: Books, ask: Ask
) -> None:
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 60, "2025-02-01": 60}, "Abonnement A")
    monthly(books, customer, {"2025-01-01": 40}, "Abonnement B")

    assert ask(MOVEMENTS, as_of="2025-06-30") == [
        ("2025-01-01", "new", 100.0),
        ("2025-02-01", "contraction", -40.0),
        ("2025-03-01", "churn", -60.0),
    ]


def test_a_line_counts_its_amount_over_its_months(books: Books, ask: Ask) -> None:
    """Whole months within a day; else each calendar month by its share of days. 28 days are no month."""
    expected: list[tuple[int | str, str, str, float]] = [
        (1200, "2025-01-01", "2025-12-31", 100.0),
        (300, "2025-01-15", "2025-04-14", 100.0),
        (100, "2024-01-31", "2024-02-28", 100.0),
        (100, "2024-02-01", "2024-02-29", 100.0),
        (100, "2025-02-22", "2025-03-22", 100.0),
        (1300, "2025-01-15", "2025-12-31", 112.5698),
        (2400, "2025-01-01", "2026-12-31", 100.0),
        (100, "2025-01-01", "2025-01-28", 110.7143),
        (90, "2025-01-01", "2025-03-31", 30.0),
        ("18.29", "2025-01-01", "2025-12-31", 1.5242),
        ("0.09", "2024-01-01", "2025-12-31", 0.0038),
    ]
    for amount, first_day, last_day, _ in expected:
        books.add_invoice(books.add_customer(), first_day, [Line(amount, period=(first_day, last_day))])

    mrr = ask("select mrr_base from metrics.segments order by invoice_id")

    assert mrr == [(value,) for *_, value in expected]


def test_part_of_a_month_counts_as_a_whole_one(books: Books, ask: Ask) -> None:
    """A seat added on the 16th costs 51.61 until the 31st: grossed up, or April would show growth again."""
    customer = books.add_customer()
    monthly(books, customer, {"2025-03-01": 100})
    books.add_invoice(customer, "2025-03-16", [Line("51.61", period=("2025-03-16", "2025-03-31"))])
    monthly(books, customer, {"2025-04-01": 200})

    assert ask(MRR, as_of="2025-04-30") == [("2025-03-01", 199.9944), ("2025-04-01", 200.0)]
