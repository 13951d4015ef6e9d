"""One sync of one connection, from its row on the board to its row on the board."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pennybridge.connections.connection import Connection
from pennybridge.errors import DatabaseBusyError, PennybridgeError, SyncStoppedError
from pennybridge.hub.engine.board import BUSY_AGAIN
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.engine.logs import say, say_fault
from pennybridge.hub.engine.sync_state import Outcome, SyncState
from pennybridge.store import Database

if TYPE_CHECKING:
    from pennybridge.api.client import Client
    from pennybridge.sync.report import SyncReport

QUIET_BUDGET = 300
"""Requests for details in a sync that nobody waits behind: a minute at Pennylane's rate."""
BUSY_BUDGET = 50
"""Requests for details in a sync that others wait behind; what is left is read when it is quiet."""

_FAULT = "The sync stopped on a fault of Pennybridge ({}). It will be tried again."


@dataclass(eq=False)
class RunningSync:
    """A sync under way in this process."""

    connection_id: str
    told_to_stop: threading.Event = field(default_factory=threading.Event)
    why_stopped: str | None = None
    """Said as the sync's problem; None when the process ends, and the sync only waits again."""
    resources: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    is_written: bool = True
    """Whether the board knows of `resources`."""
    client: "Client | None" = None

    def note(self, resource: str, done: int, total: int | None) -> None:
        """Remember how far a resource is; the worker writes it down from time to time."""
        self.resources = {**self.resources, resource: (done, total)}
        self.is_written = False

    def stop(self, why: str | None = None) -> None:
        """Let the sync end at its next request."""
        self.why_stopped = why
        self.told_to_stop.set()
        if self.client is not None:
            self.client.give_up()


class Syncs:
    """The syncs of one worker."""

    def __init__(
        self, engine: Engine, database: Database, *, worker: str, is_closing: Callable[[], bool]
    ) -> None:
        self._engine = engine
        self._database = database
        self._worker = worker
        self._is_closing = is_closing
        self.running: dict[str, RunningSync] = {}

    def run(self, connection_id: str) -> None:
        """Sync a connection if it still waits for that; how it ended stands on the board."""
        if self._is_closing():
            self._engine.board.hand_over_again(connection_id)
            return
        state = self._engine.board.begin(connection_id, self._worker)
        if state is None:
            return
        run = self.running[connection_id] = RunningSync(connection_id)
        begun = time.monotonic()
        try:
            outcome = self._outcome(state, run, begun)
        finally:
            del self.running[connection_id]
        if outcome is not None:
            self._engine.board.end(connection_id, self._worker, outcome)
            if outcome.written or "build" not in self._engine.chores.known():
                self._engine.chores.want("build")
        self._engine.woken.set()

    def write_progress(self) -> None:
        """Write down how far the syncs under way are, as far as that is new."""
        for run in list(self.running.values()):
            if not run.is_written:
                run.is_written = True
                self._engine.board.note_progress(run.connection_id, self._worker, run.resources)

    def stop_inactive(self) -> None:
        """Stop the syncs of connections that were paused or disconnected meanwhile."""
        if not self.running:
            return
        states = {connection.id: connection.state for connection in self._engine.connections.known()}
        for run in list(self.running.values()):
            state = states.get(run.connection_id)
            if state != "active" and not run.told_to_stop.is_set():
                run.stop(f"Stopped, because the connection is {state} now. What was committed stays.")

    def stop_all(self) -> None:
        """Let every sync end at its next request and wait again."""
        for run in list(self.running.values()):
            run.stop()

    def _outcome(self, state: SyncState, run: RunningSync, begun: float) -> Outcome | None:
        """What to write on the board; None when the sync waits again."""
        board, key = self._engine.board, state.connection_id
        started_at = self._engine.clock()
        say("sync started", connection=key, worker=self._worker, reason=state.reason)
        try:
            connection = self._engine.connections.to_sync([key])[0]
            report = self._sync(connection, state, run)
        except DatabaseBusyError as error:
            say("sync put off", connection=key, worker=self._worker, problem=str(error))
            board.put_back(key, self._worker, later=BUSY_AGAIN)
            return None
        except SyncStoppedError:
            if run.why_stopped is None:
                say("sync stopped", connection=key, worker=self._worker)
                board.put_back(key, self._worker)
                return None
            outcome = Outcome([run.why_stopped], seconds=time.monotonic() - begun)
        except PennybridgeError as error:
            outcome = Outcome([str(error)], seconds=time.monotonic() - begun)
        except Exception as error:  # noqa: BLE001 — the page must not wait for ever
            say_fault(error, connection=key, worker=self._worker)
            outcome = Outcome([_FAULT.format(type(error).__name__)], seconds=time.monotonic() - begun)
        else:
            load_ids = self._load_ids(connection.company_id, started_at)
            outcome = _of_report(report, load_ids, seconds=time.monotonic() - begun)
        self._say_ended(key, outcome)
        return outcome

    def _sync(self, connection: Connection, state: SyncState, run: RunningSync) -> "SyncReport":
        from pennybridge.sync.run import sync

        others_wait = self._engine.queue().waiting > 0
        with self._engine.connections.client(connection) as run.client:
            return sync(
                company_id=connection.company_id,
                client=run.client,
                database=self._database,
                scopes=connection.scopes,
                clock=self._engine.clock,
                name=connection.name,
                full=state.full,
                request_budget=BUSY_BUDGET if others_wait else QUIET_BUDGET,
                progress=run.note,
                told_to_stop=run.told_to_stop,
            )

    def _load_ids(self, company_id: int, since: object) -> list[str]:
        rows = self._database.rows(
            "select load_id from pennylane.loads where company_id = :id and started_at >= :since "
            "order by started_at",
            id=company_id,
            since=since,
        )
        return [load_id for (load_id,) in rows]

    def _say_ended(self, connection_id: str, outcome: Outcome) -> None:
        say(
            "sync ended",
            level=logging.WARNING if outcome.problems else logging.INFO,
            connection=connection_id,
            worker=self._worker,
            outcome=outcome.name,
            requests=outcome.requests,
            written=outcome.written,
            seconds=round(outcome.seconds, 3),
            problems=list(outcome.problems),
            loads=list(outcome.load_ids),
        )


def _of_report(report: "SyncReport", load_ids: list[str], *, seconds: float) -> Outcome:
    resources = report.resources.values()
    return Outcome(
        problems=[f"{each.resource}: {each.problem}" for each in resources if each.state == "failed"],
        load_ids=load_ids,
        requests=report.requests,
        written=sum(each.written for each in resources),
        seconds=seconds,
        details_left=any(each.state == "partial" for each in resources),
    )
