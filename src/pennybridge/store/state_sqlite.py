"""The hub's state in one SQLite file that only its owner may read: it holds sealed grants."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from pennybridge.clock import Clock, format_instant, parse_instant
from pennybridge.errors import StoreError
from pennybridge.store import backups, migrations, refusals
from pennybridge.store.state import LOCK_PATIENCE, Row, StateDatabase, StateTransaction

_PATIENCE = 10.0  # seconds to wait for another process that writes

sqlite3.register_converter("timestamptz", lambda text: parse_instant(text.decode()))
sqlite3.register_converter("boolean", lambda text: text == b"1")


def open_sqlite(path: str, clock: Clock, tell: backups.Tell) -> "SqliteState":
    """Open the file, making it and bringing its tables up to date."""
    file = Path(path)
    steps = migrations.load("state")
    state = SqliteState(file)
    try:
        with state.connection() as connection:
            connection.execute("pragma journal_mode = wal")
            if migrations.due(steps, _applied(connection), str(file)):
                _bring_up_to_date(connection, file, steps, clock, tell)
    except BaseException:
        state.close()
        raise
    return state


def _applied(connection: sqlite3.Connection) -> set[int]:
    """The steps that the file has."""
    made = connection.execute("select 1 from sqlite_master where name = 'schema_version'").fetchone()
    if not made:
        return set()
    return {number for (number,) in connection.execute("select version from schema_version")}


def _bring_up_to_date(
    connection: sqlite3.Connection,
    file: Path,
    steps: list[migrations.Migration],
    clock: Clock,
    tell: backups.Tell,
) -> None:
    """Run the missing steps in one transaction, one process at a time, on a file that was copied before."""
    copy = None
    connection.execute("begin immediate")
    try:
        applied = _applied(connection)
        missing = migrations.due(steps, applied, str(file))
        if missing and applied:
            copy = backups.path_of(file, max(applied), clock())
            _copy(file, copy)
        _migrate(connection, missing, clock)
        connection.execute("commit")
    except BaseException as error:
        connection.execute("rollback")
        if copy and isinstance(error, StoreError):
            raise backups.refusal(file, copy, error) from error
        raise
    if copy:
        backups.settle(file, copy, tell)


def _migrate(connection: sqlite3.Connection, missing: list[migrations.Migration], clock: Clock) -> None:
    connection.execute(
        "create table if not exists schema_version "
        "(version integer primary key, title text not null, applied_at timestamptz not null)"
    )
    for step in missing:
        try:
            for statement in step.statements("sqlite"):
                connection.execute(statement)
        except sqlite3.Error as error:
            raise migrations.failed(step, error) from error
        row = (step.number, step.title, format_instant(clock()))
        connection.execute("insert into schema_version values (?, ?, ?)", row)


def _copy(file: Path, copy: Path) -> None:
    """Copy the file through a connection of its own, while another keeps every writer away."""
    backups.refuse_without_room(file)
    unfinished = copy.with_name(f"{copy.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("vacuum into ?", [str(unfinished)])
    unfinished.replace(copy)


class SqliteState(StateDatabase):
    """A SQLite file; connections are kept and reused, one per running block."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: list[sqlite3.Connection] = []
        self._closed = threading.Event()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own for the block."""
        with refusals.sqlite_errors(self._file):
            connection = self._idle.pop() if self._idle else self._connect()
            try:
                yield connection
            finally:
                if self._closed.is_set() or connection.in_transaction:
                    connection.close()
                else:
                    self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        refusals.make_folder(self._file.parent)
        self._file.touch(mode=0o600)
        connection = sqlite3.connect(
            self._file,
            timeout=_PATIENCE,
            isolation_level=None,
            detect_types=sqlite3.PARSE_DECLTYPES,
            check_same_thread=False,  # one thread at a time has it
        )
        connection.execute("pragma foreign_keys = on")
        return connection

    @contextmanager
    def transaction(self) -> Iterator["SqliteTransaction"]:
        """See `StateDatabase.transaction`; taken for writing at once, so that it never fails half-way."""
        with self.connection() as connection:
            connection.execute("begin immediate")
            try:
                yield SqliteTransaction(connection)
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

    def rows(self, sql: str, **params: object) -> list[Row]:
        """See `StateDatabase.rows`; waits for nobody."""
        with self.connection() as connection:
            return SqliteTransaction(connection).rows(sql, **params)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """See `StateDatabase.lock`; an empty SQLite file of its own, so that the state stays writable."""
        file = self._file.with_name(f"{self._file.name}.{name}.lock")
        with refusals.sqlite_errors(file):
            file.touch(mode=0o600)
            connection = sqlite3.connect(file, timeout=LOCK_PATIENCE, isolation_level=None)
            try:
                connection.execute("begin exclusive")
            except BaseException:
                connection.close()
                raise
        try:
            yield
        finally:
            connection.close()

    def close(self) -> None:
        """See `StateDatabase.close`."""
        self._closed.set()
        while self._idle:
            self._idle.pop().close()


class SqliteTransaction(StateTransaction):
    """Writes on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, **params: object) -> int:
        """See `StateTransaction.execute`."""
        return max(self._connection.execute(sql, _stored(params)).rowcount, 0)

    def rows(self, sql: str, **params: object) -> list[Row]:
        """See `StateTransaction.rows`."""
        cursor = self._connection.execute(sql, _stored(params))
        names = tuple(column[0] for column in cursor.description or ())
        return [Row.of(names, values) for values in cursor.fetchall()]


def _stored(params: dict[str, object]) -> dict[str, object]:
    """Instants as text in UTC, which sorts as time does."""
    return {
        name: format_instant(value) if isinstance(value, datetime) else value
        for name, value in params.items()
    }
