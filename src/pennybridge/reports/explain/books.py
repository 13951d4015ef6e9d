"""What stands beside the figures: restated month ends, documents left out, unmatched credits, findings."""

from pennybridge.errors import ConfigurationError
from pennybridge.reports.built import Built
from pennybridge.reports.explain.lines import WITH_NAMES, lines_table
from pennybridge.reports.question import Question
from pennybridge.reports.table import Column, ReportTable, columns, total
from pennybridge.reports.text import Text
from pennybridge.reports.words import word

_RESTATEMENTS = """
    select figure, period_end, published_value, current_value, difference, published_as_of,
           case when was_provisional then 'provisional' else 'final' end
    from metrics.restatements
    where company_id = :company_id
    order by period_end desc, figure
"""
_RESTATEMENT_COLUMNS = (
    Column("figure", "word", Text("Figure", "Chiffre")),
    Column("period_end", "date", Text("Month end", "Fin de mois")),
    Column("published_value", "amount", Text("Published", "Publié")),
    Column("current_value", "amount", Text("Now", "Maintenant")),
    Column("difference", "amount", Text("Difference", "Écart")),
    Column("published_as_of", "date", Text("Published on", "Publié le")),
    Column("status", "word", Text("When published", "À la publication")),
)


def restatements(built: Built, question: Question) -> ReportTable:
    """Month-end figures that are no longer what was first published.

    Raises:
        ConfigurationError: They were asked of one customer.
    """
    if question.customer_id:
        raise ConfigurationError(
            "Month-end figures are published of the whole company: leave the customer away."
        )
    title = Text("Restated month-end figures", "Chiffres de fin de mois révisés")
    return built.table("explain", title, _RESTATEMENT_COLUMNS, built.rows(_RESTATEMENTS))


_LEFT_OUT = """
    select customers.name, documents.invoice_number, documents.date, documents.status, documents.reason,
           documents.total_incl_tax_eur, documents.customer_id, documents.original_id
    from billing.documents_left_out as documents
    left join billing.customers as customers
        on customers.company_id = documents.company_id and customers.original_id = documents.customer_id
    where documents.company_id = :company_id and (:customer_id = '' or documents.customer_id = :customer_id)
    order by documents.reason, documents.date desc, documents.invoice_number
"""
_LEFT_OUT_COLUMNS = columns(
    "customer text, invoice_number text, date date, status word, reason word, total_incl_tax amount, "
    "customer_id key, invoice_id key"
)


def left_out(built: Built, question: Question) -> ReportTable:
    """The customer invoices that no figure counts, and why."""
    rows = built.rows(_LEFT_OUT, customer_id=question.customer_id or "")
    title = Text("Documents left out", "Documents écartés")
    totals = total(tuple(rows), _LEFT_OUT_COLUMNS)
    return built.table(
        "explain", title, _LEFT_OUT_COLUMNS, rows, currency="EUR", totals=totals, about=question.about
    )


_UNMATCHED = """
    select customers.name, notes.invoice_number, notes.date, notes.credit_case, notes.amount_base,
           notes.customer_id, notes.original_id
    from billing.credit_notes as notes
    left join billing.customers as customers
        on customers.company_id = notes.company_id and customers.original_id = notes.customer_id
    where notes.company_id = :company_id and notes.credit_case = 'unmatched'
      and (:customer_id = '' or notes.customer_id = :customer_id)
    order by notes.amount_base desc, notes.invoice_number
"""
_UNMATCHED_COLUMNS = columns(
    "customer text, invoice_number text, date date, item word, amount amount, customer_id key, invoice_id key"
)


def unmatched(built: Built, question: Question) -> ReportTable:
    """Credit notes whose invoice is not known: in revenue and receivables, not in MRR."""
    rows = built.rows(_UNMATCHED, customer_id=question.customer_id or "")
    title = Text("Credit notes without their invoice", "Avoirs sans leur facture")
    totals = total(tuple(rows), _UNMATCHED_COLUMNS)
    return built.table("explain", title, _UNMATCHED_COLUMNS, rows, totals=totals, about=question.about)


