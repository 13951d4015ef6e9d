"""MRR and its movements: whole, or by product, country and customer; by month, quarter and year."""

from typing import Any

from pennybridge.errors import ConfigurationError
from pennybridge.reports.breakdown import label_of, names_of
from pennybridge.reports.built import Built
from pennybridge.reports.question import Question, key_of, refuse
from pennybridge.reports.table import ReportTable, Row, columns, total
from pennybridge.reports.text import Note, Text

_MRR_COLUMNS = (
    "mrr whole, change whole, change_share share, arr whole, held_mrr whole, customers count, arpa whole, "
    "status word"
)
_STATUS = """case when not {periods}.is_complete then 'in_progress'
             when {held} <> 0 then 'provisional' else 'final' end"""

# The official rows; `change` needs the period before the first one shown, which start_mrr_base knows.
_WHOLE = f"""
    select
        mrr.period_start, mrr.mrr_base, mrr.mrr_base - mrr.start_mrr_base,
        cast(mrr.mrr_base - mrr.start_mrr_base as double precision)
            / nullif(cast(mrr.start_mrr_base as double precision), 0),
        mrr.arr_base, mrr.held_mrr_base, mrr.customers, rates.arpa_base,
        {_STATUS.format(periods="mrr", held="mrr.held_mrr_base")}
    from metrics.mrr as mrr
    join metrics.rates as rates
        on rates.company_id = mrr.company_id and rates.granularity = mrr.granularity
        and rates.period_index = mrr.period_index
    where mrr.company_id = :company_id and mrr.granularity = :by
      and mrr.period_start between :first and :last
    order by mrr.period_start
"""  # noqa: S608 — text of ours

# A slice is summed from the month ends of its customers and products, in the same periods as the whole.
_SLICE = f"""
    with slices as (
        select
            periods.period_index, months.customer_id, {{label}} as label,
            sum(months.{{amount}}) as mrr, sum(months.held_mrr_base) as held
        from metrics.product_months as months
        join metrics.periods as periods
            on periods.granularity = :by and periods.snapshot_month = months.month_index
        left join billing.customers as customers
            on customers.company_id = months.company_id and customers.original_id = months.customer_id
        where months.company_id = :company_id
          and (:customer_id = '' or months.customer_id = :customer_id)
          and (:currency = '' or months.currency = :currency)
        group by periods.period_index, months.customer_id, {{label}}
    ),
    sums as (
        select
            period_index, label, sum(mrr) as mrr, sum(held) as held,
            count(*) filter (where mrr > 0) as customers
        from slices group by period_index, label
    )
    select
        periods.period_start, {{shown}} sums.mrr, sums.mrr - coalesce(before.mrr, 0),
        cast(sums.mrr - before.mrr as double precision) / nullif(cast(before.mrr as double precision), 0),
        sums.mrr * 12, {{held}}, sums.customers,
        cast(sums.mrr as double precision) / nullif(sums.customers, 0),
        {_STATUS.format(periods="periods", held="sums.held")},
        sums.label
    from sums
    join metrics.company_periods as periods
        on periods.company_id = :company_id and periods.granularity = :by
        and periods.period_index = sums.period_index
    left join sums as before
        on before.period_index = sums.period_index - 1 and before.label is not distinct from sums.label
    {{names}}
    where periods.period_start between :first and :last
    order by periods.period_start, sums.mrr desc
"""  # noqa: S608 — text of ours

