"""An electronic invoice → the draft that imports it: customer, lines with VAT codes, signs, remainders.

Pennylane's import wants lines with their tax. So document allowances and charges become lines, a profile
without lines gives one line for each VAT rate, and cents of tax that rounding moved between lines are put
back so that the lines add up to the totals of the document.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from pennybridge.invoicing.drafts import (
    Address,
    Attachment,
    Customer,
    Draft,
    DraftLine,
    Party,
    Period,
    Totals,
    Way,
)
from pennybridge.invoicing.einvoice import (
    CREDIT_NOTE_TYPES,
    INVOICE_TYPES,
    ElectronicInvoice,
    InvoiceItem,
    Tax,
    TradeParty,
)
from pennybridge.invoicing.map_vat import LineVat, spread_tax, vat_of
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.totals import sum_of_lines, tolerance
from pennybridge.money import to_cents

_UNITS = {
    "C62": "piece", "H87": "piece", "EA": "piece", "NAR": "piece", "PCE": "piece", "XPP": "piece", "ZZ": "",
    "HUR": "hour", "MIN": "minute", "DAY": "day", "WEE": "week", "MON": "month", "ANN": "year", "KGM": "kg",
    "GRM": "g", "TNE": "t", "LTR": "l", "MLT": "ml", "MTR": "m", "MTK": "m²", "MTQ": "m³", "KMT": "km",
    "KWH": "kWh", "KTM": "km", "SET": "set", "PR": "pair", "P1": "%", "LS": "flat rate",
}  # fmt: skip
"""UN/ECE recommendation 20 in words; a code that is not here is sent as it is."""
_SIX = Decimal("0.000001")


class Mapped(msgspec.Struct, frozen=True):
    """A draft, and what did not fit into it."""

    draft: Draft
    problems: tuple[Problem, ...]


def map_einvoice(invoice: ElectronicInvoice, source: Source, *, way: Way, attachment: Attachment) -> Mapped:
    """The draft that an electronic invoice means."""
    problems = list(_type_problems(invoice, source))
    sign = _sign(invoice)
    lines = _lines(invoice, source, problems) if way == "import" else []
    signed = [_signed(line, sign) for line in lines]
    totals = _totals(invoice, sign)
    is_credit_note = totals is not None and totals.incl_tax_ccy < 0
    problems += _left_over(invoice, source, is_credit_note=is_credit_note)
    if invoice.due_date is None and invoice.date is not None and way == "import":
        problems.append(
            source.warning(
                "due_date", "is not in the file; the invoice date is taken", "give it in a sidecar"
            )
        )
    draft = Draft(
        source=source,
        way=way,
        number=invoice.number,
        date=invoice.date,
        due_date=invoice.due_date or invoice.date,
        customer=_customer(invoice.buyer),
        seller=_seller(invoice.seller),
        lines=tuple(signed),
        currency=invoice.currency or "EUR",
        purchase_order=_short(invoice.purchase_order),
        sales_order=_short(invoice.sales_order),
        credits=invoice.preceding[0] if is_credit_note and invoice.preceding else None,
        is_credit_note=is_credit_note,
        totals=totals,
        prepaid_ccy=_prepaid(invoice),
        attachment=attachment,
    )
    return Mapped(draft, tuple(problems))


def _type_problems(invoice: ElectronicInvoice, source: Source) -> Iterator[Problem]:
    code = invoice.type_code
    if code is None:
        yield source.warning("TypeCode", "is missing; it is read as an invoice (380)", "ask for a valid file")
    elif code not in CREDIT_NOTE_TYPES | INVOICE_TYPES:
        yield source.problem(
            "TypeCode", f"{code} is not an invoice", "leave it out; it is another kind of document"
        )
    if not invoice.number:
        yield source.problem(
            "number", "is missing in the file", "ask for a valid file, or give it in a sidecar"
        )
    if invoice.totals.grand_total is None:
        yield source.problem("total_incl_tax", "is missing in the file", "ask for a valid file")
    if invoice.is_ubl_credit_note and code in INVOICE_TYPES:
        message = f"{code} is the code of an invoice, but the document is a CreditNote; it is read as that"
        yield source.warning("TypeCode", message, "check that it is meant to reduce what is owed")
    if invoice.is_credit_note_type() and (invoice.totals.grand_total or 0) < 0:
        message = "is negative on a credit note, whose amounts are positive; it is read as a credit note"
        yield source.warning("total_incl_tax", message, "check that it is meant to reduce what is owed")


def _sign(invoice: ElectronicInvoice) -> int:
    """-1 for a credit note that states positive amounts; Pennylane wants them negative."""
    positive = (invoice.totals.grand_total or Decimal(0)) >= 0
    return -1 if invoice.is_credit_note_type() and positive else 1


def _left_over(invoice: ElectronicInvoice, source: Source, *, is_credit_note: bool) -> Iterator[Problem]:
    if prepaid := _prepaid(invoice):
        message = f"{prepaid} is already paid; an import cannot say so, the invoice will be open in full"
        yield source.warning("prepaid", message, "match the payment in Pennylane")
    if is_credit_note and len(invoice.preceding) > 1:
        numbers = ", ".join(invoice.preceding)
        yield source.warning(
            "credits", f"names several invoices ({numbers}); the first is taken", "check the link"
        )


def _prepaid(invoice: ElectronicInvoice) -> Decimal | None:
    """What is paid already: stated, or in MINIMUM the difference between total and amount due."""
    totals = invoice.totals
    if totals.prepaid is not None or totals.grand_total is None or totals.due_payable is None:
        return totals.prepaid or None
    return (totals.grand_total - totals.due_payable + (totals.rounding or 0)) or None


def _totals(invoice: ElectronicInvoice, sign: int) -> Totals | None:
    stated = invoice.totals
    excl, tax, incl = stated.tax_basis_total, stated.tax_total, stated.grand_total
    if incl is None:
        return None
    if excl is None:
        excl = incl - (tax or 0)
    return Totals(sign * excl, sign * (incl - excl if tax is None else tax), sign * incl)


def _lines(invoice: ElectronicInvoice, source: Source, problems: list[Problem]) -> list[DraftLine]:
    """The document's lines, allowances and charges; one line for each rate if there are none, or they lie."""
    totals, own = _totals(invoice, 1), list[Problem]()
    detailed = list(_item_lines(invoice, source, own))
    if not detailed:
        return [line.line for line in _rate_lines(invoice, source, problems)]
    lines = spread_tax([*detailed, *_allowance_lines(invoice, source, own)], invoice.taxes)
    if fits(lines, totals) or not _breakdown_fits(invoice, totals):
        problems += own
        return lines
    made = sum_of_lines(lines)
    message = f"make {made.incl_tax_ccy if made else 'no sum'}, totals and VAT breakdown say otherwise"
    mend = "one line for each VAT rate is imported instead; check the document"
    problems.append(source.problem("lines", message, mend, "warning", "BR-CO-10"))
    return [line.line for line in _rate_lines(invoice, source, problems)]


