"""Money is `Decimal`: rounding to the cent, splitting without losing one, reading and writing amounts."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> Decimal:
    """The amount rounded to the cent, halves away from zero.

    >>> to_cents(Decimal("2.675")), to_cents(Decimal("-2.675"))
    (Decimal('2.68'), Decimal('-2.68'))
    """
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def split_amount(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Shares of an amount in cents, in proportion to the weights, adding up exactly.

    Cents left over go to the largest remainders, first come first served. Weights that are all zero share
    equally.

    >>> split_amount(Decimal("100.00"), [Decimal(1)] * 3)
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    if not weights:
        return []
    total = sum(weights, Decimal(0))
    parts = list(weights) if total else [Decimal(1)] * len(weights)
    total = total or Decimal(len(weights))
    exact = [amount * part / total for part in parts]
    floors = [share.quantize(CENT, rounding="ROUND_FLOOR") for share in exact]
    missing = int(((to_cents(amount) - sum(floors, Decimal(0))) / CENT).to_integral_value())
    by_remainder = sorted(range(len(parts)), key=lambda i: (floors[i] - exact[i], i))
    for i in by_remainder[:missing]:
        floors[i] += CENT
    return floors


def parse_amount(text: str) -> Decimal:
    """The amount that Pennylane's decimal text names.

    Raises:
        ValueError: The text is not a finite decimal number.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"not a decimal number: {text!r}") from error
    if not amount.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    return amount


def format_amount(amount: Decimal) -> str:
    """The shortest decimal text with at least one digit after the point, as Pennylane writes amounts.

    Observed in recorded answers: "100.00" sent comes back as "100.0".

    >>> format_amount(Decimal("100.00")), format_amount(Decimal("833.333333")), format_amount(Decimal("0"))
    ('100.0', '833.333333', '0.0')
    """
    text = format(amount.normalize(), "f")
    if text in {"-0", "0"}:
        return "0.0"
    return text if "." in text else f"{text}.0"
