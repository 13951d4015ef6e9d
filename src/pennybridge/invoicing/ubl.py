"""OASIS UBL 2.1 Invoice and CreditNote → ElectronicInvoice."""

from typing import TYPE_CHECKING

from pennybridge.invoicing.einvoice import (
    AllowanceCharge,
    ElectronicInvoice,
    Identifier,
    InvoiceItem,
    StatedTotals,
    Tax,
    TradeParty,
)
from pennybridge.invoicing.xml_paths import ValueReader, find, find_all, local_name, text_at, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_QUANTITY = "InvoicedQuantity|CreditedQuantity"
_CATEGORY = "ClassifiedTaxCategory|TaxCategory"


def read_ubl(root: "Element") -> ElectronicInvoice:
    """What a UBL document states."""
    values = ValueReader()
    currency = text_at(root, "DocumentCurrencyCode")
    references = (
        text_at(found, "ID") for found in find_all(root, "BillingReference/InvoiceDocumentReference")
    )
    tax_total = _tax_total(root, currency)
    return ElectronicInvoice(
        syntax="ubl",
        guideline=text_at(root, "CustomizationID"),
        type_code=text_at(root, "InvoiceTypeCode|CreditNoteTypeCode") or _default_type(root),
        is_ubl_credit_note=local_name(root) == "CreditNote",
        number=text_at(root, "ID"),
        date=values.date(root, "IssueDate"),
        due_date=values.date(root, "DueDate") or values.date(root, "PaymentMeans/PaymentDueDate"),
        currency=currency,
        seller=_party(find(root, "AccountingSupplierParty/Party")),
        buyer=_party(find(root, "AccountingCustomerParty/Party")),
        items=tuple(_item(line, values) for line in find_all(root, "InvoiceLine|CreditNoteLine")),
        taxes=tuple(_tax(tax, values) for tax in find_all(tax_total, "TaxSubtotal")),
        allowances=tuple(_allowance(found, values) for found in find_all(root, "AllowanceCharge")),
        totals=_totals(find(root, "LegalMonetaryTotal"), tax_total, values),
        preceding=tuple(number for number in references if number),
        purchase_order=text_at(root, "OrderReference/ID"),
        sales_order=text_at(root, "OrderReference/SalesOrderID"),
        unreadable=tuple(values.unreadable),
    )


def _default_type(root: "Element") -> str | None:
    return "381" if local_name(root) == "CreditNote" else None


def _tax_total(root: "Element", currency: str | None) -> "Element | None":
    """The tax total in the invoice's currency; a second one may be in that of the accounts (BT-111)."""
    totals = list(find_all(root, "TaxTotal"))
    for total in totals:
        amount = find(total, "TaxAmount")
        if amount is not None and amount.get("currencyID") in {None, currency}:
            return total
    return totals[0] if totals else None


def _party(party: "Element | None") -> TradeParty:
    address = find(party, "PostalAddress")
    lines = (text_at(address, name) for name in ("StreetName", "AdditionalStreetName", "AddressLine/Line"))
    registrations = {
        (text_at(scheme, "TaxScheme/ID") or "").upper(): text_at(scheme, "CompanyID")
        for scheme in find_all(party, "PartyTaxScheme")
    }
    legal = find(party, "PartyLegalEntity/CompanyID")
    legal_text = text_of(legal)
    return TradeParty(
        name=text_at(party, "PartyLegalEntity/RegistrationName") or text_at(party, "PartyName/Name"),
        identifiers=tuple(
            Identifier(text, found.get("schemeID"))
            for found in find_all(party, "PartyIdentification/ID")
            if (text := text_of(found))
        ),
        legal_id=None
        if legal is None or legal_text is None
        else Identifier(legal_text, legal.get("schemeID")),
        vat_number=registrations.get("VAT"),
        tax_number=next((text for scheme, text in registrations.items() if scheme != "VAT"), None),
        lines=tuple(line for line in lines if line),
        postal_code=text_at(address, "PostalZone"),
        city=text_at(address, "CityName"),
        country=text_at(address, "Country/IdentificationCode"),
        email=text_at(party, "Contact/ElectronicMail"),
        phone=text_at(party, "Contact/Telephone"),
    )


def _item(line: "Element", values: ValueReader) -> InvoiceItem:
    quantity = find(line, _QUANTITY)
    item = find(line, "Item")
    period = find(line, "InvoicePeriod")
    return InvoiceItem(
        identifier=text_at(line, "ID"),
        name=text_at(item, "Name"),
        description=text_at(item, "Description"),
        quantity=values.decimal_of(text_of(quantity), "InvoicedQuantity"),
        unit_code=None if quantity is None else quantity.get("unitCode"),
        price=values.decimal(line, "Price/PriceAmount"),
        price_quantity=values.decimal(line, "Price/BaseQuantity"),
        total=values.decimal(line, "LineExtensionAmount"),
        category=text_at(item, f"{_CATEGORY}/ID"),
        rate=values.decimal(item, f"{_CATEGORY}/Percent"),
        start=values.date(period, "StartDate"),
        end=values.date(period, "EndDate"),
    )


def _tax(node: "Element", values: ValueReader) -> Tax:
    return Tax(
        category=text_at(node, "TaxCategory/ID"),
        rate=values.decimal(node, "TaxCategory/Percent") or values.decimal(node, "Percent"),
        basis=values.decimal(node, "TaxableAmount"),
        amount=values.decimal(node, "TaxAmount"),
    )


def _allowance(node: "Element", values: ValueReader) -> AllowanceCharge:
    return AllowanceCharge(
        is_charge=text_at(node, "ChargeIndicator") == "true",
        amount=values.decimal(node, "Amount"),
        category=text_at(node, "TaxCategory/ID"),
        rate=values.decimal(node, "TaxCategory/Percent"),
        reason=text_at(node, "AllowanceChargeReason"),
    )


def _totals(sums: "Element | None", tax_total: "Element | None", values: ValueReader) -> StatedTotals:
    return StatedTotals(
        line_total=values.decimal(sums, "LineExtensionAmount"),
        allowance_total=values.decimal(sums, "AllowanceTotalAmount"),
        charge_total=values.decimal(sums, "ChargeTotalAmount"),
        tax_basis_total=values.decimal(sums, "TaxExclusiveAmount"),
        tax_total=values.decimal(tax_total, "TaxAmount"),
        rounding=values.decimal(sums, "PayableRoundingAmount"),
        grand_total=values.decimal(sums, "TaxInclusiveAmount"),
        prepaid=values.decimal(sums, "PrepaidAmount"),
        due_payable=values.decimal(sums, "PayableAmount"),
    )
