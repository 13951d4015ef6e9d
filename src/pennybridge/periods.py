"""Service periods: half-open ranges of days, and the calendar arithmetic that reads and moves them."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

LONGEST_DAYS = 5 * 366
"""A service period beyond five years is a typing error, not a period."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, and without, `end`."""

    start: date
    end: date

    @classmethod
    def of_months(cls, start: date, months: int) -> Self:
        """So many months from a day; month ends are clamped."""
        return cls(start, add_months(start, months))

    @property
    def last_day(self) -> date:
        """The last day covered, as people write it on an invoice."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """Days covered; zero or less when the period makes no sense."""
        return (self.end - self.start).days

    @property
    def is_plausible(self) -> bool:
        """Whether it covers at least a day and at most five years."""
        return 0 < self.days <= LONGEST_DAYS


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month when it is shorter.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2025, 3, 15), -3)
    (datetime.date(2024, 2, 29), datetime.date(2024, 12, 15))
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def month_end(day: date) -> date:
    """The last day of the day's month.

    >>> month_end(date(2024, 2, 3))
    datetime.date(2024, 2, 29)
    """
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
