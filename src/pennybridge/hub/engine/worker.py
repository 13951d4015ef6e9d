"""The part of a process that works: it looks what is due, queues it, and runs what the queue gives.

Two threads keep it going. The *tick* decides what is due and takes over the work of workers that died; the
*pulse* says that this one lives, and writes how far its syncs are. Each worker ticks; what several of them
find due at once is won by one of them.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from pennybridge.errors import ConfigurationError, PennybridgeError, SyncStoppedError
from pennybridge.hub.engine.chores import ChoreName
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.engine.logs import say, say_fault
from pennybridge.hub.engine.schedule import PRIORITY, Latest, reason_due
from pennybridge.hub.engine.sync_one import Syncs
from pennybridge.hub.engine.sync_state import SyncState
from pennybridge.hub.engine.workers import BEAT_EVERY
from pennybridge.reports.built import built_as_of
from pennybridge.store import Database

if TYPE_CHECKING:
    from pennybridge.hub.engine.durable import DurableQueue

SYNCS_AT_ONCE = 8
"""A sync waits for the rate limit most of its time, so several share a processor."""
TICK_SECONDS = 1.0
PULSE_SECONDS = 1.0
PATIENCE_SECONDS = 20.0
"""How long `close` waits for syncs to stop at their next committed page."""
REOPEN_SECONDS = 5.0
"""How long to wait before the queue is opened again, when that failed."""
KEEP_RUNS = timedelta(days=1)


class Worker:
    """Works for an engine, in threads of its own, from `start` until `close`."""

    def __init__(
        self, engine: Engine, database: Database, *, queue_url: str, syncs_at_once: int = SYNCS_AT_ONCE,
        name: str | None = None, publishes: Callable[[], object] | None = None,
    ) -> None:  # fmt: skip
        """Sign on; nothing is started yet.

        Args:
            engine: What to work for.
            database: Opened for writing.
            queue_url: The durable queue: `sqlite:///path` or `postgresql://…`.
            syncs_at_once: Most syncs at a time.
            name: Must be stable; by default the first of `host-1`, `host-2`… that nobody alive has.
            publishes: Brings the destinations up to date after each build; a sync that wrote wants one.

        Raises:
            ConfigurationError: A worker of this name is alive.
        """
        self._engine = engine
        self._database = database
        self._queue_url = queue_url
        self._syncs_at_once = syncs_at_once
        self._publishes = publishes
        self.name = engine.workers.enter(name)
        self._closing = threading.Event()
        self.syncs = Syncs(engine, database, worker=self.name, is_closing=self._closing.is_set)
        self._queue: DurableQueue | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work; comes back at once, as opening the queue takes a second or two."""
        self._engine.board.take_back_from(self.name)
        self._engine.chores.take_back_from(self.name)
        if self._has_books_without_figures():
            self._engine.chores.want("build")
        for work in (self._keep_ticking, self._keep_pulsing):
            thread = threading.Thread(target=work, name=work.__name__.strip("_"), daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop: syncs under way end at their next committed page and wait for a worker."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._engine.woken.set()
        self.syncs.stop_all()
        until = time.monotonic() + PATIENCE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.syncs.stop_all()  # those that began at the last moment
        if self._queue is None or self._queue.close(until=until):
            self._engine.workers.leave(self.name)
        say("worker stopped", worker=self.name)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _has_books_without_figures(self) -> bool:
        """Whether models were never built, or by a version that made others: an upgrade brings its own."""
        has_books = self._database.rows("select 1 from pennylane.loads limit 1")
        return bool(has_books) and built_as_of(self._database) is None

    def tick(self) -> None:
        """Look once what is due, and hand it to the queue."""
        queue = self._queue
        if queue is None:
            return
        self._take_over(queue)
        states = self._engine.board.states()
        self._ask_for_what_is_due(states)
        for state in self._engine.board.to_hand_over():
            queue.hand_over_sync(state.connection_id, turn=state.turn, priority=PRIORITY[state.reason])
        self._engine.chores.want_what_is_due(self._today())
        is_quiet = not any(state.is_busy for state in self._engine.board.states().values())
        chores: tuple[ChoreName, ...] = ("build", "publish", "upkeep")
        for name in chores:
            chore = self._engine.chores.hand_over(name, is_quiet=is_quiet)
            if chore:
                queue.hand_over_chore(name, turn=chore.turn)

    def _ask_for_what_is_due(self, states: dict[str, SyncState]) -> None:
        now, every = self._engine.clock(), self._engine.every
        waits = any(state.stage == "waiting" for state in states.values())
        for connection in self._engine.connections.known():
            state = states.get(connection.id)
            if connection.state != "active":
                if state and state.stage == "waiting":
                    self._engine.board.give_up(connection.id, f"The connection is {connection.state}.")
                continue
            reason = reason_due(connection.id, state.latest if state else Latest(), every, now)
            if reason == "due" or (reason == "details" and not waits):
                self._engine.board.ask(connection.id, reason)

    def _take_over(self, queue: "DurableQueue") -> None:
        """Let the work of dead workers be done by others."""
        for name in self._engine.workers.dead():
            if name != self.name and self._engine.workers.bury(name):
                syncs = self._engine.board.take_back_from(name)
                self._engine.chores.take_back_from(name)
                queue.take_over(name)
                say("worker lost", worker=name, taken_over_by=self.name, syncs=syncs)

    def _run_chore(self, name: str) -> None:
        works: dict[str, tuple[ChoreName, Callable[[], str | None]]] = {
            "build": ("build", self._build),
            "publish": ("publish", self._publish),
            "upkeep": ("upkeep", self._keep_up),
        }
        chore, work = works[name]
        if self._closing.is_set() or not self._engine.chores.begin(chore, self.name):
            return
        begun, problem, about = time.monotonic(), None, None
        try:
            about = work()
        except SyncStoppedError:
            self._engine.chores.take_back_from(self.name)
            return
        except PennybridgeError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 — the next run must come; the text could hold a secret
            say_fault(error, worker=self.name)
            problem = f"A fault of Pennybridge ({type(error).__name__})."
        seconds = time.monotonic() - begun
        self._engine.chores.end(chore, self.name, seconds=seconds, problem=problem, about=about)
        say(f"{chore} ended", worker=self.name, seconds=round(seconds, 3), problem=problem)

    def _build(self) -> str:
        """Bring the models up to date; the day they speak for."""
        from pennybridge.models.build import build

        today = self._engine.clock().astimezone().date()
        report = build(self._database, as_of=today, progress=self._go_on)
        if self._publishes:  # also where no model read what a sync wrote: landing tables are published too
            self._engine.chores.want("publish")
        return report.as_of.isoformat()

    def _publish(self) -> None:
        """Bring the destinations up to date with the models."""
        if self._publishes:
            self._publishes()

    def _go_on(self, _: str) -> None:
        """Give a build up between two models when the process ends; its tables are as before."""
        if self._closing.is_set():
            raise SyncStoppedError("The build was stopped. Every table is as it was; the next worker builds.")

    def _keep_up(self) -> None:
        """Keep idle grants alive, and forget runs that ended long ago."""
        for connection_id, problem in self._engine.connections.keep_alive().items():
            say("grant not renewed", connection=connection_id, problem=problem)
        if self._queue is not None:
            self._queue.forget(older_than_seconds=KEEP_RUNS.total_seconds())

    def _today(self) -> str:
        return self._engine.clock().astimezone().date().isoformat()

    def _open_queue(self) -> None:
        from pennybridge.hub.engine.durable import DurableQueue

        self._queue = DurableQueue(
            self._queue_url,
            worker=self.name,
            syncs_at_once=self._syncs_at_once,
            run_sync=self.syncs.run,
            run_chore=self._run_chore,
        )
        say("worker started", worker=self.name, syncs_at_once=self._syncs_at_once)

    def _keep_ticking(self) -> None:
        while self._queue is None and not self._closing.is_set():
            if not _attempt(self._open_queue):
                self._closing.wait(REOPEN_SECONDS)
        while not self._closing.is_set():
            self._engine.woken.clear()
            _attempt(self.tick)
            self._engine.woken.wait(TICK_SECONDS)

    def _keep_pulsing(self) -> None:
        beat_at = -BEAT_EVERY.total_seconds()
        while not self._closing.wait(PULSE_SECONDS):
            if time.monotonic() - beat_at >= BEAT_EVERY.total_seconds():
                beat_at = time.monotonic()
                _attempt(self._beat)
            _attempt(self.syncs.write_progress)
            _attempt(self.syncs.stop_inactive)

    def _beat(self) -> None:
        if not self._engine.workers.beat(self.name):
            raise ConfigurationError(
                f"Another worker took the name {self.name}; give one of them another --name."
            )


def _attempt(work: Callable[[], object]) -> bool:
    """Do something that comes round again; whether it went well. What did not is said."""
    try:
        work()
    except PennybridgeError as error:
        say("worker hindered", level=logging.WARNING, problem=str(error))
        return False
    except Exception as error:  # noqa: BLE001 — a database away for a moment must not end the worker
        say_fault(error)
        return False
    return True
