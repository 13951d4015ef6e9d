"""UN/CEFACT Cross Industry Invoice → ElectronicInvoice: Factur-X, ZUGFeRD 1 and 2, XRechnung.

ZUGFeRD 1.0 has the older tag names; each path names both.
"""

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

_CONTEXT = "ExchangedDocumentContext|SpecifiedExchangedDocumentContext"
_TRADE = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_DOCUMENT = "ExchangedDocument|HeaderExchangedDocument"
_AGREEMENT = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_SETTLEMENT = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_LINE_SETTLEMENT = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
_LINE_SUMS = "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_LINE_PRICE = "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement/NetPriceProductTradePrice"
_LINE_QUANTITY = "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery/BilledQuantity"
_RATE = "RateApplicablePercent|ApplicablePercent"
_DAY = "DateTimeString|DateString"


def read_cii(root: "Element") -> ElectronicInvoice:
    """What a CII document states."""
    values = ValueReader()
    document, trade = find(root, _DOCUMENT), find(root, _TRADE)
    agreement, settlement = find(trade, _AGREEMENT), find(trade, _SETTLEMENT)
    currency = text_at(settlement, "InvoiceCurrencyCode")
    terms = f"SpecifiedTradePaymentTerms/DueDateDateTime/{_DAY}"
    return ElectronicInvoice(
        syntax="zugferd1" if local_name(root) == "CrossIndustryDocument" else "cii",
        guideline=text_at(root, f"{_CONTEXT}/GuidelineSpecifiedDocumentContextParameter/ID"),
        type_code=text_at(document, "TypeCode"),
        number=text_at(document, "ID"),
        date=values.date(document, f"IssueDateTime/{_DAY}"),
        due_date=values.date(settlement, terms),
        currency=currency,
        seller=_party(find(agreement, "SellerTradeParty")),
        buyer=_party(find(agreement, "BuyerTradeParty")),
        items=tuple(_item(line, values) for line in find_all(trade, "IncludedSupplyChainTradeLineItem")),
        taxes=tuple(_tax(tax, values) for tax in find_all(settlement, "ApplicableTradeTax")),
        allowances=(*_allowances(settlement, values), *_logistics(settlement, values)),
        totals=_totals(find(settlement, _SUMS), currency, values),
        preceding=_preceding(settlement),
        purchase_order=_reference(agreement, "BuyerOrderReferencedDocument"),
        sales_order=_reference(agreement, "SellerOrderReferencedDocument"),
        unreadable=tuple(values.unreadable),
    )


def _reference(node: "Element | None", path: str) -> str | None:
    return text_at(node, f"{path}/IssuerAssignedID|ID")


def _preceding(settlement: "Element | None") -> tuple[str, ...]:
    documents = find_all(settlement, "InvoiceReferencedDocument")
    numbers = (text_at(document, "IssuerAssignedID|ID") for document in documents)
    return tuple(number for number in numbers if number)


def _party(node: "Element | None") -> TradeParty:
    address = find(node, "PostalTradeAddress")
    lines = (text_at(address, name) for name in ("LineOne", "LineTwo", "LineThree"))
    taxes = {tax.get("schemeID"): text_of(tax) for tax in find_all(node, "SpecifiedTaxRegistration/ID")}
    return TradeParty(
        name=text_at(node, "Name"),
        identifiers=tuple(
            Identifier(text, found.get("schemeID"))
            for found in (*find_all(node, "ID"), *find_all(node, "GlobalID"))
            if (text := text_of(found))
        ),
        legal_id=_identifier(find(node, "SpecifiedLegalOrganization/ID")),
        vat_number=taxes.get("VA"),
        tax_number=taxes.get("FC"),
        lines=tuple(line for line in lines if line),
        postal_code=text_at(address, "PostcodeCode"),
        city=text_at(address, "CityName"),
        country=text_at(address, "CountryID"),
        email=_email(node),
        phone=text_at(node, "DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber"),
    )


def _identifier(node: "Element | None") -> Identifier | None:
    text = text_of(node)
    return None if node is None or text is None else Identifier(text, node.get("schemeID"))


