"""What is due, from values alone: when each connection is synced, and when a failed sync is tried again.

Each connection has its own place in the interval, found from its number, so that hundreds of them ask one
after the other instead of all at once, and keep their places when processes restart.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Stage = Literal["never", "waiting", "running", "done", "failed"]
"""How far a connection's latest sync is; `never`: none was asked for yet."""
Reason = Literal["asked", "due", "details"]
"""Why a sync was asked for: by a person, by the clock, or to read details that an earlier one left."""

PRIORITY: Mapping[Reason, int] = {"asked": 1, "due": 10, "details": 20}
"""The queue takes the lowest first: what a person waits for, then the schedule, then what can wait."""
FIRST_RETRY = timedelta(minutes=1)
"""A failed sync is tried again after this, then after twice that, and so on up to the interval."""
DETAILS_REST = timedelta(seconds=10)
"""The least pause before details left over are read further."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Latest:
    """What the schedule needs to know of a connection's latest sync."""

    stage: Stage = "never"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failures: int = 0
    details_left: bool = False
    every: timedelta | None = None
    """The connection's own interval."""


def next_due(connection_id: str, latest: Latest, every: timedelta) -> datetime | None:
    """When a connection's next sync is due; the epoch for one never synced, None for one under way.

    Args:
        connection_id: Gives the connection its place in the interval.
        latest: Its latest sync.
        every: The installation's interval, for a connection without one of its own.
    """
    if latest.stage in {"waiting", "running"}:
        return None
    if latest.started_at is None or latest.ended_at is None:
        return _EPOCH
    every = latest.every or every
    following = _slot_after(connection_id, latest.started_at, every)
    if latest.stage == "failed":
        doublings: int = min(max(latest.failures - 1, 0), 10)
        pause = FIRST_RETRY * int(2**doublings)
        return min(following, latest.ended_at + min(pause, every))
    return following


def reason_due(connection_id: str, latest: Latest, every: timedelta, now: datetime) -> Reason | None:
    """Why to sync a connection now; None when nothing is due."""
    due_at = next_due(connection_id, latest, every)
    if due_at is None:
        return None
    if due_at <= now:
        return "due"
    if latest.details_left and latest.ended_at and latest.ended_at + DETAILS_REST <= now:
        return "details"
    return None


def is_late(good_at: datetime | None, since: datetime, every: timedelta, now: datetime) -> bool:
    """Whether a connection has missed a whole interval: nothing good came for two of them.

    Args:
        good_at: When its last good sync ended.
        since: When it was connected, for one without a good sync.
        every: Its interval.
        now: The instant of the question.
    """
    return now - (good_at or since) > 2 * every


def place_of(connection_id: str, every: timedelta) -> timedelta:
    """A connection's place in the interval, the same in every process and after every restart.

    >>> place_of("12", timedelta(minutes=15)) == place_of("12", timedelta(minutes=15))
    True
    """
    digest = hashlib.sha256(connection_id.encode()).digest()
    share: float = int.from_bytes(digest[:8]) / 2**64
    return share * every


def _slot_after(connection_id: str, instant: datetime, every: timedelta) -> datetime:
    """The first of the connection's places in time that lies after an instant."""
    first = _EPOCH + place_of(connection_id, every)
    passed: int = (instant - first) // every
    return first + (passed + 1) * every
