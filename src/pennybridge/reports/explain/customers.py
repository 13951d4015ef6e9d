"""The customers behind movements of MRR and behind retention."""

from datetime import date

from pennybridge.reports.built import Built
from pennybridge.reports.explain.segments import OPEN_LINES, Moments, at_moments, ends_of_period
from pennybridge.reports.question import Question, period_start
from pennybridge.reports.table import Column, ReportTable, columns, total
from pennybridge.reports.text import Note, Text, show

_MOVED = """
    from {moves} as moves
    join metrics.company_periods as periods
        on periods.company_id = moves.company_id and periods.granularity = moves.granularity
        and periods.period_index = moves.period_index
    left join billing.customers as customers
        on customers.company_id = moves.company_id and customers.original_id = moves.customer_id
    where moves.company_id = :company_id and moves.granularity = :by and periods.period_start = :start
      and (:kind in ('', moves.movement) or (:kind = 'currency' and moves.currency_effect_base <> 0))
      and (:customer_id = '' or moves.customer_id = :customer_id)
      and (:country = '' or coalesce(customers.country, '??') = :country)
      and (:price_id = '' or {product} = :price_id)
"""
_OF_CUSTOMERS = _MOVED.format(moves="metrics.movements", product="''")
# The gross view: what customers gained and lost of one product.
_OF_PRODUCT = _MOVED.format(
    moves="(select *, cast(null as integer) as periods_inactive from metrics.product_movements)",
    product="moves.price_id",
)
_MOVEMENTS = """
    select
        customers.name, moves.movement, moves.start_mrr_base, moves.movement_base, moves.currency_effect_base,
        moves.end_mrr_base, moves.periods_inactive, moves.customer_id
    {moved}
    order by abs(moves.movement_base) desc, customers.name
"""
_MOVEMENT_COLUMNS = (
    *columns(
        "customer text, movement word, start_mrr amount, movement_mrr amount, currency_effect amount, mrr "
        "amount"
    ),
    Column("periods_inactive", "count", Text("Periods inactive", "Périodes inactives")),
    Column("customer_id", "key"),
)


def movements(built: Built, question: Question, kind: str = "") -> ReportTable:
    """The customers whose MRR moved in the last period asked for, or those of one kind of movement."""
    start, moved, parameters = _moved(built, question, kind)
    rows = built.rows(_MOVEMENTS.format(moved=moved), **parameters)
    totals = (*total(tuple(rows), _MOVEMENT_COLUMNS)[:-2], None, None)
    title = Text(
        f"Customers behind the movements of {show(start, question.by)}",
        f"Clients derrière les mouvements de {show(start, question.by, 'fr')}",
    )
    return built.table(
        "explain", title, _MOVEMENT_COLUMNS, rows, totals=totals, notes=(OPEN_LINES,), about=question.about
    )


def movement_lines(built: Built, question: Question, kind: str = "") -> ReportTable:
    """The invoice lines of those customers at the end of the period before and of this one."""
    start, moved, parameters = _moved(built, question, kind)
    title = Text(
        f"Lines behind the movements of {show(start, question.by)}",
        f"Lignes derrière les mouvements de {show(start, question.by, 'fr')}",
    )
    moments = ends_of_period(moved, parameters, by_product=bool(question.price_id))
    return at_moments(built, question, title, moments)


def _moved(built: Built, question: Question, kind: str) -> tuple[date, str, dict[str, object]]:
    """The period, what tells its movements, and the parameters of that."""
    start = period_start(min(question.last or built.as_of, built.as_of), question.by)
    parameters: dict[str, object] = {
        "by": question.by, "start": start, "kind": kind, "customer_id": question.customer_id or "",
        "country": question.country or "", "price_id": question.price_id or "",
    }  # fmt: skip
    return start, _OF_PRODUCT if question.price_id else _OF_CUSTOMERS, parameters


_RETENTION = """
    select
        customers.name, before.mrr_base, {now}, {now} - before.mrr_base, least({now}, before.mrr_base),
        before.customer_id
    from metrics.customer_months as before
    left join metrics.customer_months as now
        on now.company_id = before.company_id and now.customer_id = before.customer_id
        and now.month_index = :month_index
    left join billing.customers as customers
        on customers.company_id = before.company_id and customers.original_id = before.customer_id
    where before.company_id = :company_id and before.month_index = :month_index - 12 and before.mrr_base > 0
      and (:customer_id = '' or before.customer_id = :customer_id)
    order by abs({now} - before.mrr_base) desc, customers.name
""".format(now="greatest(coalesce(now.mrr_base, 0), 0)")
_RETENTION_MOMENTS = """
    select
        before.customer_id, cast(null as text) as price_id,
        case when days.period_index < :month_index then 'start' else 'end' end as moment,
        days.snapshot_date as day
    from metrics.customer_months as before
    join metrics.periods as days
        on days.granularity = 'month' and days.period_index in (:month_index - 12, :month_index)
    where before.company_id = :company_id and before.month_index = :month_index - 12 and before.mrr_base > 0
      and (:customer_id = '' or before.customer_id = :customer_id)
"""
_RETENTION_COLUMNS = (
    Column("customer", "text"),
    Column("mrr_then", "amount", Text("MRR 12 months before", "MRR 12 mois avant")),
    Column("mrr_now", "amount", Text("MRR now", "MRR actuel")),
    Column("change", "amount"),
    Column("kept_without_growth", "amount", Text("Counted in GRR", "Compté dans le GRR")),
    Column("customer_id", "key"),
)


def retention(built: Built, question: Question) -> ReportTable:
    """The customers of twelve months before, with their MRR then and now; below zero it counts as nothing."""
    month, parameters = _twelve_months(built, question)
    rows = built.rows(_RETENTION, **parameters)
    totals = total(tuple(rows), _RETENTION_COLUMNS)
    notes: tuple[Note, ...] = (OPEN_LINES,)
    if rows:
        shares = {"nrr": (totals[2] / totals[1], "share"), "grr": (totals[4] / totals[1], "share")}
        text = Text("NRR = {nrr}, GRR = {grr}: the totals over MRR then.",
                    "NRR = {nrr}, GRR = {grr} : les totaux sur le MRR d'alors.")  # fmt: skip
        notes = (Note(text, shares), OPEN_LINES)  # type: ignore[arg-type]  # kinds
    title = Text(f"Customers behind NRR and GRR of {show(month, 'month')}",
                 f"Clients derrière NRR et GRR de {show(month, 'month', 'fr')}")  # fmt: skip
    return built.table(
        "explain", title, _RETENTION_COLUMNS, rows, totals=totals, notes=notes, about=question.about
    )


def retention_lines(built: Built, question: Question) -> ReportTable:
    """The invoice lines of those customers on both days."""
    month, parameters = _twelve_months(built, question)
    title = Text(f"Lines behind NRR and GRR of {show(month, 'month')}",
                 f"Lignes derrière NRR et GRR de {show(month, 'month', 'fr')}")  # fmt: skip
    return at_moments(built, question, title, Moments(_RETENTION_MOMENTS, parameters))


def _twelve_months(built: Built, question: Question) -> tuple[date, dict[str, object]]:
    day = min(question.last or built.as_of, built.as_of)
    parameters: dict[str, object] = {
        "month_index": day.year * 12 + day.month, "customer_id": question.customer_id or "",
    }  # fmt: skip
    return day.replace(day=1), parameters
