"""The invoice lines behind MRR: on one day, or of customers at the two moments that are compared."""

from datetime import date
from typing import NamedTuple

from pennybridge.reports.built import Built
from pennybridge.reports.explain.lines import WITH_NAMES, amount_of, lines_table, restriction
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable, Row, columns
from pennybridge.reports.text import Note, Text, show

_PERIOD = """lines.period_start, lines.period_end, lines.{amount},
        cast(lines.months as double precision) / lines.months_divisor"""
_RULE = "segments.{mrr}, segments.segment_rule, lines.recurrence, lines.recurrence_confidence"
_SOURCE = "lines.period_source, coalesce(lines.recurrence_evidence, lines.period_evidence)"
_LINES_OF_SEGMENTS = f"""
    join billing.invoice_lines as lines
        on lines.company_id = segments.company_id and lines.original_id = segments.line_id
    {WITH_NAMES}
"""
_ON_A_DAY = f"""
    select
        customers.name, invoices.invoice_number, lines.description,
        {_PERIOD}, {_RULE}, {_SOURCE},
        case when segments.is_held and segments.covered_until <= :day then segments.held_until end,
        lines.original_id, segments.customer_id, segments.invoice_id
    from metrics.segments as segments
    {_LINES_OF_SEGMENTS}
    where segments.company_id = :company_id and segments.{{mrr}} <> 0
      and segments.start_date <= :day and segments.end_date > :day
      and (:customer_id = '' or segments.customer_id = :customer_id)
      and (:price_id = '' or segments.price_id = :price_id)
      and (:country = '' or coalesce(customers.country, '??') = :country)
      and (:currency = '' or segments.currency = :currency)
      and (:held = 0 or (segments.is_held and segments.covered_until <= :day))
    order by abs(segments.{{mrr}}) desc, customers.name, lines.original_id
"""  # noqa: S608 — text of ours
_PERIOD_COLUMNS = "period_from date, period_end date, amount amount, months ratio"
_RULE_COLUMNS = "mrr amount, rule word, recurrence word, confidence percent"
_SOURCE_COLUMNS = "period_source word, evidence text"
_KEYS = "line_id text, customer_id key, invoice_id key"
_COLUMNS = columns(
    f"customer text, invoice_number text, description text, {_PERIOD_COLUMNS}, {_RULE_COLUMNS}, "
    f"{_SOURCE_COLUMNS}, held_until date, {_KEYS}"
)
_PER_MONTH = Note(
    Text(
        "MRR of a line = amount ÷ months, on every day of its period; a negative one is a credit or a "
        "discount.",
        "MRR d'une ligne = montant ÷ mois, chaque jour de sa période ; négatif, c'est un avoir ou une "
        "remise.",
    )
)


def mrr(built: Built, question: Question) -> ReportTable:
    """The lines that MRR adds up on the last day asked for."""
    return _on_a_day(built, question, held=False)


def held(built: Built, question: Question) -> ReportTable:
    """The lines whose period is over and whose renewal is not overdue yet."""
    return _on_a_day(built, question, held=True)


def _on_a_day(built: Built, question: Question, *, held: bool) -> ReportTable:
    day = min(question.last or built.as_of, built.as_of)
    sql = _ON_A_DAY.format(amount=amount_of(question), mrr="mrr_ccy" if question.currency else "mrr_base")
    rows = built.rows(sql, day=day, held=int(held), **restriction(question))
    title = Text("Lines behind held MRR on {0}", "Lignes du MRR en attente au {0}") if held else (
        Text("Lines behind MRR on {0}", "Lignes du MRR au {0}")
    )  # fmt: skip
    return lines_table(
        built, question, _dated(title, day), kinds=_COLUMNS, rows=rows, summed="mrr", notes=(_PER_MONTH,)
    )


def _dated(title: Text, day: date) -> Text:
    return Text(title.en.format(show(day, "date", "en")), title.fr.format(show(day, "date", "fr")))


OPEN_LINES = Note(
    Text(
        "`--lines` lists the invoice lines and rules behind both moments.",
        "`--lines` liste les lignes de facture et les règles derrière les deux moments.",
    ),
    is_of_commands=True,
)


class Moments(NamedTuple):
    """Customers and the days on which their MRR is looked at.

    `sql` selects `customer_id`, `price_id` (null for all that the customer buys), `moment` (`start`, `end` or
    `lowest`) and `day`, with these parameters.
    """

    sql: str
    parameters: dict[str, object]


_ENDS_OF_PERIOD = """
    select moves.customer_id, {price} as price_id, 'end' as moment, periods.snapshot_date as day
    {moved}
    union all
    select
        moves.customer_id, {price} as price_id, 'start' as moment,
        cast(periods.period_start - interval '1 day' as date) as day
    {moved}
"""


def ends_of_period(moved: str, parameters: dict[str, object], *, by_product: bool) -> Moments:
    """The last days of the period before and of this one, for what moved in between.

    Args:
        moved: From `from` on: `moves` with customers and, where wanted, products; `periods` with theirs.
        parameters: Of that text.
        by_product: Whether a customer's MRR is looked at product by product.
    """
    price = "moves.price_id" if by_product else "cast(null as text)"
    return Moments(_ENDS_OF_PERIOD.format(price=price, moved=moved), parameters)


_AT_MOMENTS = f"""
    with moments as ({{moments}})
    select
        customers.name, moments.moment, moments.day, invoices.invoice_number, lines.description,
        {_RULE}, {_PERIOD}, {_SOURCE},
        lines.original_id, segments.customer_id, segments.invoice_id
    from moments
    join metrics.segments as segments
        on segments.company_id = :company_id and segments.customer_id = moments.customer_id
        and segments.price_id = coalesce(moments.price_id, segments.price_id)
        and segments.start_date <= moments.day and segments.end_date > moments.day
        and segments.mrr_base <> 0
    {_LINES_OF_SEGMENTS}
    order by customers.name, segments.customer_id, moments.day, abs(segments.mrr_base) desc, lines.original_id
"""  # noqa: S608 — text of ours
_MOMENT_COLUMNS = columns(
    f"customer text, moment word, day date, invoice_number text, description text, {_RULE_COLUMNS}, "
    f"{_PERIOD_COLUMNS}, {_SOURCE_COLUMNS}, {_KEYS}"
)


def at_moments(built: Built, question: Question, title: Text, moments: Moments | None) -> ReportTable:
    """The lines that make up the MRR of some customers at each of their moments; without moments none.

    There is no total: one line may stand at both moments.
    """
    rows: list[Row] = []
    if moments:
        amount = amount_of(Question())
        sql = _AT_MOMENTS.format(moments=moments.sql, amount=amount, mrr="mrr_base")
        rows = built.rows(sql, **moments.parameters)
    return built.table("explain", title, _MOMENT_COLUMNS, rows, notes=(_PER_MONTH,), about=question.about)
