"""The landing tables: one per resource, columns lifted from the payload under Pennylane's own names.

Each table has `company_id`, its key columns, the lifted columns below, then `payload` (the record as
received, JSON), `read_at` (when the request that brought it was sent), `load_id` (the load that last changed
the content) and `deleted_at`. Empty strings become null. A column is lifted when a model, a report or a join
needs it. Field meanings: https://pennylane.readme.io/reference (Company API v2, July 2026).
"""

from dataclasses import dataclass
from typing import Literal, cast

Kind = Literal["bigint", "integer", "text", "boolean", "date", "timestamp", "decimal", "rate", "list"]
"""Column types. `decimal` is numeric(18,6), `rate` numeric(18,10), `timestamp` an instant in UTC.

`list` is a JSON list, lifted as text with its elements joined by ", ".
"""

SQL_TYPES: dict[Kind, str] = {
    "bigint": "bigint",
    "integer": "integer",
    "text": "text",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
    "decimal": "numeric(18,6)",
    "rate": "numeric(18,10)",
    "list": "text",
}
"""The type of a column in the database, in words that both engines know."""


@dataclass(frozen=True)
class Column:
    """One lifted column: name, type, where it stands in the record, whether models cannot do without it."""

    name: str
    kind: Kind
    path: str
    needed: bool = False


@dataclass(frozen=True)
class Table:
    """One landing table: what its rows are called by, and what is lifted out of each record."""

    name: str
    columns: tuple[Column, ...]
    parent: str | None = None
    """The column of the record it hangs on, which is not part of the record."""
    key_has_parent: bool = False
    own: tuple[Column, ...] = ()
    """Columns that are ours: set by the sync, in the batch or later; an upsert without them leaves them."""
    volatile: tuple[str, ...] = ()
    """Texts at the top of the record that differ at every read; their payload is stored as null."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row."""
        if self.key_has_parent and self.parent:
            return ("company_id", self.parent, "id")
        return ("company_id", "id")

    @property
    def content(self) -> tuple[str, ...]:
        """The columns that a changed record replaces: parent, lifted columns and payload."""
        parent = (self.parent,) if self.parent and not self.key_has_parent else ()
        return (*parent, *(column.name for column in self.columns), "payload")

    def sql_columns(self) -> list[tuple[str, str, bool]]:
        """All columns in order: name, type in the database, whether it is never null."""
        first = [("company_id", "bigint", True), ("id", "bigint", True)]
        parent = [(self.parent, "bigint", True)] if self.parent else []
        lifted = [(column.name, SQL_TYPES[column.kind], False) for column in (*self.columns, *self.own)]
        stamps = [
            ("read_at", "timestamptz", True),
            ("load_id", "text", True),
            ("deleted_at", "timestamptz", False),
        ]
        return [*first, *parent, *lifted, ("payload", "json", True), *stamps]


def columns_from(text: str) -> tuple[Column, ...]:
    """Columns from lines of `name[!] kind [path]`; `!`: needed by models; the path defaults to the name."""
    columns = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        marked, kind, *path = line.split()
        name = marked.rstrip("!")
        columns.append(Column(name, cast("Kind", kind), path[0] if path else name, needed=name != marked))
    return tuple(columns)


_STAMPS = """
    created_at timestamp
    updated_at timestamp
"""

_LINE = (
    """
    product_id bigint product.id
    label text
    description text
    quantity! decimal
    unit text
    vat_rate! text
    amount! decimal
    tax! decimal
    currency_amount! decimal
    currency_amount_before_tax! decimal
    currency_tax! decimal
    raw_currency_unit_price! decimal
    discount_type text discount.type
    discount_value decimal discount.value
    section_rank integer
    imputation_start_date date imputation_dates.start_date
    imputation_end_date date imputation_dates.end_date
"""
    + _STAMPS
)

