"""The hub over an emulated Pennylane, and browsers without a screen."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pennybridge.connections.connection import Connections
from pennybridge.connections.tokens import Vault
from pennybridge.emulator.server import Emulator
from pennybridge.hub.app import create_app
from pennybridge.store import open_database, open_state
from tests.conftest import START

PASSWORD = "correct horse battery"


class Browser(TestClient):
    """Keeps cookies, and sends a form's CSRF field as a browser would."""

    def submit(self, page: str, action: str, /, **fields: str) -> str:
        """Load a page, post a form of it, follow the redirect; the text of the page that came."""
        found = re.search(r'name="csrf" value="(\w+)"', self.get(page).text)
        assert found
        self.answer = self.post(action, data={"csrf": found[1], **fields})
        return self.answer.text

    def sign_in(self, name: str, password: str = PASSWORD) -> str:
        return self.submit("/sign-in", "/sign-in", name=name, password=password)


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def app(tmp_path: Path, emulator: Emulator, time: Time) -> Iterator[FastAPI]:
    with (
        open_state(f"sqlite:///{tmp_path}/state.db", clock=time) as state,
        open_database(f"duckdb:///{tmp_path}/books.duckdb", clock=time) as database,
    ):
        vault = Vault(tmp_path / "pennybridge.key")
        connections = Connections(state, vault=vault, clock=time, pace_folder=tmp_path / "pace")
        app = create_app(
            state=state, database=database, connections=connections, base_url=emulator.base_url, clock=time
        )
        yield app
        app.state.syncing.close()


@pytest.fixture
def browser(app: FastAPI) -> Callable[[], Browser]:
    return lambda: Browser(app)


@pytest.fixture
def admin(app: FastAPI, browser: Callable[[], Browser]) -> Browser:
    app.state.people.add("Ada", PASSWORD, "admin")
    person = browser()
    assert "Connections" in person.sign_in("ada")
    return person


@pytest.fixture
def viewer(app: FastAPI, browser: Callable[[], Browser]) -> Browser:
    app.state.people.add("Vera", PASSWORD, "viewer")
    person = browser()
    person.sign_in("vera")
    return person
