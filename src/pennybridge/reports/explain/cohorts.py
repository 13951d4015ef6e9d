"""The customers behind a cell of the cohorts: at their start and so many months after, and what counts."""

from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from pennybridge.errors import ConfigurationError
from pennybridge.periods import add_months, month_end
from pennybridge.reports.built import Built
from pennybridge.reports.explain.segments import OPEN_LINES, Moments, at_moments
from pennybridge.reports.question import (
    MONTHS_OF,
    Granularity,
    Measure,
    Question,
    granularity_of,
    write_period,
)
from pennybridge.reports.retention import STEP, cohorts
from pennybridge.reports.table import Column, ReportTable, Row, total
from pennybridge.reports.text import Note, Text, show

_LAST_BIRTH = """
    select max(cohort_month_index)
    from metrics.cohorts
    where company_id = :company_id and cohort_month between :first and :last
"""
_BIRTH = """
    select min(periods.period_start)
    from metrics.customer_months as births
    join metrics.periods as periods
        on periods.granularity = 'month' and periods.period_index = births.first_month_index
    where births.company_id = :company_id and births.customer_id = :customer_id
"""
# Every month of each customer of the cohort, from its first one to the one looked at.
_LIVES = """
    select
        births.customer_id, periods.period_index - births.month_index as months_since,
        periods.period_start, periods.snapshot_date,
        coalesce(months.mrr_base, 0) as mrr, coalesce(months.retained_mrr_base, 0) as retained
    from metrics.customer_months as births
    join metrics.periods as firsts
        on firsts.granularity = 'month' and firsts.period_index = births.month_index
    join metrics.periods as periods
        on periods.granularity = 'month'
        and periods.period_index between births.month_index and births.month_index + :age
    left join metrics.customer_months as months
        on months.company_id = births.company_id and months.customer_id = births.customer_id
        and months.month_index = periods.period_index
    where births.company_id = :company_id and births.month_index = births.first_month_index
      and firsts.period_start between :first and :last
      and (:customer_id = '' or births.customer_id = :customer_id)
"""
# What is kept without growth was reached in this month first.
_LOWEST = """
    select
        lives.customer_id, min(lives.period_start) as period_start,
        min(lives.snapshot_date) as snapshot_date
    from lives
    join lives as reached on reached.customer_id = lives.customer_id and reached.months_since = :age
    where lives.mrr = reached.retained
    group by lives.customer_id
"""
_CUSTOMERS = f"""
    with lives as ({_LIVES}), lowest as ({_LOWEST})
    select
        customers.name, births.period_start, reached.period_start, births.mrr, reached.mrr,
        reached.mrr - births.mrr, case when reached.mrr > 0 then 1 else 0 end,
        reached.retained, lowest.period_start, births.customer_id
    from lives as births
    join lives as reached on reached.customer_id = births.customer_id and reached.months_since = :age
    left join lowest on lowest.customer_id = births.customer_id
    left join billing.customers as customers
        on customers.company_id = :company_id and customers.original_id = births.customer_id
    where births.months_since = 0
    order by reached.mrr - births.mrr, customers.name, births.customer_id
"""  # noqa: S608 — text of ours
_MOMENTS = f"""
    with lives as ({_LIVES}), lowest as ({_LOWEST})
    select customer_id, cast(null as text) as price_id, moment, day
    from (
        select customer_id, 'start' as moment, snapshot_date as day from lives where months_since = 0
        union all
        select customer_id, 'end' as moment, snapshot_date as day from lives
        where months_since = :age and :age > 0 and :measure <> 'gross'
        union all
        select customer_id, 'lowest' as moment, snapshot_date as day from lowest where :measure = 'gross'
    ) as looked_at
"""  # noqa: S608 — text of ours
_COLUMNS = (
    Column("customer", "text"),
    Column("first_month", "month", Text("First month", "Premier mois")),
    Column("month", "month", Text("Month", "Mois")),
    Column("mrr_then", "amount", Text("MRR at start", "MRR initial")),
    Column("mrr_now", "amount", Text("MRR in that month", "MRR ce mois-là")),
    Column("change", "amount"),
    Column("kept", "count", Text("Kept", "Conservé")),
    Column("kept_without_growth", "amount", Text("Kept, growth left out", "Conservé, hors croissance")),
    Column("lowest_month", "month", Text("Lowest in", "Au plus bas en")),
    Column("share", "share"),
    Column("customer_id", "key"),
)
_AT = {column.name: position for position, column in enumerate(_COLUMNS)}
_COUNTED: dict[Measure, str] = {
    "customers": "kept", "revenue": "mrr_now", "gross": "kept_without_growth",
}  # fmt: skip
"""What each measure counts of a customer."""
_HOW: dict[Measure, Text] = {
    "customers": Text(
        "{left} of {start} customers have MRR in that month: {share}.",
        "{left} clients sur {start} ont du MRR ce mois-là : {share}.",
    ),
    "revenue": Text(
        "MRR in that month ÷ MRR at start: {left} ÷ {start} = {share}.",
        "MRR de ce mois-là ÷ MRR initial : {left} ÷ {start} = {share}.",
    ),
    "gross": Text(
        "Kept ÷ MRR at start: {left} ÷ {start} = {share}. Kept is the least MRR of any month since the "
        "start, and nothing after a month without.",
        "Conservé ÷ MRR initial : {left} ÷ {start} = {share}. Le conservé est le plus petit MRR de tous les "
        "mois depuis le départ, et rien après un mois sans MRR.",
    ),
}
"""The arithmetic of a cell."""
_NO_PERIOD = "A cohort is the customers of a first month, quarter or year: 2025-03, 2025-Q1 or 2025."
_NOBODY = "There is no cohort {cohort}: no customer began then. The report of cohorts lists those there are."
_NOT_YET = "The cohort {cohort} has come {reached} months so far; there is no figure {age} months after."
_NO_MRR = "{customer} never had MRR, so it is of no cohort."
_ELSEWHERE = "{customer} began in {month}, so it is of another cohort."


