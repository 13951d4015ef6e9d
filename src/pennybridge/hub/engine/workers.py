"""Who works: each worker's name, and a heartbeat that tells the others it is alive.

The name is also the worker's identity in the durable queue, so it must be stable: a worker that comes back
under its old name goes on with what it had, and what a dead one had in hand others find by its name.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from pennybridge.clock import Clock
from pennybridge.errors import ConfigurationError
from pennybridge.processes import is_running
from pennybridge.store.state import Row, StateDatabase

BEAT_EVERY = timedelta(seconds=3)
LOST_AFTER = timedelta(seconds=15)
"""A worker without a heartbeat for this long counts as dead; should it live, locks keep it from harm."""


@dataclass(frozen=True)
class WorkerState:
    """One worker that ever worked here."""

    name: str
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    is_alive: bool
    is_lost: bool
    """Whether it neither lives nor signed off, and nobody took over its work yet."""


class Workers:
    """The list of workers in the hub's state."""

    def __init__(self, state: StateDatabase, clock: Clock, lost_after: timedelta = LOST_AFTER) -> None:
        self._state = state
        self._clock = clock
        self._lost_after = lost_after
        self._token = secrets.token_hex(8)

    def known(self) -> list[WorkerState]:
        """Every worker, by name."""
        return [self._worker(row) for row in self._state.rows("select * from engine_workers order by name")]

    def enter(self, name: str | None = None) -> str:
        """Sign on, under a name or under the first of `host-1`, `host-2`… that nobody alive has.

        Raises:
            ConfigurationError: A worker of the name given is alive.
        """
        host = socket.gethostname()
        names = iter([name]) if name else (f"{host}-{number}" for number in count(1))
        for each in names:
            if self._take(each, host):
                return each
        raise ConfigurationError(
            f"A worker called {name} is alive. Nothing was started. Choose another --name, or wait "
            f"{int(self._lost_after.total_seconds())} seconds if it was killed on another machine."
        )

    def beat(self, name: str) -> bool:
        """Say that the worker lives; False if another process took its name meanwhile."""
        with self._state.transaction() as transaction:
            return bool(
                transaction.execute(
                    "update engine_workers set beat_at = :now, ended_at = null "
                    "where name = :name and token = :token",
                    name=name,
                    token=self._token,
                    now=self._clock(),
                )
            )

    def leave(self, name: str) -> None:
        """Sign off."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "update engine_workers set ended_at = :now where name = :name and token = :token",
                name=name,
                token=self._token,
                now=self._clock(),
            )

    def dead(self) -> list[str]:
        """Workers that neither live nor signed off."""
        rows = self._state.rows("select * from engine_workers where ended_at is null")
        return [row["name"] for row in rows if self._worker(row).is_lost]

    def bury(self, name: str) -> bool:
        """Note that a dead worker's work was taken over; False if it has come back."""
        with self._state.transaction() as transaction:
            return bool(
                transaction.execute(
                    "update engine_workers set ended_at = :now "
                    "where name = :name and ended_at is null and beat_at < :lost",
                    name=name,
                    now=self._clock(),
                    lost=self._clock() - self._lost_after,
                )
            )

    def _take(self, name: str, host: str) -> bool:
        """Put our row under a name, unless somebody alive has it."""
        now = self._clock()
        with self._state.transaction() as transaction:
            rows = transaction.rows("select * from engine_workers where name = :name", name=name)
            if rows and self._worker(rows[0]).is_alive and not _was_killed_here(rows[0], host):
                return False
            before = rows[0]["token"] if rows else ""
            return bool(
                transaction.execute(
                    """
                    insert into engine_workers (name, token, host, pid, started_at, beat_at)
                    values (:name, :token, :host, :pid, :now, :now)
                    on conflict (name) do update set
                        token = excluded.token, host = excluded.host, pid = excluded.pid,
                        started_at = excluded.started_at, beat_at = excluded.beat_at, ended_at = null
                    where engine_workers.token = :before
                    """,
                    name=name,
                    token=self._token,
                    host=host,
                    pid=os.getpid(),
                    now=now,
                    before=before,
                )
            )

    def _worker(self, row: Row) -> WorkerState:
        is_open = row["ended_at"] is None
        is_alive = is_open and self._clock() - row["beat_at"] <= self._lost_after
        return WorkerState(
            name=row["name"],
            host=row["host"],
            pid=row["pid"],
            started_at=row["started_at"],
            beat_at=row["beat_at"],
            is_alive=is_alive,
            is_lost=is_open and not is_alive,
        )


def _was_killed_here(row: Row, host: str) -> bool:
    """Whether the row's process ran on this machine and is gone; of other machines nobody knows."""
    return row["host"] == host and not is_running(row["pid"])
