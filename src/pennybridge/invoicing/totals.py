"""What an invoice comes to, to the cent, and whether stated amounts agree with it.

Of the rounding, this much is known: an answer of Pennylane shows a unit price of 833.333333 × 1 at 20 % as
833.33 / 166.67 / 1000.00 (observed), so each line is rounded to the cent before it is added. Assumed: price
× quantity is rounded once, after the line's discount; an invoice discount is shared over the lines in
proportion and their tax is taken after it.
"""

from collections.abc import Sequence
from decimal import Decimal

from pennybridge.invoicing.drafts import Discount, Draft, DraftLine, Totals
from pennybridge.invoicing.vat import rate_of
from pennybridge.money import CENT, split_amount, to_cents


def line_excl_tax(line: DraftLine) -> Decimal | None:
    """Price × quantity less the line's discount, to the cent; None if price or quantity are not known."""
    if line.unit_price is None or line.quantity is None:
        return None
    return to_cents(discounted(line.unit_price * line.quantity, line.discount))


def discounted(amount: Decimal, discount: Discount | None) -> Decimal:
    """An amount before tax less its discount, not rounded.

    An absolute discount lowers the size of an amount whatever its sign, at most to zero (assumed), so that a
    credit note mirrors the invoice it reduces.

    >>> discounted(Decimal("80"), Discount("relative", Decimal("12.5")))
    Decimal('70.0')
    """
    if discount is None:
        return amount
    if discount.kind == "relative":
        return amount * (100 - discount.value) / 100
    return amount - min(discount.value, abs(amount)).copy_sign(amount)


def tax_on(excl_tax: Decimal, vat_code: str | None) -> Decimal | None:
    """The tax that a code charges on an amount, to the cent; None if the code does not tell."""
    rate = rate_of(vat_code)
    return None if rate is None else to_cents(excl_tax * rate / 100)


def line_totals(line: DraftLine) -> Totals | None:
    """What one line comes to: as stated, else as computed; None when neither is possible."""
    if line.amount_incl_tax_ccy is not None and line.tax_ccy is not None:
        return Totals(line.amount_incl_tax_ccy - line.tax_ccy, line.tax_ccy, line.amount_incl_tax_ccy)
    return computed_line_totals(line)


def computed_line_totals(line: DraftLine) -> Totals | None:
    """What price, quantity, discount and VAT code make of one line."""
    net = line_excl_tax(line)
    tax = None if net is None else tax_on(net, line.vat_code)
    if net is None or tax is None:
        return None
    return Totals(net, tax, net + tax)


def draft_totals(draft: Draft) -> Totals | None:
    """What Pennylane will make of a draft it is asked to create; None if a line cannot be computed.

    A line that takes price or VAT code from its product is only known to Pennylane.
    """
    lines = [computed_line_totals(line) for line in draft.lines]
    known = [line for line in lines if line is not None]
    if len(known) < len(lines):
        return None
    if draft.discount is None:
        return add_up(known)
    nets = [line.excl_tax_ccy for line in known]
    total = to_cents(discounted(sum(nets, Decimal(0)), draft.discount))
    shares = split_amount(total, nets)
    taxes = [
        tax_on(share, line.vat_code) or Decimal(0) for share, line in zip(shares, draft.lines, strict=True)
    ]
    tax = sum(taxes, Decimal(0))
    return Totals(total, tax, total + tax)


def import_totals(draft: Draft) -> Totals | None:
    """The totals an import is sent with: as stated, else the sum of its lines."""
    return draft.totals or sum_of_lines(draft.lines)


def sum_of_lines(lines: Sequence[DraftLine]) -> Totals | None:
    """What the lines come to, as stated or computed; None if one of them is not known."""
    totals = [line_totals(line) for line in lines]
    known = [line for line in totals if line is not None]
    return add_up(known) if len(known) == len(totals) else None


def add_up(parts: list[Totals]) -> Totals:
    """The sums of several totals."""
    return Totals(
        sum((part.excl_tax_ccy for part in parts), Decimal(0)),
        sum((part.tax_ccy for part in parts), Decimal(0)),
        sum((part.incl_tax_ccy for part in parts), Decimal(0)),
    )


def tolerance(lines: int) -> Decimal:
    """How far totals may be from the sum of the lines on import: one cent per line.

    Source:
        https://pennylane.readme.io/reference/importcustomerinvoices (July 2026): the totals may differ from
        the sum of the lines by one cent for each line.
    """
    return CENT * lines
