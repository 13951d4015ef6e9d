"""The customers behind movements of MRR and behind retention."""

from pennybridge.reports.built import Built
from pennybridge.reports.question import Question, period_start
from pennybridge.reports.table import Column, ReportTable, columns, total
from pennybridge.reports.text import Note, Text, show

_MOVEMENTS = """
    select
        customers.name, moves.movement, moves.start_mrr_base, moves.movement_base, {effect},
        moves.end_mrr_base, moves.periods_inactive, moves.customer_id
    from {moves} as moves
    join metrics.company_periods as periods
        on periods.company_id = moves.company_id and periods.granularity = moves.granularity
        and periods.period_index = moves.period_index
    left join billing.customers as customers
        on customers.company_id = moves.company_id and customers.original_id = moves.customer_id
    where moves.company_id = :company_id and moves.granularity = :by and periods.period_start = :start
      and (:which in ('', moves.movement) or (:which = 'currency' and {effect} <> 0))
      and (:customer_id = '' or moves.customer_id = :customer_id)
      and (:country = '' or coalesce(customers.country, '??') = :country)
      {product}
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
_OPEN_A_CUSTOMER = Note(
    Text(
        "`report explain mrr PERIOD --customer NAME` opens a customer down to its invoice lines.",
        "`report explain mrr PÉRIODE --customer NOM` ouvre un client jusqu'à ses lignes de facture.",
    ),
    is_of_commands=True,
)


def _of_customers() -> str:
    return _MOVEMENTS.format(moves="metrics.movements", effect="moves.currency_effect_base", product="")


def _of_product() -> str:
    """The gross view: what customers gained and lost of one product."""
    return _MOVEMENTS.format(
        moves="(select *, cast(null as integer) as periods_inactive from metrics.product_movements)",
        effect="moves.currency_effect_base",
        product="and moves.price_id = :price_id",
    )


def movements(built: Built, question: Question) -> ReportTable:
    """The customers whose MRR moved in the last period asked for, or those of one kind of movement."""
    start = period_start(min(question.last or built.as_of, built.as_of), question.by)
    rows = built.rows(
        _of_product() if question.price_id else _of_customers(),
        by=question.by, start=start, which=question.which or "", customer_id=question.customer_id or "",
        country=question.country or "", price_id=question.price_id or "",
    )  # fmt: skip
    totals = (*total(tuple(rows), _MOVEMENT_COLUMNS)[:-2], None, None)
    title = Text(
        f"Customers behind the movements of {show(start, question.by)}",
        f"Clients derrière les mouvements de {show(start, question.by, 'fr')}",
    )
    return built.table("explain", title, _MOVEMENT_COLUMNS, rows, totals=totals, notes=(_OPEN_A_CUSTOMER,))


_RETENTION = """
    select
        customers.name, before.mrr_base, coalesce(now.mrr_base, 0),
        coalesce(now.mrr_base, 0) - before.mrr_base,
        case when coalesce(now.mrr_base, 0) < before.mrr_base
             then greatest(coalesce(now.mrr_base, 0), 0) else before.mrr_base end,
        before.customer_id
    from metrics.customer_months as before
    left join metrics.customer_months as now
        on now.company_id = before.company_id and now.customer_id = before.customer_id
        and now.month_index = :month_index
    left join billing.customers as customers
        on customers.company_id = before.company_id and customers.original_id = before.customer_id
    where before.company_id = :company_id and before.month_index = :month_index - 12 and before.mrr_base > 0
    order by abs(coalesce(now.mrr_base, 0) - before.mrr_base) desc, customers.name
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
    """The customers of twelve months before, with their MRR then and now."""
    day = min(question.last or built.as_of, built.as_of)
    rows = built.rows(_RETENTION, month_index=day.year * 12 + day.month)
    totals = total(tuple(rows), _RETENTION_COLUMNS)
    notes: tuple[Note, ...] = ()
    if rows:
        shares = {"nrr": (totals[2] / totals[1], "share"), "grr": (totals[4] / totals[1], "share")}
        text = Text("NRR = {nrr}, GRR = {grr}: the totals over MRR then.",
                    "NRR = {nrr}, GRR = {grr} : les totaux sur le MRR d'alors.")  # fmt: skip
        notes = (Note(text, shares),)  # type: ignore[arg-type]  # kinds
    month = day.replace(day=1)
    title = Text(f"Customers behind NRR and GRR of {show(month, 'month')}",
                 f"Clients derrière NRR et GRR de {show(month, 'month', 'fr')}")  # fmt: skip
    return built.table("explain", title, _RETENTION_COLUMNS, rows, totals=totals, notes=notes)
