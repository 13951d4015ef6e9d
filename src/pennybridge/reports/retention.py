"""How much of the customers and their MRR stays: rates over one and twelve months, and cohorts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pennybridge.reports.built import Built
from pennybridge.reports.question import Granularity, Measure, Question, period_start
from pennybridge.reports.table import Column, ReportTable, Row, columns
from pennybridge.reports.text import Kind, Note, Text

_RATES = """
    select
        mrr.period_start, year.nrr, year.grr, month.nrr, month.grr, rates.customer_churn_rate,
        rates.mrr_churn_rate, rates.gross_mrr_churn_rate, rates.net_mrr_churn_rate, rates.quick_ratio,
        rates.arpa_base, worth.lifetime_value_base,
        case when not mrr.is_complete then 'in_progress'
             when mrr.held_mrr_base <> 0 then 'provisional' else 'final' end
    from metrics.mrr as mrr
    join metrics.rates as rates
        on rates.company_id = mrr.company_id and rates.granularity = 'month'
        and rates.period_index = mrr.period_index
    left join metrics.retention as year
        on year.company_id = mrr.company_id and year.month_index = mrr.period_index
        and year.months_back = 12
    left join metrics.retention as month
        on month.company_id = mrr.company_id and month.month_index = mrr.period_index
        and month.months_back = 1
    left join metrics.lifetime_value as worth
        on worth.company_id = mrr.company_id and worth.month_index = mrr.period_index
    where mrr.company_id = :company_id and mrr.granularity = 'month'
      and mrr.period_start between :first and :last
    order by mrr.period_start
"""
_RATE_COLUMNS = columns(
    "period_start month, nrr_12 share, grr_12 share, nrr_1 share, grr_1 share, customer_churn_rate share, "
    "mrr_churn_rate share, gross_mrr_churn_rate share, net_mrr_churn_rate share, quick_ratio ratio, "
    "arpa whole, lifetime_value whole, status word"
)
_POINT_TO_POINT = Note(
    Text(
        "NRR and GRR follow the customers of twelve (or one) months ago to now, one by one; who came since "
        "does not "
        "count, and one customer's growth never hides another's loss in GRR.",
        "NRR et GRR suivent un à un les clients d'il y a douze mois (ou un mois) ; les clients arrivés "
        "depuis ne "
        "comptent pas, et dans le GRR la croissance d'un client ne masque jamais la perte d'un autre.",
    )
)
_NO_DENOMINATOR = Note(
    Text(
        "A rate with nothing to divide by stays empty. Lifetime value: twelve-month mean of MRR per "
        "customer over "
        "churn in value, at most 60 months, empty under three churned customers.",
        "Un taux sans dénominateur reste vide. Valeur vie client : moyenne sur douze mois du MRR par "
        "client divisée "
        "par l'attrition en valeur, 60 mois au plus, vide sous trois clients perdus.",
    )
)


def retention(built: Built, question: Question) -> ReportTable:
    """Retention, churn and what a customer is worth, month by month."""
    asked = question.within(built.as_of)
    rows = built.rows(_RATES, first=asked.first, last=asked.last)
    title = Text("Retention and churn", "Rétention et attrition")
    notes = (_POINT_TO_POINT, _NO_DENOMINATOR)
    return built.table("retention", title, _RATE_COLUMNS, rows, notes=notes)


_CELLS = """
    select cohort_month, months_since, is_partial, cohort_customers, cohort_mrr_base,
           customers, mrr_base, retained_mrr_base
    from metrics.cohorts
    where company_id = :company_id and cohort_month between :first and :last
    order by cohort_month, months_since
