"""One customer: who it is, what it owes by how late, how it pays, what to do about it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pennybridge.hub.accounts import landed
from pennybridge.hub.accounts.books import Books
from pennybridge.hub.accounts.invoice import (
    PAYMENT_COLUMNS,
    TRANSACTION_COLUMNS,
    MatchedTransaction,
    Payment,
)

ZERO = Decimal(0)
LATEST = 50
"""So many payments and transactions of a customer are read unless said."""


@dataclass(frozen=True)
class Customer:
    """A customer as Pennylane has it; a deleted one as it was last read."""

    id: int
    name: str | None
    customer_type: str | None
    emails: str | None
    """Comma-separated."""
    phone: str | None
    reg_no: str | None
    vat_number: str | None
    reference: str | None
    external_reference: str | None
    payment_conditions: str | None
    recipient: str | None
    billing_address: str | None
    billing_postal_code: str | None
    billing_city: str | None
    billing_country: str | None
    delivery_address: str | None
    delivery_postal_code: str | None
    delivery_city: str | None
    delivery_country: str | None
    created_at: datetime | None
    updated_at: datetime | None
    read_at: datetime
    deleted_at: datetime | None
    excluded_at: datetime | None
    exclusion_reason: str | None

    @property
    def is_excluded(self) -> bool:
        """Whether syncs and figures leave it out."""
        return self.excluded_at is not None


@dataclass(frozen=True)
class Contact:
    """A person at the customer."""

    first_name: str | None
    last_name: str | None
    role: str | None
    email: str | None
    phone: str | None


@dataclass(frozen=True)
class Standing:
    """What a customer owes, how it pays, what it brings in; what only models know is None before a build."""

    open_amount_eur: Decimal = ZERO
    overdue_eur: Decimal = ZERO
    not_due_eur: Decimal = ZERO
    late_1_30_eur: Decimal = ZERO
    late_31_60_eur: Decimal = ZERO
    late_61_90_eur: Decimal = ZERO
    late_over_90_eur: Decimal = ZERO
    unapplied_eur: Decimal = ZERO
    """Credit notes and overpayments that no invoice has used up; a positive amount."""
    mrr: Decimal | None = None
    payment_delay_days: float | None = None
    payment_delay_with_open_days: float | None = None
    payment_rating: str | None = None

    @property
    def buckets(self) -> list[tuple[str, Decimal]]:
        """What is open by how late it is; the sum less what is unapplied is the open amount."""
        return [
            ("not_due", self.not_due_eur),
            ("1_30", self.late_1_30_eur),
            ("31_60", self.late_31_60_eur),
            ("61_90", self.late_61_90_eur),
            ("over_90", self.late_over_90_eur),
        ]


@dataclass(frozen=True)
class OpenDocument:
    """A document with an open amount."""

    id: int
    invoice_number: str | None
    invoice_date: date
    due_date: date
    days_late: int
    aging_bucket: str
    total_incl_tax_eur: Decimal
    open_amount_eur: Decimal


@dataclass(frozen=True)
class ToDo:
    """What to do about what a customer owes, and why."""

    action: str
    reason: str
    next_due_date: date | None


_CUSTOMER = """
    select
        customers.id, customers.name, customers.customer_type, nullif(customers.emails, ''),
        nullif(customers.phone, ''), nullif(customers.reg_no, ''), nullif(customers.vat_number, ''),
        nullif(customers.reference, ''), nullif(customers.external_reference, ''),
        customers.payment_conditions, nullif(customers.recipient, ''),
        nullif(customers.billing_address, ''), nullif(customers.billing_postal_code, ''),
        nullif(customers.billing_city, ''), nullif(customers.billing_country, ''),
        nullif(customers.delivery_address, ''), nullif(customers.delivery_postal_code, ''),
        nullif(customers.delivery_city, ''), nullif(customers.delivery_country, ''),
        customers.created_at, customers.updated_at, customers.read_at, customers.deleted_at,
        exclusions.excluded_at, exclusions.reason
    from pennylane.customers
    left join pennylane.exclusions
        on exclusions.company_id = customers.company_id and exclusions.customer_id = customers.id
    where customers.company_id = :company_id and customers.id = :customer_id
"""
_IN_MODELS = """
    select 1 from billing.customers where company_id = :company_id and original_id = :customer_key
"""
_CONTACTS = """
    select first_name, last_name, role, email, coalesce(nullif(telephone_number, ''), mobile_number)
    from pennylane.contacts
    where company_id = :company_id and customer_id = :customer_id and deleted_at is null
    order by lower(last_name), lower(first_name), id
"""
_STANDING = """
    select
        status.open_amount_eur, status.overdue_eur, coalesce(aging.not_due_eur, 0),
        coalesce(aging.late_1_30_eur, 0), coalesce(aging.late_31_60_eur, 0),
        coalesce(aging.late_61_90_eur, 0), coalesce(aging.late_over_90_eur, 0), status.unapplied_eur,
        status.mrr_base, delays.payment_delay_days, delays.payment_delay_with_open_days, delays.payment_rating
    from metrics.customer_status as status
    left join receivables.aging_by_customer as aging
        on aging.company_id = status.company_id and aging.customer_id = status.customer_id
    left join receivables.payment_delays as delays
        on delays.company_id = status.company_id and delays.customer_id = status.customer_id
    where status.company_id = :company_id and status.customer_id = :customer_key
