"""The invoice lines behind revenue, what is known of one line, and what no rule could class."""

from typing import Any

from pennybridge.errors import ConfigurationError
from pennybridge.reports.built import Built
from pennybridge.reports.question import Question, period_start
from pennybridge.reports.table import Column, ReportTable, Row, columns, total
from pennybridge.reports.text import Language, Note, Text, show
from pennybridge.reports.words import word

WITH_NAMES = """
    left join billing.invoices as invoices
        on invoices.company_id = lines.company_id and invoices.original_id = lines.invoice_id
    left join billing.customers as customers
        on customers.company_id = lines.company_id and customers.original_id = lines.customer_id
"""


def amount_of(question: Question) -> str:
    """In the currency asked for, or in the base currency."""
    amount = "amount_excluding_tax_after_discount"
    return amount if question.currency else f"{amount}_base"


def restriction(question: Question) -> dict[str, str]:
    """What the lines of a figure are narrowed to; empty where they are not."""
    return {
        "customer_id": question.customer_id or "",
        "price_id": question.price_id or "",
        "country": question.country or "",
        "currency": question.currency or "",
    }


_REVENUE = f"""
    select
        customers.name, invoices.invoice_number, lines.invoice_date, lines.description,
        lines.{{amount}}, lines.recurrence, lines.recurrence_rule,
        lines.recurrence_confidence, lines.recurrence_evidence, lines.original_id, lines.customer_id,
        lines.invoice_id
    from billing.invoice_lines as lines
    {WITH_NAMES}
    where lines.company_id = :company_id and not lines.excluded
      and lines.invoice_date between :first and :last
      and (:customer_id = '' or lines.customer_id = :customer_id)
      and (:price_id = '' or lines.price_id = :price_id)
      and (:country = '' or coalesce(customers.country, '??') = :country)
      and (:currency = '' or lines.currency_code = :currency)
      and (:which = '' or lines.recurrence = :which or (:which = 'invoiced' and not lines.is_credit_note)
           or (:which = 'credited' and lines.is_credit_note))
    order by abs(lines.{{amount}}) desc, lines.original_id
"""  # noqa: S608 — text of ours
_REVENUE_COLUMNS = columns(
    "customer text, invoice_number text, invoice_date date, description text, amount amount, recurrence "
    "word, rule word, confidence percent, evidence text, line_id text, customer_id key, invoice_id key"
)


def revenue(built: Built, question: Question) -> ReportTable:
    """The invoice lines of the last period asked for, credit notes negative."""
    last = min(question.last or built.as_of, built.as_of)
    first = question.first or period_start(last, question.by)
    sql = _REVENUE.format(amount=amount_of(question))
    rows = built.rows(sql, first=first, last=last, which=question.which or "", **restriction(question))
    title = Text(
        f"Lines behind revenue, {first} to {last}", f"Lignes du chiffre d'affaires, {first} à {last}"
    )
    return lines_table(built, question, title, kinds=_REVENUE_COLUMNS, rows=rows, summed="amount")


_LINE = f"""
    select
        customers.name as customer, invoices.invoice_number, lines.invoice_date, lines.description,
        lines.details, lines.quantity, lines.currency_code as currency,
        lines.amount_excluding_tax_after_discount as amount_in_currency,
        lines.amount_excluding_tax_after_discount_base as amount, lines.recurrence,
        lines.recurrence_rule as rule, lines.recurrence_confidence as rule_confidence,
        lines.recurrence_evidence as evidence, lines.period_start as period_from, lines.period_end,
        lines.period_source, lines.period_confidence, lines.period_evidence, lines.label_disagrees,
        lines.customer_id, lines.price_id
    from billing.invoice_lines as lines
    {WITH_NAMES}
    where lines.company_id = :company_id and lines.original_id = :line_id
"""  # noqa: S608 — text of ours
_LINE_NAMES = (
    "customer", "invoice_number", "invoice_date", "description", "details", "quantity", "currency",
    "amount_in_currency", "amount", "recurrence", "rule", "rule_confidence", "evidence", "period_from",
    "period_end", "period_source", "period_confidence", "period_evidence", "label_disagrees", "customer_id",
    "price_id",
)  # fmt: skip


