"""Booked exchange rates: plausible, invented, and the same for the same day."""

from datetime import date
from decimal import Decimal

_RANGES = {"USD": ("0.86", "0.97"), "GBP": ("1.13", "1.20"), "CHF": ("1.01", "1.08")}
_SWING_DAYS = 730


def booked_rate(currency: str, day: date) -> Decimal:
    """Euros for one unit of a currency on a day: plausible, and always the same for the same day.

    >>> booked_rate("EUR", date(2026, 1, 1)), booked_rate("USD", date(2026, 1, 1))
    (Decimal('1'), Decimal('0.931726'))
    """
    if currency not in _RANGES:
        return Decimal(1)
    low, high = map(Decimal, _RANGES[currency])
    distance = abs(day.toordinal() % _SWING_DAYS - _SWING_DAYS // 2)
    return (low + (high - low) * distance * 2 / _SWING_DAYS).quantize(Decimal("0.000001"))