"""
_BUCKET = """
    case
        when open_amount_eur < 0 then 'unapplied'
        when due_date >= :today then 'not_due'
        when due_date >= :today - 30 then '1_30'
        when due_date >= :today - 60 then '31_60'
        when due_date >= :today - 90 then '61_90'
        else 'over_90'
    end
"""
_OPEN_DOCUMENTS = """
    select cast(invoice_id as bigint), invoice_number, invoice_date, due_date, days_late, aging_bucket,
           total_incl_tax_eur, open_amount_eur
    from receivables.aging
    where company_id = :company_id and customer_id = :customer_key
    order by due_date, invoice_date, invoice_id
"""
_OPEN_LANDED = f"""
    select
        id, invoice_number, invoice_date, due_date,
        cast(greatest(:today - due_date, 0) as integer),
        {_BUCKET}, total_incl_tax_eur, open_amount_eur
    from (
        select
            invoices.id, nullif(invoices.invoice_number, '') as invoice_number, invoices.date as invoice_date,
            {landed.DUE_DATE} as due_date, invoices.amount as total_incl_tax_eur,
            {landed.OPEN_AMOUNT_EUR} as open_amount_eur
        from pennylane.customer_invoices as invoices
        {landed.EXCLUSIONS}
        where invoices.company_id = :company_id and invoices.customer_id = :customer_id
    ) as documents
    where open_amount_eur <> 0
    order by due_date, invoice_date, id
"""  # noqa: S608 — text of ours
_PAID = """
    select {columns}
    from pennylane.{table} as paid
    join pennylane.customer_invoices as invoices
        on invoices.company_id = paid.company_id and invoices.id = paid.customer_invoice_id
    where invoices.company_id = :company_id and invoices.customer_id = :customer_id
      and paid.deleted_at is null
    order by {order} desc, paid.id desc
    limit :most
"""
_TO_DO = """
    select action, reason, next_due_date
    from receivables.to_do
    where company_id = :company_id and customer_id = :customer_key
"""
_MRR = """
    select calendar.month_start, months.mrr_base
    from metrics.customer_months as months
    join metrics.calendar as calendar on calendar.month_index = months.month_index
    where months.company_id = :company_id and months.customer_id = :customer_key
      and calendar.month_start <= :as_of
    order by months.month_index desc
    limit :most
"""


def find_customer(books: Books, customer_id: int) -> Customer | None:
    """A customer, deleted or excluded too; None when there is none."""
    found = books.rows(_CUSTOMER, customer_id=customer_id)
    return Customer(*found[0]) if found else None


def is_in_models(books: Books, customer_id: int) -> bool:
    """Whether a build has seen the customer."""
    return bool(books.rows(_IN_MODELS, customer_key=str(customer_id)))


def contacts_of(books: Books, customer_id: int) -> list[Contact]:
    """The customer's contacts by name."""
    return [Contact(*row) for row in books.rows(_CONTACTS, customer_id=customer_id)]


def open_documents_of(books: Books, customer_id: int) -> list[OpenDocument]:
    """What is open, by due date; amounts of credit notes and overpaid invoices are negative."""
    sql = _OPEN_DOCUMENTS if books.is_built else _OPEN_LANDED
    rows = books.rows(sql, customer_id=customer_id, customer_key=str(customer_id))
    return [OpenDocument(*row) for row in rows]


def standing_of(books: Books, customer_id: int) -> Standing:
    """What the customer owes and brings in, as of the models' day; as of today before a build."""
    if books.is_built:
        found = books.rows(_STANDING, customer_key=str(customer_id))
        return Standing(*found[0]) if found else Standing()
    sums = dict.fromkeys(("not_due", "1_30", "31_60", "61_90", "over_90", "unapplied"), ZERO)
    for document in open_documents_of(books, customer_id):
        sums[document.aging_bucket] += document.open_amount_eur
    return Standing(
        open_amount_eur=sum(sums.values(), ZERO),
        overdue_eur=sums["1_30"] + sums["31_60"] + sums["61_90"] + sums["over_90"],
        not_due_eur=sums["not_due"],
        late_1_30_eur=sums["1_30"],
        late_31_60_eur=sums["31_60"],
        late_61_90_eur=sums["61_90"],
        late_over_90_eur=sums["over_90"],
        unapplied_eur=-sums["unapplied"],
    )


def payments_of(books: Books, customer_id: int, *, most: int = LATEST) -> list[Payment]:
    """The latest payments recorded on the customer's invoices."""
    sql = _PAID.format(columns=PAYMENT_COLUMNS, table="payments", order="paid.created_at")
    return [Payment(*row) for row in books.rows(sql, customer_id=customer_id, most=most)]


def transactions_of(books: Books, customer_id: int, *, most: int = LATEST) -> list[MatchedTransaction]:
    """The latest bank transactions matched with the customer's invoices."""
    sql = _PAID.format(columns=TRANSACTION_COLUMNS, table="matched_transactions", order="paid.date")
    return [MatchedTransaction(*row) for row in books.rows(sql, customer_id=customer_id, most=most)]


def to_do_of(books: Books, customer_id: int) -> ToDo | None:
    """What to do about the customer, if anything; nothing before a build."""
    found = books.rows(_TO_DO, customer_key=str(customer_id)) if books.is_built else []
    return ToDo(*found[0]) if found else None


def mrr_of(books: Books, customer_id: int, *, most: int = 12) -> list[tuple[date, Decimal]]:
    """The customer's MRR at the end of its latest months that have any, newest first."""
    if not books.is_built:
        return []
    return books.rows(_MRR, customer_key=str(customer_id), as_of=books.as_of, most=most)
