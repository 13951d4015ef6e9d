"""Gaps, overlaps and renewals that are a little late."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.models.books import Books, Line
from tests.models.test_mrr import MOVEMENTS, MRR, monthly

Ask = Callable[..., list[tuple[Any, ...]]]


def test_a_renewal_two_months_late_shows_no_gap_in_an_annual_licence(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    books.add_invoice(customer, "2024-01-01", [Line(12000, "Licence", ("2024-01-01", "2024-12-31"))])
    books.add_invoice(customer, "2025-03-01", [Line(12000, "Licence", ("2025-03-01", "2026-02-28"))])

    assert ask(MOVEMENTS, as_of="2025-12-31") == [("2024-01-01", "new", 1000.0)]


def test_a_gap_beyond_the_grace_is_churn(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    books.add_invoice(customer, "2024-01-01", [Line(12000, "Licence", ("2024-01-01", "2024-12-31"))])
    books.add_invoice(customer, "2025-03-03", [Line(12000, "Licence", ("2025-03-03", "2026-03-02"))])

    assert ("2025-01-01", "churn", -1000.0) in ask(MOVEMENTS, as_of="2025-12-31")


def test_the_later_of_two_overlapping_invoices_counts(books: Books, ask: Ask) -> None:
    """100 until 5 February, then 150 from 25 January: 150 at the end of January, not 250."""
    customer = books.add_customer()
    books.add_invoice(customer, "2025-01-05", [Line(100, period=("2025-01-05", "2025-02-04"))])
    books.add_invoice(customer, "2025-01-25", [Line(150, period=("2025-01-25", "2025-02-24"))])

    assert ask(MRR, as_of="2025-01-31") == [("2025-01-01", 150.0)]


def test_two_sites_billed_on_different_days_add_up(books: Books, ask: Ask) -> None:
    """Each invoice continues its own series, so neither cuts the other short."""
    customer = books.add_customer()
    for month, next_month in ((1, 2), (2, 3), (3, 4)):
        for day in (1, 20):
            period = (f"2025-0{month}-{day:02d}", date(2025, next_month, day).replace(day=day).isoformat())
            books.add_invoice(customer, period[0], [Line(100, period=(period[0], _day_before(period[1])))])

    assert [mrr for _, mrr in ask(MRR, as_of="2025-03-31")] == [200.0, 200.0, 200.0]


def _day_before(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() - 1).isoformat()


def test_mrr_is_held_while_a_renewal_is_not_overdue(books: Books, ask: Ask) -> None:
    """The June invoice has not come yet on 10 June: June counts, and says that it waits."""
    monthly(books, books.add_customer(), {"2025-04-01": 100, "2025-05-01": 100})
    held = (
        "select cast(period_start as text), mrr_base, held_mrr_base, is_provisional from metrics.mrr "
        "where granularity = 'month' order by period_index"
    )

    assert ask(held, as_of="2025-06-10")[-1] == ("2025-06-01", 100.0, 100.0, True)
    assert ask(held, as_of="2025-06-16")[-1] == ("2025-06-01", 100.0, 100.0, True)
    assert ask(held, as_of="2025-06-17")[-1] == ("2025-06-01", 0.0, 0.0, False)


def test_billing_in_arrears_is_not_churn(books: Books, ask: Ask) -> None:
    """Each month is billed on its last day; on 12 July nobody can have been billed for July."""
    customer = books.add_customer()
    for first, last in (("2025-05-01", "2025-05-31"), ("2025-06-01", "2025-06-30")):
        books.add_invoice(customer, last, [Line(100, period=(first, last))])

    assert ask(MRR, as_of="2025-08-12")[-1] == ("2025-08-01", 100.0)
    assert ask(MRR, as_of="2025-08-20")[-1] == ("2025-08-01", 0.0)


def test_a_stopped_subscription_is_not_held(books: Books, ask: Ask) -> None:
    stopped, going = books.add_customer(), books.add_customer()
    for customer, status in ((stopped, "stopped"), (going, "in_progress")):
        subscription = books.add_subscription(
            customer, [Line(100)], status=status, next_occurrence=date(2025, 9, 1)
        )
        books.add_invoice(customer, "2025-05-01", [Line(100, "Pro")], billing_subscription_id=subscription)

    assert ask(MRR, as_of="2025-08-31") == [
        ("2025-05-01", 200.0),
        ("2025-06-01", 100.0),
        ("2025-07-01", 100.0),
        ("2025-08-01", 100.0),
    ]


def test_a_subscription_holds_nothing_that_it_left_out_since(books: Books, ask: Ask) -> None:
    """Extra seats on the invoice of May only wait for their grace, not for the subscription's end."""
    customer = books.add_customer()
    subscription = books.add_subscription(
        customer, [Line(100, "Pro")], status="in_progress", next_occurrence=date(2025, 9, 1)
    )
    for day, lines in (
        ("2025-05-01", [Line(100, "Pro"), Line(40, "Seats")]),
        ("2025-06-01", [Line(100, "Pro")]),
    ):
        books.add_invoice(customer, day, lines, billing_subscription_id=subscription)

    assert [mrr for _, mrr in ask(MRR, as_of="2025-07-31")] == [140.0, 100.0, 100.0]