class _Cell(NamedTuple):
    first: date
    last: date
    by: Granularity
    age: int

    def title(self, what: Text) -> Text:
        def said(language: Any) -> str:
            return what.to(language).format(show(self.first, self.by, language), self.age)

        return Text(said("en"), said("fr"))


def cohort(built: Built, question: Question) -> ReportTable:
    """The customers of a cohort at their start and so many months after, with what the cell counts of each.

    The totals end with the cell's figure, the very number of the report.

    Args:
        built: The models.
        question: `first` to `last` is when the cohort began, by default the last one or the customer's; `age`
            the months after, by default as far as the cohort has come; `measure` which figure of the cell.

    Raises:
        ConfigurationError: No customer began then, or not the one asked for; the cohort has not come so far;
            the range is no period.
    """
    cell = _find(built, question)
    if cell is None:
        title = Text("Customers of a cohort", "Clients d'une cohorte")
        return built.table("explain", title, _COLUMNS, [], about=question.about)
    rows = [
        _with_share(row, question.measure) for row in built.rows(_CUSTOMERS, **_parameters(cell, question))
    ]
    return _table(built, question, cell, rows)


def last_cohort(built: Built, question: Question) -> ReportTable:
    """The customers behind the last figure of the report of cohorts."""
    return cohort(built, _of_last(built, question))


def cohort_lines(built: Built, question: Question) -> ReportTable:
    """The invoice lines behind a cell's two months; for `gross`, the second is the one with the least MRR.

    Raises:
        ConfigurationError: As for `cohort`.
    """
    cell = _find(built, question)
    title = Text("Lines behind the cohort {0}, {1} months after", "Lignes de la cohorte {0}, {1} mois après")
    if cell is None:
        return at_moments(built, question, Text("Lines behind a cohort", "Lignes d'une cohorte"), None)
    moments = Moments(_MOMENTS, _parameters(cell, question) | {"measure": question.measure})
    return at_moments(built, question, cell.title(title), moments)


def _find(built: Built, question: Question) -> _Cell | None:
    """The cell asked for; none where there is no cohort at all."""
    if question.customer_id:
        question = _of_customer(built, question)
    elif question.first is None:
        question = _of_last(built, question)
    if question.first is None:
        return None
    first, last = question.first, question.last or built.as_of
    by = question.granularity or granularity_of(first, last)
    if by is None:
        raise ConfigurationError(_NO_PERIOD)
    name = write_period(first, by)
    ((birth,),) = built.rows(_LAST_BIRTH, first=first, last=last)
    if birth is None:
        raise ConfigurationError(_NOBODY, cohort=name)
    reached = built.as_of.year * 12 + built.as_of.month - birth
    age = reached - reached % STEP[by] if question.age is None else question.age
    if age > reached:
        raise ConfigurationError(_NOT_YET, cohort=name, reached=reached, age=age)
    return _Cell(first, last, by, age)


def _of_customer(built: Built, question: Question) -> Question:
    """The question with the cohort that the customer is in; by default that of the customer's first month."""
    customer = question.customer or question.customer_id
    ((birth,),) = built.rows(_BIRTH, customer_id=question.customer_id)
    if birth is None:
        raise ConfigurationError(_NO_MRR, customer=customer)
    if question.first is None:
        return replace(question, first=birth, last=month_end(birth), granularity="month")
    if not question.first <= birth <= (question.last or built.as_of):
        raise ConfigurationError(_ELSEWHERE, customer=customer, month=write_period(birth, "month"))
    return question


def _of_last(built: Built, question: Question) -> Question:
    """The question about the last cohort that the report shows."""
    shown = cohorts(built, question)
    if not shown.rows:
        return replace(question, first=None)
    start: date = shown.rows[-1][0]
    by: Any = shown.columns[0].kind
    end = month_end(add_months(start, MONTHS_OF[by] - 1))
    return replace(
        question, granularity=by,
        first=max(start, question.first or start), last=min(end, question.last or end),
    )  # fmt: skip


def _parameters(cell: _Cell, question: Question) -> dict[str, object]:
    return {
        "first": cell.first, "last": cell.last, "age": cell.age, "customer_id": question.customer_id or "",
    }  # fmt: skip


def _table(built: Built, question: Question, cell: _Cell, rows: list[Row]) -> ReportTable:
    measure = question.measure
    sums = total(tuple(rows), _COLUMNS)
    start = len(rows) if measure == "customers" else sums[_AT["mrr_then"]]
    left = sums[_AT[_COUNTED[measure]]]
    share = float(left) / float(start) if start else None
    kind: Any = "count" if measure == "customers" else "amount"
    how = Note(_HOW[measure], {"left": (left, kind), "start": (start, kind), "share": (share, "share")})
    title = Text("Customers of the cohort {0}, {1} months after", "Clients de la cohorte {0}, {1} mois après")
    return built.table(
        "explain", cell.title(title), _COLUMNS, rows, notes=(how, OPEN_LINES),
        totals=(*sums[: _AT["share"]], share, None),
        about=question.about,
    )  # fmt: skip


def _with_share(row: Row, measure: Measure) -> Row:
    """The row with the customer's own share before its keys."""
    counted = row[_AT[_COUNTED[measure]]]
    share = float(counted) if measure == "customers" else float(counted) / float(row[_AT["mrr_then"]])
    return (*row[: _AT["share"]], share, *row[_AT["share"] :])
