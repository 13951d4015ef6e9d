"""The feeds of changes: when an event appears, and what of them a page shows.

Observed (recorded answers of July 2026): several events per change; `processed_at` in microseconds, 0.2 to
45 s after `updated_at`, median 0.9 s; no two events of one record out of order. Four weeks
are kept (documented).
"""

import random
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from pennybridge.clock import format_instant, parse_instant
from pennybridge.emulator.resources import Record

RETENTION = timedelta(weeks=4)
LONGEST_LAG = timedelta(seconds=45)
_TICK = timedelta(microseconds=1)


@dataclass
class Changelog:
    """Writes and reads events; the lag of each is drawn from a seed, so that a run can be repeated.

    `lag` is the mean time from a change to its event, in seconds; single events take between half and half as
    much again, never over 45 s.
    """

    database: sqlite3.Connection
    random: random.Random
    lag: float = 1.0
    lateness: timedelta = timedelta(0)
    """How long events stay hidden after their `processed_at`: a fault that tests script."""

    def add(self, feed: str, company_id: int, record: Record, operation: str, written: datetime) -> datetime:
        """Write the event of a change and give the instant at which it appears."""
        delay = min(timedelta(seconds=self.lag * self.random.uniform(0.5, 1.5)), LONGEST_LAG)
        processed = written + delay
        (last,) = self.database.execute(
            "select max(processed_at) from events where feed = ? and id = ?", (feed, record["id"])
        ).fetchone()
        if last is not None:
            processed = max(processed, parse_instant(last) + _TICK)
        text, visible = format_instant(processed), format_instant(processed + self.lateness)
        self.database.execute(
            "insert into events values (?,?,?,?,?,?,?,?)",
            (
                company_id,
                feed,
                record["id"],
                operation,
                record["created_at"],
                record["updated_at"],
                text,
                visible,
            ),
        )
        return processed

    def page(
        self, feed: str, company_id: int, *, now: datetime, after: str | None, start: str | None, limit: int
    ) -> list[Record]:
        """Events of a feed, oldest `processed_at` first, at most `limit`.

        Args:
            feed: Name of the feed.
            company_id: Whose.
            now: Later events have not appeared yet, and those over four weeks old are forgotten.
            after: Only events processed later than this (the cursor).
            start: Only events processed at this instant or later. Inclusive is assumed: not documented.
            limit: How many.
        """
        oldest = format_instant(now - RETENTION)
        rows = self.database.execute(
            "select id, operation, processed_at, updated_at, created_at from events"
            " where company_id = ? and feed = ? and processed_at >= ? and processed_at > ?"
            " and visible_at <= ? order by processed_at, rowid limit ?",
            (company_id, feed, max(start or "", oldest), after or "", format_instant(now), limit),
        ).fetchall()
        keys = ("id", "operation", "processed_at", "updated_at", "created_at")
        return [dict(zip(keys, row, strict=True)) for row in rows]

    def last_pending(self, now: datetime) -> datetime | None:
        """When the last event that has not appeared yet will have, if there is one."""
        (last,) = self.database.execute(
            "select max(visible_at) from events where visible_at > ?", (format_instant(now),)
        ).fetchone()
        return parse_instant(last) if last else None
