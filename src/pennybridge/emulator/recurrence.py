"""When a billing subscription bills: the days that its recurring rule names.

Source:
    Field names are those of https://pennylane.readme.io/reference/getbillingsubscriptions. Their meaning is
    assumed to be that of the Ruby library whose names they are (ice_cube): `day` counts from Sunday = 0, a
    negative `day_of_month` counts from the month's end, `count` and `until` (included) end the rule.
    Assumed: a month that lacks the day takes its last one.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import count as count_from
from typing import Any


def occurrences(rule: Mapping[str, Any], start: date, *, first_step: int = 0) -> Iterator[date]:
    """The days on which a rule bills, from its start on; without end when neither `count` nor `until` is set.

    A rule without `count` may begin at a later step, so many weeks, months or years after its start.

    >>> from itertools import islice
    >>> rule = {"rule_type": "monthly", "interval": 1, "count": None, "until": None, "day_of_month": None}
    >>> [day.isoformat() for day in islice(occurrences(rule, date(2026, 1, 31)), 3)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    until = date.fromisoformat(rule["until"]) if rule.get("until") else date.max
    left = rule.get("count")
    for day in _unbounded(rule, start, first_step):
        if day > until or left == 0:
            return
        left = left - 1 if left else None
        yield day


def next_occurrence(rule: Mapping[str, Any], start: date, after: date | None) -> date | None:
    """The first day on which a rule bills after a given one; its first day when none is given."""
    if after is None:
        return next(occurrences(rule, start), None)
    step = _step_around(rule, start, after)
    return next((day for day in occurrences(rule, start, first_step=step) if day > after), None)


def last_occurrence(rule: Mapping[str, Any], start: date) -> date | None:
    """The last day on which a rule bills; None when it never ends."""
    if rule.get("count") or rule.get("until"):
        return max(occurrences(rule, start), default=None)
    return None


def _step_around(rule: Mapping[str, Any], start: date, day: date) -> int:
    """A step of the rule before which it bills on no later day than this one; 0 where days are counted."""
    if rule.get("count"):
        return 0
    passed = {
        "weekly": (day - start).days // 7,
        "monthly": (day.year - start.year) * 12 + day.month - start.month,
        "yearly": day.year - start.year,
    }[rule["rule_type"]]
    return max(0, passed - passed % (rule.get("interval") or 1))


def _unbounded(rule: Mapping[str, Any], start: date, first_step: int) -> Iterator[date]:
    interval = rule.get("interval") or 1
    days_of = {"weekly": _weekly, "monthly": _monthly, "yearly": _yearly}[rule["rule_type"]]
    for step in count_from(first_step, interval):
        try:
            days = days_of(rule, start, step)
        except (ValueError, OverflowError):  # past the year 9999
            return
        yield from (day for day in days if day >= start)


def _weekly(rule: Mapping[str, Any], start: date, step: int) -> list[date]:
    if not rule.get("day"):
        return [start + timedelta(weeks=step)]
    sunday = start - timedelta(days=start.isoweekday() % 7) + timedelta(weeks=step)
    return [sunday + timedelta(days=int(number)) for number in sorted(rule["day"])]


def _monthly(rule: Mapping[str, Any], start: date, step: int) -> list[date]:
    months = start.year * 12 + start.month - 1 + step
    return _days_of_month(rule, start, months // 12, months % 12 + 1)


def _yearly(rule: Mapping[str, Any], start: date, step: int) -> list[date]:
    months = sorted(rule.get("month_of_year") or [start.month])
    return [day for month in months for day in _days_of_month(rule, start, start.year + step, int(month))]


def _days_of_month(rule: Mapping[str, Any], start: date, year: int, month: int) -> list[date]:
    length = monthrange(year, month)[1]
    numbers = {int(number) for number in rule.get("day_of_month") or [start.day]}
    return sorted({date(year, month, _clamp(number, length)) for number in numbers})


def _clamp(number: int, length: int) -> int:
    return max(1, length + 1 + number) if number < 0 else min(number, length)
