"""Pennylane's records as Python values: amounts are `Decimal`, days `date`, instants aware.

Only what a person or a model looks at has a field; everything else that came is in `record.raw`. Unknown
fields and unknown values of enumerations never stop a read: Pennylane adds both without a new version
(observed, 2026). Names and meanings: https://pennylane.readme.io/reference (Company API v2, July 2026).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from pennybridge.errors import PayloadError

Day = date
"""Under a name that the fields called `date` do not hide."""


class Reference(msgspec.Struct, frozen=True):
    """The tie to another record."""

    id: int
    url: str | None = None


class Record(msgspec.Struct, kw_only=True):
    """A record of any resource."""

    id: int
    created_at: datetime | None = None
    updated_at: datetime | None = None
    received: bytes = msgspec.field(default=b"", name="-received-")
    """The JSON as it came. (No field of Pennylane's has this name.)"""

    @property
    def raw(self) -> dict[str, Any]:
        """Everything that came, fields unknown here included."""
        decoded: dict[str, Any] = msgspec.json.decode(self.received)
        return decoded

    def __repr__(self) -> str:
        shown = [
            f"{name}={_shown(value)}"
            for name in self.__struct_fields__
            if name not in {"received", "created_at", "updated_at"}
            and (value := getattr(self, name)) not in (None, "", [])
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __rich_repr__(self) -> Any:
        for name in self.__struct_fields__:
            if name != "received":
                yield name, getattr(self, name), None


R = TypeVar("R", bound=Record)


def _shown(value: object) -> str:
    if isinstance(value, Reference):
        return f"<{value.id}>"
    if isinstance(value, Decimal | date):
        return str(value)
    return f"[{len(value)}]" if isinstance(value, list) else repr(value)


class Address(msgspec.Struct, frozen=True):
    """A postal address; Pennylane writes "" where it knows nothing."""

    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country_alpha2: str | None = None


class Discount(msgspec.Struct, frozen=True):
    """`relative`: a percentage; `absolute`: an amount."""

    type: str = "relative"
    value: Decimal = Decimal(0)


class ImputationDates(msgspec.Struct, frozen=True):
    """The period that a line is for."""

    start_date: Day | None = None
    end_date: Day | None = None


class User(msgspec.Struct, frozen=True):
    """The person who gave the token."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class Company(msgspec.Struct, frozen=True):
    """The company that owns the books."""

    id: int
    name: str
    reg_no: str | None = None


class Me(msgspec.Struct, frozen=True):
    """What a token is good for: one company, some scopes."""

    company: Company
    scopes: list[str] = []
    user: User | None = None


class Customer(Record, kw_only=True):
    """Whom the company bills."""

    name: str = ""
    customer_type: str | None = None
    """`company` or `individual`; None when read one by one (observed)."""
    emails: list[str] = []
    external_reference: str | None = None
    reference: str | None = None
    reg_no: str | None = None
    vat_number: str | None = None
    phone: str | None = None
    recipient: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    payment_conditions: str | None = None
    billing_language: str | None = None
    billing_address: Address | None = None
    delivery_address: Address | None = None
    ledger_account: Reference | None = None


class Contact(Record, kw_only=True):
    """A person at a customer; invoices are mailed to the customer's `emails`, not to contacts."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    role: str | None = None
    telephone_number: str | None = None
    mobile_number: str | None = None


class Product(Record, kw_only=True):
    """Something that the company sells."""

    label: str = ""
    description: str | None = None
    reference: str | None = None
    external_reference: str | None = None
    price_before_tax: Decimal | None = None
    price: Decimal | None = None
    vat_rate: str | None = None
    """A code such as `FR_200`, not a number."""
    unit: str | None = None
    currency: str | None = None
    ledger_account: Reference | None = None
    archived_at: datetime | None = None


class InvoiceLine(Record, kw_only=True):
    """One line of an invoice or of a billing subscription."""

    label: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    vat_rate: str | None = None
    raw_currency_unit_price: Decimal | None = None
    discount: Discount | None = None
    currency_amount: Decimal | None = None
    currency_amount_before_tax: Decimal | None = None
    currency_tax: Decimal | None = None
    amount: Decimal | None = None
    """In EUR, tax included."""
    tax: Decimal | None = None
    product: Reference | None = None
    imputation_dates: ImputationDates | None = None


class CustomerInvoice(Record, kw_only=True):
    """A sales document; draft until finalized. A credit note is one with negative amounts."""

    invoice_number: str | None = None
    label: str | None = None
    status: str | None = None
    draft: bool | None = None
    paid: bool | None = None
    date: Day | None = None
    deadline: Day | None = None
    currency: str | None = None
    currency_amount: Decimal | None = None
    currency_amount_before_tax: Decimal | None = None
    currency_tax: Decimal | None = None
    amount: Decimal | None = None
    """In EUR, tax included."""
    tax: Decimal | None = None
    exchange_rate: Decimal | None = None
    remaining_amount_with_tax: Decimal | None = None
    """In EUR (observed once); None on drafts."""
    discount: Discount | None = None
    external_reference: str | None = None
    customer: Reference | None = None
    credited_invoice: Reference | None = None
    billing_subscription: Reference | None = None
    quote: Reference | None = None
    public_file_url: str | None = None
    """Good for about 30 minutes."""
    filename: str | None = None
    archived_at: datetime | None = None
    lines: list[InvoiceLine] | None = msgspec.field(default=None, name="-lines-")
    """All of them, when asked with `include_lines=True`; else None."""


class RecurringRule(msgspec.Struct, frozen=True):
    """When a billing subscription bills."""

    rule_type: str | None = None
    """`weekly`, `monthly` or `yearly`."""
    interval: int = 1
    count: int | None = None
    day_of_month: list[int] | None = None
    month_of_year: list[int] | None = None
    day: list[int | str] | None = None


class BillingSubscription(Record, kw_only=True):
    """The rule by which Pennylane issues invoices; its amounts are in `raw["customer_invoice_data"]`."""

    label: str | None = None
    status: str | None = None
    mode: str | None = None
    start: Day | None = None
    finish: Day | None = None
    """Of the last occurrence."""
    next_occurrence: Day | None = None
    prev_occurrence: Day | None = None
    activated_at: datetime | None = None
    stopped_at: datetime | None = None
    payment_conditions: str | None = None
    payment_method: str | None = None
    recurring_rule: RecurringRule | None = None
    customer: Reference | None = None


class Payment(Record, kw_only=True):
    """Money that went through Pennylane itself. Never add to matched transactions: it is the same money."""

    label: str | None = None
    currency: str | None = None
    currency_amount: Decimal | None = None
    status: str | None = None


class Transaction(Record, kw_only=True):
    """A bank line."""

    label: str | None = None
    date: Day | None = None
    currency: str | None = None
    currency_amount: Decimal | None = None
    amount: Decimal | None = None
    """In EUR."""
    outstanding_balance: Decimal | None = None
    """With its sign inverted (observed)."""
    bank_account: Reference | None = None
    customer: Reference | None = None
    archived_at: datetime | None = None


class Category(Record, kw_only=True):
    """An analytical category, or its share of an invoice when it has a weight."""

    label: str = ""
    weight: Decimal | None = None
    direction: str | None = None
    analytical_code: str | None = None
    category_group: Reference | None = None


class CategoryGroup(Record, kw_only=True):
    """An axis of analysis: the weights of its categories on one invoice add up to 1."""

    label: str = ""


class LedgerAccount(Record, kw_only=True):
    """An account of the chart: 706… and 707… are sales, 4457… VAT."""

    number: str = ""
    label: str | None = None
    type: str | None = None
    vat_rate: str | None = None
    country_alpha2: str | None = None
    enabled: bool | None = None


class Quote(Record, kw_only=True):
    """An offer to a customer."""

    quote_number: str | None = None
    label: str | None = None
    status: str | None = None
    date: Day | None = None
    deadline: Day | None = None
    currency: str | None = None
    currency_amount: Decimal | None = None
    currency_amount_before_tax: Decimal | None = None
    currency_tax: Decimal | None = None
    amount: Decimal | None = None
    """In EUR, tax included."""
    tax: Decimal | None = None
    external_reference: str | None = None
    customer: Reference | None = None
    archived_at: datetime | None = None


class Template(Record, kw_only=True):
    """How an invoice looks when printed."""

    name: str = ""


class Journal(Record, kw_only=True):
    """A journal of the books."""

    code: str | None = None
    label: str | None = None
    type: str | None = None


class BankAccount(Record, kw_only=True):
    """A bank account of the company."""

    name: str = ""
    currency: str | None = None
    balance: Decimal | None = None


def read_record(kind: type[R], received: msgspec.Raw | bytes) -> R:
    """The record that these bytes hold.

    Raises:
        PayloadError: A field has another type than Pennylane documents.
    """
    try:
        record = msgspec.json.decode(received, type=kind)
    except msgspec.DecodeError as error:
        raise PayloadError(
            f"Pennylane sent a {kind.__name__} that cannot be read: {error}. Nothing was changed; "
            "its bytes can still be had with `client.page(…)`."
        ) from error
    record.received = bytes(received)
    return record