def _email(node: "Element | None") -> str | None:
    contact = text_at(node, "DefinedTradeContact/EmailURIUniversalCommunication/URIID")
    if contact:
        return contact
    address = find(node, "URIUniversalCommunication/URIID")
    return text_of(address) if address is not None and address.get("schemeID") == "EM" else None


def _item(line: "Element", values: ValueReader) -> InvoiceItem:
    document = find(line, "AssociatedDocumentLineDocument")
    product = find(line, "SpecifiedTradeProduct")
    price = find(line, _LINE_PRICE)
    quantity = find(line, _LINE_QUANTITY)
    settlement = find(line, _LINE_SETTLEMENT)
    tax = find(settlement, "ApplicableTradeTax")
    period = find(settlement, "BillingSpecifiedPeriod")
    return InvoiceItem(
        identifier=text_at(document, "LineID"),
        name=text_at(product, "Name"),
        description=text_at(product, "Description"),
        quantity=values.decimal_of(text_of(quantity), "BilledQuantity"),
        unit_code=None if quantity is None else quantity.get("unitCode"),
        price=values.decimal(price, "ChargeAmount"),
        price_quantity=values.decimal(price, "BasisQuantity"),
        total=values.decimal(settlement, f"{_LINE_SUMS}/LineTotalAmount"),
        category=text_at(tax, "CategoryCode"),
        rate=values.decimal(tax, _RATE),
        start=values.date(period, f"StartDateTime/{_DAY}"),
        end=values.date(period, f"EndDateTime/{_DAY}", last=True),
        is_detail=text_at(document, "LineStatusReasonCode") not in {"GROUP", "INFORMATION"},
    )


def _tax(node: "Element", values: ValueReader) -> Tax:
    return Tax(
        category=text_at(node, "CategoryCode"),
        rate=values.decimal(node, _RATE),
        basis=values.decimal(node, "BasisAmount"),
        amount=values.decimal(node, "CalculatedAmount"),
    )


def _allowances(settlement: "Element | None", values: ValueReader) -> list[AllowanceCharge]:
    return [
        AllowanceCharge(
            is_charge=text_at(node, "ChargeIndicator/Indicator") == "true",
            amount=values.decimal(node, "ActualAmount"),
            category=text_at(node, "CategoryTradeTax/CategoryCode"),
            rate=values.decimal(node, f"CategoryTradeTax/{_RATE}"),
            reason=text_at(node, "Reason"),
        )
        for node in find_all(settlement, "SpecifiedTradeAllowanceCharge")
    ]


def _logistics(settlement: "Element | None", values: ValueReader) -> list[AllowanceCharge]:
    """Freight, a charge of its own in ZUGFeRD 1 and EXTENDED; counted in the charge total."""
    return [
        AllowanceCharge(
            is_charge=True,
            amount=values.decimal(node, "AppliedAmount"),
            category=text_at(node, "AppliedTradeTax/CategoryCode"),
            rate=values.decimal(node, f"AppliedTradeTax/{_RATE}"),
            reason=text_at(node, "Description"),
        )
        for node in find_all(settlement, "SpecifiedLogisticsServiceCharge")
    ]


def _totals(sums: "Element | None", currency: str | None, values: ValueReader) -> StatedTotals:
    taxes = list(find_all(sums, "TaxTotalAmount"))
    # A second tax total may be stated in the currency of the accounts (BT-111): it is not the invoice's.
    own = next(
        (tax for tax in taxes if tax.get("currencyID") in {None, currency}), taxes[0] if taxes else None
    )
    return StatedTotals(
        line_total=values.decimal(sums, "LineTotalAmount"),
        allowance_total=values.decimal(sums, "AllowanceTotalAmount"),
        charge_total=values.decimal(sums, "ChargeTotalAmount"),
        tax_basis_total=values.decimal(sums, "TaxBasisTotalAmount"),
        tax_total=values.decimal_of(text_of(own), "TaxTotalAmount"),
        rounding=values.decimal(sums, "RoundingAmount"),
        grand_total=values.decimal(sums, "GrandTotalAmount"),
        prepaid=values.decimal(sums, "TotalPrepaidAmount"),
        due_payable=values.decimal(sums, "DuePayableAmount"),
    )
