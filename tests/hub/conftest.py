"""The hub over an emulated Pennylane, and browsers without a screen."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from pennybridge.api.oauth import Application
from pennybridge.api.secret import Secret
from pennybridge.connections.authorizations import Authorizations
from pennybridge.connections.connection import Connections
from pennybridge.connections.tokens import Vault
from pennybridge.emulator.server import Emulator
from pennybridge.hub import people
from pennybridge.hub.app import create_app
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.engine.worker import Worker
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


class LazyEngine(Engine):
    """An engine whose worker starts when the first sync is asked for: most pages need none."""

    make_worker: Callable[[], Worker]
    worker: Worker | None = None

    def ask(self, connection_id: str, full: Sequence[str] = ()) -> bool:
        if self.worker is None:
            self.worker = self.make_worker()
            self.worker.start()
        return super().ask(connection_id, full)

    def close(self) -> None:
        if self.worker is not None:
            self.worker.close()


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords are hashed as ever, but in no time, as many tests sign in; not in `test_passwords.py`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            people, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        )
        yield


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def app(tmp_path: Path, emulator: Emulator, time: Time, duckdb_with_tables: Path) -> Iterator[FastAPI]:
    if not (tmp_path / "books.duckdb").exists():
        shutil.copy(duckdb_with_tables, tmp_path)
    with (
        open_state(f"sqlite:///{tmp_path}/state.db", clock=time) as state,
        open_database(f"duckdb:///{tmp_path}/books.duckdb", clock=time) as database,
    ):
        vault = Vault(tmp_path / "pennybridge.key")
        application = Application("pennybridge", Secret("emulator-secret"), f"{emulator.origin}/oauth")
        connections = Connections(
            state, vault=vault, clock=time, pace_folder=tmp_path / "pace", application=application
        )
        authorizations = Authorizations(
            state,
            connections,
            vault=vault,
            clock=time,
            application=application,
            base_url=emulator.base_url,
            redirect_uri="http://testserver/oauth/callback",
        )
        engine = LazyEngine(state=state, connections=connections, clock=time)
        engine.make_worker = lambda: Worker(engine, database, queue_url=f"sqlite:///{tmp_path}/dbos.db")
        app = create_app(
            state=state,
            database=database,
            connections=connections,
            authorizations=authorizations,
            engine=engine,
            base_url=emulator.base_url,
            uploads=tmp_path / "outgoing",
            clock=time,
        )
        yield app
        engine.close()
        app.state.sending.close()
        app.state.looks.close()


@pytest.fixture
def connected(app: FastAPI, emulator: Emulator) -> FastAPI:
    """The hub with one company, active, of which nothing was read."""
    emulator.add_company("Maison Lumière")
    app.state.connections.add(Secret(emulator.token(1)), base_url=emulator.base_url)
    return app


@pytest.fixture
def browser(app: FastAPI) -> Callable[[], Browser]:
    return lambda: Browser(app)


@pytest.fixture
def admin(app: FastAPI, browser: Callable[[], Browser]) -> Browser:
    app.state.people.add("Ada", PASSWORD, "admin")
    person = browser()
    assert "Companies" in person.sign_in("ada")
    return person


@pytest.fixture
def viewer(app: FastAPI, browser: Callable[[], Browser]) -> Browser:
    app.state.people.add("Vera", PASSWORD, "viewer")
    person = browser()
    person.sign_in("vera")
    return person
