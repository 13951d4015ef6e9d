"""A database of any earlier version is brought up to date with everything in it, and copied before."""

import json
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pennybridge.errors import StoreError
from pennybridge.store import Database, StateDatabase, backups, migrations, open_database, open_state
from pennybridge.store.batches import batch_from_records
from pennybridge.store.landing import CUSTOMERS

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STEPS = {"warehouse": migrations.load("warehouse"), "state": migrations.load("state")}
COLUMNS = """
    select table_name, column_name, data_type, is_nullable from information_schema.columns
    where table_schema = :schema order by table_name, column_name
"""
SAMPLES: dict[str, Any] = {
    "bigint": 7,
    "integer": 7,
    "text": "7",
    "varchar": "7",
    "json": "[7]",
    "boolean": True,
    "date": NOON.date(),
    "double": 7.5,
    "double precision": 7.5,
    "bytea": b"7",
}

Columns = dict[str, list[tuple[str, str]]]


def sample(kind: str) -> Any:
    """A value for a column of any type; the same text everywhere, so that keys meet what refers to them."""
    kind = kind.lower()
    if kind.startswith("timestamp"):
        return NOON
    return 7 if kind.startswith(("numeric", "decimal")) else SAMPLES[kind]


def columns_of(opened: Database | StateDatabase, schema: str) -> Columns:
    """The columns of every table but the list of steps, with their types, tables in the order made."""
    found: Columns = {}
    if schema == "sqlite":
        for (table,) in opened.rows("select name from sqlite_master where type = 'table' order by rowid"):
            described = opened.rows(f"select name, type from pragma_table_info('{table}') order by name")
            found[table] = [(str(name), str(kind)) for name, kind in described]
    else:
        for table, column, kind, _ in opened.rows(COLUMNS, schema=schema):
            found.setdefault(table, []).append((column, kind))
        made = [name for step in (*STEPS["warehouse"], *STEPS["state"]) for name in created(step)]
        found = {table: found[table] for table in sorted(set(found) & set(made), key=made.index)}
    found.pop("schema_version", None)
    return found


def created(step: migrations.Migration) -> list[str]:
    """The tables that a step makes."""
    words = [text.split() for text in step.statements("sqlite")]
    return [word[2].removeprefix("pennylane.") for word in words if word[:2] == ["create", "table"]]


def fill(opened: Database | StateDatabase, columns: Columns, prefix: str) -> None:
    """One row in every table."""
    with opened.transaction() as transaction:
        for table, described in columns.items():
            names = [name for name, _ in described]
            marks = ", ".join(f":{name}" for name in names)
            transaction.execute(
                f"insert into {prefix}{table} ({', '.join(names)}) values ({marks})",
                **{name: sample(kind) for name, kind in described},
            )


def contents(
    opened: Database | StateDatabase, columns: Columns, prefix: str
) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: [
            tuple(map(str, row))
            for row in opened.rows(f"select {', '.join(name for name, _ in described)} from {prefix}{table}")
        ]
        for table, described in columns.items()
    }


def up_to(patch: pytest.MonkeyPatch, folder: str, number: int) -> None:
    """As if the version of the program ran that knew the steps up to this one."""
    known = {**STEPS, folder: [step for step in STEPS[folder] if step.number <= number]}
    patch.setattr(migrations, "load", lambda which: known[which])


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"duckdb:///{tmp_path}/books.duckdb"


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path}/state.db"