CUSTOMERS = Table(
    "customers",
    columns_from(
        """
        customer_type! text
        name! text
        first_name text
        last_name text
        reg_no text
        vat_number text
        external_reference text
        reference text
        emails list
        phone text
        recipient text
        payment_conditions text
        billing_language text
        ledger_account_id bigint ledger_account.id
        billing_address text billing_address.address
        billing_postal_code text billing_address.postal_code
        billing_city text billing_address.city
        billing_country text billing_address.country_alpha2
        delivery_address text delivery_address.address
        delivery_postal_code text delivery_address.postal_code
        delivery_city text delivery_address.city
        delivery_country text delivery_address.country_alpha2
        """
        + _STAMPS
    ),
)
CONTACTS = Table(
    "contacts",
    columns_from(
        """
        first_name text
        last_name text
        role text
        email text
        telephone_number text
        mobile_number text
        """
        + _STAMPS
    ),
    parent="customer_id",
)
PRODUCTS = Table(
    "products",
    columns_from(
        """
        label! text
        description text
        external_reference text
        reference text
        price_before_tax! decimal
        price decimal
        vat_rate text
        unit text
        currency! text
        substance text
        ledger_account_id bigint ledger_account.id
        archived_at timestamp
        """
        + _STAMPS
    ),
)
BILLING_SUBSCRIPTIONS = Table(
    "billing_subscriptions",
    columns_from(
        """
        customer_id! bigint customer.id
        label text
        status! text
        mode text
        start date
        finish date
        prev_occurrence date
        next_occurrence date
        activated_at timestamp
        stopped_at timestamp
        payment_conditions text
        payment_method text
        rule_type! text recurring_rule.rule_type
        rule_interval integer recurring_rule.interval
        rule_count integer recurring_rule.count
        rule_until text recurring_rule.until
        rule_day_of_month list recurring_rule.day_of_month
        rule_month_of_year list recurring_rule.month_of_year
        rule_day list recurring_rule.day
        currency! text customer_invoice_data.currency
        amount! decimal customer_invoice_data.amount
        currency_amount! decimal customer_invoice_data.currency_amount
        currency_amount_before_tax! decimal customer_invoice_data.currency_amount_before_tax
        currency_tax decimal customer_invoice_data.currency_tax
        exchange_rate rate customer_invoice_data.exchange_rate
        discount_type text customer_invoice_data.discount.type
        discount_value decimal customer_invoice_data.discount.value
        """
        + _STAMPS
    ),
)
BILLING_SUBSCRIPTION_LINES = Table(
    "billing_subscription_lines", columns_from(_LINE), parent="billing_subscription_id"
)
CUSTOMER_INVOICES = Table(
    "customer_invoices",
    columns_from(
        """
        customer_id bigint customer.id
        invoice_number text
        label text
        external_reference text
        status! text
        draft! boolean
        paid! boolean
        date date
        deadline date
        currency! text
        amount! decimal
        tax! decimal
        currency_amount! decimal
        currency_amount_before_tax! decimal
        currency_tax! decimal
        exchange_rate rate
        remaining_amount_with_tax decimal
        remaining_amount_without_tax decimal
        discount_type text discount.type
        discount_value decimal discount.value
        credited_invoice_id bigint credited_invoice.id
        billing_subscription_id bigint billing_subscription.id
        quote_id bigint quote.id
        customer_invoice_template_id bigint customer_invoice_template.id
        transaction_provider text transaction_reference.banking_provider
        transaction_field text transaction_reference.provider_field_name
        transaction_value text transaction_reference.provider_field_value
        e_invoicing_status text e_invoicing.status
        factur_x boolean
        language text
        filename text
        archived_at timestamp
        """
        + _STAMPS
    ),
    own=columns_from("lines_complete boolean\nlines_read integer"),
    volatile=(
        "public_file_url",
    ),  # expires after 30 minutes: https://pennylane.readme.io/reference/getcustomerinvoice
)
CUSTOMER_INVOICE_LINES = Table("customer_invoice_lines", columns_from(_LINE), parent="customer_invoice_id")
PAYMENTS = Table(
    "payments",
    columns_from(
        """
        label text
        currency text
        currency_amount! decimal
        status! text
        """
        + _STAMPS
    ),
    parent="customer_invoice_id",
)
MATCHED_TRANSACTIONS = Table(
    "matched_transactions",
    columns_from(
        """
        label text
        date! date
        currency text
        currency_amount! decimal
        amount! decimal
        outstanding_balance decimal
        currency_fee decimal
        fee decimal
        journal_id bigint journal.id
        bank_account_id bigint bank_account.id
        customer_id bigint customer.id
        archived_at timestamp
        """
        + _STAMPS
    ),
    parent="customer_invoice_id",
    key_has_parent=True,
)
CATEGORIES = Table(
    "categories",
    columns_from(
        """
        label! text
        direction text
        category_group_id! bigint category_group.id
        analytical_code text
        """
        + _STAMPS
    ),
)
CATEGORY_GROUPS = Table("category_groups", columns_from("label! text\n" + _STAMPS))
CUSTOMER_INVOICE_CATEGORIES = Table(
    "customer_invoice_categories",
    columns_from(
        """
        label! text
        weight! decimal
        category_group_id! bigint category_group.id
        analytical_code text
        """
        + _STAMPS
    ),
    parent="customer_invoice_id",
    key_has_parent=True,
)
LEDGER_ACCOUNTS = Table(
    "ledger_accounts",
    columns_from(
        """
        number! text
        label text
        vat_rate text
        country_alpha2 text
        enabled boolean
        type text
        letterable boolean
        """
        + _STAMPS
    ),
)
QUOTES = Table(
    "quotes",
    columns_from(
        """
        customer_id bigint customer.id
        quote_number text
        label text
        external_reference text
        status! text
        date date
        deadline date
        currency! text
        amount! decimal
        tax decimal
        currency_amount! decimal
        currency_amount_before_tax! decimal
        currency_tax decimal
        exchange_rate rate
        discount_type text discount.type
        discount_value decimal discount.value
        archived_at timestamp
        """
        + _STAMPS
    ),
    volatile=("public_file_url",),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CUSTOMERS,
        CONTACTS,
        PRODUCTS,
        BILLING_SUBSCRIPTIONS,
        BILLING_SUBSCRIPTION_LINES,
        CUSTOMER_INVOICES,
        CUSTOMER_INVOICE_LINES,
        PAYMENTS,
        MATCHED_TRANSACTIONS,
        CATEGORIES,
        CATEGORY_GROUPS,
        CUSTOMER_INVOICE_CATEGORIES,
        LEDGER_ACCOUNTS,
        QUOTES,
    )
}
"""Every landing table by name."""
