"""One sale as XML in every profile and syntax; names and numbers are invented."""

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

GUIDELINES = {
    "minimum": "urn:factur-x.eu:1p0:minimum",
    "basicwl": "urn:factur-x.eu:1p0:basicwl",
    "basic": "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic",
    "en16931": "urn:cen.eu:en16931:2017",
    "extended": "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
    "xrechnung": "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
}
CII = (
    'xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" '
    'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100" '
    'xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100"'
)
ZUGFERD_1 = (
    'xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12" '
    'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15"'
)
UBL = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)
NOTES = {
    "PMD": "Tout retard de paiement entraîne une pénalité de trois fois le taux d'intérêt légal.",
    "PMT": "Indemnité forfaitaire pour frais de recouvrement : 40 €.",
    "AAB": "Pas d'escompte pour paiement anticipé.",
}
DELIVERY = (
    "<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>"
    '<udt:DateTimeString format="102">20260228</udt:DateTimeString>'
    "</ram:OccurrenceDateTime></ram:ActualDeliverySupplyChainEvent></ram:ApplicableHeaderTradeDelivery>"
)
LINES = [
    ("Abonnement", "2", "HUR", "60.00", "120.00", "20.00"),
    ("Guide", "3", "C62", "10.00", "30.00", "5.50"),
]
# 150.00 of lines, less 10.00, plus 5.00 (both at 20 %): 115.00 at 20 % and 30.00 at 5.5 %.
TAXES = [("23.00", "115.00", "20.00"), ("1.65", "30.00", "5.50")]
BASIS, TAX, TOTAL, PREPAID = "145.00", "24.65", "169.65", "19.65"


def el(name: str, *children: str, **attributes: str) -> str:
    """One element; a child that does not start with `<` is text."""
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    body = "".join(child if child.startswith("<") else escape(child) for child in children if child)
    return f"<{name}{given}>{body}</{name}>"


def minus(amount: str, sign: int) -> str:
    """The amount with the sign of the document."""
    return amount if sign > 0 or float(amount) == 0 else f"-{amount}"


def day(text: str) -> str:
    """A CII date."""
    return el("udt:DateTimeString", text, format="102")


def tax(rate: str, *, basis: str = "", amount: str = "") -> str:
    """A CII tax entry."""
    return el(
        "ram:ApplicableTradeTax",
        el("ram:CalculatedAmount", amount) if amount else "",
        el("ram:TypeCode", "VAT"),
        el("ram:BasisAmount", basis) if basis else "",
        el("ram:CategoryCode", "S"),
        el("ram:RateApplicablePercent", rate),
    )


def party(tag: str, name: str, siren: str, vat: str, *, profile: str, seller: bool) -> str:
    """Seller or buyer of a CII document."""
    small = profile == "minimum"
    city = ("75002", "3 rue de la Paix", "Paris") if seller else ("69003", "12 rue des Lilas", "Lyon")
    place = (el("ram:PostcodeCode", city[0]), el("ram:LineOne", city[1]), el("ram:CityName", city[2]))
    address = el("ram:PostalTradeAddress", *(() if small else place), el("ram:CountryID", "FR"))
    uri = el("ram:URIUniversalCommunication", el("ram:URIID", siren, schemeID="0225"))
    return el(
        tag,
        el("ram:Name", name),
        el("ram:SpecifiedLegalOrganization", el("ram:ID", siren, schemeID="0002")),
        address if seller or not small else "",
        "" if small else uri,
        el("ram:SpecifiedTaxRegistration", el("ram:ID", vat, schemeID="VA")) if seller or not small else "",
    )