@pytest.mark.parametrize("number", [step.number for step in STEPS["warehouse"]])
def test_books_of_any_earlier_version_keep_every_row(
    number: int, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        up_to(patch, "warehouse", number)
        with open_database(url) as database:
            before = columns_of(database, "pennylane")
            fill(database, before, "pennylane.")
            rows = contents(database, before, "pennylane.")

    with open_database(url) as database:
        assert contents(database, before, "pennylane.") == rows
        upgraded = columns_of(database, "pennylane")
        applied = database.rows("select version from pennylane.schema_version order by version")
    assert all(rows.values())
    assert [version for (version,) in applied] == [step.number for step in STEPS["warehouse"]]
    assert upgraded.keys() >= before.keys()


@pytest.mark.parametrize("number", [step.number for step in STEPS["state"]])
def test_state_of_any_earlier_version_keeps_every_row(
    number: int, state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = "sqlite" if state_url.startswith("sqlite") else "hub"
    with monkeypatch.context() as patch:
        up_to(patch, "state", number)
        with open_state(state_url) as state:
            before = columns_of(state, schema)
            fill(state, before, "")
            rows = contents(state, before, "")

    with open_state(state_url) as state:
        assert contents(state, before, "") == rows
        applied = state.rows("select version from schema_version order by version")
    assert all(rows.values())
    assert [version for (version,) in applied] == [step.number for step in STEPS["state"]]


def test_a_step_with_a_lower_number_than_one_that_ran_is_not_left_out(
    state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = STEPS["state"]
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "load", lambda _: [step for step in known if step.number != 8])
        open_state(state_url).close()

    with open_state(state_url) as state:
        assert state.rows("select count(*) from outgoing_batches")[0][0] == 0


LATER = (
    "alter table pennylane.companies add column extra text;\nupdate pennylane.companies set extra = 'set';\n"
)
LATER_STATE = "alter table connections add column extra text;\n"


def later(patch: pytest.MonkeyPatch, folder: str, text: str) -> None:
    """As if a later version of the program ran, with one step more."""
    known = {**STEPS, folder: [*STEPS[folder], migrations.Migration(99, "a later step", text)]}
    patch.setattr(migrations, "load", lambda which: known[which])


def make_books(file: Path) -> None:
    with open_database(f"duckdb:///{file}") as database, database.transaction() as transaction:
        transaction.execute("insert into pennylane.companies (company_id) values (1)")


def companies(file: Path) -> list[tuple[Any, ...]]:
    with open_database(f"duckdb:///{file}", read_only=True) as database:
        return database.rows("select * from pennylane.companies")


def make_state(file: Path) -> None:
    with open_state(f"sqlite:///{file}") as state, state.transaction() as transaction:
        transaction.execute("insert into audit values (:at, 'Ada', 'signed in', '')", at=NOON)


def audit(file: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute("select user_name from audit").fetchall()
    finally:
        connection.close()


KINDS: dict[str, tuple[Callable[[Path], None], Callable[[Path], list[tuple[Any, ...]]], str]] = {
    "warehouse": (make_books, companies, LATER),
    "state": (make_state, audit, LATER_STATE),
}


def open_file(folder: str, file: Path, now: datetime = NOON) -> list[str]:
    """Open the file as a command does; what was told."""
    told: list[str] = []
    if folder == "warehouse":
        open_database(f"duckdb:///{file}", clock=lambda: now, tell=told.append).close()
    else:
        open_state(f"sqlite:///{file}", clock=lambda: now, tell=told.append).close()
    return told


@pytest.mark.parametrize("folder", KINDS)
def test_a_file_is_copied_before_its_tables_change_and_the_copy_is_named(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, read, text = KINDS[folder]
    file = tmp_path / "the [books].db"
    make(file)
    rows = read(file)
    assert backups.known(file) == []

    with monkeypatch.context() as patch:
        later(patch, folder, text)
        told = open_file(folder, file)

    (copy,) = backups.known(file)
    assert copy.name == f"the [books].db.step-{STEPS[folder][-1].number}-20261121T120000Z"
    assert [str(copy) in sentence for sentence in told] == [True]
    assert read(copy) == rows
    if folder == "state":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600


@pytest.mark.parametrize("folder", KINDS)
def test_a_step_that_fails_leaves_the_file_as_it_was_and_says_where_the_copy_is(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, read, text = KINDS[folder]
    file = tmp_path / "books.db"
    make(file)
    rows = read(file)

    with monkeypatch.context() as patch:
        later(patch, folder, f"{text}delete from schema_version;\nselect no_such_function();\n")
        if folder == "warehouse":
            later(patch, folder, f"{text}select no_such_function();\n")
        with pytest.raises(
            StoreError, match=r"Step 99 \(a later step\) failed: .*no_such_function"
        ) as refused:
            open_file(folder, file)

    (copy,) = backups.known(file)
    assert str(copy) in str(refused.value)
    assert "as it was before" in str(refused.value)
    assert open_file(folder, file) == []
    assert read(file) == read(copy) == rows


@pytest.mark.parametrize("folder", KINDS)
def test_the_copies_of_the_last_two_upgrades_are_kept(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, _, text = KINDS[folder]
    file = tmp_path / "books.db"
    make(file)
    for day in (1, 2):
        backups.path_of(file, day, NOON - timedelta(days=10 - day)).write_text("an older copy")

    with monkeypatch.context() as patch:
        later(patch, folder, text)
        open_file(folder, file)

    assert [copy.name.split("-")[1] for copy in backups.known(file)] == ["2", str(STEPS[folder][-1].number)]


def test_without_room_for_a_copy_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "books.db"
    make_books(file)
    with monkeypatch.context() as patch:
        later(patch, "warehouse", LATER)
        patch.setattr(backups, "_ROOM", 1e12)
        with pytest.raises(StoreError, match=r"Nothing was changed; make room"):
            open_file("warehouse", file)

    assert companies(file)
    assert backups.known(file) == []


RECORDS = [
    {"id": 1, "customer_type": "company", "name": "A", "more": {"rank": "1.25", "words": ["a", "b"]}},
    {"id": 2, "customer_type": "company", "name": "B", "more": None},
    {"id": 3, "customer_type": "company", "name": "C", "more": {"rank": 5, "words": []}},
    {"id": 4, "customer_type": "company", "name": "D\x00", "more": {"rank": "", "words": ["é"]}},
]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("rank decimal more.rank", [("1.25",), (None,), (None,), (None,)]),
        ("words list more.words", [("a, b",), (None,), (None,), ("é",)]),
    ],
)
def test_a_column_lifted_later_is_filled_from_the_payloads(
    column: str, expected: list[tuple[Any, ...]], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of the records has a number where a text belongs: it stays empty, as a sync would refuse it."""
    with open_database(url) as database, database.transaction() as transaction:
        records = [json.dumps(record).encode() for record in RECORDS]
        transaction.upsert(CUSTOMERS, batch_from_records(CUSTOMERS, 1, records, NOON), "load")
        transaction.mark_deleted(CUSTOMERS, 1, [4], NOON + timedelta(days=1), "load")

    later(monkeypatch, "warehouse", f"-- a new column\nlift customers: {column};\n")
    with open_database(url) as database:
        name = column.split(maxsplit=1)[0]
        rows = database.rows(f"select cast({name} as text) from pennylane.customers order by id")
    trimmed = [(value.rstrip("0") if value and "." in value else value,) for (value,) in rows]
    assert trimmed == expected
