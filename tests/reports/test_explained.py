"""Every figure that a report prints opens down to what it is made of, and that adds up to it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pennybridge.errors import ConfigurationError
from pennybridge.models.build import build
from pennybridge.periods import add_months, month_end
from pennybridge.reports.built import Built, open_built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.explain.catalog import FIGURES, MOVEMENTS, find_figure
from pennybridge.reports.explain.causes import PARTS
from pennybridge.reports.question import MONTHS_OF, Granularity, Measure, Question
from pennybridge.reports.table import ReportTable
from pennybridge.store import open_database
from tests.models.books import Books, Line
from tests.models.generated import chance, write_books
from tests.reports.test_engines import MEASURES, every_view

ALWAYS = date(2020, 1, 1)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Customers who begin in many months, change, pause, return and leave, in several currencies.

    Three more add a product, drop one and change to another, in October 2024.
    """
    books = Books()
    write_books(books, chance(11), customers=40)
    for before, after in ((("Pro",), ("Pro", "Plus")), (("Pro", "Plus"), ("Pro",)), (("Pro",), ("Plus",))):
        customer = books.add_customer()
        for labels, first, last in (
            (before, "2024-01-01", "2024-09-30"),
            (after, "2024-10-01", "2025-12-31"),
        ):
            lines = [Line(900, f"Abonnement {label}", (first, last)) for label in labels]
            books.add_invoice(customer, first, lines)
    with open_database(f"duckdb:///{tmp_path_factory.mktemp('grown')}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=date(2025, 9, 17))
        yield open_built(database, 1)


def of(start: date, by: Granularity, **more: Any) -> Question:
    """The question that `report explain FIGURE PERIOD` asks."""
    return Question(start, month_end(add_months(start, MONTHS_OF[by] - 1)), granularity=by, **more)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("by", MONTHS_OF)
def test_every_cell_of_the_cohorts_is_found_again_exactly(
    grown: Built, by: Granularity, measure: Measure
) -> None:
    table = REPORTS["cohorts"].table(grown, Question(ALWAYS, granularity=by, measure=measure))

    cells = [
        (record["cohort"], int(name.removeprefix("month_")), share)
        for record in table.records()
        for name, share in record.items()
        if name.startswith("month_") and share is not None
    ]
    assert len(cells) > 5
    assert {share for *_, share in cells} - {0.0, 1.0}
    for start, age, share in cells[:: len(cells) // 25 + 1]:
        opened = FIGURES["cohort"].explain(grown, of(start, by, age=age, measure=measure))
        assert opened.totals
        assert dict(zip(names(opened), opened.totals, strict=True))["share"] == share


def names(table: ReportTable) -> list[str]:
    return [column.name for column in table.columns]


def summed(lines: ReportTable, moment: str) -> dict[str | None, Decimal]:
    """The MRR of each customer's lines at a moment."""
    found: dict[str | None, Decimal] = {}
    for record, ids in zip(lines.records(), lines.keys, strict=True):
        if record["moment"] == moment:
            found[ids["customer_id"]] = found.get(ids["customer_id"], Decimal(0)) + record["mrr"]
    return found


def amounts(customers: ReportTable, column: str) -> dict[str | None, Decimal]:
    """The amounts of the customers that have one."""
    found: dict[str | None, Decimal] = {}
    for ids, amount in zip(customers.keys, customers.values(column), strict=True):
        if amount:
            found[ids["customer_id"]] = found.get(ids["customer_id"], Decimal(0)) + amount
    return found


@pytest.mark.parametrize(
    ("measure", "moment", "column"),
    [
        ("customers", "end", "mrr_now"),
        ("revenue", "end", "mrr_now"),
        ("gross", "lowest", "kept_without_growth"),
    ],
)
def test_the_customers_of_a_cohort_open_down_to_lines_that_add_up_to_both_months(
    grown: Built, measure: Measure, moment: str, column: str
) -> None:
    asked = of(date(2024, 1, 1), "year", age=7, measure=measure)

    customers, lines = (make(grown, asked) for make in FIGURES["cohort"][2:] if make)

    assert amounts(customers, column)
    assert summed(lines, "start") == amounts(customers, "mrr_then")
    assert summed(lines, moment) == amounts(customers, column)
    for line in lines.records():
        assert line["rule"]
        assert line["recurrence"]
        assert 0 <= line["confidence"] <= 1


@pytest.mark.parametrize(
    ("figure", "then", "now"),
    [
        ("nrr", "mrr_then", "mrr_now"),
        *((kind, "start_mrr", "mrr") for kind in ("movements", *MOVEMENTS, "bridge", *PARTS)),
    ],
)
def test_customers_behind_a_figure_open_down_to_lines_of_both_moments(
    grown: Built, figure: str, then: str, now: str
) -> None:
    about = FIGURES[figure]
    assert about.lines
    seen = 0
    for month in (date(2024, 4, 1), date(2024, 10, 1), date(2025, 4, 1), date(2025, 7, 1)):
        customers, lines = (
            about.explain(grown, of(month, "quarter")),
            about.lines(grown, of(month, "quarter")),
        )
        assert summed(lines, "start") == amounts(customers, then)
        assert summed(lines, "end") == amounts(customers, now)
        seen += len(customers.rows)
    assert seen, figure


def test_one_customer_of_a_cohort_is_told_alone(grown: Built) -> None:
    whole = FIGURES["cohort"].explain(grown, of(date(2024, 1, 1), "year", age=3))
    customer_id = whole.keys[0]["customer_id"]

    alone = FIGURES["cohort"].explain(
        grown, of(date(2024, 1, 1), "year", age=3, customer_id=customer_id, customer=whole.rows[0][0])
    )

    assert alone.rows == whole.rows[:1]
    assert whole.rows[0][0] in alone.heading("en")
    own = FIGURES["cohort"].explain(grown, Question(customer_id=customer_id, age=3))
    assert own.rows == alone.rows
    with pytest.raises(ConfigurationError, match=r"began in 2024-.*, so it is of another cohort"):
        FIGURES["cohort"].explain(grown, of(date(2025, 1, 1), "year", customer_id=customer_id))


@pytest.mark.parametrize("by", [None, *MONTHS_OF])
def test_without_a_period_a_cohort_is_the_last_that_the_report_shows_as_far_as_it_has_come(
    grown: Built, by: Granularity | None
) -> None:
    asked = Question(granularity=by, measure="revenue")
    last = [value for value in REPORTS["cohorts"].table(grown, asked).rows[-1] if value is not None]

    explained = REPORTS["cohorts"].explained
    assert explained
    for make in (explained, FIGURES["cohort"].explain):
        opened = make(grown, asked)
        assert opened.totals
        assert opened.totals[-1] == last[-1]
        assert len(opened.rows) == last[1]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (of(date(2021, 3, 1), "quarter"), "There is no cohort 2021-Q1: no customer began then"),
        (of(date(2024, 1, 1), "year", age=99), "The cohort 2024 has come "),
        (of(date(2024, 1, 1), "year", customer_id="7", customer="Nora"), "Nora never had MRR"),
        (Question(date(2024, 1, 5), date(2024, 1, 9)), "a first month, quarter or year"),
    ],
)
def test_a_cell_that_does_not_exist_is_answered_with_a_sentence(
    grown: Built, question: Question, sentence: str
) -> None:
    for make in FIGURES["cohort"][2:]:
        assert make
        with pytest.raises(ConfigurationError, match=sentence):
            make(grown, question)


