"""Syncs in the background: one thread of the hub, one connection after the other."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pennybridge.clock import Clock
from pennybridge.connections.connection import Connection, Connections
from pennybridge.errors import AuthenticationError, PennybridgeError
from pennybridge.store import Database


@dataclass
class SyncState:
    """How far the latest sync of a connection is, since the hub was started."""

    stage: str = "waiting"
    """`waiting`, `running`, `done` or `failed`."""
    resources: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """Records done, and how many there are if that is known."""
    problems: list[str] = field(default_factory=list)

    @property
    def is_busy(self) -> bool:
        """Whether it is not over yet."""
        return self.stage in {"waiting", "running"}


class Syncing:
    """Takes what is to be synced, at most once per connection at a time."""

    def __init__(self, connections: Connections, database: Database, clock: Clock) -> None:
        self._connections = connections
        self._database = database
        self._clock = clock
        self._states: dict[str, SyncState] = {}
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sync")

    @property
    def states(self) -> Mapping[str, SyncState]:
        """By connection, those asked for since the hub was started."""
        return self._states

    def ask(self, connection: Connection) -> bool:
        """Sync a connection soon; False when that is under way already."""
        with self._lock:
            before = self._states.get(connection.id)
            if before is not None and before.is_busy:
                return False
            state = self._states[connection.id] = SyncState()
        self._thread.submit(self._run, connection.id, state)
        return True

    def close(self) -> None:
        """Start nothing more, and wait for the sync under way."""
        self._thread.shutdown(cancel_futures=True)

    def _run(self, connection_id: str, state: SyncState) -> None:
        try:
            self._sync(self._connections.to_sync([connection_id])[0], state)
        except PennybridgeError as error:
            state.problems.append(str(error))
        except Exception as error:  # noqa: BLE001 — the page must not wait for ever; the text could hold a secret
            state.problems.append(f"The sync stopped on a fault of Pennybridge ({type(error).__name__}).")
        state.stage = "failed" if state.problems else "done"

    def _sync(self, connection: Connection, state: SyncState) -> None:
        from pennybridge.sync.run import sync

        def note(resource: str, done: int, total: int | None) -> None:
            state.resources = {**state.resources, resource: (done, total)}

        state.stage = "running"
        try:
            with self._connections.client(connection) as client:
                report = sync(
                    company_id=connection.company_id,
                    client=client,
                    database=self._database,
                    scopes=connection.scopes,
                    clock=self._clock,
                    name=connection.name,
                    progress=note,
                )
        except AuthenticationError:
            self._connections.mark_unauthorized(connection)
            raise
        state.problems = [
            f"{each.resource}: {each.problem}" for each in report.resources.values() if each.state == "failed"
        ]
