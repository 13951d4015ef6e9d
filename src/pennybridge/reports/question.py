"""What is asked of a report: which periods, cut how, for whom; with the days that people write, read."""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Self

from pennybridge.errors import ConfigurationError
from pennybridge.periods import add_months, month_end
from pennybridge.reports.text import Text

Granularity = Literal["month", "quarter", "year"]
Breakdown = Literal["product", "country", "customer"]
Measure = Literal["customers", "revenue", "gross"]

GRANULARITIES: tuple[Granularity, ...] = ("month", "quarter", "year")
BREAKDOWNS: tuple[Breakdown, ...] = ("product", "country", "customer")
MONTHS_OF: dict[Granularity, int] = {"month": 1, "quarter": 3, "year": 12}
_SHOWN = {"month": 12, "quarter": 8, "year": 10}
"""Whole periods before the one under way that a report shows when no range is asked for."""

_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_QUARTER = re.compile(r"(\d{4})-?[QqTt]([1-4])|[QqTt]([1-4])[- ](\d{4})")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Question:
    """What is asked of a report; a report reads the parts that concern it."""

    first: date | None = None
    """The first day of the range, or the report's own choice."""
    last: date | None = None
    """The last day of the range, or the as-of date."""
    granularity: Granularity | None = None
    breakdown: Breakdown | None = None
    customer_id: str | None = None
    customer: str | None = None
    """The customer's name, for the heading."""
    currency: str | None = None
    measure: Measure = "customers"
    price_id: str | None = None
    """Of a figure to explain: only this product."""
    country: str | None = None
    """Of a figure to explain: only customers of this country, `??` where it is not known."""
    which: str | None = None
    """The part of a figure to explain: an aging bucket, a class of revenue, a line's id, a finding."""
    age: int | None = None
    """Of a cohort to explain: so many months after its beginning, or as far as it has come."""

    @property
    def about(self) -> Text | None:
        """What a heading says of whom a table is about: the customer, if one was asked for."""
        return Text(self.customer, self.customer) if self.customer else None

    @property
    def by(self) -> Granularity:
        """The periods asked for; months when nothing was said."""
        return self.granularity or "month"

    def within(self, as_of: date) -> Self:
        """The same question with its range made certain, from what a report shows by default."""
        last = min(self.last or as_of, as_of)
        if self.first:
            return replace(self, last=last)
        if self.breakdown and not self.last:
            return replace(self, first=period_start(last, self.by), last=last)
        back = _SHOWN[self.by] * MONTHS_OF[self.by]
        return replace(self, first=add_months(period_start(last, self.by), -back), last=last)


def refuse(is_asked: bool, sentence: str) -> None:
    """Refuse a question that a report would answer only in part.

    Raises:
        ConfigurationError: It was asked; the sentence says what to ask instead.
    """
    if is_asked:
        raise ConfigurationError(f"{sentence} Nothing was shown.")


def key_of(breakdown: Breakdown | None) -> str:
    """What the ids of a breakdown's rows are called.

    >>> key_of("product")
    'price_id'
    """
    return {"product": "price_id", "customer": "customer_id"}.get(breakdown or "", "country_code")


def period_start(day: date, by: Granularity) -> date:
    """The first day of the month, quarter or year that a day is in.

    >>> period_start(date(2026, 8, 15), "quarter")
    datetime.date(2026, 7, 1)
    """
    months = MONTHS_OF[by]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def parse_range(text: str) -> tuple[date, date]:
    """The first and last day of what a person wrote: a day, a month, a quarter or a year.

    >>> parse_range("2026-Q3")
    (datetime.date(2026, 7, 1), datetime.date(2026, 9, 30))

    Raises:
        ConfigurationError: It is none of these.
    """
    text = text.strip()
    try:
        if found := _QUARTER.fullmatch(text):
            year, quarter = int(found[1] or found[4]), int(found[2] or found[3])
            return _months(date(year, quarter * 3 - 2, 1), 3)
        if found := _MONTH.fullmatch(text):
            return _months(date(int(found[1]), int(found[2]), 1), 1)
        if _YEAR.fullmatch(text):
            return _months(date(int(text), 1, 1), 12)
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is no date. Write a day as 2026-09-30, a month as 2026-09, a quarter as 2026-Q3 "
            "or a year as 2026."
        ) from None
    return day, day


def granularity_of(first: date, last: date) -> Granularity | None:
    """The kind of period that a range is exactly, or none.

    >>> granularity_of(date(2026, 7, 1), date(2026, 9, 30))
    'quarter'
    """
    for by, months in MONTHS_OF.items():
        if first == period_start(first, by) and last == month_end(add_months(first, months - 1)):
            return by
    return None


def write_period(start: date, by: Granularity) -> str:
    """A period as `parse_range` reads it.

    >>> write_period(date(2026, 7, 1), "quarter")
    '2026-Q3'
    """
    parts = {"month": f"-{start.month:02}", "quarter": f"-Q{(start.month + 2) // 3}", "year": ""}
    return f"{start.year}{parts[by]}"


def _months(start: date, number: int) -> tuple[date, date]:
    return start, month_end(add_months(start, number - 1))
