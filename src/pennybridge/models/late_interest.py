"""What a late payer owes on top: statutory interest and the flat indemnity of French law.

Source:
    Code de commerce, art. L441-10 and D441-5: interest runs from the day after the due date without reminder;
    40 EUR per invoice come on top between businesses. The rate changes by half-year, so it is an argument.
"""

from decimal import Decimal

from pennybridge.money import to_cents

FLAT_INDEMNITY_EUR = Decimal(40)
"""Per invoice paid late, between businesses."""


def late_interest(amount_incl_tax: Decimal, yearly_rate: Decimal, days_late: int) -> Decimal:
    """Interest on an amount, to the cent; none up to the due date.

    >>> late_interest(Decimal(3000), Decimal("0.1476"), 30)
    Decimal('36.39')
    """
    return to_cents(amount_incl_tax * yearly_rate * max(days_late, 0) / 365)