def fits(lines: list[DraftLine], totals: Totals | None) -> bool:
    """Whether lines come to the totals, to a cent for each."""
    made = sum_of_lines(lines)
    if made is None or totals is None:
        return False
    off = abs(made.incl_tax_ccy - totals.incl_tax_ccy), abs(made.tax_ccy - totals.tax_ccy)
    return max(off) <= tolerance(len(lines))


def _breakdown_fits(invoice: ElectronicInvoice, totals: Totals | None) -> bool:
    bases = sum((tax.basis or Decimal(0) for tax in invoice.taxes), Decimal(0))
    taxes = sum((tax.amount or Decimal(0) for tax in invoice.taxes), Decimal(0))
    return totals is not None and Totals(bases, taxes, bases + taxes) == totals


def _item_lines(invoice: ElectronicInvoice, source: Source, problems: list[Problem]) -> Iterator[LineVat]:
    details = [item for item in invoice.items if item.is_detail and not item.is_remark()]
    for place, item in enumerate(details, start=1):
        at = Source(source.file, source.row, f"line {item.identifier or place}: ")
        yield _line(invoice, item, at, problems)


def _allowance_lines(
    invoice: ElectronicInvoice, source: Source, problems: list[Problem]
) -> Iterator[LineVat]:
    for is_charge, stated in ((False, invoice.totals.allowance_total), (True, invoice.totals.charge_total)):
        entries = [entry for entry in invoice.allowances if entry.is_charge is is_charge and entry.amount]
        total = sum((entry.amount or Decimal(0) for entry in entries), Decimal(0))
        # Some files write allowances with the other sign than their total; the total is what was added up.
        turn = -1 if stated and total == -stated else 1
        for place, entry in enumerate(entries, start=1):
            name = "Charge" if is_charge else "Allowance"
            at = Source(source.file, source.row, f"{name.lower()} {place}: ")
            amount = (entry.amount or Decimal(0)) * turn * (1 if is_charge else -1)
            tax = Tax(category=entry.category, rate=entry.rate)
            yield vat_of(_flat_line(at, entry.reason or name, amount), amount, tax, invoice, problems)


