"""Tables are made once, brought up to date step by step, and never touched by an older program."""

import subprocess
import sys
from pathlib import Path

import pytest

from pennybridge.errors import StoreError
from pennybridge.store import Database, migrations, open_database, open_state
from pennybridge.store.landing import TABLES

SECOND = migrations.Migration(
    99,
    "a later step",
    "-- a comment; with a semicolon\nalter table pennylane.companies add column extra /*duckdb: text */"
    "/*postgresql: text */;\nupdate pennylane.companies set extra = 'set';\n",
)
TYPES = {
    "bigint": "BIGINT",
    "integer": "INTEGER",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "numeric(18,6)": "DECIMAL(18,6)",
    "numeric(18,10)": "DECIMAL(18,10)",
    "json": "JSON",
}
"""What DuckDB calls the types of the landing tables."""
POSTGRESQL_COLUMNS = """
    select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute
    where attrelid = cast(:name as regclass) and attnum > 0 order by attnum
"""


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"duckdb:///{tmp_path}/books.duckdb"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As if a later version of the program ran, with one step more."""
    known = migrations.load("warehouse")
    monkeypatch.setattr(migrations, "load", lambda folder: [*known, SECOND] if folder == "warehouse" else [])
    return monkeypatch


def test_the_tables_are_those_of_the_description(database: Database) -> None:
    for table in TABLES.values():
        described = [(name, kind, needed) for name, kind, needed in table.sql_columns()]
        if database.dialect == "duckdb":
            found = database.rows(
                "select column_name, data_type, not is_nullable from duckdb_columns() "
                "where schema_name = 'pennylane' and table_name = :name order by column_index",
                name=table.name,
            )
            # In any order: a column that is lifted later stands last.
            assert sorted(found) == sorted((name, TYPES[kind], needed) for name, kind, needed in described)
        else:
            found = database.rows(POSTGRESQL_COLUMNS, name=f"pennylane.{table.name}")
            assert sorted(
                (n, k.replace("timestamp with time zone", "timestamptz"), v) for n, k, v in found
            ) == sorted(described)


def test_opening_again_changes_nothing(url: str) -> None:
    open_database(url).close()
    with open_database(url) as database:
        steps = database.rows("select version, title from pennylane.schema_version order by version")
    assert steps == [(step.number, step.title) for step in migrations.load("warehouse")]


def test_a_later_step_runs_on_what_is_there(url: str, request: pytest.FixtureRequest) -> None:
    with open_database(url) as database, database.transaction() as transaction:
        transaction.execute("insert into pennylane.companies (company_id) values (1)")
    request.getfixturevalue("later")
    with open_database(url) as database:
        assert database.rows("select company_id, extra from pennylane.companies") == [(1, "set")]


def test_reading_only_does_not_run_a_later_step(url: str, request: pytest.FixtureRequest) -> None:
    open_database(url).close()
    request.getfixturevalue("later")
    with pytest.raises(StoreError, match=r"older Pennybridge .* Run `pennybridge sync`"):
        open_database(url, read_only=True)


def test_a_database_of_a_newer_program_is_left_alone(url: str, later: pytest.MonkeyPatch) -> None:
    open_database(url).close()
    later.undo()
    for read_only in (True, False):
        with pytest.raises(StoreError, match=r"newer Pennybridge .*step 99.* Update Pennybridge"):
            open_database(url, read_only=read_only)


def test_a_step_that_fails_leaves_everything_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(url).close()
    broken = migrations.Migration(
        99, "broken", "delete from pennylane.schema_version;\nselect no_such_function();\n"
    )
    known = migrations.load("warehouse")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "load", lambda _: [*known, broken])
        with pytest.raises(StoreError, match="no_such_function"):
            open_database(url)
    open_database(url, read_only=True).close()


@pytest.mark.parametrize("what", ["open_database", "open_state"])
def test_processes_that_begin_at_once_make_the_tables_once(
    postgresql_url: str, tmp_path: Path, what: str
) -> None:
    url = postgresql_url if what == "open_database" else f"sqlite:///{tmp_path}/state.db"
    script = (
        f"import sys; from pennybridge.store import {what} as o; sys.stdin.read(1); o(sys.argv[1]).close()"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    outcomes = [(process.communicate("g")[1], process.returncode) for process in running]
    assert outcomes == [("", 0)] * 3
    if what == "open_database":
        with open_database(url) as database:
            steps = database.rows("select count(*) from pennylane.schema_version")
    else:
        with open_state(url) as state:
            steps = [tuple(row) for row in state.rows("select count(*) from schema_version")]
    assert steps == [(len(migrations.load("warehouse" if what == "open_database" else "state")),)]
