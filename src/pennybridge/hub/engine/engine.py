"""What pages and commands use of the engine: ask for a sync, see how far syncs are and how fresh data is.

It reads and writes the hub's state only, so it answers the same in every process, also in one that does not
work itself. The work is done by a `worker.Worker`, in this process or in another.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pennybridge.clock import Clock
from pennybridge.connections.connection import Connection, Connections
from pennybridge.hub.engine import schedule
from pennybridge.hub.engine.board import Board
from pennybridge.hub.engine.chores import Chores, ChoreState
from pennybridge.hub.engine.sync_state import SyncState
from pennybridge.hub.engine.workers import LOST_AFTER, Workers, WorkerState
from pennybridge.settings import SYNC_EVERY
from pennybridge.store.state import StateDatabase


@dataclass(frozen=True)
class QueueState:
    """What waits and what runs, and who works."""

    waiting: int
    running: int
    oldest: datetime | None
    """Since when the sync that waits longest has been waiting."""
    workers: tuple[WorkerState, ...]
    build: ChoreState | None
    """The latest build of the models."""
    publish: ChoreState | None
    """The latest publication to the destinations of the settings."""

    @property
    def alive(self) -> int:
        """How many workers are alive."""
        return sum(worker.is_alive for worker in self.workers)


@dataclass(frozen=True)
class Freshness:
    """How fresh one connection's data is, and when it is synced next."""

    connection_id: str
    name: str
    is_active: bool
    good_at: datetime | None
    """When the last sync without a failure ended."""
    next_due: datetime | None
    """None when a sync is under way, or the connection is not active."""
    every: timedelta
    is_late: bool
    """Whether an active connection has had nothing good for two intervals."""


class Engine:
    """The engine as others see it; usable from any thread."""

    def __init__(
        self,
        *,
        state: StateDatabase,
        connections: Connections,
        clock: Clock,
        every: timedelta = SYNC_EVERY,
        lost_after: timedelta = LOST_AFTER,
    ) -> None:
        """Nothing is started.

        Args:
            state: Where processes tell each other what they do.
            connections: Those to keep in step.
            clock: Says what is due.
            every: How often a connection is synced that has no interval of its own.
            lost_after: A worker without a heartbeat for this long counts as dead.
        """
        self.connections = connections
        self.clock = clock
        self.every = every
        self.board = Board(state, clock)
        self.chores = Chores(state, clock)
        self.workers = Workers(state, clock, lost_after)
        self.woken = threading.Event()
        """Set when there is something new to do; a worker of this process need not wait for its next tick."""

    def ask(self, connection_id: str, full: Sequence[str] = ()) -> bool:
        """Sync a connection soon, before what only the schedule wants; False if that is under way already.

        Whether the connection is active is found out by the sync, which then says so as its problem.

        Args:
            connection_id: The connection.
            full: Resources to read whole; a sync already running does not take them up, see its `full`.
        """
        is_new = self.board.ask(connection_id, "asked", full)
        self.woken.set()
        return is_new

    def state(self, connection_id: str) -> SyncState | None:
        """How far a connection's latest sync is, or how it ended; None if there was none yet."""
        found = self.board.state(connection_id)
        return None if found is None or found.stage == "never" else found

    def states(self) -> Mapping[str, SyncState]:
        """The latest sync of each connection that has one."""
        return {key: state for key, state in self.board.states().items() if state.stage != "never"}

    def interval(self, connection_id: str) -> timedelta:
        """How often a connection is synced."""
        found = self.board.state(connection_id)
        return (found.every if found else None) or self.every

    def set_interval(self, connection_id: str, every: timedelta | None) -> None:
        """Sync a connection this often from now on; None: as often as the installation says."""
        self.board.set_every(connection_id, every)
        self.woken.set()

    def queue(self) -> QueueState:
        """What waits, what runs, and who works."""
        states = self.board.states().values()
        waiting = [state for state in states if state.stage == "waiting"]
        chores = self.chores.known()
        return QueueState(
            waiting=len(waiting),
            running=sum(state.stage == "running" for state in states),
            oldest=min((state.asked_at for state in waiting if state.asked_at), default=None),
            workers=tuple(self.workers.known()),
            build=chores.get("build"),
            publish=chores.get("publish"),
        )

    def freshness(self) -> list[Freshness]:
        """How fresh each connection's data is that was not disconnected, oldest connection first."""
        states, now = self.board.states(), self.clock()
        return [
            self._freshness(connection, states.get(connection.id), now)
            for connection in self.connections.known()
            if connection.state != "disconnected"
        ]

    def _freshness(self, connection: Connection, state: SyncState | None, now: datetime) -> Freshness:
        every = (state.every if state else None) or self.every
        good_at = state.good_at if state else None
        is_active = connection.state == "active"
        latest = state.latest if state else schedule.Latest()
        due = schedule.next_due(connection.id, latest, every) if is_active else None
        return Freshness(
            connection_id=connection.id,
            name=connection.name,
            is_active=is_active,
            good_at=good_at,
            next_due=None if due is None else max(due, connection.created_at),
            every=every,
            is_late=is_active and schedule.is_late(good_at, connection.created_at, every, now),
        )
