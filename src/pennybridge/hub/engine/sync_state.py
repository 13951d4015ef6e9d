"""A connection's latest sync as a value, and as a row of the hub's state."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pennybridge.hub.engine.schedule import Latest, Reason, Stage
from pennybridge.store.state import Row


@dataclass(frozen=True)
class SyncState:
    """A connection's latest sync: how far it is, or how it ended."""

    connection_id: str
    stage: Stage
    turn: int
    """How often it was made to wait, which tells one run in the queue from the next."""
    reason: Reason
    asked_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    good_at: datetime | None
    """When the last sync without a failure ended."""
    every: timedelta | None
    """The connection's own interval; None: the installation's."""
    failures: int = 0
    """Failed syncs since the last good one."""
    details_left: bool = False
    """Whether details (payments, contacts…) were left for later."""
    worker: str | None = None
    resources: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    """Records done, and how many there are if that is known."""
    problems: tuple[str, ...] = ()
    load_ids: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    """Resources asked to be read whole."""
    requests: int = 0
    written: int = 0
    """Rows inserted, changed or marked as deleted."""

    @property
    def is_busy(self) -> bool:
        """Whether it is not over yet."""
        return self.stage in {"waiting", "running"}

    @property
    def latest(self) -> Latest:
        """What the schedule needs to know of it."""
        return Latest(
            self.stage, self.started_at, self.ended_at, self.failures, self.details_left, self.every
        )


@dataclass(frozen=True)
class Outcome:
    """How a sync ended, for its row and for the totals."""

    problems: Sequence[str] = ()
    load_ids: Sequence[str] = ()
    requests: int = 0
    written: int = 0
    seconds: float = 0.0
    details_left: bool = False

    @property
    def name(self) -> str:
        """`done` or `failed`."""
        return "failed" if self.problems else "done"


def from_row(row: Row) -> SyncState:
    """The sync of a row of `engine_syncs`."""
    progress = json.loads(row["progress"])
    seconds = row["every_seconds"]
    return SyncState(
        connection_id=row["connection_id"],
        stage=row["stage"],
        turn=row["turn"],
        reason=row["reason"],
        asked_at=row["asked_at"],
        started_at=row["started_at"],
        ended_at=None if row["stage"] in {"waiting", "running"} else row["ended_at"],
        good_at=row["good_at"],
        every=None if seconds is None else timedelta(seconds=seconds),
        failures=row["failures"],
        details_left=bool(row["details_left"]),
        worker=row["worker"],
        resources={name: (done, total) for name, (done, total) in progress.items()},
        problems=tuple(json.loads(row["problems"])),
        load_ids=tuple(json.loads(row["load_ids"])),
        full=tuple(dict.fromkeys(json.loads(row["full_resources"]))),
        requests=row["requests"],
        written=row["written"],
    )
