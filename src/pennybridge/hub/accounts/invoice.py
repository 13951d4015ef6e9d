"""One customer invoice: its amounts, its lines with the rules that classed them, and what settled it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pennybridge.hub.accounts import landed
from pennybridge.hub.accounts.books import Books


@dataclass(frozen=True)
class Invoice:
    """A customer invoice as Pennylane has it; a deleted one as it was last read."""

    id: int
    invoice_number: str | None
    label: str | None
    external_reference: str | None
    customer_id: int | None
    customer_name: str | None
    state: str
    """Pennylane's status; but `draft` and `deleted` come before it."""
    is_credit_note: bool
    is_excluded: bool
    """Its customer is left out: nothing of it is brought up to date or counted."""
    invoice_date: date | None
    due_date: date | None
    due_date_assumed: bool
    days_late: int
    currency: str | None
    exchange_rate: Decimal | None
    total_incl_tax_ccy: Decimal | None
    total_excl_tax_ccy: Decimal | None
    tax_ccy: Decimal | None
    total_incl_tax_eur: Decimal | None
    tax_eur: Decimal | None
    open_amount_eur: Decimal
    discount_type: str | None
    discount_value: Decimal | None
    credited_invoice_id: int | None
    billing_subscription_id: int | None
    subscription_label: str | None
    e_invoicing_status: str | None
    filename: str | None
    lines_complete: bool
    created_at: datetime | None
    updated_at: datetime | None
    read_at: datetime
    deleted_at: datetime | None

    @property
    def is_foreign(self) -> bool:
        """Whether its amounts are in a currency other than the euro."""
        return (self.currency or "EUR") != "EUR"


@dataclass(frozen=True)
class InvoiceLine:
    """A line in the invoice's currency; period and class are None before a build."""

    id: int
    label: str | None
    description: str | None
    quantity: Decimal | None
    unit: str | None
    unit_price_ccy: Decimal | None
    """Before tax and discount."""
    vat_rate: str | None
    """Pennylane's code, as `FR_200`."""
    amount_excl_tax_ccy: Decimal | None
    tax_ccy: Decimal | None
    discount_type: str | None
    discount_value: Decimal | None
    period_start: date | None
    period_end: date | None
    """The last day covered."""
    period_source: str | None
    period_evidence: str | None
    recurrence: str | None
    recurrence_rule: str | None
    recurrence_evidence: str | None


@dataclass(frozen=True)
class CreditNote:
    """A credit note of the invoice, or the invoice that a credit note reduces."""

    id: int
    invoice_number: str | None
    invoice_date: date | None
    total_incl_tax_ccy: Decimal | None
    currency: str | None
    link_source: str
    """`linked` by Pennylane, or `matched` by us."""


@dataclass(frozen=True)
class Payment:
    """Money applied to an invoice through Pennylane."""

    id: int
    invoice_id: int
    invoice_number: str | None
    label: str | None
    status: str | None
    amount_ccy: Decimal | None
    currency: str | None
    recorded_at: datetime | None
    """Payments carry no date of their own (documented)."""


@dataclass(frozen=True)
class MatchedTransaction:
    """A bank line tied to an invoice. It may settle several invoices, and shows its whole amount on each."""

    id: int
    invoice_id: int
    invoice_number: str | None
    label: str | None
    date: date | None
    amount_ccy: Decimal | None
    currency: str | None


