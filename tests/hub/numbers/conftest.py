"""The hub over a company whose books are synced and built."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from pennybridge.connections.authorizations import Authorizations
from pennybridge.connections.connection import Connections
from pennybridge.connections.tokens import Vault
from pennybridge.hub.app import create_app
from pennybridge.hub.engine.engine import Engine
from pennybridge.reports.built import Built, open_built
from pennybridge.store import open_database, open_state
from tests.hub.conftest import PASSWORD, Browser, Time
from tests.reports.synced import NOW, make_home


@pytest.fixture(scope="session")
def synced_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a synced and built company; tests take a copy."""
    home = tmp_path_factory.mktemp("numbers") / "home"
    make_home(home)
    return home


@contextmanager
def hub_over(home: Path, database_url: str, time: Time) -> Iterator[FastAPI]:
    """The application on a home's state and a database."""
    with (
        open_state(f"sqlite:///{home}/state.db", clock=time) as state,
        open_database(database_url, clock=time) as database,
    ):
        vault = Vault(home / "pennybridge.key")
        connections = Connections(state, vault=vault, clock=time, pace_folder=home / "pace")
        authorizations = Authorizations(
            state,
            connections,
            vault=vault,
            clock=time,
            application=None,
            base_url="http://127.0.0.1:9",
            redirect_uri="http://testserver/oauth/callback",
        )
        app = create_app(
            state=state,
            database=database,
            connections=connections,
            authorizations=authorizations,
            engine=Engine(state=state, connections=connections, clock=time),
            base_url="http://127.0.0.1:9",
            uploads=home / "outgoing",
            clock=time,
        )
        if app.state.people.is_empty():
            app.state.people.add("Vera", PASSWORD, "viewer")
        yield app
        app.state.past_days.close()
        app.state.sending.close()
        app.state.looks.close()


@pytest.fixture
def time() -> Time:
    clock = Time()
    clock.now = NOW
    return clock


@pytest.fixture
def app(synced_home: Path, tmp_path: Path, time: Time) -> Iterator[FastAPI]:
    home = tmp_path / "home"
    shutil.copytree(synced_home, home)
    with hub_over(home, f"duckdb:///{home}/pennybridge.duckdb", time) as app:
        yield app


@pytest.fixture
def person(app: FastAPI) -> Browser:
    """A viewer, who may see every figure."""
    browser = Browser(app)
    browser.sign_in("vera")
    return browser


@pytest.fixture
def here(app: FastAPI) -> str:
    """The address of the company's figures."""
    (connection,) = app.state.connections.known()
    return f"/connections/{connection.id}/numbers"


@pytest.fixture
def built(app: FastAPI) -> Built:
    """The built models, as reports read them."""
    (connection,) = app.state.connections.known()
    return open_built(app.state.database, connection.company_id)
