"""The customers of a company, each with what it owes, how it pays and what it brings in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pennybridge.hub.accounts import landed
from pennybridge.hub.accounts.books import Books
from pennybridge.hub.accounts.listing import (
    LIMIT,
    MOST_EXPORTED,
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
class CustomerFilter:
    """Which customers are wanted; what is empty does not narrow them."""

    search: str = ""
    """In the name, an e-mail address or a reference; or a SIREN, SIRET, VAT number or Pennylane id."""
    only: frozenset[str] = frozenset()
    """Any of `ONLY`; all must hold. Deleted customers who owe nothing are listed only when asked for."""
    country: str = ""
    customer_type: str = ""
    rating: str = ""


@dataclass(frozen=True)
class CustomerRow:
    """A customer of the list; what only models know is None before a build."""

    id: int
    name: str | None
    customer_type: str | None
    email: str | None
    country: str | None
    external_reference: str | None
    reg_no: str | None
    documents: int
    open_amount_eur: Decimal
    overdue_eur: Decimal
    days_late: int
    """Of the oldest overdue document."""
    payment_delay_days: float | None
    payment_rating: str | None
    mrr: Decimal | None
    """In the company's base currency."""
    is_excluded: bool
    deleted_at: datetime | None


@dataclass(frozen=True)
class CustomerTotals:
    """Over every customer that a filter lets through."""

    customers: int
    open_amount_eur: Decimal
    overdue_eur: Decimal
    mrr: Decimal | None


@dataclass(frozen=True)
class CustomerChoices:
    """What filters can ask for in these books."""

    countries: tuple[str, ...]
    types: tuple[str, ...]


ONLY = {
    "owes": "open_amount_eur > 0",
    "overdue": "overdue_eur > 0",
    "mrr": "mrr > 0",
    "excluded": "is_excluded",
    "deleted": "deleted_at is not null",
}
ORDERS = {
    "name": "lower(name)",
    "documents": "documents",
    "open": "open_amount_eur",
    "overdue": "overdue_eur",
    "days_late": "days_late",
    "delay": "payment_delay_days",
    "rating": "payment_rating",
    "mrr": "mrr",
}
DEFAULT_ORDER = "-open"

_FROM_MODELS = """
    select
        cast(status.customer_id as bigint) as customer_id,
        status.invoices as documents,
        status.open_amount_eur,
        status.overdue_eur,
        coalesce(aging.days_late, 0) as days_late,
        status.payment_delay_days,
        status.payment_rating,
        status.mrr_base as mrr
    from metrics.customer_status as status
    left join receivables.aging_by_customer as aging
        on aging.company_id = status.company_id and aging.customer_id = status.customer_id
    where status.company_id = :company_id
"""
_FROM_LANDING = f"""
    select
        customer_id,
        count(*) as documents,
        sum(open_amount_eur) as open_amount_eur,
        sum(case when is_overdue then open_amount_eur else 0 end) as overdue_eur,
        max(case when is_overdue then :today - due_date else 0 end) as days_late,
        cast(null as double precision) as payment_delay_days,
        cast(null as text) as payment_rating,
        cast(null as decimal(18, 4)) as mrr
    from (
        select
            invoices.customer_id,
            {landed.DUE_DATE} as due_date,
            {landed.OPEN_AMOUNT_EUR} as open_amount_eur,
            {landed.IS_OVERDUE} as is_overdue
        from pennylane.customer_invoices as invoices
        {landed.EXCLUSIONS}
        where invoices.company_id = :company_id and {landed.COUNTS}
    ) as documents
    group by customer_id
"""  # noqa: S608 — text of ours
_LISTED = """
    select
        customers.id,
        customers.name,
        customers.customer_type,
        customers.emails,
        customers.reference,
        customers.external_reference,
        customers.reg_no,
        customers.vat_number,
        coalesce(customers.billing_country, customers.delivery_country) as country,
        coalesce(figures.documents, 0) as documents,
        cast(coalesce(figures.open_amount_eur, 0) as decimal(18, 2)) as open_amount_eur,
        cast(coalesce(figures.overdue_eur, 0) as decimal(18, 2)) as overdue_eur,
        coalesce(figures.days_late, 0) as days_late,
        figures.payment_delay_days,
        figures.payment_rating,
        figures.mrr,
        exclusions.customer_id is not null as is_excluded,
        customers.deleted_at
    from pennylane.customers
    left join figures on figures.customer_id = customers.id
    left join pennylane.exclusions
        on exclusions.company_id = customers.company_id and exclusions.customer_id = customers.id
    where customers.company_id = :company_id
"""
_COLUMNS = (
    "id, name, customer_type, nullif(split_part(emails, ', ', 1), '') as email, country, external_reference, "
    "reg_no, documents, open_amount_eur, overdue_eur, cast(days_late as integer) as days_late, "
    "payment_delay_days, payment_rating, mrr, is_excluded, deleted_at"
)
_SUMS = (
    "count(*), cast(coalesce(sum(open_amount_eur), 0) as decimal(18, 2)), "
    "cast(coalesce(sum(overdue_eur), 0) as decimal(18, 2)), cast(sum(mrr) as decimal(18, 4))"
)
_TEXTS = " or ".join(
    f"{folded(column)} like :pattern escape '~'"
    for column in ("name", "emails", "reference", "external_reference")
)
_NUMBERS = """
    or cast(id as text) = :digits or reg_no = :digits or left(coalesce(reg_no, ''), 9) = :digits
    or left(:digits, 9) = reg_no
"""
_VAT_NUMBER = " or upper(replace(coalesce(vat_number, ''), ' ', '')) = :tight"
_CHOICES = """
    select distinct coalesce(billing_country, delivery_country), customer_type
    from pennylane.customers
    where company_id = :company_id
"""


