"""The customers behind a share of a cohort, and behind a line of the quality report."""

from pennybridge.reports.built import Built
from pennybridge.reports.question import Question
from pennybridge.reports.table import Column, ReportTable, columns, total
from pennybridge.reports.text import Text, show
from pennybridge.reports.words import word

_COHORT = """
    select
        customers.name, births.mrr_base, coalesce(now.mrr_base, 0),
        coalesce(now.mrr_base, 0) - births.mrr_base, coalesce(now.retained_mrr_base, 0), births.customer_id
    from metrics.customer_months as births
    left join metrics.customer_months as now
        on now.company_id = births.company_id and now.customer_id = births.customer_id
        and now.month_index = births.month_index + :age
    left join billing.customers as customers
        on customers.company_id = births.company_id and customers.original_id = births.customer_id
    where births.company_id = :company_id and births.month_index = births.first_month_index
      and births.month_index between :first and :last
    order by coalesce(now.mrr_base, 0) - births.mrr_base, customers.name
"""
_COHORT_COLUMNS = (
    Column("customer", "text"),
    Column("mrr_then", "amount", Text("MRR at start", "MRR initial")),
    Column("mrr_now", "amount", Text("MRR in that month", "MRR ce mois-là")),
    Column("change", "amount"),
    Column("kept_without_growth", "amount", Text("Kept, growth left out", "Conservé, hors croissance")),
    Column("customer_id", "key"),
)


def cohort(built: Built, question: Question) -> ReportTable:
    """The customers of a cohort at their start and so many months after; `which` is that number."""
    first, last = question.first or built.as_of, question.last or built.as_of
    age = int(question.which) if question.which and question.which.isdigit() else 0
    rows = built.rows(
        _COHORT, first=first.year * 12 + first.month, last=last.year * 12 + last.month, age=min(age, 1200)
    )
    by = question.by
    title = Text(
        f"Customers of the cohort {show(first, by)}, {age} months after",
        f"Clients de la cohorte {show(first, by, 'fr')}, {age} mois après",
    )
    totals = total(tuple(rows), _COHORT_COLUMNS)
    return built.table("explain", title, _COHORT_COLUMNS, rows, totals=totals)


_FINDINGS = """
    select customers.name, found.findings, found.amount_base, found.customer_id
    from metrics.customer_findings as found
    left join billing.customers as customers
        on customers.company_id = found.company_id and customers.original_id = found.customer_id
    where found.company_id = :company_id and found.topic = :topic and found.item = :item
    order by abs(found.amount_base) desc, customers.name
"""
_FINDINGS_COLUMNS = columns("customer text, findings count, amount amount, customer_id key")


def findings(built: Built, question: Question) -> ReportTable:
    """The customers with a finding; `which` is its topic and its item, `topic/item`."""
    topic, _, item = (question.which or "").partition("/")
    rows = built.rows(_FINDINGS, topic=topic, item=item)
    title = Text(
        f"Customers behind: {word(topic).en}, {word(item).en}",
        f"Clients derrière : {word(topic).fr}, {word(item).fr}",
    )
    totals = total(tuple(rows), _FINDINGS_COLUMNS)
    return built.table("explain", title, _FINDINGS_COLUMNS, rows, totals=totals)