def test_restatements_are_of_the_whole_company(built: Built) -> None:
    with pytest.raises(ConfigurationError, match="of the whole company: leave the customer away"):
        FIGURES["restatements"].explain(built, Question(customer_id="7", customer="Nora"))


def test_what_stands_behind_a_figure_of_one_customer_names_the_customer(grown: Built) -> None:
    ((first,),) = grown.rows("select min(customer_id) from metrics.customer_months where mrr_base > 0")
    ((finding,),) = grown.rows(
        "select min(topic || '/' || item) from metrics.customer_findings where customer_id = :customer_id",
        customer_id=first,
    )
    named = set()
    for name, about in FIGURES.items():
        for make in filter(None, (about.explain, about.lines)):
            which = {"BUCKET": "over_90", "TOPIC/ITEM": finding}.get(about.which)
            asked = of(date(2024, 1, 1), "year", customer_id=first, customer="Nora", which=which)
            try:
                table = make(grown, asked)
            except ConfigurationError:
                continue
            assert table.heading("en") == f"{table.title.en} · Nora", name
            named.add(name)
    assert FIGURES.keys() - named <= {"cohort", "line", "restatements"}


def test_a_finding_that_a_customer_does_not_have_is_said_to_be_the_customers(grown: Built) -> None:
    ((item,),) = grown.rows("select min(item) from metrics.customer_findings where topic = 'credit_note'")
    with pytest.raises(ConfigurationError, match="Nora has no finding"):
        FIGURES["findings"].explain(
            grown, Question(which=f"credit_note/{item}", customer_id="0", customer="Nora")
        )


