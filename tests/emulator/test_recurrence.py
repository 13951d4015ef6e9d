"""Subscriptions bill on the days that their rule names."""

from datetime import date
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennybridge.emulator.records import recurring_rule
from pennybridge.emulator.recurrence import last_occurrence, next_occurrence, occurrences


def days(rule: dict[str, Any], start: date, count: int = 4) -> list[str]:
    return [day.isoformat() for day in islice(occurrences(rule, start), count)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        (recurring_rule("weekly"), date(2026, 1, 7), ["2026-01-07", "2026-01-14", "2026-01-21"]),
        (recurring_rule("weekly", day=[1, 5]), date(2026, 1, 7), ["2026-01-09", "2026-01-12", "2026-01-16"]),
        (recurring_rule("monthly"), date(2026, 1, 31), ["2026-01-31", "2026-02-28", "2026-03-31"]),
        (
            recurring_rule("monthly", interval=3),
            date(2025, 11, 5),
            ["2025-11-05", "2026-02-05", "2026-05-05"],
        ),
        (
            recurring_rule("monthly", day_of_month=[1, 15]),
            date(2026, 1, 10),
            ["2026-01-15", "2026-02-01", "2026-02-15"],
        ),
        (
            recurring_rule("monthly", day_of_month=[-1]),
            date(2026, 1, 10),
            ["2026-01-31", "2026-02-28", "2026-03-31"],
        ),
        (recurring_rule("yearly"), date(2024, 2, 29), ["2024-02-29", "2025-02-28", "2026-02-28"]),
        (
            recurring_rule("yearly", month_of_year=[3, 9]),
            date(2026, 4, 1),
            ["2026-09-01", "2027-03-01", "2027-09-01"],
        ),
    ],
)
def test_a_rule_names_its_days(rule: dict[str, Any], start: date, expected: list[str]) -> None:
    assert days(rule, start, 3) == expected


def test_a_rule_ends_after_its_count_or_at_its_last_day() -> None:
    start = date(2026, 1, 1)

    assert days(recurring_rule("monthly", count=2), start) == ["2026-01-01", "2026-02-01"]
    assert days(recurring_rule("monthly", until=date(2026, 3, 1)), start) == [
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]
    assert last_occurrence(recurring_rule("monthly", count=12), start) == date(2026, 12, 1)
    assert last_occurrence(recurring_rule("monthly"), start) is None
    assert next_occurrence(recurring_rule("monthly", count=2), start, date(2026, 2, 1)) is None


@given(
    st.sampled_from(["weekly", "monthly", "yearly"]),
    st.integers(1, 12),
    st.dates(date(2015, 1, 1), date(2060, 12, 31)),
)
def test_occurrences_grow_from_the_start_on(rule_type: str, interval: int, start: date) -> None:
    found = list(islice(occurrences(recurring_rule(rule_type, interval=interval), start), 30))

    assert found[0] == start
    assert all(one < other for one, other in pairwise(found))


@given(
    st.fixed_dictionaries(
        {
            "rule_type": st.sampled_from(["weekly", "monthly", "yearly"]),
            "interval": st.integers(1, 5),
            "count": st.sampled_from([None, 4]),
            "until": st.none(),
            "day": st.lists(st.sampled_from([0, 3, 6]), max_size=2, unique=True),
            "day_of_month": st.lists(st.sampled_from([1, 30, -1]), max_size=2, unique=True),
        }
    ),
    st.dates(date(2015, 1, 1), date(2020, 12, 31)),
    st.dates(date(2014, 1, 1), date(2030, 12, 31)),
)
def test_the_next_day_is_the_first_of_all_days_that_come_later(
    rule: dict[str, Any], start: date, after: date
) -> None:
    later = (day for day in occurrences(rule, start) if day > after)

    assert next_occurrence(rule, start, after) == next(later, None)