def line(built: Built, question: Question) -> ReportTable:
    """Everything that is known of one line, its class and its period with the evidence.

    Raises:
        ConfigurationError: There is no such line.
    """
    line_id = question.which or ""
    found = built.rows(_LINE, line_id=line_id)
    if not found:
        raise ConfigurationError(
            f"No invoice line {line_id!r} counts in these books. `report explain mrr` and `report explain "
            "to-classify` list lines with their ids."
        )
    pairs = [(name, _as_text(value)) for name, value in zip(_LINE_NAMES, found[0], strict=True)]
    kinds = (
        Column("item", "word"),
        Column("value", "text", Text("What is known", "Ce qu'on en sait")),
    )
    title = Text(f"Invoice line {line_id}", f"Ligne de facture {line_id}")
    return built.table("explain", title, kinds, list(pairs))


def _as_text(value: Any) -> str:
    from pennybridge.reports.tables import plain

    return "" if value is None else str(plain(value))


def lines_table(
    built: Built,
    question: Question,
    title: Text,
    *,
    kinds: tuple[Column, ...],
    rows: list[Row],
    summed: str,
    notes: tuple[Note, ...] = (),
) -> ReportTable:
    """Lines with the sum of one column, and how much of it each rule brought in."""
    names = [column.name for column in kinds]
    totals = tuple(
        sum(row[position] for row in rows) if name == summed else None
        for position, name in enumerate(names[1:], start=1)
    )
    rules = _rules(rows, names.index("rule"), names.index(summed))
    return built.table(
        "explain",
        title,
        kinds,
        rows,
        totals=("total", *totals),
        notes=(*notes, *rules),
        about=question.about,
        currency=question.currency,
    )


def _rules(rows: list[Row], rule: int, amount: int) -> list[Note]:
    """How much of the figure each rule brought in."""
    sums: dict[str, tuple[Any, int]] = {}
    for row in rows:
        before, count = sums.get(row[rule], (0, 0))
        sums[row[rule]] = (before + row[amount], count + 1)
    if not sums:
        return []

    def said(language: Language) -> str:
        parts = sorted(sums.items(), key=lambda item: -abs(item[1][0]))
        return "; ".join(
            f"{word(name).to(language)} {show(value, 'amount', language)} ({show(count, 'count', language)})"
            for name, (value, count) in parts
        )

    return [Note(Text(f"By rule (lines): {said('en')}.", f"Par règle (lignes) : {said('fr')}."))]


_TO_CLASSIFY = """
    select
        customers.name, listed.sale_name, listed.problem, listed.lines, listed.amount_base,
        listed.first_invoice_date, listed.last_invoice_date, listed.customer_id, listed.price_id,
        listed.example_line_id
    from metrics.to_classify as listed
    left join billing.customers as customers
        on customers.company_id = listed.company_id and customers.original_id = listed.customer_id
    where listed.company_id = :company_id and (:customer_id = '' or listed.customer_id = :customer_id)
    order by listed.amount_base desc, listed.sale_name
"""
_TO_CLASSIFY_COLUMNS = (
    Column("customer", "text"),
    Column("sale_name", "text", Text("Sold", "Vendu")),
    Column("problem", "text", Text("Problem", "Problème")),
    Column("lines", "count", Text("Lines", "Lignes")),
    Column("amount", "amount"),
    Column("first_invoice_date", "date", Text("First", "Première")),
    Column("last_invoice_date", "date", Text("Last", "Dernière")),
    Column("customer_id", "text"),
    Column("price_id", "text"),
    Column("line_id", "text"),
)


def to_classify(built: Built, question: Question) -> ReportTable:
    """What no rule could class, or recurs without a known period, by amount; none of it is in MRR."""
    rows = built.rows(_TO_CLASSIFY, customer_id=question.customer_id or "")
    title = Text(
        "To classify: in revenue, not in MRR", "À classer : dans le chiffre d'affaires, pas dans le MRR"
    )
    return built.table(
        "explain", title, _TO_CLASSIFY_COLUMNS, rows, totals=total(tuple(rows), _TO_CLASSIFY_COLUMNS),
        about=question.about,
    )  # fmt: skip
