"""An engine over an emulated Pennylane: its clock is moved by hand, its worker is real."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pennybridge.api.secret import Secret
from pennybridge.connections.connection import Connection, Connections
from pennybridge.connections.tokens import Vault
from pennybridge.emulator.server import Emulator
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.engine.sync_state import SyncState
from pennybridge.hub.engine.worker import Worker
from pennybridge.store import Database, open_database, open_state
from tests.conftest import START

EVERY = timedelta(minutes=15)


@dataclass
class Hands:
    """A clock that is moved by hand."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class House:
    """One installation: its databases, its connections, its engine."""

    folder: Path
    emulator: Emulator
    clock: Hands
    database: Database
    state_url: str
    queue_url: str
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.state = self._open.enter_context(open_state(self.state_url, clock=self.clock))
        self.connections = Connections(
            self.state,
            vault=Vault(self.folder / "pennybridge.key"),
            clock=self.clock,
            pace_folder=self.folder / "pace",
        )
        self.engine = self.make_engine()

    def make_engine(self) -> Engine:
        """The engine as another process would see it."""
        return Engine(state=self.state, connections=self.connections, clock=self.clock, every=EVERY)

    def connect(self, name: str = "Atelier") -> Connection:
        """A new company with one customer, connected and active."""
        company = self.emulator.add_company(name)
        self.emulator.add_customer("Cap Horizon", company=company.number)
        token = Secret(self.emulator.token(company.number))
        connection, _ = self.connections.add(token, base_url=self.emulator.base_url)
        return connection

    def work(
        self, name: str = "worker", syncs_at_once: int = 2, publishes: Callable[[], object] | None = None
    ) -> Worker:
        """Start a worker; it is closed with the house at the latest."""
        worker = Worker(
            self.engine,
            self.database,
            queue_url=self.queue_url,
            name=name,
            syncs_at_once=syncs_at_once,
            publishes=publishes,
        )
        return self._open.enter_context(worker)

    def wait(self, until: Callable[[], object]) -> None:
        """Wait for what another thread does; a minute at most."""
        end = time.monotonic() + 60
        while not until():
            assert time.monotonic() < end, (self.engine.states(), self.engine.queue())
            time.sleep(0.02)

    def ended(self, connection: Connection) -> SyncState:
        """The connection's latest sync, once it is over."""
        self.wait(lambda: (state := self.engine.state(connection.id)) and not state.is_busy)
        state = self.engine.state(connection.id)
        assert state
        return state

    def token_of(self, connection: Connection) -> str:
        """The company's API token."""
        return self.emulator.token(self.emulator.books.companies[connection.company_id].number)

    def synced(self) -> list[str]:
        """The tokens of syncs in their order, as Pennylane sees them: each follows this changelog once."""
        return [each.token for each in self.emulator.requests if each.path == "/changelogs/customers"]

    def syncs_of(self, connection: Connection) -> int:
        """How many syncs of a connection there were."""
        return self.synced().count(self.token_of(connection))

    def names(self) -> set[str]:
        """The customers in the database."""
        return {name for (name,) in self.database.rows("select name from pennylane.customers")}

    def close(self) -> None:
        """Stop working, and let go of all."""
        self._open.close()


@pytest.fixture
def house(tmp_path: Path, emulator: Emulator, duckdb_with_tables: Path) -> Iterator[House]:
    """On the embedded databases."""
    clock = Hands()
    with open_database(f"duckdb:///{shutil.copy(duckdb_with_tables, tmp_path)}", clock=clock) as database:
        house = House(
            tmp_path,
            emulator,
            clock,
            database,
            f"sqlite:///{tmp_path}/state.db",
            f"sqlite:///{tmp_path}/dbos.db",
        )
        yield house
        house.close()


@pytest.fixture
def shared_house(
    tmp_path: Path, emulator: Emulator, make_postgresql_url: Callable[[str], str]
) -> Iterator[House]:
    """On PostgreSQL, as several processes share it."""
    clock, url = Hands(), make_postgresql_url("with_tables")
    with open_database(url, clock=clock) as database:
        house = House(tmp_path, emulator, clock, database, url, url)
        yield house
        house.close()
