"""Do the amounts of a draft agree, to the cent where it matters: each line, the sum, the stated totals.

Pennylane refuses an import whose totals differ from the sum of its lines by more than a cent for each line,
and one whose amounts before tax and tax are not its total. It does not compare tax with the rate, nor price
with amount: we warn.
"""

from collections.abc import Iterator
from decimal import Decimal

from pennybridge.invoicing.drafts import Discount, Draft, DraftLine, Totals
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.totals import (
    add_up,
    draft_totals,
    import_totals,
    line_excl_tax,
    line_totals,
    tax_on,
    tolerance,
)
from pennybridge.invoicing.vat import VAT_CODES
from pennybridge.money import CENT, to_cents

_FIELDS = ("total_excl_tax", "total_tax", "total_incl_tax")


def check_amounts(draft: Draft) -> Iterator[Problem]:
    """Every disagreement between the amounts of a draft."""
    yield from _check_discounts(draft)
    if draft.way == "import":
        for line in draft.lines:
            yield from _check_stated_line(line)
        yield from _check_import(draft)
    else:
        yield from _check_created(draft)
    yield from _check_sign(draft)


def _check_discounts(draft: Draft) -> Iterator[Problem]:
    for source, field, discount in _discounts(draft):
        if discount.kind == "relative" and not 0 <= discount.value <= 100:
            yield source.problem(
                field, f"{discount.value} % is not between 0 and 100", "write a percentage, as 10 %"
            )
        if discount.kind == "absolute" and discount.value < 0:
            yield source.problem(field, f"{discount.value} is negative", "write what is taken off, as 10.00")
        if draft.way == "import" and not draft.convert_to_e_invoice:
            message = "is taken on an import only if it is converted to an e-invoice"
            yield source.problem(field, message, "leave it out: imported amounts are those after discounts")


def _discounts(draft: Draft) -> Iterator[tuple[Source, str, Discount]]:
    if draft.discount:
        yield draft.source, "invoice_discount", draft.discount
    for line in draft.lines:
        if line.discount:
            yield line.source, "line_discount", line.discount


def _check_stated_line(line: DraftLine) -> Iterator[Problem]:
    if (line.tax_ccy is None) != (line.amount_incl_tax_ccy is None):
        field = "line_tax" if line.tax_ccy is None else "line_total_incl_tax"
        yield line.source.problem(field, "is missing", "state tax and total of the line together, or neither")
        return
    stated = line_totals(line)
    if stated is None:
        if line.vat_code == "mixed":
            yield line.source.problem(
                "line_tax", "is missing: mixed has no rate", "state tax and total of the line"
            )
        return
    for field, amount in (("line_tax", stated.tax_ccy), ("line_total_incl_tax", stated.incl_tax_ccy)):
        if amount != to_cents(amount):
            yield line.source.warning(field, f"{amount} has a part of a cent", "round it to the cent")
    yield from _check_against_rate(line, stated)


def _check_against_rate(line: DraftLine, stated: Totals) -> Iterator[Problem]:
    tax = tax_on(stated.excl_tax_ccy, line.vat_code)
    if tax is not None and abs(tax - stated.tax_ccy) > CENT:
        certain = VAT_CODES[line.vat_code or ""].is_certain
        hint = "check the VAT code" if certain else "check the code: what tax it charges on a sale is assumed"
        message = f"is {stated.tax_ccy}, but {line.vat_code} on {stated.excl_tax_ccy} makes {tax}"
        yield line.source.warning("line_tax", message, hint)
    net = line_excl_tax(line)
    if net is not None and abs(net - stated.excl_tax_ccy) > CENT:
        message = f"less tax is {stated.excl_tax_ccy}, but price × quantity makes {net}"
        yield line.source.warning("line_total_incl_tax", message, "check price, quantity and discounts")


def _check_import(draft: Draft) -> Iterator[Problem]:
    totals = import_totals(draft)
    lines = [line_totals(line) for line in draft.lines]
    known = [line for line in lines if line is not None]
    if totals is None or len(known) < len(lines):
        return
    allowed = Decimal(0) if draft.convert_to_e_invoice else tolerance(len(lines))
    off = totals.excl_tax_ccy + totals.tax_ccy - totals.incl_tax_ccy
    if off:
        message = f"is {totals.incl_tax_ccy}, but {totals.excl_tax_ccy} + {totals.tax_ccy} makes another"
        speak = draft.source.problem if abs(off) > allowed else draft.source.warning
        yield speak("total_incl_tax", message, "mend the total that is wrong")
    yield from _compare(draft.source, totals, add_up(known), allowed, "the lines make")


def _check_created(draft: Draft) -> Iterator[Problem]:
    computed = draft_totals(draft)
    if draft.totals is not None and computed is not None:
        # How Pennylane rounds a discount of the whole invoice is not known to the cent.
        allowed = tolerance(len(draft.lines)) if draft.discount else Decimal(0)
        yield from _compare(draft.source, draft.totals, computed, allowed, "Pennylane will make")
    for line in draft.lines:
        if line.tax_ccy is not None or line.amount_incl_tax_ccy is not None:
            field = "line_tax" if line.tax_ccy is not None else "line_total_incl_tax"
            yield line.source.warning(
                field, "is not sent: Pennylane computes created invoices", "leave it out"
            )


def _compare(source: Source, stated: Totals, made: Totals, allowed: Decimal, words: str) -> Iterator[Problem]:
    pairs = zip(_FIELDS, _amounts(stated), _amounts(made), strict=True)
    for field, meant, found in pairs:
        if abs(meant - found) > allowed:
            message = f"is {meant}, but {words} {found}"
            yield source.problem(
                field, message, "mend the total, or the prices, quantities, discounts or VAT codes"
            )


def _amounts(totals: Totals) -> tuple[Decimal, Decimal, Decimal]:
    return totals.excl_tax_ccy, totals.tax_ccy, totals.incl_tax_ccy


def _check_sign(draft: Draft) -> Iterator[Problem]:
    totals = import_totals(draft) if draft.way == "import" else draft_totals(draft)
    if draft.credits and totals is not None and totals.incl_tax_ccy >= 0:
        message = f"total is {totals.incl_tax_ccy}, but a credit note's amounts are negative"
        yield draft.source.problem("credits", message, "make the quantities negative, or leave out credits")
