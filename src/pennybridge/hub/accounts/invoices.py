"""The customer invoices of a company, drafts and deleted ones too, each with its state and what is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pennybridge.hub.accounts import landed
from pennybridge.hub.accounts.books import Books, to_id
from pennybridge.hub.accounts.listing import (
    LIMIT,
    MOST_EXPORTED,
    PAGE_SIZE,
    Page,
    Params,
    digits,
    folded,
    order_by,
    pattern,
    read_page,
    where,
)


@dataclass(frozen=True)
class InvoiceFilter:
    """Which invoices are wanted; what is empty does not narrow them."""

    search: str = ""
    """In the number or the customer's name; or a whole external reference or Pennylane id."""
    state: str = ""
    """One of `STATES`. Deleted invoices are listed only when asked for."""
    first: date | None = None
    """The earliest invoice date; a draft without a date is in no period."""
    last: date | None = None
    customer_id: int | None = None


@dataclass(frozen=True)
class InvoiceRow:
    """An invoice of the list; amounts include tax and are signed as in the books."""

    id: int
    invoice_number: str | None
    label: str | None
    external_reference: str | None
    customer_id: int | None
    customer_name: str | None
    state: str
    """Pennylane's status; but `draft` and `deleted` come before it."""
    is_credit_note: bool
    invoice_date: date | None
    due_date: date | None
    currency: str | None
    total_incl_tax_ccy: Decimal | None
    total_incl_tax_eur: Decimal | None
    open_amount_eur: Decimal
    days_late: int
    """Zero when nothing is overdue."""
    is_excluded: bool


@dataclass(frozen=True)
class InvoiceTotals:
    """Over every invoice that a filter lets through; totals and open amounts leave drafts out."""

    invoices: int
    total_incl_tax_eur: Decimal
    open_amount_eur: Decimal
    overdue_eur: Decimal
    drafts: int
    drafts_eur: Decimal


STATES = {
    "open": f"{landed.OPEN_AMOUNT_EUR} <> 0",
    "overdue": landed.IS_OVERDUE,
    "paid": f"{landed.COUNTS} and invoices.status = 'paid'",
    "partially_paid": f"{landed.COUNTS} and invoices.status = 'partially_paid'",
    "credit_note": landed.IS_CREDIT_NOTE,
    "cancelled": "invoices.status in ('cancelled', 'partially_cancelled')",
    "incomplete": "invoices.status = 'incomplete'",
    "draft": "invoices.draft",
    "deleted": "invoices.deleted_at is not null",
}
ORDERS = {
    "number": "invoices.invoice_number",
    "customer": "lower(customers.name)",
    "date": "invoices.date",
    "due": landed.DUE_DATE,
    "state": "invoices.status",
    "total": "invoices.amount",
    "open": landed.OPEN_AMOUNT_EUR,
}
DEFAULT_ORDER = "-date"

