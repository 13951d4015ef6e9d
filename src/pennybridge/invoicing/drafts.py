"""The invoice we intend to create or import: a draft, as read and before anything is sent.

Amounts have Pennylane's signs: those of an invoice are positive, those of a credit note negative
(Pennylane's reference of `POST /customer_invoices`). A field that the source does not name is None.
"""

import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec

from pennybridge.invoicing.problems import Source

Way = Literal["create", "import", "e_invoice"]
"""create: Pennylane makes the document; import: we upload a PDF with its data; e_invoice: we upload a UBL
or CII file that Pennylane reads itself (`POST /customer_invoices/e_invoices/imports`)."""


class Discount(msgspec.Struct, frozen=True):
    """Taken off the amount before tax of a line or an invoice: an amount, or a percentage."""

    kind: Literal["absolute", "relative"]
    value: Decimal


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A postal address; Pennylane wants all four parts or none."""

    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    """ISO 3166 alpha-2."""

    def is_empty(self) -> bool:
        """Whether no part is given."""
        return not (self.address or self.postal_code or self.city or self.country)


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the invoice is for: how to find the customer, and what is needed to create it.

    The first given of id, external_reference, reg_no, vat_number, email, name finds it.
    """

    id: int | None = None
    external_reference: str | None = None
    reg_no: str | None = None
    """SIREN or SIRET, digits only."""
    vat_number: str | None = None
    emails: tuple[str, ...] = ()
    name: str | None = None
    kind: Literal["company", "individual"] = "company"
    first_name: str | None = None
    last_name: str | None = None
    billing_address: Address = Address()
    delivery_address: Address = Address()
    phone: str | None = None
    recipient: str | None = None
    reference: str | None = None
    payment_conditions: str | None = None
    language: str | None = None
    iban: str | None = None

    def is_named(self) -> bool:
        """Whether anything is given to find the customer by."""
        return bool(
            self.id
            or self.external_reference
            or self.reg_no
            or self.vat_number
            or self.emails
            or self.full_name()
        )

    def full_name(self) -> str | None:
        """The name, of an individual "First Last", as Pennylane shows it (observed)."""
        return self.name or " ".join(part for part in (self.first_name, self.last_name) if part) or None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product of the company, found by the first given of these."""

    id: int | None = None
    reference: str | None = None
    external_reference: str | None = None
    label: str | None = None

    def is_named(self) -> bool:
        """Whether anything is given to find the product by."""
        return bool(self.id or self.reference or self.external_reference or self.label)


class Period(msgspec.Struct, frozen=True):
    """The days a line is for, both included: Pennylane's imputation dates."""

    start: dt.date | None
    end: dt.date | None


class DraftLine(msgspec.Struct, frozen=True, kw_only=True):
    """One intended line; prices and amounts in the currency of the invoice."""

    source: Source
    label: str | None = None
    description: str | None = None
    unit_price: Decimal | None = None
    """Before tax and before the discount."""
    quantity: Decimal | None = None
    unit: str | None = None
    vat_code: str | None = None
    """A code of Pennylane's list, as `FR_200`; readers turn rates into codes."""
    discount: Discount | None = None
    product: Product = Product()
    ledger_account_id: int | None = None
    ledger_account: str | None = None
    """Number or prefix of a ledger account, as `706`."""
    substance: Literal["goods", "services"] | None = None
    section: int | None = None
    """Rank of one of the draft's sections, from 1."""
    imputation: Period | None = None
    tax_ccy: Decimal | None = None
    """As stated by the source; None lets the rate decide."""
    amount_incl_tax_ccy: Decimal | None = None
    """As stated by the source; None lets price, quantity, discount and rate decide."""
    identifier: str | None = None
    """The line's own id in an electronic invoice (BT-126)."""


class Section(msgspec.Struct, frozen=True):
    """A titled group of lines; its rank is its place in the draft's list, from 1."""

    title: str
    description: str | None = None


class TransactionReference(msgspec.Struct, frozen=True):
    """The bank transaction that pays the invoice, for Pennylane to match by itself."""

    provider: str
    field: str
    value: str


class CategoryWeight(msgspec.Struct, frozen=True, kw_only=True):
    """A share of the invoice for one category; the weights of a group add up to 1."""

    label: str | None = None
    id: int | None = None
    group: str | None = None
    weight: Decimal = Decimal(1)


class Totals(msgspec.Struct, frozen=True):
    """Amounts of an invoice or a line, in its currency."""

    excl_tax_ccy: Decimal
    tax_ccy: Decimal
    incl_tax_ccy: Decimal


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """The seller that a document names."""

    name: str | None = None
    reg_no: str | None = None
    vat_number: str | None = None
    identifier: str | None = None
    """Any other identifier: a GLN, a local tax number."""
    country: str | None = None


class Attachment(msgspec.Struct, frozen=True):
    """The file to upload with an import, and what identifies its content."""

    path: str
    sha256: str = ""
    """Of its bytes, in hexadecimal; empty until the file has been read."""
    size: int = 0


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One intended customer invoice or credit note."""

    source: Source
    way: Way = "create"
    reference: str = ""
    """Our external reference, see `references.external_reference`; the key that is never used twice."""
    is_final: bool | None = None
    """Whether Pennylane is to number it and fix it at once; None when nobody said so."""
    number: str | None = None
    date: dt.date | None = None
    due_date: dt.date | None = None
    customer: Customer = Customer()
    seller: Party | None = None
    lines: tuple[DraftLine, ...] = ()
    sections: tuple[Section, ...] = ()
    currency: str = "EUR"
    discount: Discount | None = None
    language: str | None = None
    subject: str | None = None
    description: str | None = None
    free_text: str | None = None
    special_mention: str | None = None
    ledger_label: str | None = None
    purchase_order: str | None = None
    sales_order: str | None = None
    template_id: int | None = None
    template: str | None = None
    """Name of an invoice template."""
    transaction: TransactionReference | None = None
    credits: str | None = None
    """The invoice that this credit note reduces: its id, number or external reference."""
    is_credit_note: bool = False
    categories: tuple[CategoryWeight, ...] = ()
    totals: Totals | None = None
    """As stated by the source."""
    prepaid_ccy: Decimal | None = None
    """Already paid according to an electronic invoice; informs, is not sent."""
    attachment: Attachment | None = None
    convert_to_e_invoice: bool = False
