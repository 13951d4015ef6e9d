"""The sales behind the bridge: for each customer and product, what changed and why."""

from datetime import date

from pennybridge.reports.bridge import UNSPLIT
from pennybridge.reports.built import Built
from pennybridge.reports.explain.segments import OPEN_LINES, at_moments, ends_of_period
from pennybridge.reports.question import Question, period_start
from pennybridge.reports.table import Column, ReportTable, columns, total
from pennybridge.reports.text import Note, Text, show

_CAUSES: dict[str, tuple[str, ...]] = {
    "volume": ("quantity_and_price",),
    "price": ("quantity_and_price",),
    "cross_sell": ("cross_sell",),
    "mix": ("product_mix",),
    "dropped": ("dropped_product",),
    "unsplit": UNSPLIT,
    "new_customer": ("new_customer",),
    "returning_customer": ("returning_customer",),
    "lost_customer": ("lost_customer",),
}
PARTS = tuple(_CAUSES)
"""Parts of the bridge, each opening down to its sales."""

_MOVED = """
    from metrics.product_movements as moves
    join metrics.company_periods as periods
        on periods.company_id = moves.company_id and periods.granularity = moves.granularity
        and periods.period_index = moves.period_index
    left join billing.customers as customers
        on customers.company_id = moves.company_id and customers.original_id = moves.customer_id
    left join (
        select company_id, original_id, min(name) as name from billing.prices group by 1, 2
    ) as prices on prices.company_id = moves.company_id and prices.original_id = moves.price_id
    where moves.company_id = :company_id and moves.granularity = :by and periods.period_start = :start
      and (:part = '' or moves.cause in ({causes}))
      and (:part <> 'volume' or moves.volume_base <> 0) and (:part <> 'price' or moves.price_base <> 0)
      and (:customer_id = '' or moves.customer_id = :customer_id)
      and (:price_id = '' or moves.price_id = :price_id)
      and (:country = '' or coalesce(customers.country, '??') = :country)
"""
_SALES = """
    select
        customers.name, prices.name, moves.cause, moves.start_mrr_base, moves.volume_base, moves.price_base,
        moves.movement_base, moves.currency_effect_base, moves.end_mrr_base,
        moves.start_quantity, moves.end_quantity, nullif(moves.unit, ''), moves.customer_id, moves.price_id
    {moved}
    order by abs(moves.movement_base) desc, customers.name, prices.name, moves.price_id
"""
_COLUMNS = (
    *columns(
        "customer text, product text, cause word, start_mrr amount, volume_mrr amount, price_mrr amount, "
        "movement_mrr amount, currency_effect amount, mrr amount"
    ),
    Column("start_quantity", "ratio", Text("Quantity before", "Quantité avant")),
    Column("end_quantity", "ratio", Text("Quantity after", "Quantité après")),
    Column("unit", "text", Text("Unit", "Unité")),
    Column("customer_id", "key"),
    Column("price_id", "key"),
)
_HOW = Note(
    Text(
        "Quantities are those that run side by side on the last day of a period: seats as they are, months "
        "divided by the months they cover.",
        "Les quantités sont celles qui courent ensemble au dernier jour d'une période : les postes tels "
        "quels, les mois divisés par les mois couverts.",
    )
)


def sales(built: Built, question: Question, part: str = "") -> ReportTable:
    """The sales that moved in the last period asked for, or those of one of `PARTS`."""
    start, moved, parameters = _moved(built, question, part)
    rows = built.rows(_SALES.format(moved=moved), **parameters)
    title = Text(
        f"Sales behind the bridge of {show(start, question.by)}",
        f"Ventes derrière les causes de {show(start, question.by, 'fr')}",
    )
    totals = total(tuple(rows), _COLUMNS)
    return built.table(
        "explain", title, _COLUMNS, rows, totals=totals, notes=(_HOW, OPEN_LINES), about=question.about
    )


def sale_lines(built: Built, question: Question, part: str = "") -> ReportTable:
    """The invoice lines of those sales at the end of the period before and of this one."""
    start, moved, parameters = _moved(built, question, part)
    title = Text(
        f"Lines behind the bridge of {show(start, question.by)}",
        f"Lignes derrière les causes de {show(start, question.by, 'fr')}",
    )
    return at_moments(built, question, title, ends_of_period(moved, parameters, by_product=True))


def _moved(built: Built, question: Question, part: str) -> tuple[date, str, dict[str, object]]:
    """The period, and what tells the sales that moved in it."""
    start = period_start(min(question.last or built.as_of, built.as_of), question.by)
    moved = _MOVED.format(causes=", ".join(map(repr, _CAUSES.get(part, ("",)))))
    return start, moved, {
        "by": question.by, "start": start, "part": part, "customer_id": question.customer_id or "",
        "price_id": question.price_id or "", "country": question.country or "",
    }  # fmt: skip
