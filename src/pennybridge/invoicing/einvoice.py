"""An electronic invoice as its XML states it: Factur-X, ZUGFeRD, XRechnung (CII) and UBL in one shape.

Nothing is computed or corrected here: amounts are the decimals written in the file, absent ones None. Names
in comments are the terms of EN 16931 (BT-…).
"""

import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec

Syntax = Literal["cii", "zugferd1", "ubl"]

CREDIT_NOTE_TYPES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
)
"""Codes of UNTDID 1001 whose amounts are positive though they reduce what is owed."""

_INVOICE_CODES = """
71 80 82 84 102 130 202 203 204 211 218 219 295 325 326 331 380 382 383 384 385 386 387 388 389 390
393 394 395 456 457 471 472 473 500 501 527 553 575 623 633 751 780 817 870 875 876 877 935
"""
INVOICE_TYPES = frozenset(_INVOICE_CODES.split())
"""Codes of UNTDID 1001 that EN 16931 takes as invoices."""


class Identifier(msgspec.Struct, frozen=True):
    """An identifier with its scheme (ISO 6523), as 0002 SIREN, 0009 SIRET, 0088 GLN."""

    value: str
    scheme: str | None = None


class TradeParty(msgspec.Struct, frozen=True, kw_only=True):
    """Seller or buyer."""

    name: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    legal_id: Identifier | None = None
    vat_number: str | None = None
    tax_number: str | None = None
    lines: tuple[str, ...] = ()
    """Of the address."""
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class Tax(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the VAT breakdown (BG-23)."""

    category: str | None = None
    rate: Decimal | None = None
    basis: Decimal | None = None
    amount: Decimal | None = None


class AllowanceCharge(msgspec.Struct, frozen=True, kw_only=True):
    """A reduction (or, if `is_charge`, an addition) of the whole document."""

    is_charge: bool = False
    amount: Decimal | None = None
    category: str | None = None
    rate: Decimal | None = None
    reason: str | None = None


class InvoiceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the document; one without quantity, price and total is a remark."""

    identifier: str | None = None
    name: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_code: str | None = None
    price: Decimal | None = None
    price_quantity: Decimal | None = None
    """How many units the price is for; None means one."""
    total: Decimal | None = None
    category: str | None = None
    rate: Decimal | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    is_detail: bool = True
    """False for a group heading or information line of EXTENDED, which adds nothing to the sum."""

    def is_remark(self) -> bool:
        """Whether it carries no money at all."""
        return not self.total and (self.quantity is None or not self.quantity or self.price is None)


class StatedTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The document's totals (BG-22)."""

    line_total: Decimal | None = None
    allowance_total: Decimal | None = None
    charge_total: Decimal | None = None
    tax_basis_total: Decimal | None = None
    tax_total: Decimal | None = None
    rounding: Decimal | None = None
    grand_total: Decimal | None = None
    prepaid: Decimal | None = None
    due_payable: Decimal | None = None


class Unreadable(msgspec.Struct, frozen=True):
    """A value that is there but is not what it should be."""

    term: str
    text: str
    wanted: str


class ElectronicInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """All that we use of one electronic invoice."""

    syntax: Syntax
    guideline: str | None = None
    type_code: str | None = None
    is_ubl_credit_note: bool = False
    """Whether the document itself is a CreditNote of UBL, whatever its type code says."""
    number: str | None = None
    date: dt.date | None = None
    due_date: dt.date | None = None
    currency: str | None = None
    seller: TradeParty = TradeParty()
    buyer: TradeParty = TradeParty()
    items: tuple[InvoiceItem, ...] = ()
    taxes: tuple[Tax, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    totals: StatedTotals = StatedTotals()
    preceding: tuple[str, ...] = ()
    """Numbers of earlier invoices this one refers to (BT-25)."""
    purchase_order: str | None = None
    sales_order: str | None = None
    unreadable: tuple[Unreadable, ...] = ()

    def is_credit_note_type(self) -> bool:
        """Whether it reduces what is owed though its amounts are positive."""
        return self.is_ubl_credit_note or self.type_code in CREDIT_NOTE_TYPES


def profile_of(guideline: str | None, syntax: Syntax) -> str | None:
    """The profile that a guideline (BT-24) names; None when it names none that is known.

    >>> profile_of("urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", "cii")
    'BASIC'
    """
    text = (guideline or "").strip().lower()
    named = {
        "extended-ctc-fr": "EXTENDED-CTC-FR",
        "xrechnung": "XRECHNUNG",
        "peppol": "PEPPOL BIS 3",
        ":minimum": "MINIMUM",
        ":basicwl": "BASIC WL",
        ":extended": "EXTENDED",
        ":comfort": "COMFORT",
        ":basic": "BASIC",
    }
    for part, profile in named.items():
        if part in text:
            return profile
    return "EN 16931" if "en16931" in text and syntax != "zugferd1" else None
