"""Books with next to nothing in them, and books in another base currency: every view still holds."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pennybridge.errors import ConfigurationError
from pennybridge.models.build import build
from pennybridge.reports import render, tables
from pennybridge.reports.built import open_built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.charts.receivables import aging as aging_chart
from pennybridge.reports.charts.revenue import bars as revenue_bars
from pennybridge.reports.question import Granularity, Question, period_start
from pennybridge.store import open_database
from tests.models.books import Books, Line
from tests.models.generated import chance, write_books
from tests.reports.test_engines import every_view

AS_OF = date(2026, 1, 31)


def nothing() -> Books:
    books = Books()
    books.add_customer("Café de la Gare")
    return books


def one_invoice() -> Books:
    books = nothing()
    books.add_invoice(books.add_customer("Petit"), "2026-01-05", [Line(100, "Formation")])
    return books


def one_credit_note_and_no_sale() -> Books:
    books = nothing()
    books.add_invoice(books.add_customer("Rendu"), "2026-01-05", [Line(-100, "Avoir")])
    return books


def dollars() -> Books:
    books = Books(base_currency="USD")
    customer = books.add_customer("Émile & <Fils> {x}")
    books.add_invoice(
        customer,
        "2025-12-01",
        [Line(100, "Abonnement mensuel {a} décembre 2025")],
        currency="USD",
        rate="0.9",
    )
    return books


@pytest.mark.parametrize(
    "make", [nothing, one_invoice, one_credit_note_and_no_sale, dollars], ids=lambda make: make.__name__
)
def test_every_view_of_small_books_can_be_shown_and_drawn(tmp_path: Path, make: Callable[[], Books]) -> None:
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        make().land(database)
        build(database, as_of=AS_OF)
        built = open_built(database, 1)
        views = every_view(built)
        charts = [(report.chart, report.table(built, Question())) for report in REPORTS.values()]

    for table in views.values():
        assert tables.to_text(table, "fr")
        assert tables.to_json(table)
    for chart, table in charts:
        if chart and table.rows:
            ET.fromstring(render.to_svg(chart(table, "fr")))  # noqa: S314 — our own drawing


def test_figures_are_in_the_base_currency_and_receivables_in_euros(tmp_path: Path) -> None:
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        dollars().land(database)
        build(database, as_of=AS_OF)
        built = open_built(database, 1)
        mrr, revenue, aging = (REPORTS[name].table(built, Question()) for name in ("mrr", "revenue", "aging"))

    assert (mrr.currency, revenue.currency, aging.currency) == ("USD", "USD", "EUR")
    assert sum(revenue.values("revenue")) == 100
    assert sum(aging.values("open_amount")) == 108


def test_customers_who_came_and_went_within_a_month_are_told_beside_the_movements(tmp_path: Path) -> None:
    books = nothing()
    books.add_invoice(
        books.add_customer("Éclair"), "2026-01-02",
        [Line(90, "Abonnement mensuel du 02/01/2026 au 28/01/2026")],
    )  # fmt: skip
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=date(2026, 4, 30))  # the renewal was never invoiced
        ((seen,),) = database.rows("select count(*) from metrics.flash_customers")
        notes = [
            note.to("en") for note in REPORTS["movements"].table(open_built(database, 1), Question()).notes
        ]

    assert seen == 1
    assert any("no snapshot saw them: 1." in note for note in notes)


@pytest.mark.parametrize("by", ["quarter", "year"])
def test_a_cohort_of_several_months_is_empty_where_one_of_them_has_not_come(
    tmp_path: Path, by: Granularity
) -> None:
    """Else the latest cells would speak for the oldest customers only."""
    books = Books()
    write_books(books, chance(7), customers=40)
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        built = open_built(database, 1)
        births = built.rows(
            "select distinct cohort_month from metrics.cohorts where company_id = :company_id"
        )
        table = REPORTS["cohorts"].table(built, Question(granularity=by))

    compared = 0
    for record in table.records():
        youngest = max(month for (month,) in births if period_start(month, by) == record["cohort"])
        reached = (AS_OF.year - youngest.year) * 12 + AS_OF.month - youngest.month
        for name, share in record.items():
            if name.startswith("month_"):
                assert (share is not None) is (int(name.removeprefix("month_")) <= reached)
                compared += 1
    assert compared > 6


def test_customers_of_one_name_have_a_bar_each(tmp_path: Path) -> None:
    books = Books()
    for amount in (100, 300):
        books.add_invoice(books.add_customer("Les Deux Frères"), "2025-11-01", [Line(amount, tax=0)])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        built = open_built(database, 1)
        aging = REPORTS["aging"].table(built, Question())
        with pytest.raises(ConfigurationError, match="list of documents"):
            REPORTS["aging"].table(built, Question(breakdown="country", customer_id="1"))

    drawn = render.to_svg(aging_chart(aging, "fr"))

    assert "Les Deux Frères (2)" in drawn
    assert "TTC" in drawn


def test_a_customer_without_a_name_is_called_by_its_id(tmp_path: Path) -> None:
    books = Books()
    unnamed, unknown = books.add_customer(""), 77
    for customer in (unnamed, unknown):
        books.add_invoice(customer, "2025-11-01", [Line(100)])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        built = open_built(database, 1)
        views = (
            REPORTS["aging"].table(built, Question()),
            REPORTS["to-do"].table(built, Question()),
            REPORTS["revenue"].table(built, Question(breakdown="customer")),
        )

    for table in views:
        assert set(table.values("customer")) == {f"#{unnamed}", f"#{unknown}"}


def test_months_without_an_invoice_stand_in_revenue_and_many_months_have_no_numbers(tmp_path: Path) -> None:
    books = Books()
    customer = books.add_customer()
    for day in ("2024-11-05", "2025-02-05"):
        books.add_invoice(customer, day, [Line(4321, "Formation")])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        few, many = (
            REPORTS["revenue"].table(open_built(database, 1), Question(first=date(2023, 1, 1), last=last))
            for last in (date(2025, 3, 31), AS_OF)
        )

    assert [(row[0].isoformat(), int(row[3])) for row in few.rows] == [
        ("2024-11-01", 4321), ("2024-12-01", 0), ("2025-01-01", 0), ("2025-02-01", 4321), ("2025-03-01", 0),
    ]  # fmt: skip
    assert "4,321" in render.to_svg(revenue_bars(few, "en"))
    assert len(many.rows) == 15
    assert "4,321" not in render.to_svg(revenue_bars(many, "en"))


def test_past_amounts_say_how_much_was_settled_on_a_day_nobody_knows(tmp_path: Path) -> None:
    books = nothing()
    books.add_invoice(books.add_customer(), "2025-10-05", [Line(100)], paid="all")
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        built = open_built(database, 1)
        months = REPORTS["dso"].table(built, Question()).values("period_start")
        dso, aging, sooner = (
            REPORTS[name].table(built, question).notes[-1].to("en")
            for name, question in (
                ("dso", Question()),
                ("aging", Question(granularity="month")),
                ("dso", Question(last=date(2025, 10, 31))),
            )
        )

    assert months == [date(2025, month, 1) for month in (10, 11, 12)] + [date(2026, 1, 1)]
    assert "counted on the due date: 120.00, documents: 1." in dso
    assert dso == aging
    assert "nobody knows" not in sooner
