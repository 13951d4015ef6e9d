"""The same reports on DuckDB and on PostgreSQL, value by value."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pennybridge.models.build import build
from pennybridge.models.preview import preview
from pennybridge.reports.built import Built, open_built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.explain.books import finding_lines
from pennybridge.reports.explain.catalog import BUCKETS, FIGURES
from pennybridge.reports.explain.cohorts import cohort_lines
from pennybridge.reports.question import BREAKDOWNS, GRANULARITIES, Measure, Question
from pennybridge.reports.statement.account import account
from pennybridge.reports.table import ReportTable
from pennybridge.store import open_database
from tests.conftest import PostgreSQL
from tests.models.books import Books
from tests.models.generated import chance, write_books

MEASURES: tuple[Measure, ...] = ("customers", "revenue", "gross")
AS_OF, PAST = date(2026, 1, 31), date(2025, 9, 30)


def every_view(built: Built) -> dict[str, ReportTable]:
    """Each report cut in every way it can be, each figure explained, and each customer's account."""
    found: dict[str, ReportTable] = {}
    for name, report in REPORTS.items():
        found[name] = report.table(built, Question())
        for by in report.by:
            first = None if name in {"aging", "dso"} else date(2024, 1, 1)
            asked = Question(first, **({_option(by): by}))  # type: ignore[arg-type]
            found[f"{name} by {by}"] = report.table(built, asked)
    (customer_id,) = built.rows("select min(customer_id) from metrics.customer_months")[0]
    for name in ("mrr", "movements", "bridge"):
        found[f"{name} of one"] = REPORTS[name].table(built, Question(customer_id=customer_id))
    found["mrr in USD"] = REPORTS["mrr"].table(built, Question(currency="USD"))
    for name, figure in FIGURES.items():
        if name not in {"line", "findings"}:
            found[f"explain {name}"] = figure.explain(built, Question(granularity="quarter"))
        if figure.lines and name != "findings":
            found[f"lines of {name}"] = figure.lines(built, Question(granularity="quarter"))
    for measure in MEASURES:
        asked = Question(granularity="year", measure=measure)
        found[f"cohort by {measure}"] = FIGURES["cohort"].explain(built, asked)
        found[f"lines by {measure}"] = cohort_lines(built, asked)
    for (item,) in built.rows("select distinct topic || '/' || item from metrics.customer_findings"):
        found[f"finding {item}"] = FIGURES["findings"].explain(built, Question(which=item))
        if item.startswith(("recurrence", "period")):
            found[f"lines of finding {item}"] = finding_lines(built, Question(which=item))
    for bucket in BUCKETS:
        found[f"explain {bucket}"] = FIGURES["aging"].explain(built, Question(which=bucket))
    for (customer,) in built.rows("select customer_id from billing.invoices group by 1 order by 1"):
        found[f"account of {customer}"] = account(built, customer).table()
        found[f"open items of {customer}"] = account(built, customer, open_items=True).table()
    return found


def _option(by: str) -> str:
    assert by in {*GRANULARITIES, *BREAKDOWNS}
    return "granularity" if by in GRANULARITIES else "breakdown"


def plain(table: ReportTable) -> list[tuple[Any, ...]]:
    """Rows and totals, with rates to nine digits: both engines divide in double precision."""
    rows = [*table.rows, *([table.totals] if table.totals else [])]
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, (float, Decimal)):
        return round(float(value), 9)
    return value


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> tuple[str, str]:
    """The same generated books, credit notes and dollars among them, built on each engine."""
    folder: Path = tmp_path_factory.mktemp("engines")
    both = (f"duckdb:///{folder}/books.duckdb", postgresql.make("with_tables"))
    for url in both:
        books = Books()
        write_books(books, chance(20261121), customers=12)
        with open_database(url) as database:
            books.land(database)
            build(database, as_of=AS_OF)
    return both


def test_every_view_is_the_same_on_both_engines(urls: tuple[str, str]) -> None:
    views = []
    for url in urls:
        with open_database(url, read_only=True) as database:
            views.append(every_view(open_built(database, 1)))

    first, second = views
    assert first.keys() == second.keys()
    for name, table in first.items():
        assert sorted(map(repr, plain(table))) == sorted(map(repr, plain(second[name]))), name


def test_a_preview_is_what_a_build_of_that_day_gives_and_leaves_nothing(urls: tuple[str, str]) -> None:
    for url in urls:
        with open_database(url) as database:
            before = {name: plain(table) for name, table in every_view(open_built(database, 1)).items()}
            with preview(database, as_of=PAST) as transaction:
                built = open_built(transaction, 1)
                previewed = [plain(REPORTS[name].table(built, Question())) for name in ("mrr", "aging")]
                assert built.as_of == PAST
            after = {name: plain(table) for name, table in every_view(open_built(database, 1)).items()}
            assert after == before

            build(database, as_of=PAST)
            built = open_built(database, 1)
            assert previewed == [plain(REPORTS[name].table(built, Question())) for name in ("mrr", "aging")]
            build(database, as_of=AS_OF)


def test_an_error_in_a_preview_reaches_the_caller_and_leaves_nothing(urls: tuple[str, str]) -> None:
    for url in urls:
        with open_database(url) as database:
            with pytest.raises(ZeroDivisionError), preview(database, as_of=PAST):
                raise ZeroDivisionError

            assert open_built(database, 1).as_of == AS_OF