def cii_line(number: int, line: tuple[str, ...], sign: int, profile: str) -> str:
    """One line of a CII document."""
    name, quantity, unit, price, total, rate = line
    period = el(
        "ram:BillingSpecifiedPeriod",
        el("ram:StartDateTime", day("20260301")),
        el("ram:EndDateTime", day("20260331")),
    )
    return el(
        "ram:IncludedSupplyChainTradeLineItem",
        el("ram:AssociatedDocumentLineDocument", el("ram:LineID", str(number))),
        el("ram:SpecifiedTradeProduct", el("ram:Name", name)),
        el(
            "ram:SpecifiedLineTradeAgreement",
            el("ram:NetPriceProductTradePrice", el("ram:ChargeAmount", price)),
        ),
        el("ram:SpecifiedLineTradeDelivery", el("ram:BilledQuantity", minus(quantity, sign), unitCode=unit)),
        el(
            "ram:SpecifiedLineTradeSettlement",
            tax(rate),
            period if profile in {"en16931", "extended"} and number == 1 else "",
            el(
                "ram:SpecifiedTradeSettlementLineMonetarySummation",
                el("ram:LineTotalAmount", minus(total, sign)),
            ),
        ),
    )


def allowance(amount: str, *, charge: bool, reason: str) -> str:
    """An allowance or charge of the whole CII document."""
    return el(
        "ram:SpecifiedTradeAllowanceCharge",
        el("ram:ChargeIndicator", el("udt:Indicator", str(charge).lower())),
        el("ram:ActualAmount", amount),
        el("ram:Reason", reason),
        el(
            "ram:CategoryTradeTax",
            el("ram:TypeCode", "VAT"),
            el("ram:CategoryCode", "S"),
            el("ram:RateApplicablePercent", "20.00"),
        ),
    )


def settlement(profile: str, sign: int, preceding: str) -> str:
    """Taxes, allowances, terms and totals of a CII document."""
    small = profile == "minimum"
    due = minus("150.00", sign) if sign > 0 else minus(TOTAL, sign)
    totals = [
        "" if small else el("ram:LineTotalAmount", minus("150.00", sign)),
        "" if small else el("ram:ChargeTotalAmount", minus("5.00", sign)),
        "" if small else el("ram:AllowanceTotalAmount", minus("10.00", sign)),
        el("ram:TaxBasisTotalAmount", minus(BASIS, sign)),
        el("ram:TaxTotalAmount", minus(TAX, sign), currencyID="EUR"),
        el("ram:GrandTotalAmount", minus(TOTAL, sign)),
        "" if small or sign < 0 else el("ram:TotalPrepaidAmount", PREPAID),
        el("ram:DuePayableAmount", due),
    ]
    detail = [
        *(tax(rate, basis=minus(basis, sign), amount=minus(amount, sign)) for amount, basis, rate in TAXES),
        allowance(minus("10.00", sign), charge=False, reason="Remise"),
        allowance(minus("5.00", sign), charge=True, reason="Frais de port"),
        el("ram:SpecifiedTradePaymentTerms", el("ram:DueDateDateTime", day("20260331"))),
    ]
    issued = el("ram:FormattedIssueDateTime", el("qdt:DateTimeString", "20260201", format="102"))
    number = el("ram:IssuerAssignedID", preceding)
    reference = el("ram:InvoiceReferencedDocument", number, issued) if preceding else ""
    return el(
        "ram:ApplicableHeaderTradeSettlement",
        el("ram:InvoiceCurrencyCode", "EUR"),
        *([] if small else detail),
        el("ram:SpecifiedTradeSettlementHeaderMonetarySummation", *totals),
        "" if small else reference,
    )