"""
_MONTHLY_COHORTS = 24
"""With more monthly cohorts than this, they are shown by quarter unless months are asked for."""
STEP: dict[Granularity, int] = {"month": 1, "quarter": 3, "year": 3}
"""From one age shown to the next."""
_RETURNING = Note(
    Text(
        "A cohort is the customers of one first period with MRR; a customer who returns counts again. "
        "Months not "
        "reached by every customer of a cohort are empty. The average weighs cohorts by their start and "
        "takes "
        "whole months only.",
        "Une cohorte réunit les clients d'une même première période avec MRR ; un client qui revient "
        "compte à "
        "nouveau. Les mois que tous les clients d'une cohorte n'ont pas atteints sont vides. La moyenne "
        "pondère "
        "les cohortes par leur départ et ne prend que des mois entiers.",
    )
)
_TITLES: dict[Measure, Text] = {
    "customers": Text("Cohorts: customers kept", "Cohortes : clients conservés"),
    "revenue": Text("Cohorts: MRR kept, growth included", "Cohortes : MRR conservé, croissance comprise"),
    "gross": Text("Cohorts: MRR kept, growth left out", "Cohortes : MRR conservé, hors croissance"),
}


class _Cell(NamedTuple):
    start: Any
    left: Any
    is_partial: bool

    @property
    def share(self) -> float | None:
        return float(self.left) / float(self.start) if self.start else None


@dataclass
class _Cohort:
    customers: int
    mrr: Any
    months: int
    cells: dict[int, list[_Cell]]


def cohorts(built: Built, question: Question) -> ReportTable:
    """What is left of each cohort, as shares of its start; the last row is the weighted average."""
    first = question.first or date.min
    rows = built.rows(_CELLS, first=first, last=question.last or built.as_of)
    by = question.granularity or ("month" if len({row[0] for row in rows}) <= _MONTHLY_COHORTS else "quarter")
    found = _gather(rows, by, question.measure)
    ages = _ages(found.values(), STEP[by])
    kinds: tuple[Column, ...] = (*columns(f"cohort {by}, cohort_customers count, cohort_mrr whole"),
                                 *(_age_column(age) for age in ages))  # fmt: skip
    body = [
        (start, cohort.customers, cohort.mrr, *(_share(cohort, age) for age in ages))
        for start, cohort in found.items()
    ]
    title = _TITLES[question.measure]
    return built.table("cohorts", title, kinds, body, totals=_average(found, ages), notes=(_RETURNING,))


def _gather(rows: Iterable[Row], by: Granularity, measure: Measure) -> dict[date, _Cohort]:
    """Monthly cohorts put together by the period their customers began in."""
    found: dict[date, _Cohort] = {}
    for month, age, is_partial, customers, mrr, kept_customers, kept_mrr, retained in rows:
        cohort = found.setdefault(period_start(month, by), _Cohort(0, 0, 0, defaultdict(list)))
        if age == 0:
            cohort.customers += customers
            cohort.mrr += mrr
            cohort.months += 1
        start = customers if measure == "customers" else mrr
        left = {"customers": kept_customers, "revenue": kept_mrr, "gross": retained}[measure]
        cohort.cells[age].append(_Cell(start, left, is_partial))
    return found


def _ages(found: Iterable[_Cohort], step: int) -> range:
    reached = [age for cohort in found for age, cells in cohort.cells.items() if len(cells) == cohort.months]
    return range(0, max(reached, default=-1) + 1, step)


def _share(cohort: _Cohort, age: int) -> float | None:
    """Null where a month of the cohort has not come that far."""
    cells = cohort.cells.get(age, [])
    return _merged(cells).share if cells and len(cells) == cohort.months else None


def _merged(cells: Sequence[_Cell]) -> _Cell:
    start, left = sum(cell.start for cell in cells), sum(cell.left for cell in cells)
    return _Cell(start, left, any(cell.is_partial for cell in cells))


def _average(found: dict[date, _Cohort], ages: Iterable[int]) -> Row:
    shares = []
    for age in ages:
        reached = [
            _merged(cohort.cells[age])
            for cohort in found.values()
            if len(cohort.cells.get(age, [])) == cohort.months
        ]
        shares.append(_merged([cell for cell in reached if not cell.is_partial]).share)
    customers = sum(cohort.customers for cohort in found.values())
    return ("weighted_average", customers, sum(cohort.mrr for cohort in found.values()), *shares)


def _age_column(age: int) -> Column:
    kind: Kind = "percent"
    return Column(f"month_{age}", kind, Text(f"M{age}", f"M{age}"))