_FINDINGS = """
    select customers.name, found.findings, found.amount_base, found.customer_id
    from metrics.customer_findings as found
    left join billing.customers as customers
        on customers.company_id = found.company_id and customers.original_id = found.customer_id
    where found.company_id = :company_id and found.topic = :topic and found.item = :item
      and (:customer_id = '' or found.customer_id = :customer_id)
    order by abs(found.amount_base) desc, customers.name
"""
_FINDINGS_COLUMNS = columns("customer text, findings count, amount amount, customer_id key")
_NO_FINDING = "There is no finding “{finding}”. The report on quality lists those there are, as TOPIC/ITEM."
_NOT_OF_CUSTOMER = "{customer} has no finding “{finding}”."


def findings(built: Built, question: Question) -> ReportTable:
    """The customers with a finding; `which` is its topic and its item, `topic/item`.

    Raises:
        ConfigurationError: There is no such finding, or the customer asked for has none.
    """
    title, parameters = _finding(question, Text("Customers behind", "Clients derrière"))
    rows = built.rows(_FINDINGS, **parameters)
    if not rows:
        sentence = _NOT_OF_CUSTOMER if question.customer else _NO_FINDING
        raise ConfigurationError(sentence, finding=question.which or "", customer=question.customer)
    totals = total(tuple(rows), _FINDINGS_COLUMNS)
    return built.table("explain", title, _FINDINGS_COLUMNS, rows, totals=totals, about=question.about)


# As `intermediate.findings` finds them.
_FINDING_LINES = f"""
    select
        customers.name, invoices.invoice_number, lines.invoice_date, lines.description,
        lines.amount_excluding_tax_after_discount_base, lines.recurrence_rule, lines.recurrence,
        lines.recurrence_confidence, lines.period_start, lines.period_end, lines.period_source,
        lines.period_confidence, coalesce(lines.recurrence_evidence, lines.period_evidence),
        lines.original_id, lines.customer_id, lines.invoice_id
    from billing.invoice_lines as lines
    {WITH_NAMES}
    where lines.company_id = :company_id and not lines.excluded
      and (:customer_id = '' or lines.customer_id = :customer_id)
      and case :topic
          when 'recurrence' then
              not lines.is_credit_note and lines.recurrence || ': ' || lines.recurrence_rule = :item
          when 'period' then
              not lines.is_credit_note and lines.recurrence = 'recurring'
              and coalesce(lines.period_source, 'none') = :item
          else :item = 'label and imputation dates disagree' and lines.label_disagrees
      end
    order by abs(lines.amount_excluding_tax_after_discount_base) desc, lines.original_id
"""  # noqa: S608 — text of ours
_FINDING_LINE_COLUMNS = (
    *columns("customer text, invoice_number text, invoice_date date, description text, amount amount"),
    *columns("rule word, recurrence word, confidence percent, period_from date, period_end date"),
    *columns("period_source word"),
    Column("period_confidence", "percent", Text("Confidence of the period", "Confiance de la période")),
    *columns("evidence text, line_id text, customer_id key, invoice_id key"),
)


def finding_lines(built: Built, question: Question) -> ReportTable:
    """The invoice lines of a finding about lines: their class, their period, or a label that contradicts it.

    Raises:
        ConfigurationError: There is no such finding, or it is about whole documents.
    """
    findings(built, question)
    title, parameters = _finding(question, Text("Lines behind", "Lignes derrière"))
    rows = built.rows(_FINDING_LINES, **parameters)
    if not rows:
        raise ConfigurationError(
            f"{question.which!r} is about whole documents, not lines. Nothing was shown. Without --lines "
            "the customers are listed."
        )
    return lines_table(built, question, title, kinds=_FINDING_LINE_COLUMNS, rows=rows, summed="amount")


def _finding(question: Question, what: Text) -> tuple[Text, dict[str, str]]:
    """A title, and what tells the finding."""
    topic, _, item = (question.which or "").partition("/")
    title = Text(
        f"{what.en}: {word(topic).en}, {word(item).en}", f"{what.fr} : {word(topic).fr}, {word(item).fr}"
    )
    return title, {"topic": topic, "item": item, "customer_id": question.customer_id or ""}