_MOVEMENTS = (
    "start_mrr whole, new_mrr whole, reactivation_mrr whole, expansion_mrr whole, contraction_mrr whole, "
    "churn_mrr whole, currency_effect whole, mrr whole, net_new_mrr whole"
)
_AMOUNTS = """
    {0}.start_mrr_base, {0}.new_mrr_base, {0}.reactivation_mrr_base, {0}.expansion_mrr_base,
    {0}.contraction_mrr_base, {0}.churn_mrr_base, {effect}, {0}.mrr_base,
    {0}.new_mrr_base + {0}.reactivation_mrr_base + {0}.expansion_mrr_base + {0}.contraction_mrr_base
        + {0}.churn_mrr_base
"""
_MOVEMENTS_WHOLE = f"""
    select
        mrr.period_start, {_AMOUNTS.format("mrr", effect="mrr.currency_effect_base")}, rates.quick_ratio,
        {_STATUS.format(periods="mrr", held="mrr.held_mrr_base")}
    from metrics.mrr as mrr
    join metrics.rates as rates
        on rates.company_id = mrr.company_id and rates.granularity = mrr.granularity
        and rates.period_index = mrr.period_index
    where mrr.company_id = :company_id and mrr.granularity = :by
      and mrr.period_start between :first and :last
    order by mrr.period_start
"""  # noqa: S608 — text of ours
_MOVEMENTS_BY = {
    "product": f"""
        select
            moves.period_start, prices.name,
            {_AMOUNTS.format("moves", effect="moves.currency_effect_base")}, moves.price_id
        from metrics.mrr_by_product as moves
        left join (
            select company_id, original_id, min(name) as name from billing.prices group by 1, 2
        ) as prices on prices.company_id = moves.company_id and prices.original_id = moves.price_id
        where moves.company_id = :company_id and moves.granularity = :by
          and moves.period_start between :first and :last
        order by moves.period_start, moves.mrr_base desc, prices.name
    """,  # noqa: S608 — text of ours
    "country": f"""
        select
            moves.period_start, moves.country,
            {_AMOUNTS.format("moves", effect="moves.currency_effect_base")}, moves.country
        from metrics.mrr_by_country as moves
        where moves.company_id = :company_id and moves.granularity = :by
          and moves.period_start between :first and :last
        order by moves.period_start, moves.mrr_base desc, moves.country
    """,  # noqa: S608 — text of ours
}
# Only customers whose MRR moved; one without a movement in a period has nothing to tell.
_MOVEMENTS_OF_CUSTOMERS = """
    select
        periods.period_start, customers.name, moves.start_mrr_base, {kinds},
        moves.currency_effect_base, moves.end_mrr_base, moves.movement_base, moves.customer_id
    from metrics.movements as moves
    join metrics.company_periods as periods
        on periods.company_id = moves.company_id and periods.granularity = moves.granularity
        and periods.period_index = moves.period_index
    left join billing.customers as customers
        on customers.company_id = moves.company_id and customers.original_id = moves.customer_id
    where moves.company_id = :company_id and moves.granularity = :by
      and periods.period_start between :first and :last
      and (:customer_id = '' or moves.customer_id = :customer_id)
    order by periods.period_start, abs(moves.movement_base) desc, customers.name
""".format(
    kinds=", ".join(
        f"case when moves.movement = '{kind}' then moves.movement_base else 0 end"
        for kind in ("new", "reactivation", "expansion", "contraction", "churn")
    )
)

SNAPSHOT = Note(
    Text(
        "MRR is a snapshot on the last day of each period: recurring invoice lines that cover it, tax "
        "excluded, "
        "discounts and dated credits deducted, divided by the months they cover.",
        "Le MRR est une photographie au dernier jour de chaque période : les lignes récurrentes qui le "
        "couvrent, "
        "hors taxes, remises et avoirs datés déduits, divisées par les mois couverts.",
    )
)
HELD = Text(
    "Held: {held} of the last MRR waits for a renewal invoice that is not overdue yet; months with held "
    "MRR are "
    "provisional.",
    "En attente : {held} du dernier MRR attend une facture de renouvellement qui n'est pas encore en "
    "retard ; "
    "les mois concernés sont provisoires.",
)
ROLL_FORWARD = Note(
    Text(
        "Start + new + reactivation + expansion + contraction + churn + currency effect = end, for each "
        "customer. "
        "Quarters and years are judged on their own snapshots: totals add up over months, kinds do not.",
        "Début + nouveau + réactivation + expansion + contraction + attrition + effet de change = fin, "
        "client par "
        "client. Trimestres et années ont leurs propres photographies : les totaux s'additionnent, pas les "
        "types.",
    )
)
_PRODUCT_VIEW = Note(
    Text(
        "By product, movements are gross: a customer who changes product shows a loss on one and a gain on "
        "the "
        "other. Do not add them to the movements by customer.",
        "Par produit, les mouvements sont bruts : un client qui change de produit montre une perte sur "
        "l'un et un "
        "gain sur l'autre. Ne pas les additionner aux mouvements par client.",
    )
)


_FLASH = Text(
    "Customers who came and went within one month, so that no snapshot saw them: {count}.",
    "Clients arrivés et partis dans le même mois, qu'aucune photographie n'a vus : {count}.",
)
_MOVEMENTS_TITLE = Text("MRR movements", "Mouvements du MRR")