_COLUMNS = f"""
    invoices.id,
    nullif(invoices.invoice_number, '') as invoice_number,
    invoices.label,
    invoices.external_reference,
    invoices.customer_id,
    customers.name as customer_name,
    case
        when invoices.deleted_at is not null then 'deleted'
        when invoices.draft then 'draft'
        else coalesce(invoices.status, '')
    end as state,
    {landed.IS_CREDIT_NOTE} as is_credit_note,
    invoices.date as invoice_date,
    {landed.DUE_DATE} as due_date,
    invoices.currency,
    cast(invoices.currency_amount as decimal(18, 2)) as total_incl_tax_ccy,
    cast(invoices.amount as decimal(18, 2)) as total_incl_tax_eur,
    cast({landed.OPEN_AMOUNT_EUR} as decimal(18, 2)) as open_amount_eur,
    cast(case when {landed.IS_OVERDUE} then :today - {landed.DUE_DATE} else 0 end as integer) as days_late,
    exclusions.customer_id is not null as is_excluded
"""
_SUMS = """
    count(*),
    cast(coalesce(sum(case when is_draft then 0 else amount end), 0) as decimal(18, 2)),
    cast(coalesce(sum(open_amount_eur), 0) as decimal(18, 2)),
    cast(coalesce(
        sum(case when open_amount_eur > 0 and due_date < :today then open_amount_eur end), 0
    ) as decimal(18, 2)),
    count(*) filter (where is_draft),
    cast(coalesce(sum(case when is_draft then amount end), 0) as decimal(18, 2))
"""
_SUMMED = f"""
    coalesce(invoices.draft, false) as is_draft,
    invoices.amount,
    {landed.DUE_DATE} as due_date,
    {landed.OPEN_AMOUNT_EUR} as open_amount_eur
"""
_CUSTOMERS = """
    left join pennylane.customers
        on customers.company_id = invoices.company_id and customers.id = invoices.customer_id
"""
_SOURCE = f" from pennylane.customer_invoices as invoices {landed.EXCLUSIONS}"
_SUMS_OF = f"""
    select {_SUMS}
    from (select {_SUMMED} {{source}} where {{conditions}} offset 0) as listed
"""  # noqa: S608 — texts of ours; the offset keeps PostgreSQL from working amounts out once per sum
_ROWS = """
    select {columns} {source} {customers}
    where invoices.company_id = :company_id and invoices.id in ({chosen})
    {order}
"""
_FOUND = f"""
    invoices.id in (
        select id from pennylane.customer_invoices
        where company_id = :company_id and lower(invoice_number) like :pattern escape '~'
        union all
        select id from pennylane.customer_invoices
        where company_id = :company_id and external_reference = :text
        union all
        select invoices.id from pennylane.customer_invoices as invoices
        join pennylane.customers
            on customers.company_id = invoices.company_id and customers.id = invoices.customer_id
        where invoices.company_id = :company_id and {folded("customers.name")} like :folded_pattern escape '~'
    )
"""  # noqa: S608 — text of ours; apart, each of the three has an index of PostgreSQL's to go by


def invoices(
    books: Books,
    wanted: InvoiceFilter,
    *,
    sort: str = DEFAULT_ORDER,
    number: int = 1,
    size: int = PAGE_SIZE,
) -> tuple[Page[InvoiceRow], InvoiceTotals]:
    """A page of the invoices that a filter lets through, and the sums over all of them.

    Args:
        books: Whose.
        wanted: The filter.
        sort: One of `ORDERS`, `-` before it for descending.
        number: Which page.
        size: Rows of a page.
    """
    conditions, params = _conditions(wanted)
    summed = _SUMS_OF.format(source=_SOURCE, conditions=conditions)
    totals = InvoiceTotals(*books.rows(summed, **params)[0])
    sql = _listed(conditions, sort, LIMIT)
    page = read_page(books, sql, InvoiceRow, total=totals.invoices, number=number, size=size, **params)
    return page, totals


def all_invoices(books: Books, wanted: InvoiceFilter, *, sort: str = DEFAULT_ORDER) -> Iterator[InvoiceRow]:
    """Every invoice that a filter lets through, at most `MOST_EXPORTED`."""
    conditions, params = _conditions(wanted)
    sql = _listed(conditions, sort, " limit :most")
    return (InvoiceRow(*values) for values in books.rows(sql, most=MOST_EXPORTED, **params))


def _listed(conditions: str, sort: str, limit: str) -> str:
    """The rows in order; which they are is found first, from the columns that PostgreSQL has in an index."""
    order = order_by(sort, ORDERS, DEFAULT_ORDER, key="invoices.id")
    named = _CUSTOMERS if "customers." in order else ""
    chosen = f"select invoices.id {_SOURCE} {named} where {conditions} {order} {limit}"
    return _ROWS.format(columns=_COLUMNS, source=_SOURCE, customers=_CUSTOMERS, chosen=chosen, order=order)


def _conditions(wanted: InvoiceFilter) -> tuple[str, Params]:
    """What the filter asks for, and its parameters."""
    conditions = ["invoices.company_id = :company_id", STATES.get(wanted.state, "")]
    if wanted.state != "deleted":
        conditions.append("invoices.deleted_at is null")
    params: Params = {}
    for name, condition in (
        ("first", "invoices.date >= :first"),
        ("last", "invoices.date <= :last"),
        ("customer_id", "invoices.customer_id = :customer_id"),
    ):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(condition)
            params[name] = value
    if text := wanted.search.strip():
        number = to_id(digits(text))
        conditions.append(_FOUND + (" or invoices.id = :searched_id" if number else ""))
        params |= {
            "pattern": pattern(text, fold=False),
            "text": text,
            "folded_pattern": pattern(text),
            "searched_id": number,
        }
    return where(*conditions), params