def cii(profile: str, *, number: str, type_code: str = "380", sign: int = 1, preceding: str = "") -> bytes:
    """A CII document of a profile; `sign` -1 writes negative amounts."""
    notes = [
        el("ram:IncludedNote", el("ram:Content", text), el("ram:SubjectCode", code))
        for code, text in NOTES.items()
    ]
    lines = [cii_line(place, line, sign, profile) for place, line in enumerate(LINES, start=1)]
    context = el(
        "rsm:ExchangedDocumentContext",
        el("ram:BusinessProcessSpecifiedDocumentContextParameter", el("ram:ID", "M1")),
        el("ram:GuidelineSpecifiedDocumentContextParameter", el("ram:ID", GUIDELINES[profile])),
    )
    document = el(
        "rsm:ExchangedDocument",
        el("ram:ID", number),
        el("ram:TypeCode", type_code),
        el("ram:IssueDateTime", day("20260301")),
        *([] if profile == "minimum" else notes),
    )
    trade = el(
        "rsm:SupplyChainTradeTransaction",
        *([] if profile in {"minimum", "basicwl"} else lines),
        el(
            "ram:ApplicableHeaderTradeAgreement",
            party(
                "ram:SellerTradeParty",
                "Le Fournisseur",
                "123456782",
                "FR11123456782",
                profile=profile,
                seller=True,
            ),
            party(
                "ram:BuyerTradeParty",
                "Atelier Martin",
                "987654324",
                "FR14987654324",
                profile=profile,
                seller=False,
            ),
            el("ram:BuyerOrderReferencedDocument", el("ram:IssuerAssignedID", "PO-7")),
        ),
        "<ram:ApplicableHeaderTradeDelivery/>" if profile == "minimum" else DELIVERY,
        settlement(profile, sign, preceding),
    )
    return document_of("rsm:CrossIndustryInvoice", CII, context, document, trade)


def document_of(root: str, namespaces: str, *children: str) -> bytes:
    """A whole XML document."""
    body = "".join(children)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {namespaces}>{body}</{root}>\n'.encode()


def zugferd_1() -> bytes:
    """The sale without allowances, in the names of ZUGFeRD 1.0."""
    text = cii("basic", number="Z-1").decode()
    names = {
        CII: ZUGFERD_1,
        "rsm:CrossIndustryInvoice": "rsm:CrossIndustryDocument",
        "rsm:ExchangedDocumentContext": "rsm:SpecifiedExchangedDocumentContext",
        "rsm:ExchangedDocument>": "rsm:HeaderExchangedDocument>",
        "rsm:SupplyChainTradeTransaction": "rsm:SpecifiedSupplyChainTradeTransaction",
        "ApplicableHeaderTrade": "ApplicableSupplyChainTrade",
        "SpecifiedLineTrade": "SpecifiedSupplyChainTrade",
        "SpecifiedTradeSettlementHeaderMonetarySummation": "SpecifiedTradeSettlementMonetarySummation",
        "SpecifiedTradeSettlementLineMonetarySummation": "SpecifiedTradeSettlementMonetarySummation",
        "RateApplicablePercent": "ApplicablePercent",
        "IssuerAssignedID": "ID",
        GUIDELINES["basic"]: "urn:ferd:CrossIndustryDocument:invoice:1p0:basic",
    }
    for new, old in names.items():
        text = text.replace(new, old)
    for name in ("URIUniversalCommunication", "SpecifiedLegalOrganization"):
        text = re.sub(f"<ram:{name}>.*?</ram:{name}>", "", text)
    text = text.replace("<ram:CategoryTradeTax><ram:TypeCode>VAT</ram:TypeCode>", "<ram:CategoryTradeTax>")
    product = r"(<ram:SpecifiedTradeProduct>.*?</ram:SpecifiedTradeProduct>)(.*?)(</ram:IncludedSupplyChain)"
    text = re.sub(product, r"\2\1\3", text)  # ZUGFeRD 1.0 names the product last
    lines = "".join(re.findall(r"<ram:IncludedSupply.*</ram:IncludedSupplyChainTradeLineItem>", text))
    return text.replace(lines, "").replace("</rsm:SpecifiedSupply", f"{lines}</rsm:SpecifiedSupply").encode()


