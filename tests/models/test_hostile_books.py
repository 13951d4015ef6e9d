"""Books as they should not be: the build goes through, and nothing is invented."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.models.build import build
from pennybridge.store import Database
from tests.models.books import Books, Line

Ask = Callable[..., list[tuple[Any, ...]]]


def write_hostile_books(books: Books) -> None:
    """Huge, empty, negative, unlinked, undated and contradictory documents."""
    customer = books.add_customer()
    year = ("2025-01-01", "2025-12-31")
    for amount in ("99999999999.99", "0.01", "0", "-0.01"):
        books.add_invoice(customer, "2025-01-01", [Line(amount, "Abonnement", year), Line("0.01", "Divers")])
    books.add_invoice(customer, "2025-01-02", [])
    books.add_invoice(customer, "2025-01-02", [Line(100, "Abonnement", year)], discount=100)
    books.add_invoice(customer, "2025-01-02", [Line(100, "Abonnement", year), Line(-100, "Remise")])
    books.add_invoice(customer, "2025-01-03", [Line(100, "Abonnement", ("2025-12-31", "2025-01-01"))])
    books.add_invoice(customer, "2025-01-03", [Line(100, "Abonnement", ("1925-01-01", "2125-01-01"))])
    books.add_invoice(customer, "2025-01-03", [Line(100, "Abonnement", ("2025-01-01", "2025-01-01"))])
    books.add_invoice(customer, "2025-01-04", [Line(100, label="")], currency="XOF", rate="0.0015244902")
    books.add_invoice(customer, "2025-01-04", [Line(0, "Abonnement", year)], currency="USD", rate="0.9")
    books.add_invoice(customer, "2025-01-05", [Line(7)], customer_id=None)
    books.add_invoice(customer, "2025-01-05", [Line(7)], lines_complete=False, amount=Decimal(999))
    books.add_invoice(customer, "2025-01-05", [Line(7)], paid=99, credited_invoice_id=4096)
    books.add_invoice(customer, "2025-01-06", [Line(-7)], credited_invoice_id=12345, paid="all")
    books.add_invoice(customer, "2025-01-06", [Line(7)], status="a status of 2031")
    books.add_invoice(customer, "2025-01-07", [Line("33.333333", tax=0), Line("66.666666", tax=0)])
    invoice = books.add_invoice(customer, "2025-01-07", [Line(50)], paid="all")
    for day in ("2025-02-01", "2024-01-01", "2031-01-01"):
        books.add_transaction(invoice, day, 1000)
    books.add_transaction(invoice, "2025-02-01", -1000)
    subscription = books.add_subscription(customer, [Line(10), Line(0)], rule_type="weekly", rule_interval=2)
    books.add_invoice(customer, "2025-03-03", [Line(120, "Pro")], billing_subscription_id=subscription)
    twice = books.add_subscription(customer, [Line(10)], rule_day_of_month="1, 15", rule_interval=None)
    books.add_invoice(customer, "2025-03-01", [Line(10, "Deux fois")], billing_subscription_id=twice)
    odd = books.add_subscription(customer, [Line(10)], rule_type="daily", customer_id=None)
    books.add_invoice(customer, "2025-03-03", [Line(10, "Pro")], billing_subscription_id=odd)


def test_hostile_books_pass_every_check_on_both_engines(database: Database) -> None:
    books = Books()
    write_hostile_books(books)
    books.land(database)

    report = build(database, as_of=date(2025, 6, 30))

    assert report.is_whole
    [(lines,)] = database.rows(
        "select count(*) from billing.invoice_lines where amount_excluding_tax_after_discount_base is null"
    )
    assert lines == 0


def test_a_weekly_subscription_counts_fifty_two_weeks_a_year(books: Books, ask: Ask) -> None:
    """120 every two weeks are 120 x 26 / 12 = 260 a month."""
    customer = books.add_customer()
    subscription = books.add_subscription(customer, [Line(120, "Pro")], rule_type="weekly", rule_interval=2)
    books.add_invoice(customer, "2025-03-03", [Line(120, "Pro")], billing_subscription_id=subscription)

    assert ask("select mrr_base from metrics.segments", as_of="2025-03-10") == [(260.0,)]
    rows = ask("select monthly_amount, source, status from billing.subscriptions", as_of="2025-03-10")
    assert rows == [(260.0, "billing_subscription", "in_progress")]


def test_a_document_without_a_customer_counts_under_nobody(books: Books, ask: Ask) -> None:
    books.add_invoice(0, "2025-01-05", [Line(7)], customer_id=None)

    assert ask("select customer_id, open_amount_eur from receivables.aging") == [("0", 8.4)]


def test_lines_that_were_not_all_read_are_flagged(books: Books, ask: Ask) -> None:
    books.add_invoice(books.add_customer(), "2025-01-05", [Line(7, "Divers")], lines_complete=False)
    books.add_invoice(
        books.add_customer(), "2025-01-05", [Line(7, "Divers")], currency_amount_before_tax=Decimal(9)
    )

    found = ask("select item, findings from metrics.quality where topic = 'inconsistent' order by item")

    assert found == [("lines are missing", 1), ("lines do not add up to the invoice", 1)]


def test_the_same_sale_invoiced_twice_is_flagged_and_counts_twice(books: Books, ask: Ask) -> None:
    """It may be a second seat: a person decides, the books stand until then."""
    customer = books.add_customer()
    for day in ("2025-01-01", "2025-01-02"):
        books.add_invoice(customer, day, [Line(100, period=("2025-01-01", "2025-01-31"))])

    [(findings,)] = ask(
        "select findings from metrics.quality where item = 'same sale and period invoiced twice'"
    )

    assert findings == 1
    [(mrr,)] = ask(
        "select mrr_base from metrics.mrr where granularity = 'year' and period_index = 2025", "2025-01-31"
    )
    assert mrr == 200.0


def test_the_same_amount_over_most_of_the_same_days_is_flagged(books: Books, ask: Ask) -> None:
    """A second year from June may be a second site, or a mistake; a renewal in good time is neither."""
    doubled, renewed = books.add_customer(), books.add_customer()
    for start, end in (("2024-01-01", "2024-12-31"), ("2024-06-01", "2025-05-31")):
        books.add_invoice(doubled, start, [Line(1200, "Licence annuelle", (start, end))])
    for start, end in (("2024-01-01", "2024-12-31"), ("2024-12-15", "2025-12-14")):
        books.add_invoice(renewed, start, [Line(1200, "Licence annuelle", (start, end))])

    found = ask("select customer_id, findings from metrics.customer_findings where item like 'same sale%'")

    assert found == [(str(doubled), 1)]


def test_an_invoice_cancelled_without_a_credit_note_counts_and_is_flagged(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    for day in ("2025-01-01", "2025-01-02"):
        invoice = books.add_invoice(customer, day, [Line(100, "Formation")], status="cancelled")
    books.add_invoice(customer, "2025-01-05", [Line(-100)], credited_invoice_id=invoice, status="cancelled")

    found = ask("select findings, amount_base from metrics.quality where item like 'cancelled,%'")

    assert found == [(1, 100.0)]


def test_quality_speaks_of_the_customers_that_figures_speak_of(books: Books, ask: Ask) -> None:
    """Shares add up to the whole; what is inconsistent, perhaps twice over, is a share of nothing."""
    kept, left = books.add_customer(), books.add_customer()
    for customer in (kept, left):
        books.add_invoice(customer, "2025-01-01", [Line(75, "Abonnement mensuel"), Line(25, "Truc")])
        books.add_invoice(customer, "2025-01-02", [Line(10, "Formation")], deadline=None)
    books.add_invoice(left, "2025-01-03", [Line(-10, "Formation")])
    books.add_exclusion(left)

    found = ask("select topic, sum(amount_base), sum(share) from metrics.quality group by topic order by 1")

    assert found == [("inconsistent", 10.0, None), ("period", 75.0, 1.0), ("recurrence", 110.0, 1.0)]


def test_a_single_day_of_imputation_says_when_and_not_how_long(books: Books, ask: Ask) -> None:
    """Stamped on every line, it would make 100 a month 3,100 on the day and nothing on the others."""
    customer = books.add_customer()
    for day in ("2025-01-01", "2025-02-01", "2025-03-01", "2025-03-31"):
        books.add_invoice(customer, day, [Line(100, "Pro", (day, day))])

    assert ask("select distinct mrr_base from metrics.customer_months", as_of="2025-03-31") == [(100.0,)]


def test_who_came_and_went_within_a_month_is_counted_apart(books: Books, ask: Ask) -> None:
    flash, kept = books.add_customer(), books.add_customer()
    books.add_invoice(flash, "2025-02-01", [Line(100, period=("2025-02-01", "2025-02-26"))])
    books.add_invoice(kept, "2025-02-01", [Line(100, period=("2025-02-01", "2025-02-28"))])

    assert ask("select customer_id, month_index from metrics.flash_customers") == [
        (str(flash), 2025 * 12 + 2)
    ]


def test_what_is_found_in_invoices_stands_beside_billing_subscriptions(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence", ("2025-01-01", "2025-12-31"))])

    rows = ask("select source, status, monthly_amount from billing.subscriptions", as_of="2025-06-30")

    assert rows == [("detected", "in_progress", 100.0)]
