"""What a credit note does to MRR, case by case."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.models.books import Books, Line
from tests.models.test_mrr import MOVEMENTS, MRR, monthly

Ask = Callable[..., list[tuple[Any, ...]]]
Credit = tuple[str, int, tuple[str, str] | None]

CASES = "select credit_case, link_source from billing.credit_notes order by original_id"
YEAR = ("2025-01-01", "2025-12-31")
Q2, JUNE_JULY = ("2025-04-01", "2025-06-30"), ("2025-06-01", "2025-07-31")


def test_early_termination_ends_mrr_where_the_credited_tail_begins(books: Books, ask: Ask) -> None:
    """1,200 for 2025, 600 back in July for the second half: 100 a month to June, churn in July."""
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)])
    books.add_invoice(
        customer, "2025-07-10", [Line(-600, "Licence annuelle", ("2025-07-01", "2025-12-31"))],
        credited_invoice_id=invoice,
    )  # fmt: skip

    movements = ask(MOVEMENTS, as_of="2026-03-31")

    assert movements == [("2025-01-01", "new", 100.0), ("2025-07-01", "churn", -100.0)]


def test_an_undated_credit_of_the_unused_share_terminates_too(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)])
    books.add_invoice(customer, "2025-07-02", [Line(-600, "Avoir")], credited_invoice_id=invoice)

    assert ask(MOVEMENTS, as_of="2025-12-31")[1] == ("2025-07-01", "churn", -100.0)


def test_a_corrected_invoice_leaves_no_movement(books: Books, ask: Ask) -> None:
    """The wrong invoice and its credit note both go; the one that replaces it stands."""
    customer = books.add_customer()
    wrong = books.add_invoice(customer, "2025-01-01", [Line(1500, "Licence annuelle", YEAR)])
    books.add_invoice(
        customer, "2025-01-03", [Line(-1500, "Licence annuelle", YEAR)], credited_invoice_id=wrong
    )
    books.add_invoice(customer, "2025-01-03", [Line(1200, "Licence annuelle", YEAR)])

    assert ask(MOVEMENTS, as_of="2025-06-30") == [("2025-01-01", "new", 100.0)]
    assert ask(CASES, as_of="2025-06-30") == [("correction", "linked")]


def test_a_cancelled_invoice_is_churn_at_its_periods_start(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 100, "2025-02-01": 100})
    last = books.add_invoice(customer, "2025-03-01", [Line(100, period=("2025-03-01", "2025-03-31"))])
    books.add_invoice(customer, "2025-03-20", [Line(-100)], credited_invoice_id=last)

    assert ask(MOVEMENTS, as_of="2025-03-31") == [
        ("2025-01-01", "new", 100.0),
        ("2025-03-01", "churn", -100.0),
    ]


def test_goodwill_keeps_mrr_and_lowers_revenue(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 100})
    given = books.add_invoice(customer, "2025-02-01", [Line(100, period=("2025-02-01", "2025-02-28"))])
    books.add_invoice(customer, "2025-02-20", [Line(-100)], credited_invoice_id=given)
    monthly(books, customer, {"2025-03-01": 100})

    assert [mrr for _, mrr in ask(MRR, as_of="2025-03-31")] == [100.0, 100.0, 100.0]
    revenue = "select sum(revenue_base) from metrics.revenue group by month_index order by month_index"
    assert ask(revenue, as_of="2025-03-31") == [(100.0,), (0.0,), (100.0,)]


def test_a_dated_credit_of_a_service_that_goes_on_lowers_mrr_over_its_dates(books: Books, ask: Ask) -> None:
    """Half the seats are out of use from April to June; the year goes on."""
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)])
    books.add_invoice(
        customer, "2025-04-02", [Line(-150, "Licence annuelle", ("2025-04-01", "2025-06-30"))],
        credited_invoice_id=invoice,
    )  # fmt: skip

    assert [mrr for _, mrr in ask(MRR, as_of="2025-08-31")] == [100.0] * 3 + [50.0] * 3 + [100.0] * 2


def test_any_other_partial_credit_is_a_discount_over_the_whole_line(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)])
    books.add_invoice(customer, "2025-02-15", [Line(-120, "Geste commercial")], credited_invoice_id=invoice)

    assert {mrr for _, mrr in ask(MRR, as_of="2025-12-31")} == {90.0}


def test_an_unlinked_credit_note_finds_the_nearest_earlier_invoice_like_it(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 100, "2025-02-01": 100})
    books.add_invoice(customer, "2025-02-10", [Line(-100)])
    books.add_invoice(customer, "2025-02-11", [Line(-33)])

    assert ask(CASES, as_of="2025-02-28") == [("cancellation", "matched"), ("unmatched", "none")]
    assert ask(MRR, as_of="2025-02-28") == [("2025-01-01", 100.0), ("2025-02-01", 0.0)]


def test_a_credit_note_without_its_own_line_falls_on_all_lines(books: Books, ask: Ask) -> None:
    """300 back on 900 of subscription and 300 of training: three quarters of it lower MRR."""
    customer = books.add_customer()
    invoice = books.add_invoice(
        customer,
        "2025-01-01",
        [Line(900, "Abonnement trimestriel", ("2025-01-01", "2025-03-31")), Line(300, "Formation")],
    )
    books.add_invoice(customer, "2025-01-05", [Line(-300, "Geste")], credited_invoice_id=invoice)

    assert ask(MRR, as_of="2025-01-31") == [("2025-01-01", 225.0)]


def test_a_discount_line_lowers_what_it_stands_beside(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    books.add_invoice(
        customer,
        "2025-01-01",
        [
            Line(100, "Abonnement A", ("2025-01-01", "2025-01-31")),
            Line(300, "Formation"),
            Line(-40, "Remise"),
        ],
    )

    assert ask(MRR, as_of="2025-01-31") == [("2025-01-01", 90.0)]


def test_an_upgrade_with_a_credit_line_counts_each_line_over_its_own_days(books: Books, ask: Ask) -> None:
    """100 for June; from the 16th, 50 back and 125 for the better plan: 250 a month."""
    customer = books.add_customer()
    half = ("2025-06-16", "2025-06-30")
    monthly(books, customer, {"2025-06-01": 100}, "Abonnement Bronze")
    books.add_invoice(
        customer, "2025-06-16", [Line(-50, "Abonnement Bronze", half), Line(125, "Abonnement Or", half)]
    )
    monthly(books, customer, {"2025-07-01": 250}, "Abonnement Or")

    assert ask(MRR, as_of="2025-07-31") == [("2025-06-01", 250.0), ("2025-07-01", 250.0)]


def test_a_year_given_back_after_a_week_leaves_no_remnant_of_mrr(books: Books, ask: Ask) -> None:
    """Eight days kept of a year are no MRR until the customer comes back, a year later."""
    customer = books.add_customer()
    left = books.add_invoice(
        customer, "2023-07-31", [Line(490, "Starter plan", ("2023-07-31", "2024-07-30"))]
    )
    books.add_invoice(
        customer, "2023-08-04", [Line("-484.64", "Early termination", ("2023-08-04", "2024-07-30"))],
        credited_invoice_id=left,
    )  # fmt: skip
    books.add_invoice(customer, "2024-07-31", [Line(490, "Starter plan", ("2024-07-31", "2025-07-30"))])

    assert ask(MOVEMENTS, as_of="2024-08-31") == [
        ("2023-07-01", "new", 40.8333),
        ("2023-08-01", "churn", -40.8333),
        ("2024-07-01", "reactivation", 40.8333),
    ]


def test_half_a_price_given_back_to_the_end_of_the_term_is_no_termination(books: Books, ask: Ask) -> None:
    """One of two seats goes on 1 July: 50 of 100 a month stay, and nobody churns."""
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)])
    books.add_invoice(
        customer, "2025-07-01", [Line(-300, "Licence annuelle", ("2025-07-01", "2025-12-31"))],
        credited_invoice_id=invoice,
    )  # fmt: skip

    assert ask(MOVEMENTS, as_of="2025-12-31") == [
        ("2025-01-01", "new", 100.0),
        ("2025-07-01", "contraction", -50.0),
    ]


def test_a_credit_note_lowers_the_line_that_its_label_ends_with_and_never_below_zero(
    books: Books, ask: Ask
) -> None:
    """Three months given back from the third day on, one at more than was paid: nothing is left, nor less."""
    customer = books.add_customer()
    quarter, tail = ("2023-12-01", "2024-02-29"), ("2023-12-03", "2024-02-29")
    invoice = books.add_invoice(
        customer,
        quarter[0],
        [Line("384.75", "User licence", quarter), Line("1111.50", "Business plan", quarter)],
    )
    books.add_invoice(
        customer, tail[0],
        [
            Line("-376.29", "Résiliation anticipée - User licence", tail),
            Line("-1144.29", "Résiliation anticipée - Business plan", tail),
        ],
        credited_invoice_id=invoice,
    )  # fmt: skip
    books.add_invoice(customer, "2024-06-01", [Line(100, "Business plan", ("2024-06-01", "2024-06-30"))])

    assert ask(MRR, as_of="2024-06-30") == [("2024-06-01", 100.0)]
    assert ask("select mrr_base from metrics.customer_months", as_of="2024-06-30") == [(100.0,)]


@pytest.mark.parametrize(
    ("given_back", "mrr"),
    [
        ((("2025-02-10", 800, None), ("2025-03-10", 300, None)), [8.3333] * 8),
        # Half of the year's price, then all of a quarter: nothing is left in it, and never less.
        ((("2025-02-10", 600, None), ("2025-04-01", 300, Q2)), [50.0] * 3 + [0.0] * 3 + [50.0] * 2),
        # Two that overlap in June.
        ((("2025-04-01", 300, Q2), ("2025-06-01", 200, JUNE_JULY)), [100.0] * 3 + [0.0] * 4 + [100.0]),
    ],
)
def test_several_partial_credits_of_a_line_never_take_more_than_there_is(
    books: Books, ask: Ask, given_back: tuple[Credit, ...], mrr: list[float]
) -> None:
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)])
    for day, amount, dates in given_back:
        books.add_invoice(
            customer, day, [Line(-amount, "Licence annuelle", dates)], credited_invoice_id=invoice
        )

    found = [value for _, value in ask(MRR, as_of="2025-08-31")]

    assert found == pytest.approx(mrr, abs=0.00011)
    assert min(found) >= 0


def test_discounts_that_make_a_line_free_leave_no_customer(books: Books, ask: Ask) -> None:
    """A third three times is all of it, whatever is rounded; training keeps the invoice above zero."""
    customer = books.add_customer()
    thirds = [Line(-400, "Licence annuelle") for _ in range(3)]
    books.add_invoice(
        customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR), *thirds, Line(900, "Formation")]
    )

    assert ask(MRR, as_of="2025-01-31") == []


@pytest.mark.parametrize(
    ("later", "case"), [(None, "cancellation"), ("replaced", "correction"), ("continued", "goodwill")]
)
def test_credit_notes_that_take_an_invoice_back_together_count_as_one(
    books: Books, ask: Ask, later: str | None, case: str
) -> None:
    customer = books.add_customer()
    january, february = ("2025-01-01", "2025-01-31"), ("2025-02-01", "2025-02-28")
    invoice = books.add_invoice(customer, "2025-01-01", [Line(100, period=january)])
    for amount in (-40, -60):
        books.add_invoice(customer, "2025-01-20", [Line(amount)], credited_invoice_id=invoice)
    if later:
        period = january if later == "replaced" else february
        books.add_invoice(customer, period[0], [Line(80, period=period)])

    assert ask(CASES, as_of="2025-02-28") == [(case, "linked")] * 2


def test_what_is_given_back_of_a_discounted_line_to_the_end_of_its_term_ends_it(
    books: Books, ask: Ask
) -> None:
    """1,200 less 600; 300 back are all of the second half: churn in July, and nothing is held in January."""
    customer = books.add_customer()
    invoice = books.add_invoice(
        customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR), Line(-600, "Remise")]
    )
    books.add_invoice(
        customer, "2025-07-01", [Line(-300, "Licence annuelle", ("2025-07-01", "2025-12-31"))],
        credited_invoice_id=invoice,
    )  # fmt: skip

    assert ask(MOVEMENTS, as_of="2026-01-20") == [
        ("2025-01-01", "new", 50.0),
        ("2025-07-01", "churn", -50.0),
    ]


def test_a_seat_given_back_to_the_end_of_the_term_stays_away_while_the_renewal_is_awaited(
    books: Books, ask: Ask
) -> None:
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)])
    books.add_invoice(
        customer, "2025-07-01", [Line(-300, "Licence annuelle", ("2025-07-01", "2025-12-31"))],
        credited_invoice_id=invoice,
    )  # fmt: skip

    held = "select mrr_base, held_mrr_base from metrics.mrr where granularity = 'month' order by period_index"
    assert ask(held, as_of="2026-01-20")[-1] == (50.0, 50.0)


def test_a_credit_lowers_mrr_at_the_rate_of_the_line_that_it_lowers(books: Books, ask: Ask) -> None:
    """1,200 USD at 0.90 less 1,190 at higher rates are 10 USD: 0.75 EUR a month, and not less than none."""
    customer = books.add_customer()
    invoice = books.add_invoice(
        customer, "2025-01-01", [Line(1200, "Licence annuelle", YEAR)], currency="USD", rate="0.9"
    )
    for day, amount, rate in (("2025-04-01", 600, "1"), ("2025-05-01", 590, "1.05")):
        books.add_invoice(
            customer, day, [Line(-amount, "Geste")], currency="USD", rate=rate, credited_invoice_id=invoice
        )

    assert {mrr for _, mrr in ask(MRR, as_of="2025-06-30")} == {0.75}