def ubl(kind: str, *, number: str, references: Iterable[str] = ()) -> bytes:
    """A UBL invoice or credit note of the two lines."""
    what = "Invoice" if kind == "Invoice" else "Credit"
    quantity = "cbc:InvoicedQuantity" if kind == "Invoice" else "cbc:CreditedQuantity"
    namespace = f'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2" {UBL}'
    scheme = el("cac:TaxScheme", el("cbc:ID", "VAT"))
    money = {"currencyID": "EUR"}

    def category(tag: str, rate: str) -> str:
        return el(tag, el("cbc:ID", "S"), el("cbc:Percent", rate), scheme)

    def who(tag: str, name: str, siren: str, vat: str, place: str) -> str:
        zone, _, city = place.partition(" ")
        return el(
            tag,
            el(
                "cac:Party",
                el("cbc:EndpointID", siren, schemeID="0225"),
                el(
                    "cac:PostalAddress",
                    el("cbc:StreetName", "12 rue des Lilas"),
                    el("cbc:CityName", city),
                    el("cbc:PostalZone", zone),
                    el("cac:Country", el("cbc:IdentificationCode", "FR")),
                ),
                el("cac:PartyTaxScheme", el("cbc:CompanyID", vat), scheme),
                el(
                    "cac:PartyLegalEntity",
                    el("cbc:RegistrationName", name),
                    el("cbc:CompanyID", siren, schemeID="0002"),
                ),
            ),
        )

    lines = [
        el(
            f"cac:{kind}Line",
            el("cbc:ID", str(place)),
            el(quantity, amount, unitCode=unit),
            el("cbc:LineExtensionAmount", total, **money),
            el("cac:Item", el("cbc:Name", name), category("cac:ClassifiedTaxCategory", rate)),
            el("cac:Price", el("cbc:PriceAmount", price, **money)),
        )
        for place, (name, amount, unit, price, total, rate) in enumerate(LINES, start=1)
    ]
    subtotals = [
        el(
            "cac:TaxSubtotal",
            el("cbc:TaxableAmount", basis, **money),
            el("cbc:TaxAmount", amount, **money),
            category("cac:TaxCategory", rate),
        )
        for basis, amount, rate in (("120.00", "24.00", "20.00"), ("30.00", "1.65", "5.50"))
    ]
    issued = el("cbc:IssueDate", "2026-02-01")
    preceding = [
        el("cac:BillingReference", el("cac:InvoiceDocumentReference", el("cbc:ID", reference), issued))
        for reference in references
    ]
    return document_of(
        kind,
        namespace,
        el("cbc:CustomizationID", GUIDELINES["en16931"]),
        el("cbc:ProfileID", "M1"),
        el("cbc:ID", number),
        el("cbc:IssueDate", "2026-03-01"),
        el("cbc:DueDate", "2026-03-31") if kind == "Invoice" else "",
        el(
            f"cbc:{what if kind == 'Invoice' else 'CreditNote'}TypeCode",
            "380" if kind == "Invoice" else "381",
        ),
        *(el("cbc:Note", f"#{code}#{text}") for code, text in NOTES.items()),
        el("cbc:DocumentCurrencyCode", "EUR"),
        *preceding,
        who("cac:AccountingSupplierParty", "Le Fournisseur", "123456782", "FR11123456782", "75002 Paris"),
        who("cac:AccountingCustomerParty", "Atelier Martin", "987654324", "FR14987654324", "69003 Lyon"),
        el("cac:PaymentMeans", el("cbc:PaymentMeansCode", "1"), el("cbc:PaymentDueDate", "2026-03-31"))
        if kind == "CreditNote"
        else "",
        el("cac:TaxTotal", el("cbc:TaxAmount", "25.65", **money), *subtotals),
        el(
            "cac:LegalMonetaryTotal",
            *(
                el(f"cbc:{name}Amount", amount, **money)
                for name, amount in (
                    ("LineExtension", "150.00"),
                    ("TaxExclusive", "150.00"),
                    ("TaxInclusive", "175.65"),
                    ("Payable", "175.65"),
                )
            ),
        ),
        *lines,
    )
