"""VAT of an electronic invoice → Pennylane's codes and the tax of each line."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from pennybridge.invoicing.drafts import DraftLine
from pennybridge.invoicing.einvoice import ElectronicInvoice, Tax
from pennybridge.invoicing.problems import Problem
from pennybridge.invoicing.vat import VAT_CODES, UnknownVatError, code_for_rate
from pennybridge.money import CENT, to_cents

# UNTDID 5305. That a sale under K or AE is Pennylane's `crossborder` is assumed, see vat.ZERO_WORDS.
_WITHOUT_TAX = {
    "E": "exempt",
    "Z": "exempt",
    "O": "exempt",
    "G": "extracom",
    "K": "crossborder",
    "AE": "crossborder",
}


class LineVat(msgspec.Struct, frozen=True):
    """A line with its amount before tax and the rate it was given."""

    line: DraftLine
    excl_tax: Decimal
    rate: Decimal | None


def vat_of(
    line: DraftLine, excl_tax: Decimal, tax: Tax, invoice: ElectronicInvoice, problems: list[Problem]
) -> LineVat:
    """The line with its VAT code and, where they can be told, its tax and total."""
    rate = tax.rate
    if rate is None and tax.category in {None, "S"}:
        rate = _told_by_amounts(invoice, line.tax_ccy, excl_tax)
    code = _code(line, tax.category, rate, invoice, problems)
    charged = Decimal(0) if code in _WITHOUT_TAX.values() else rate
    amount = line.tax_ccy if line.tax_ccy is not None else _tax(excl_tax, charged)
    total = None if amount is None else excl_tax + amount
    filled = msgspec.structs.replace(line, vat_code=code, tax_ccy=amount, amount_incl_tax_ccy=total)
    return LineVat(filled, excl_tax, rate)


def _tax(excl_tax: Decimal, rate: Decimal | None) -> Decimal | None:
    return None if rate is None else to_cents(excl_tax * rate / 100)


def _told_by_amounts(invoice: ElectronicInvoice, tax: Decimal | None, excl_tax: Decimal) -> Decimal | None:
    """The rate where none is named: the breakdown's only one, or the only one that gives the tax."""
    rates = {entry.rate for entry in invoice.taxes if entry.rate is not None}
    if len(rates) == 1:
        return rates.pop()
    if tax is None or not excl_tax:
        return None
    country = _country(invoice)
    fitting = [
        known.rate
        for known in VAT_CODES.values()
        if known.is_certain
        and known.rate is not None
        and known.code.startswith(f"{country}_")
        and abs(to_cents(excl_tax * known.rate / 100) - tax) <= CENT
    ]
    return fitting[0] if len(set(fitting)) == 1 else None


def _code(
    line: DraftLine,
    category: str | None,
    rate: Decimal | None,
    invoice: ElectronicInvoice,
    problems: list[Problem],
) -> str:
    if not rate and category in _WITHOUT_TAX:
        return _WITHOUT_TAX[category]
    mend = "give the code in a sidecar if it is another"
    if rate == 0 or (rate is None and line.tax_ccy == 0):
        problems.append(line.source.warning("vat", "is 0 without a reason; exempt is taken", mend))
        return "exempt"
    if rate is None:
        problems.append(
            line.source.warning("vat", "no rate is stated; mixed is taken, with the tax as stated", mend)
        )
        return "mixed"
    try:
        return code_for_rate(rate, _country(invoice))
    except UnknownVatError as error:
        problems.append(
            line.source.warning("vat", f"{error}; mixed is taken, with the tax as stated", error.mend)
        )
        return "mixed"


def _country(invoice: ElectronicInvoice) -> str:
    """Where the sale is taxed: the country of the seller's VAT number, else of the seller."""
    number = (invoice.seller.vat_number or "")[:2].upper()
    return {"EL": "GR"}.get(number, number) if number.isalpha() and number else invoice.seller.country or "FR"


def spread_tax(lines: Sequence[LineVat], taxes: Sequence[Tax]) -> list[DraftLine]:
    """The lines, with the cents that rounding line by line moved put back on the largest lines of each rate.

    A breakdown that is off by more than a cent for each line is an error of the file: it is left for the
    checks.
    """
    stated: dict[Decimal, Decimal] = defaultdict(Decimal)
    for entry in taxes:
        stated[entry.rate or Decimal(0)] += entry.amount or 0
    filled = [line.line for line in lines]
    for rate, amount in stated.items():
        places = [place for place, line in enumerate(lines) if (line.rate or Decimal(0)) == rate]
        places.sort(key=lambda place: -abs(lines[place].excl_tax))
        missing = amount - sum((filled[place].tax_ccy or Decimal(0) for place in places), Decimal(0))
        cents = int(missing / CENT)
        if abs(cents) <= len(places) and missing == cents * CENT:
            for place in places[: abs(cents)]:
                filled[place] = _add_tax(filled[place], CENT if cents > 0 else -CENT)
    return filled


def _add_tax(line: DraftLine, cent: Decimal) -> DraftLine:
    if line.tax_ccy is None or line.amount_incl_tax_ccy is None:
        return line
    return msgspec.structs.replace(
        line, tax_ccy=line.tax_ccy + cent, amount_incl_tax_ccy=line.amount_incl_tax_ccy + cent
    )
