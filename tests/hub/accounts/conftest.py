"""The hub on a synced and built company, made once per test process and copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from pennybridge.api.secret import Secret
from pennybridge.emulator.server import Emulator
from pennybridge.hub.accounts.books import Books, open_books
from pennybridge.store import Database, open_database
from tests.conftest import START
from tests.hub.accounts.story import AS_OF, BEGIN, Story, sync_and_build, tell


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Story]:
    """The file of the synced and built company, and who is in it."""
    file = tmp_path_factory.mktemp("accounts") / "books.duckdb"
    with (
        Emulator(start=BEGIN) as emulator,
        open_database(f"duckdb:///{file}", clock=lambda: START) as database,
    ):
        story = tell(emulator)
        sync_and_build(emulator, database, story)
    return file, story


@pytest.fixture
def story(prepared: tuple[Path, Story]) -> Story:
    """Who is in the company."""
    return prepared[1]


@pytest.fixture
def copied(prepared: tuple[Path, Story], tmp_path: Path) -> Path:
    """This test's own copy of the books, where `app` opens them."""
    return Path(shutil.copy(prepared[0], tmp_path / "books.duckdb"))


@pytest.fixture
def app(copied: Path, app: FastAPI, emulator: Emulator, story: Story) -> FastAPI:
    """The hub on the copy; the company is connected as number 1."""
    assert copied.exists()
    emulator.add_company("Atelier Numérique")
    connection, _ = app.state.connections.add(Secret(emulator.token(1)), base_url=emulator.base_url)
    assert (connection.id, connection.company_id) == ("1", story.company_id)
    return app


@pytest.fixture(scope="session")
def landed(prepared: tuple[Path, Story]) -> Iterator[Database]:
    """The prepared books, to be read only."""
    with open_database(f"duckdb:///{prepared[0]}", read_only=True) as opened:
        yield opened


@pytest.fixture(params=["built", "before a build"])
def books(request: pytest.FixtureRequest, landed: Database, story: Story) -> Books:
    """The company's books, with models and without."""
    found = open_books(landed, story.company_id, AS_OF)
    assert found.is_built
    return found if request.param == "built" else replace(found, as_of=None)