def customers(
    books: Books, wanted: CustomerFilter, *, sort: str = DEFAULT_ORDER, number: int = 1
) -> tuple[Page[CustomerRow], CustomerTotals]:
    """A page of the customers that a filter lets through, and the sums over all of them.

    Args:
        books: Whose.
        wanted: The filter.
        sort: One of `ORDERS`, `-` before it for descending.
        number: Which page.
    """
    listed, params = _statement(books, wanted)
    totals = CustomerTotals(*books.rows(listed.format(_SUMS), **params)[0])
    sql = listed.format(_COLUMNS) + order_by(sort, ORDERS, DEFAULT_ORDER) + LIMIT
    return read_page(books, sql, CustomerRow, total=totals.customers, number=number, **params), totals


def all_customers(
    books: Books, wanted: CustomerFilter, *, sort: str = DEFAULT_ORDER
) -> Iterator[CustomerRow]:
    """Every customer that a filter lets through, at most `MOST_EXPORTED`."""
    listed, params = _statement(books, wanted)
    sql = listed.format(_COLUMNS) + order_by(sort, ORDERS, DEFAULT_ORDER) + " limit :most"
    return (CustomerRow(*values) for values in books.rows(sql, most=MOST_EXPORTED, **params))


def choices(books: Books) -> CustomerChoices:
    """The countries and types that the customers have."""
    found = books.rows(_CHOICES)
    return CustomerChoices(
        tuple(sorted({country for country, _ in found if country})),
        tuple(sorted({kind for _, kind in found if kind})),
    )


def _statement(books: Books, wanted: CustomerFilter) -> tuple[str, Params]:
    """The filtered list, with braces where its columns go, and its parameters."""
    conditions = [ONLY[name] for name in sorted(wanted.only & ONLY.keys())]
    if "deleted" not in wanted.only:
        conditions.append("deleted_at is null or open_amount_eur <> 0")
    params: Params = {}
    for column in ("country", "customer_type", "rating"):
        if value := getattr(wanted, column):
            conditions.append(f"{'payment_rating' if column == 'rating' else column} = :{column}")
            params[column] = value
    if wanted.search.strip():
        conditions.append(_TEXTS + _VAT_NUMBER + (_NUMBERS if digits(wanted.search) else ""))
        params["pattern"] = pattern(wanted.search)
        params["tight"] = "".join(wanted.search.upper().split())
        params["digits"] = digits(wanted.search)
    figures = _FROM_MODELS if books.is_built else _FROM_LANDING
    text = f"with figures as ({figures}), listed as ({_LISTED}) select {{}} from listed"  # noqa: S608 — texts of ours
    return f"{text} where {where(*conditions)}", params
