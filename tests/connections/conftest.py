"""Connections over an emulated Pennylane, and the same installation seen by other processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

import pytest

from pennybridge.api.client import Client
from pennybridge.api.oauth import Application, TokenPair
from pennybridge.api.secret import Secret
from pennybridge.connections.connection import Connection, Connections
from pennybridge.connections.tokens import Vault
from pennybridge.emulator.server import Emulator
from pennybridge.store.state import StateDatabase, open_state

ROOT = Path(__file__).parents[2]


class Installation:
    """One hub's state, whose clock is the emulator's; other processes see it through the environment."""

    def __init__(self, emulator: Emulator, home: Path, database_url: str, state: StateDatabase) -> None:
        self.emulator = emulator
        self.home = home
        self.state = state
        self.oauth_url = f"{emulator.origin}/oauth"
        self.connections = self.another()
        self._opened = ExitStack()
        self._environment = {
            **os.environ,
            "PENNYBRIDGE_HOME": str(home),
            "PENNYBRIDGE_DATABASE_URL": database_url,
            "PENNYLANE_BASE_URL": emulator.base_url,
            "PENNYLANE_CLIENT_ID": "pennybridge",
            "PENNYLANE_CLIENT_SECRET": "emulator-secret",
            "COLUMNS": "200",
        }

    def clock(self) -> datetime:
        """The emulator's time."""
        return self.emulator.now

    def another(self) -> Connections:
        """The same connections, as another part of the program opens them."""
        return Connections(
            self.state,
            vault=Vault(self.home / "pennybridge.key"),
            clock=self.clock,
            pace_folder=self.home / "pace",
            application=Application("pennybridge", Secret("emulator-secret"), self.oauth_url),
        )

    def connect(self, number: int = 1) -> Connection:
        """A company that has granted us access and was activated."""
        granted = self.emulator.grant(number)
        pair = TokenPair(Secret(granted.access_token), Secret(granted.refresh_token))
        connection, _ = self.connections.add_granted(
            pair, oauth_url=self.oauth_url, base_url=self.emulator.base_url
        )
        return self.connections.resume(connection)

    def client(self, connection: Connection, connections: Connections | None = None) -> Client:
        """A client of the company, closed when the test ends."""
        return self._opened.enter_context((connections or self.connections).client(connection))

    def close(self) -> None:
        """Close the clients."""
        self._opened.close()

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Run a `pennybridge` command in a process of its own."""
        command = [sys.executable, "-m", "pennybridge", *arguments]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            text=True,
            stdout=-1,
            stderr=-1,
            stdin=subprocess.DEVNULL,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """The exit code and all output of a command."""
        process = self.start(*arguments)
        printed = "".join(process.communicate(timeout=60))
        return process.returncode, printed

    def asked(self, path: str, status: int | None = None) -> int:
        """How often the emulator was asked for a path."""
        found = [each for each in self.emulator.requests if each.path == path]
        return len([each for each in found if status in (None, each.status)])

    def expire(self) -> None:
        """Let access tokens expire, and nothing else."""
        self.emulator.move_clock(hours=25)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Return once something is so that another process brings about."""
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def state_engine() -> str:
    """Which database holds the state; tests that need both say so."""
    return "sqlite"


@pytest.fixture
def installation(
    request: pytest.FixtureRequest, state_engine: str, emulator: Emulator, tmp_path: Path
) -> Iterator[Installation]:
    database_url, state_url = f"duckdb:///{tmp_path}/books.duckdb", f"sqlite:///{tmp_path}/state.db"
    if state_engine == "postgresql":
        make_url: Callable[[str], str] = request.getfixturevalue("make_postgresql_url")
        database_url = state_url = make_url("template1")
    emulator.add_company("Maison Lumière")
    with (
        open_state(state_url) as state,
        closing(Installation(emulator, tmp_path, database_url, state)) as installation,
    ):
        yield installation