_INVOICE = f"""
    select
        invoices.id, nullif(invoices.invoice_number, ''), invoices.label, invoices.external_reference,
        invoices.customer_id, customers.name,
        case
            when invoices.deleted_at is not null then 'deleted'
            when invoices.draft then 'draft'
            else coalesce(invoices.status, '')
        end,
        {landed.IS_CREDIT_NOTE}, exclusions.customer_id is not null, invoices.date, {landed.DUE_DATE},
        invoices.deadline is null and invoices.date is not null,
        cast(case when {landed.IS_OVERDUE} then :today - {landed.DUE_DATE} else 0 end as integer),
        invoices.currency, invoices.exchange_rate, invoices.currency_amount,
        invoices.currency_amount_before_tax, invoices.currency_tax, invoices.amount, invoices.tax,
        {landed.OPEN_AMOUNT_EUR}, invoices.discount_type, nullif(invoices.discount_value, 0),
        invoices.credited_invoice_id, invoices.billing_subscription_id, subscriptions.label,
        invoices.e_invoicing_status, invoices.filename, invoices.lines_complete is not false,
        invoices.created_at, invoices.updated_at, invoices.read_at, invoices.deleted_at
    from pennylane.customer_invoices as invoices
    {landed.EXCLUSIONS}
    left join pennylane.customers
        on customers.company_id = invoices.company_id and customers.id = invoices.customer_id
    left join pennylane.billing_subscriptions as subscriptions
        on subscriptions.company_id = invoices.company_id
        and subscriptions.id = invoices.billing_subscription_id
    where invoices.company_id = :company_id and invoices.id = :invoice_id
"""  # noqa: S608 — text of ours
_LINES = """
    select
        lines.id, lines.label, nullif(lines.description, ''), lines.quantity, nullif(lines.unit, ''),
        lines.raw_currency_unit_price, lines.vat_rate, lines.currency_amount_before_tax, lines.currency_tax,
        lines.discount_type, nullif(lines.discount_value, 0), {classed}
    from pennylane.customer_invoice_lines as lines
    {classes}
    where lines.company_id = :company_id and lines.customer_invoice_id = :invoice_id
      and lines.deleted_at is null
    order by lines.id
"""
_CLASSED = (
    "classes.period_start, classes.period_end, classes.period_source, classes.period_evidence, "
    "classes.recurrence, classes.recurrence_rule, classes.recurrence_evidence"
)
_CLASSES = """
    left join billing.invoice_lines as classes
        on classes.company_id = lines.company_id and classes.original_id = cast(lines.id as text)
        and classes.invoice_id = :invoice_key
"""
_UNCLASSED = "lines.imputation_start_date, lines.imputation_end_date, null, null, null, null, null"
_NOTE_COLUMNS = "id, nullif(invoice_number, ''), date, currency_amount, currency"
_LINKED = f"""
    select {_NOTE_COLUMNS}, 'linked'
    from pennylane.customer_invoices
    where company_id = :company_id and (credited_invoice_id = :invoice_id or id = :credited_id)
      and deleted_at is null
    order by date, id
"""  # noqa: S608 — text of ours
_MATCHED_BY_US = f"""
    select {_NOTE_COLUMNS}, 'matched'
    from pennylane.customer_invoices
    where company_id = :company_id and deleted_at is null and id in (
        select cast(case when invoice_id = :invoice_key then original_id else invoice_id end as bigint)
        from billing.credit_notes
        where company_id = :company_id and link_source = 'matched'
          and (invoice_id = :invoice_key or original_id = :invoice_key)
    )
    order by date, id
"""  # noqa: S608 — text of ours
PAYMENT_COLUMNS = """
    paid.id, invoices.id, nullif(invoices.invoice_number, ''), paid.label, paid.status, paid.currency_amount,
    paid.currency, paid.created_at
"""
TRANSACTION_COLUMNS = """
    paid.id, invoices.id, nullif(invoices.invoice_number, ''), paid.label, paid.date, paid.currency_amount,
    paid.currency
"""
_PAID = """
    select {columns}
    from pennylane.{table} as paid
    join pennylane.customer_invoices as invoices
        on invoices.company_id = paid.company_id and invoices.id = paid.customer_invoice_id
    where paid.company_id = :company_id and paid.customer_invoice_id = :invoice_id and paid.deleted_at is null
    order by {order}, paid.id
"""


def find_invoice(books: Books, invoice_id: int) -> Invoice | None:
    """An invoice, draft or deleted too; None when there is none."""
    found = books.rows(_INVOICE, invoice_id=invoice_id)
    return Invoice(*found[0]) if found else None


def lines_of(books: Books, invoice_id: int) -> list[InvoiceLine]:
    """The lines in the order of the document."""
    classed, classes = (_CLASSED, _CLASSES) if books.is_built else (_UNCLASSED, "")
    rows = books.rows(
        _LINES.format(classed=classed, classes=classes), invoice_id=invoice_id, invoice_key=str(invoice_id)
    )
    return [InvoiceLine(*row) for row in rows]


def credit_notes_of(books: Books, invoice: Invoice) -> list[CreditNote]:
    """The credit notes of an invoice, or the invoice that a credit note reduces."""
    rows = books.rows(_LINKED, invoice_id=invoice.id, credited_id=invoice.credited_invoice_id)
    if books.is_built:
        rows += books.rows(_MATCHED_BY_US, invoice_key=str(invoice.id))
    return [CreditNote(*row) for row in rows]


def payments_of(books: Books, invoice_id: int) -> list[Payment]:
    """The payments recorded on an invoice, oldest first."""
    sql = _PAID.format(columns=PAYMENT_COLUMNS, table="payments", order="paid.created_at")
    return [Payment(*row) for row in books.rows(sql, invoice_id=invoice_id)]


def transactions_of(books: Books, invoice_id: int) -> list[MatchedTransaction]:
    """The bank transactions matched with an invoice, oldest first."""
    sql = _PAID.format(columns=TRANSACTION_COLUMNS, table="matched_transactions", order="paid.date")
    return [MatchedTransaction(*row) for row in books.rows(sql, invoice_id=invoice_id)]