def test_findings_about_lines_open_down_to_as_many_lines_of_the_same_amount(built: Built) -> None:
    about = FIGURES["findings"]
    assert about.lines
    seen = set()
    for record in REPORTS["quality"].table(built, Question()).records():
        asked = Question(which=f"{record['topic']}/{record['item']}")
        if record["topic"] in {"recurrence", "period"}:
            lines = about.lines(built, asked)
            assert (
                len(lines.rows) == record["findings"] == sum(about.explain(built, asked).values("findings"))
            )
            assert sum(lines.values("amount")) == record["amount"]
            seen.add(record["topic"])
    assert seen == {"recurrence", "period"}


def test_a_finding_about_documents_has_customers_and_says_that_it_has_no_lines(grown: Built) -> None:
    ((item,),) = grown.rows("select min(item) from metrics.customer_findings where topic = 'credit_note'")
    about = FIGURES["findings"]
    assert about.lines

    assert about.explain(grown, Question(which=f"credit_note/{item}")).rows
    with pytest.raises(ConfigurationError, match="is about whole documents, not lines"):
        about.lines(grown, Question(which=f"credit_note/{item}"))


OPENS_OTHERWISE = {
    ("revenue", "share"): "the row's revenue, which opens, over that of all rows",
    ("quality", "amount"): "stands beside the count in `findings TOPIC/ITEM`",
    ("quality", "share"): "the row's amount over that of its topic",
    ("statement", "debit"): "the document itself, as in the books",
    ("statement", "credit"): "the document or payment itself, as in the books",
    ("statement", "balance"): "the rows above it, added up",
}
"""Figures of reports that do not open by the name of their column, and why."""


def test_every_figure_that_a_report_prints_opens_by_the_name_of_its_column(built: Built) -> None:
    printed = {
        (table.report, column.name)
        for table in every_view(built).values()
        for column in table.columns
        if table.report != "explain" and column.is_number
    }
    first_cohort = REPORTS["cohorts"].table(built, Question(granularity="month")).rows[0][0]
    ((finding,),) = built.rows("select min(topic || '/' || item) from metrics.customer_findings")

    assert {report for report, _ in printed} == REPORTS.keys() | {"statement"}
    assert OPENS_OTHERWISE.keys() <= printed
    for _, column in printed - OPENS_OTHERWISE.keys():
        figure, part = find_figure(column)
        asked = Question(which=finding if figure == "findings" else part)
        if figure == "cohort":
            asked = of(first_cohort, "month", age=int(part or 0))
        assert names(FIGURES[figure].explain(built, asked)), column


def test_payment_delays_are_those_of_the_payments_and_late_documents_behind_them(built: Built) -> None:
    table = REPORTS["dso"].table(built, Question(breakdown="customer"))

    assert len(table.rows) > 5
    for record, ids in zip(table.records(), table.keys, strict=True):
        opened = FIGURES["delays"].explain(built, Question(customer_id=ids["customer_id"]))
        paid = [row for row in opened.records() if row["entry"] == "payment"]
        assert sum(row["payments"] for row in paid) == record["payments"]
        assert sum(row["amount"] for row in paid) == record["paid_amount"]
        found = {name: value for name, (value, _) in opened.notes[0].values.items()}
        assert found["paid"] == pytest.approx(record["payment_delay"])
        assert found["open"] == pytest.approx(record["payment_delay_with_open"])
        assert found["to_pay"] == pytest.approx(record["days_to_pay"])
