"""What Pennylane computes: the amounts of a line, of an invoice, and what an import may be off by.

Amounts go in and out as records of the API hold them: decimal text. `currency_…` amounts are in the
document's currency, `amount` and `tax` in euros, the document's amounts times its booked exchange rate.

Source:
    Each line is rounded to the cent: observed (833.333333 at FR_200 gives 833.33, 166.67 and 1000.0). An
    import may be off by one cent per line: documented,
    https://pennylane.readme.io/reference/importcustomerinvoices. Assumed: price times quantity is rounded
    once, the discount included; the discount of an invoice is spread over its lines in proportion and their
    tax computed again; euros are the rounded product, not divided; an absolute discount lowers the size of
    a line, whatever its sign, at most to zero.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from pennybridge.emulator.vat import rate_of
from pennybridge.money import CENT, format_amount, split_amount, to_cents

NO_DISCOUNT: Final[Mapping[str, str]] = {"type": "relative", "value": "0.0"}
"""The discount of a line or invoice that has none, as Pennylane writes it."""

_HUNDRED = Decimal(100)
_ONE = Decimal(1)


def discounted(amount: Decimal, discount: Mapping[str, Any]) -> Decimal:
    """An amount less its discount: a percentage, or an absolute sum that lowers its size; not rounded.

    >>> discounted(Decimal(200), {"type": "relative", "value": "12.5"})
    Decimal('175.0')
    >>> discounted(Decimal(-200), {"type": "absolute", "value": "50"})
    Decimal('-150')
    """
    value = Decimal(discount["value"] or 0)
    if not value:
        return amount
    if discount["type"] == "relative":
        return amount * (_HUNDRED - value) / _HUNDRED
    return amount - min(value, abs(amount)).copy_sign(amount)


def line_amounts(
    *,
    unit_price: Decimal,
    quantity: Decimal,
    vat_rate: str,
    discount: Mapping[str, Any] = NO_DISCOUNT,
    exchange_rate: Decimal = _ONE,
) -> dict[str, str]:
    """The five amount fields of an invoice line, from its price without tax.

    >>> line_amounts(unit_price=Decimal("833.333333"), quantity=Decimal(1), vat_rate="FR_200")["amount"]
    '1000.0'
    """
    before_tax = to_cents(discounted(unit_price * quantity, discount))
    return amount_fields(before_tax, to_cents(before_tax * rate_of(vat_rate) / _HUNDRED), exchange_rate)


def amount_fields(before_tax: Decimal, tax: Decimal, exchange_rate: Decimal) -> dict[str, str]:
    """The five amount fields, from an amount without tax and its tax, both in the document's currency."""
    total = before_tax + tax
    if exchange_rate == _ONE:
        total_text, tax_text = format_amount(total), format_amount(tax)
        return {
            "amount": total_text,
            "currency_amount": total_text,
            "currency_amount_before_tax": format_amount(before_tax),
            "tax": tax_text,
            "currency_tax": tax_text,
        }
    return {
        "amount": format_amount(to_cents(total * exchange_rate)),
        "currency_amount": format_amount(total),
        "currency_amount_before_tax": format_amount(before_tax),
        "tax": format_amount(to_cents(tax * exchange_rate)),
        "currency_tax": format_amount(tax),
    }


def invoice_amounts(
    lines: Sequence[Mapping[str, Any]],
    *,
    discount: Mapping[str, Any] = NO_DISCOUNT,
    exchange_rate: Decimal = _ONE,
) -> dict[str, str]:
    """The five amount fields of an invoice, from its priced lines and its own discount.

    Without a discount the currency amounts are the sums of the lines'. With one, each line bears its share.
    """
    nets = [Decimal(line["currency_amount_before_tax"]) for line in lines]
    total = sum(nets, Decimal(0))
    reduced = to_cents(discounted(total, discount))
    if reduced == total:
        taxes = [Decimal(line["currency_tax"]) for line in lines]
    else:
        shares = split_amount(reduced, nets)
        taxes = [
            to_cents(share * rate_of(line["vat_rate"]) / _HUNDRED)
            for share, line in zip(shares, lines, strict=True)
        ]
    return amount_fields(reduced, sum(taxes, Decimal(0)), exchange_rate)


_CHECKED_ON_IMPORT = ("currency_amount", "currency_amount_before_tax", "currency_tax", "amount", "tax")


def import_problem(totals: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> str | None:
    """Why Pennylane refuses the totals of an imported invoice; None when each is within one cent per line.

    Only fields that both the totals and every line give are compared.
    """
    tolerance = CENT * len(lines)
    for name in _CHECKED_ON_IMPORT:
        if name not in totals or any(name not in line for line in lines):
            continue
        added = sum((Decimal(line[name]) for line in lines), Decimal(0))
        if abs(added - Decimal(totals[name])) > tolerance:
            return (
                f'The sum of invoice lines "{name}" ({format_amount(added)}) does not match '
                f"with the total invoice {name} ({format_amount(Decimal(totals[name]))})"
            )
    return None
