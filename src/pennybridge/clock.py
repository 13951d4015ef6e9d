"""The one place that asks the machine what time it is; everything else is told."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the current instant, aware, in UTC."""


def system_clock() -> datetime:
    """The machine's instant, in UTC."""
    return datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """The instant that an RFC 3339 text names, in UTC.

    >>> parse_instant("2026-07-08T12:06:44.883576Z").isoformat()
    '2026-07-08T12:06:44.883576+00:00'
    """
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """RFC 3339 with microseconds and `Z`, as Pennylane writes instants.

    >>> format_instant(datetime(2026, 7, 8, 12, 6, 44, 883576, tzinfo=UTC))
    '2026-07-08T12:06:44.883576Z'
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