def _line(invoice: ElectronicInvoice, item: InvoiceItem, source: Source, problems: list[Problem]) -> LineVat:
    quantity = item.quantity or Decimal(1)
    price = (item.price or Decimal(0)) / (item.price_quantity or 1)
    net = to_cents(price * quantity) if item.total is None else item.total
    if to_cents(price * quantity) != net:  # allowances of the line are in its total, not in its price
        price = net / quantity
    line = DraftLine(
        source=source,
        label=item.name or item.description,
        description=item.description if item.name else None,
        unit_price=price.quantize(_SIX).normalize() + 0,
        quantity=quantity,
        unit=_UNITS.get(item.unit_code or "", item.unit_code),
        imputation=Period(item.start, item.end) if item.start and item.end else None,
        identifier=item.identifier,
    )
    return vat_of(line, net, Tax(category=item.category, rate=item.rate), invoice, problems)


def _rate_lines(invoice: ElectronicInvoice, source: Source, problems: list[Problem]) -> Iterator[LineVat]:
    """One line for each VAT rate, for MINIMUM (which names no rate: one line) and BASIC WL."""
    totals = _totals(invoice, 1)
    label = f"Invoice {invoice.number}"
    whole = () if totals is None else (Tax(basis=totals.excl_tax_ccy, amount=totals.tax_ccy),)
    for tax in invoice.taxes or whole:
        basis = tax.basis or Decimal(0)
        at = Source(source.file, source.row)
        line = msgspec.structs.replace(_flat_line(at, label, basis), tax_ccy=tax.amount)
        yield vat_of(line, basis, tax, invoice, problems)


def _flat_line(source: Source, label: str, amount: Decimal) -> DraftLine:
    return DraftLine(source=source, label=label, unit_price=amount, quantity=Decimal(1), unit="")


def _signed(line: DraftLine, sign: int) -> DraftLine:
    """A credit note's line: the quantity turns, the price stays."""
    if sign > 0 or line.tax_ccy is None or line.amount_incl_tax_ccy is None or line.quantity is None:
        return line
    return msgspec.structs.replace(
        line, quantity=-line.quantity, tax_ccy=-line.tax_ccy, amount_incl_tax_ccy=-line.amount_incl_tax_ccy
    )


def _customer(buyer: TradeParty) -> Customer:
    return Customer(
        name=buyer.name,
        reg_no=_reg_no(buyer),
        vat_number="".join(buyer.vat_number.split()) if buyer.vat_number else None,
        emails=(buyer.email,) if buyer.email else (),
        phone=buyer.phone,
        reference=next((found.value for found in buyer.identifiers if found.scheme is None), None),
        billing_address=Address(
            address=", ".join(buyer.lines) or None,
            postal_code=buyer.postal_code,
            city=buyer.city,
            country=buyer.country,
        ),
    )


def _seller(seller: TradeParty) -> Party:
    return Party(
        name=seller.name,
        reg_no=_reg_no(seller),
        vat_number=seller.vat_number,
        identifier=seller.identifiers[0].value if seller.identifiers else seller.tax_number,
        country=seller.country,
    )


def _reg_no(party: TradeParty) -> str | None:
    """SIREN or SIRET: by scheme 0002 or 0009, or as nine or fourteen digits of a French party."""
    candidates = (party.legal_id, *party.identifiers)
    for found in candidates:
        digits = "".join(found.value.split()) if found else ""
        french = party.country == "FR" and found is not None and found.scheme is None
        if found and (
            found.scheme in {"0002", "0009"} or (french and digits.isdigit() and len(digits) in {9, 14})
        ):
            return digits
    return None


def _short(text: str | None) -> str | None:
    return text[:50] if text else None
