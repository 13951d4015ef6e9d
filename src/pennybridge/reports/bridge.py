"""Why MRR moved: what customers buy more of, what it costs, what they add and drop, who comes and goes."""

from pennybridge.reports.breakdown import label_of, names_of
from pennybridge.reports.built import Built
from pennybridge.reports.question import Question, key_of, refuse
from pennybridge.reports.table import ReportTable, columns
from pennybridge.reports.text import Note, Text

UNSPLIT = ("quantity_unknown", "units_mixed", "billing_rhythm_changed")
"""Causes that say why quantity and price of a movement cannot be told apart."""

CAUSES: dict[str, tuple[str, ...]] = {
    "new_mrr": ("new_customer",),
    "reactivation_mrr": ("returning_customer",),
    "cross_sell_mrr": ("cross_sell",),
    "mix_mrr": ("product_mix",),
    "dropped_mrr": ("dropped_product",),
    "churn_mrr": ("lost_customer",),
    "unsplit_mrr": UNSPLIT,
}
"""By column, the causes whose whole movement it adds up."""

_PARTS = (
    "start_mrr whole, new_mrr whole, reactivation_mrr whole, cross_sell_mrr whole, volume_mrr whole, "
    "price_mrr whole, unsplit_mrr whole, mix_mrr whole, dropped_mrr whole, churn_mrr whole, "
    "currency_effect whole, mrr whole"
)
_SUMS = ", ".join(
    f"sum(case when moves.cause in ({', '.join(map(repr, causes))}) then moves.movement_base else 0 end) "
    f"as {column}"
    for column, causes in CAUSES.items()
)
_CUSTOMERS = """left join billing.customers as customers
            on customers.company_id = {0}.company_id and customers.original_id = {0}.customer_id"""
_BRIDGE = f"""
    with moved as (
        select
            moves.period_index, {{moves_label}} as label, {_SUMS},
            sum(moves.volume_base) as volume_mrr, sum(moves.price_base) as price_mrr,
            sum(moves.currency_effect_base) as currency_effect,
            sum(moves.movement_base + moves.currency_effect_base) as net
        from metrics.product_movements as moves
        {_CUSTOMERS.format("moves")}
        where moves.company_id = :company_id and moves.granularity = :by
          and (:customer_id = '' or moves.customer_id = :customer_id)
        group by moves.period_index, {{moves_label}}
    ),
    ends as (
        select periods.period_index, {{months_label}} as label, sum(months.mrr_base) as mrr
        from metrics.price_months as months
        join metrics.periods as periods
            on periods.granularity = :by and periods.snapshot_month = months.month_index
        {_CUSTOMERS.format("months")}
        where months.company_id = :company_id
          and (:customer_id = '' or months.customer_id = :customer_id)
        group by periods.period_index, {{months_label}}
    )
    select
        periods.period_start, {{name}} coalesce(ends.mrr, 0) - moved.net,
        moved.new_mrr, moved.reactivation_mrr, moved.cross_sell_mrr, moved.volume_mrr, moved.price_mrr,
        moved.unsplit_mrr, moved.mix_mrr, moved.dropped_mrr, moved.churn_mrr, moved.currency_effect,
        coalesce(ends.mrr, 0), moved.label
    from moved
    join metrics.company_periods as periods
        on periods.company_id = :company_id and periods.granularity = :by
        and periods.period_index = moved.period_index
    left join ends on ends.period_index = moved.period_index and ends.label = moved.label
    {{join}}
    where periods.period_start between :first and :last
    order by periods.period_start, abs(moved.net) desc, moved.label
"""  # noqa: S608 — text of ours

_HOW = Note(
    Text(
        "Volume is the change of quantity at the price of before, price all the rest of what a customer pays "
        "for the same product. Mix is what a customer adds and drops in one period. Not split: a quantity is "
        "missing, partly credited, or in other units. Periods and rows without a movement are left out.",
        "Le volume est la variation de quantité au prix d'avant, le prix tout le reste de ce qu'un client "
        "paie pour le même produit. Le mix est ce qu'un client ajoute et abandonne dans la même période. "
        "Non réparti : une quantité manque, est créditée en partie ou change d'unité. Les périodes et lignes "
        "sans mouvement ne sont pas montrées.",
    )
)


def bridge(built: Built, question: Question) -> ReportTable:
    """What led from the MRR at the start of each period to that at its end, by cause.

    Raises:
        ConfigurationError: One customer's was asked for, broken down by customer or country.
    """
    refuse(
        bool(question.customer_id and question.breakdown in {"customer", "country"}),
        "One customer's bridge can be broken down by product only.",
    )
    asked = question.within(built.as_of)
    label = asked.breakdown
    name, join = names_of(label, "moved")
    sql = _BRIDGE.format(
        moves_label=label_of(label, "moves"), months_label=label_of(label, "months"), name=name, join=join
    )
    rows = built.rows(
        sql, by=asked.by, first=asked.first, last=asked.last, customer_id=asked.customer_id or ""
    )
    head = f"period_start {asked.by}, " + (f"{label} text, " if label else "")
    kinds = columns(f"{head}{_PARTS}, {key_of(label)} key")
    about = Text(asked.customer, asked.customer) if asked.customer else None
    title = Text("Why MRR moved", "Pourquoi le MRR a changé")
    return built.table("bridge", title, kinds, rows, notes=(_HOW,), about=about)
