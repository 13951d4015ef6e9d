"""The reports there are: for each, its table, its chart, and which parts of a question it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pennybridge.reports import bridge, mrr, quality, receivables, retention, revenue
from pennybridge.reports.built import Built
from pennybridge.reports.charts import mrr as mrr_charts
from pennybridge.reports.charts import receivables as receivables_charts
from pennybridge.reports.charts import retention as retention_charts
from pennybridge.reports.charts import revenue as revenue_charts
from pennybridge.reports.explain import causes as behind_causes
from pennybridge.reports.explain import cohorts as behind_cohorts
from pennybridge.reports.explain import customers as behind_customers
from pennybridge.reports.explain import lines as behind_lines
from pennybridge.reports.explain import receivables as behind_receivables
from pennybridge.reports.explain import segments as behind_segments
from pennybridge.reports.question import BREAKDOWNS, GRANULARITIES, Question
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Language

Spec = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """A report by name."""

    name: str
    summary: str
    table: Callable[[Built, Question], ReportTable]
    chart: Callable[[ReportTable, Language], Spec] | None = None
    explained: Callable[[Built, Question], ReportTable] | None = None
    """The lines and rules behind its last figure."""
    by: tuple[str, ...] = ()
    """What `--by` may name."""
    has_range: bool = False
    has_customer: bool = False
    has_currency: bool = False
    has_measure: bool = False


REPORTS: dict[str, Report] = {
    report.name: report
    for report in (
        Report(
            "mrr", "Monthly recurring revenue at the end of each period.",
            mrr.mrr, mrr_charts.line, behind_segments.mrr, (*GRANULARITIES, *BREAKDOWNS),
            has_range=True, has_customer=True, has_currency=True,
        ),
        Report(
            "movements", "What changed MRR: new, expansion, contraction, churn, reactivation.",
            mrr.movements, mrr_charts.movements, behind_customers.movements, (*GRANULARITIES, *BREAKDOWNS),
            has_range=True, has_customer=True,
        ),
        Report(
            "bridge", "Why MRR moved: quantity, price, products added and dropped, customers.",
            bridge.bridge, None, behind_causes.sales, (*GRANULARITIES, *BREAKDOWNS),
            has_range=True, has_customer=True,
        ),
        Report(
            "retention", "NRR, GRR, churn, quick ratio, lifetime value, month by month.",
            retention.retention, retention_charts.rates, behind_customers.retention, has_range=True,
        ),
        Report(
            "cohorts", "What is left of the customers of each first period.",
            retention.cohorts, retention_charts.heat_map, behind_cohorts.last_cohort, GRANULARITIES,
            has_range=True, has_measure=True,
        ),
        Report(
            "revenue", "What was invoiced, credit notes deducted.",
            revenue.revenue, revenue_charts.bars, behind_lines.revenue, (*GRANULARITIES, *BREAKDOWNS),
            has_range=True, has_customer=True, has_currency=True,
        ),
        Report(
            "aging", "What customers owe, by how late it is.",
            receivables.aging, receivables_charts.aging, behind_receivables.aging,
            (*GRANULARITIES, "country", "customer"),
            has_range=True, has_customer=True,
        ),
        Report(
            "dso", "How long it takes to be paid: DSO by month, delays by customer.",
            receivables.dso, receivables_charts.dso, behind_receivables.dso, ("month", "customer"),
            has_range=True, has_customer=True,
        ),
        Report(
            "to-do", "What to do next about customers who owe, and why.", receivables.to_do, has_customer=True
        ),
        Report(
            "quality", "How far the figures can be trusted.", quality.quality,
            explained=behind_lines.to_classify,
        ),
    )
}  # fmt: skip