def mrr(built: Built, question: Question) -> ReportTable:
    """MRR at the end of each period; by product, country or customer, of the last one unless asked."""
    asked = question.within(built.as_of)
    label = asked.breakdown
    is_slice = bool(label or asked.customer_id or asked.currency)
    rows = built.rows(_slice_sql(asked) if is_slice else _WHOLE, **_params(asked))
    head = f"period_start {asked.by}, " + (f"{label} text, " if label else "")
    kinds = columns(head + _MRR_COLUMNS + (f", {key_of(label)} key" if is_slice else ""))
    at = [column.name for column in kinds].index("held_mrr")
    held = sum(row[at] or 0 for row in rows if row[0] == rows[-1][0])
    notes = (SNAPSHOT, Note(HELD, {"held": (held, "amount")})) if held else (SNAPSHOT,)
    return built.table(
        "mrr", Text("Monthly recurring revenue", "Revenu mensuel récurrent (MRR)"),
        kinds, rows, notes=notes, currency=asked.currency, about=_about(asked),
    )  # fmt: skip


def movements(built: Built, question: Question) -> ReportTable:
    """What changed MRR in each period, and how start becomes end.

    Raises:
        ConfigurationError: A currency was asked for, or two cuts at once.
    """
    if question.currency:
        raise ConfigurationError(
            "Movements are in the base currency, with what exchange rates did in a column of its own. "
            "`pennybridge report mrr --currency` shows the MRR billed in one currency."
        )
    refuse(
        bool(question.customer_id and question.breakdown),
        "Movements of one customer cannot be broken down further: leave --customer or the breakdown away.",
    )
    asked = question.within(built.as_of)
    label = "customer" if asked.customer_id else asked.breakdown
    if label is None:
        return _whole_movements(built, asked)
    sql = _MOVEMENTS_OF_CUSTOMERS if label == "customer" else _MOVEMENTS_BY[label]
    kinds = columns(f"period_start {asked.by}, {label} text, {_MOVEMENTS}, {key_of(label)} key")
    notes = (ROLL_FORWARD, _PRODUCT_VIEW) if label == "product" else (ROLL_FORWARD,)
    rows = built.rows(sql, **_params(asked))
    return built.table("movements", _MOVEMENTS_TITLE, kinds, rows, notes=notes, about=_about(asked))


def _whole_movements(built: Built, asked: Question) -> ReportTable:
    kinds = columns(f"period_start {asked.by}, {_MOVEMENTS}, quick_ratio ratio, status word")
    rows = built.rows(_MOVEMENTS_WHOLE, **_params(asked))
    totals: Row | None = None
    if rows:
        sums = list(total(tuple(rows), kinds))
        sums[1], sums[8] = rows[0][1], rows[-1][8]
        totals = tuple(sums)
    notes = (SNAPSHOT, ROLL_FORWARD, *_flash_customers(built, asked))
    return built.table("movements", _MOVEMENTS_TITLE, kinds, rows, totals=totals, notes=notes)


def _flash_customers(built: Built, asked: Question) -> tuple[Note, ...]:
    """What no snapshot saw is told beside the figures, if there was any."""
    first, last = asked.first or built.as_of, asked.last or built.as_of
    months = {"first": first.year * 12 + first.month, "last": last.year * 12 + last.month}
    ((count,),) = built.rows(
        "select count(*) from metrics.flash_customers "
        "where company_id = :company_id and month_index between :first and :last",
        **months,
    )
    return (Note(_FLASH, {"count": (count, "count")}),) if count else ()


def _slice_sql(asked: Question) -> str:
    name, join = names_of(asked.breakdown, "sums")
    return _SLICE.format(
        label=label_of(asked.breakdown, "months"),
        amount="mrr_ccy" if asked.currency else "mrr_base",
        shown=name,
        names=join,
        # Held MRR is kept in the base currency only.
        held="cast(null as decimal(18, 4))" if asked.currency else "sums.held",
    )


def _params(asked: Question) -> dict[str, Any]:
    return {
        "by": asked.by,
        "first": asked.first,
        "last": asked.last,
        "customer_id": asked.customer_id or "",
        "currency": asked.currency or "",
    }


def _about(asked: Question) -> Text | None:
    parts = [
        *([Text(asked.customer, asked.customer)] if asked.customer else []),
        *([Text(f"billed in {asked.currency}", f"facturé en {asked.currency}")] if asked.currency else []),
    ]
    return Text(", ".join(part.en for part in parts), ", ".join(part.fr for part in parts)) if parts else None
