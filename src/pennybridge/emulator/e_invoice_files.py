"""What an e-invoice file says: Factur-X in a PDF, or CII or UBL as XML; just enough to import it.

Source:
    EN 16931: its two syntaxes and their elements. A credit note (type 381, 261, or a UBL CreditNote) has
    positive amounts there and negative ones in Pennylane (signs documented).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

_CREDIT_NOTES = {"381", "261", "396"}

_CII = {
    "number": "ExchangedDocument/ID", "type": "ExchangedDocument/TypeCode",
    "date": "ExchangedDocument/IssueDateTime/DateTimeString",
    "due": ".//ApplicableHeaderTradeSettlement/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
    "currency": ".//ApplicableHeaderTradeSettlement/InvoiceCurrencyCode",
    "buyer": ".//BuyerTradeParty/Name", "reg_no": ".//BuyerTradeParty/SpecifiedLegalOrganization/ID",
    "vat_number": ".//BuyerTradeParty/SpecifiedTaxRegistration/ID",
    "country": ".//BuyerTradeParty/PostalTradeAddress/CountryID",
    "before_tax": ".//SpecifiedTradeSettlementHeaderMonetarySummation/TaxBasisTotalAmount",
    "tax": ".//SpecifiedTradeSettlementHeaderMonetarySummation/TaxTotalAmount",
    "total": ".//SpecifiedTradeSettlementHeaderMonetarySummation/GrandTotalAmount",
    "lines": ".//IncludedSupplyChainTradeLineItem",
    "line.id": "AssociatedDocumentLineDocument/LineID", "line.label": "SpecifiedTradeProduct/Name",
    "line.quantity": "SpecifiedLineTradeDelivery/BilledQuantity",
    "line.price": "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount",
    "line.rate": "SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent",
    "line.net": "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
}  # fmt: skip
_UBL = {
    "number": "ID", "type": "InvoiceTypeCode", "date": "IssueDate", "due": "DueDate",
    "currency": "DocumentCurrencyCode",
    "buyer": "AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName",
    "reg_no": "AccountingCustomerParty/Party/PartyLegalEntity/CompanyID",
    "vat_number": "AccountingCustomerParty/Party/PartyTaxScheme/CompanyID",
    "country": "AccountingCustomerParty/Party/PostalAddress/Country/IdentificationCode",
    "before_tax": "LegalMonetaryTotal/TaxExclusiveAmount", "tax": "TaxTotal/TaxAmount",
    "total": "LegalMonetaryTotal/TaxInclusiveAmount", "lines": "InvoiceLine",
    "line.id": "ID", "line.label": "Item/Name", "line.quantity": "InvoicedQuantity",
    "line.price": "Price/PriceAmount", "line.rate": "Item/ClassifiedTaxCategory/Percent",
    "line.net": "LineExtensionAmount",
}  # fmt: skip
_UBL_CREDIT_NOTE = _UBL | {"lines": "CreditNoteLine", "line.quantity": "CreditedQuantity"}
_SYNTAXES: dict[str, Mapping[str, str]] = {
    "CrossIndustryInvoice": _CII,
    "Invoice": _UBL,
    "CreditNote": _UBL_CREDIT_NOTE,
}


class UnreadableError(Exception):
    """The file is no e-invoice, or lacks what every e-invoice has; the text says what."""


@dataclass(frozen=True)
class ELine:
    """A line; `rate` in percent, `net` without tax."""

    id: str
    label: str
    quantity: Decimal
    price: Decimal
    rate: Decimal
    net: Decimal


@dataclass(frozen=True)
class EInvoice:
    """An e-invoice with the signs that Pennylane gives its amounts."""

    number: str
    day: date
    deadline: date
    currency: str
    buyer: str
    reg_no: str
    vat_number: str
    country: str
    before_tax: Decimal
    tax: Decimal
    total: Decimal
    is_factur_x: bool
    lines: list[ELine] = field(default_factory=list)


def read_e_invoice(content: bytes) -> EInvoice:
    """What a file says.

    Raises:
        UnreadableError: It cannot be read as an e-invoice.
    """
    is_pdf = content.startswith(b"%PDF")
    root = _root(_embedded_xml(content) if is_pdf else content)
    name = etree.QName(root).localname
    if name not in _SYNTAXES:
        raise UnreadableError(f"{name} is neither CII nor UBL")
    paths = _SYNTAXES[name]
    said = {key: _text(root, path) for key, path in paths.items() if key != "lines" and "." not in key}
    sign = -1 if name == "CreditNote" or said["type"] in _CREDIT_NOTES else 1
    amounts = {key: _number(said[key], key) for key in ("before_tax", "total")}
    amounts["tax"] = _number(said["tax"] or "0", "tax")  # BT-110 may be absent
    if amounts["total"] < 0:
        sign = 1  # a credit note that says so itself
    issued = _day(said["date"], "date")
    return EInvoice(
        number=_present(said["number"], "number"), day=issued,
        deadline=_day(said["due"], "due date") if said["due"] else issued, currency=said["currency"] or "EUR",
        buyer=_present(said["buyer"], "buyer"), reg_no=said["reg_no"][:9], vat_number=said["vat_number"],
        country=said["country"] or "FR", is_factur_x=is_pdf,
        lines=[_line(node, paths, sign) for node in _all(root, paths["lines"])],
        **{key: sign * amount for key, amount in amounts.items()},
    )  # fmt: skip


def _embedded_xml(content: bytes) -> bytes:
    from facturx import get_xml_from_pdf

    try:
        name, xml = get_xml_from_pdf(content, check_xsd=False)
    except Exception as problem:  # whatever a broken PDF makes the library raise
        raise UnreadableError("the PDF cannot be read") from problem
    if not name:
        raise UnreadableError("the PDF has no Factur-X inside")
    return bytes(xml)


def _root(xml: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        return etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise UnreadableError("the XML cannot be read") from problem


def _all(node: Any, path: str) -> list[Any]:
    """The elements at a path, whatever their namespace."""
    found: list[Any] = node.findall(re.sub(r"\w+", r"{*}\g<0>", path))
    return found


def _text(node: Any, path: str) -> str:
    return next(((found.text or "").strip() for found in _all(node, path)), "")


def _line(node: Any, paths: Mapping[str, str], sign: int) -> ELine:
    said = {
        key: _text(node, paths[f"line.{key}"]) for key in ("id", "label", "quantity", "price", "rate", "net")
    }
    net = _number(said["net"], "line total")
    quantity = _number(said["quantity"] or "1", "quantity")
    price = _number(said["price"], "price") if said["price"] else net / (quantity or 1)
    return ELine(
        said["id"], said["label"], sign * quantity, price, _number(said["rate"] or "0", "rate"), sign * net
    )


def _present(text: str, name: str) -> str:
    if not text:
        raise UnreadableError(f"the {name} is missing")
    return text


def _number(text: str, name: str) -> Decimal:
    try:
        number = Decimal(_present(text, name))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number) >= 10**12:
        raise UnreadableError(f"the {name} is no number")
    return number


def _day(text: str, name: str) -> date:
    written = re.fullmatch(r"(\d{8}|\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", _present(text, name))
    try:
        return date.fromisoformat(written[1] if written else "")
    except ValueError as problem:
        raise UnreadableError(f"the {name} is no date") from problem
