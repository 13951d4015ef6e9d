"""What was invoiced, credit notes deducted: by period, and by product, country and customer."""

from decimal import Decimal

from pennybridge.periods import add_months
from pennybridge.reports.built import Built
from pennybridge.reports.question import MONTHS_OF, Question, key_of, period_start, refuse
from pennybridge.reports.table import ReportTable, Row, columns, total
from pennybridge.reports.text import Language, Note, Text, show

ZERO = Decimal(0)

_AMOUNTS = """
    sum(case when not lines.is_credit_note then lines.{amount} else 0 end) as invoiced,
    sum(case when lines.is_credit_note then lines.{amount} else 0 end) as credited,
    sum(lines.{amount}) as revenue,
    sum(case when lines.recurrence = 'recurring' then lines.{amount} else 0 end) as recurring,
    sum(case when lines.recurrence = 'one_off' then lines.{amount} else 0 end) as one_off,
    sum(case when lines.recurrence = 'usage' then lines.{amount} else 0 end) as metered,
    sum(case when lines.recurrence = 'unknown' then lines.{amount} else 0 end) as not_known
"""
_LINES = """
    from billing.invoice_lines as lines
    left join billing.customers as customers
        on customers.company_id = lines.company_id and customers.original_id = lines.customer_id
    left join (select original_id, min(name) as name from billing.prices
               where company_id = :company_id group by original_id) as prices
        on prices.original_id = lines.price_id
    where lines.company_id = :company_id and not lines.excluded
      and lines.invoice_date between :first and :last
      and (:customer_id = '' or lines.customer_id = :customer_id)
      and (:currency = '' or lines.currency_code = :currency)
"""
_BY_PERIOD = (
    "select cast(date_trunc(:by, lines.invoice_date) as date) as period_start, "
    + _AMOUNTS
    + _LINES
    + " group by 1 order by 1"
)
_BY_LABEL = (
    "select {label} as label, " + _AMOUNTS + ", count(distinct lines.invoice_id), {key} as key" + _LINES
    + " group by {label}, {key} order by revenue desc, label"
)  # fmt: skip
_LABELS = {
    "product": "prices.name",
    "country": "coalesce(customers.country, '??')",
    "customer": "customers.name",
}
_KEYS = {
    "product": "lines.price_id",
    "country": "coalesce(customers.country, '??')",
    "customer": "lines.customer_id",
}
_COLUMNS = (
    "invoiced amount, credited amount, revenue amount, recurring amount, one_off amount, usage amount, "
    "unknown amount"
)
_BY_INVOICE_DATE = Note(
    Text(
        "Revenue is what was invoiced, by invoice date, tax excluded, after every discount; credit notes are "
        "deducted in their own month. It is not spread over service periods.",
        "Le chiffre d'affaires est ce qui a été facturé, à la date de facture, hors taxes, après toutes les "
        "remises ; les avoirs sont déduits dans leur propre mois. Il n'est pas étalé sur les périodes de "
        "service.",
    )
)


def revenue(built: Built, question: Question) -> ReportTable:
    """Revenue of each period, or of each product, country or customer over the whole range."""
    refuse(
        bool(question.breakdown and question.granularity),
        "Revenue is broken down over the whole range: leave the period away, and set --from and --to.",
    )
    asked = question.within(built.as_of)
    if asked.breakdown and not question.first:
        # A ranking of one month says little: the last twelve, unless a range is asked for.
        asked = Question(last=question.last, customer_id=question.customer_id, currency=question.currency,
                         customer=question.customer, breakdown=None).within(built.as_of)  # fmt: skip
    amount = (
        "amount_excluding_tax_after_discount"
        if asked.currency
        else "amount_excluding_tax_after_discount_base"
    )
    label, key = _LABELS.get(question.breakdown or "", ""), _KEYS.get(question.breakdown or "", "")
    params = {
        "first": asked.first,
        "last": asked.last,
        "customer_id": asked.customer_id or "",
        "currency": asked.currency or "",
        "by": asked.by,
    }
    sql = _BY_LABEL if label else _BY_PERIOD
    rows = built.rows(sql.format(amount=amount, label=label, key=key), **params)
    if not label:
        rows = _without_gaps(built, asked, rows)
    kinds = columns(f"period_start {asked.by}, {_COLUMNS}")
    if label:
        kinds = columns(
            f"{question.breakdown} text, {_COLUMNS}, share share, documents count, "
            f"{key_of(question.breakdown)} key"
        )
        rows = _with_shares(rows)
    return built.table(
        "revenue", Text("Revenue", "Chiffre d'affaires"), kinds, rows, currency=asked.currency,
        totals=total(tuple(rows), kinds), notes=(_BY_INVOICE_DATE,), about=_about(asked, ranged=bool(label)),
    )  # fmt: skip


def _without_gaps(built: Built, asked: Question, rows: list[Row]) -> list[Row]:
    """The rows with those of periods in which nothing was invoiced, from the beginning of the books on."""
    if not rows or not asked.first or not asked.last:
        return rows
    ((begin,),) = built.rows("select min(date) from billing.invoices where company_id = :company_id")
    known = {row[0]: row for row in rows}
    day, found = period_start(max(asked.first, begin), asked.by), []
    while day <= asked.last:
        found.append(known.get(day) or (day, *[ZERO] * (len(rows[0]) - 1)))
        day = add_months(day, MONTHS_OF[asked.by])
    return found


def _with_shares(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    whole = sum((row[3] for row in rows), 0)  # type: ignore[misc]  # amounts
    return [(*row[:-2], float(row[3]) / float(whole) if whole else None, *row[-2:]) for row in rows]  # type: ignore[arg-type]


def _about(asked: Question, *, ranged: bool) -> Text | None:
    def said(language: Language) -> str:
        parts = [part for part in (asked.customer, asked.currency) if part]
        if ranged:
            parts.append(" → ".join(show(day, "date", language) for day in (asked.first, asked.last)))
        return ", ".join(parts)

    return Text(said("en"), said("fr")) if said("en") else None
