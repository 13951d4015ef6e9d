"""The embedded engine: one DuckDB file, one writing process, any number of reading threads in it."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa

from pennybridge.clock import Clock
from pennybridge.errors import StoreError
from pennybridge.store import backups, lift, migrations, placeholders, refusals
from pennybridge.store.database import Database
from pennybridge.store.transaction import Transaction

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "block_allocator_memory": "128MB",  # blocks given back and asked for again cost a small build a twentieth
    "checkpoint_threshold": "64MB",  # at DuckDB's 16 MB a crawl spends half its time on checkpoints
}
_ROWS_PER_GROUP = 30_720
"""A quarter of DuckDB's own: checkpoints rewrite whole groups, and then hold one in memory uncompressed.

With it the memory of a crawl grows by a sixth from 100,000 lines to a million; else by two thirds.
"""

_STATEMENTS_KEPT = 1000
_PARSED: dict[str, duckdb.Statement] = {}
"""Statements by their text, 30 kB each.

To parse them takes a tenth of a build after a few changes, and a worker builds after every sync.
"""

_ASIDE = "aside"
"""The database in memory for what helpers put aside: a temporary table is seen by one connection alone."""
_HELPERS = 2
"""While one of them plans or writes, which takes one processor, the other goes on."""

_LITTLE_MEMORY = "128MB"
"""Enough for ten pages of invoices with lines; what is cached of a large file does not count then."""


def open_duckdb(path: str, *, read_only: bool, clock: Clock, tell: backups.Tell) -> "DuckDatabase":
    """Open the file, making it and bringing its tables up to date unless `read_only`."""
    file = Path(path)
    if read_only and not file.exists():
        raise StoreError(f"There is no database at {file} yet. Run `pennybridge sync` first.")
    if not read_only:
        refusals.make_folder(file.parent)
    refusals.refuse_unless_duckdb(file)
    with refusals.duckdb_errors(file):
        connection = _connect(file, read_only=read_only)
        try:
            connection = _brought_up_to_date(connection, file, read_only, clock, tell)
        except BaseException:
            connection.close()
            raise
    return DuckDatabase(connection, file)


def open_warehouse_file(path: str) -> "DuckDatabase":
    """Open a DuckDB file, making it if it is not there, with whatever tables it holds."""
    file = Path(path)
    refusals.make_folder(file.parent)
    refusals.refuse_unless_duckdb(file)
    with refusals.duckdb_errors(file):
        return DuckDatabase(_connect(file, read_only=False), file)


def _connect(file: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """The file as database `books` of an engine of its own; only so can the size of row groups be chosen."""
    connection = duckdb.connect(config=_CONFIG | {"temp_directory": f"{file}.tmp"})
    try:
        quoted = str(file).replace("'", "''")
        options = "read_only" if read_only else f"row_group_size {_ROWS_PER_GROUP}"
        connection.execute(f"attach '{quoted}' as books ({options})")
        connection.execute("set global TimeZone = 'UTC'")
        # From here on nothing but these tables can be reached: no file, no other database, no network.
        connection.execute("set enable_external_access = false")
        connection.execute("use books")
    except BaseException:
        connection.close()
        raise
    return connection


def _cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """One thread's way to the same database."""
    cursor = connection.cursor()
    cursor.execute("use books")
    return cursor


def _brought_up_to_date(
    connection: duckdb.DuckDBPyConnection, file: Path, read_only: bool, clock: Clock, tell: backups.Tell
) -> duckdb.DuckDBPyConnection:
    """The connection with all tables there; a new one when the file was copied before they changed."""
    steps = migrations.load("warehouse")
    applied = _applied(connection)
    if read_only:
        migrations.refuse_unless_current(steps, applied, str(file))
        return connection
    missing = migrations.due(steps, applied, str(file))
    if not missing or not applied:
        _migrate(connection, missing, clock)
        return connection
    backups.refuse_without_room(file)
    connection.close()
    copy = backups.path_of(file, max(applied), clock())
    backups.copy_closed(file, copy)
    connection = _connect(file, read_only=False)
    try:
        _migrate(connection, missing, clock)
    except BaseException as error:
        connection.close()
        if isinstance(error, StoreError):
            raise backups.refusal(file, copy, error) from error
        raise
    backups.settle(file, copy, tell)
    return connection


def _applied(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """The steps that the file has."""
    made = connection.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'pennylane' and table_name = 'schema_version'"
    ).fetchall()
    if not made[0][0]:
        return set()
    return {
        number for (number,) in connection.execute("select version from pennylane.schema_version").fetchall()
    }


def _migrate(
    connection: duckdb.DuckDBPyConnection, missing: list[migrations.Migration], clock: Clock
) -> None:
    """Run the steps in one transaction; the file's lock keeps other processes away."""
    if not missing:
        return
    connection.execute("begin")
    connection.execute("create schema if not exists pennylane")
    connection.execute(
        "create table if not exists pennylane.schema_version "
        "(version integer primary key, title text not null, applied_at timestamptz not null)"
    )
    transaction = DuckTransaction(connection)
    for step in missing:
        try:
            for statement in step.statements("duckdb"):
                if not lift.run(transaction, statement):
                    connection.execute(statement)
        except duckdb.Error as error:
            raise migrations.failed(step, error) from error
        row = [step.number, step.title, clock()]
        connection.execute("insert into pennylane.schema_version values (?, ?, ?)", row)
    connection.execute("commit")


class DuckDatabase(Database):
    """A DuckDB file in use by this process."""

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, file: Path) -> None:
        super().__init__()
        self._connection = connection
        self._file = file
        self._turn = threading.Lock()
        self._writer: int | None = None

    @contextmanager
    def transaction(self) -> Iterator["DuckTransaction"]:
        """See `Database.transaction`."""
        if self._writer == threading.get_ident():
            raise StoreError("A transaction is open in this thread already; its writes belong into that one.")
        with self._turn, refusals.duckdb_errors(self._file):
            self._writer = threading.get_ident()
            cursor = _cursor(self._connection)
            cursor.execute("begin")
            try:
                yield DuckTransaction(cursor)
                cursor.execute("commit")
            except BaseException:
                _roll_back(cursor)
                raise
            finally:
                self._writer = None
                with suppress(duckdb.Error):  # a broken database refuses it, and would hide the reason
                    cursor.execute(f"detach database if exists {_ASIDE}")
                cursor.close()

    @contextmanager
    def snapshot(self) -> Iterator["DuckTransaction"]:
        """See `Database.snapshot`."""
        with refusals.duckdb_errors(self._file), _cursor(self._connection) as cursor:
            cursor.execute("begin")
            try:
                yield DuckTransaction(cursor)
            finally:
                _roll_back(cursor)

    def query(self, sql: str, **params: object) -> pa.Table:
        """See `Database.query`."""
        with refusals.duckdb_errors(self._file), _cursor(self._connection) as cursor:
            return _query(cursor, sql, params)

    def query_read_only(self, sql: str, limit: int | None = None) -> pa.Table:
        """See `Database.query_read_only`; DuckDB's own parser says what kind of statement it is."""
        with refusals.duckdb_errors(self._file), _cursor(self._connection) as cursor:
            statements = cursor.extract_statements(sql)
            refusals.refuse_unless_one_reads(
                len(statements), all(_reads(statement) for statement in statements)
            )
            cursor.execute("begin transaction read only")
            relation = cursor.sql(placeholders.without_end(sql))
            return _in_utc((relation if limit is None else relation.limit(limit)).to_arrow_table())

    @contextmanager
    def little_memory(self) -> Iterator[None]:
        """See `Database.little_memory`; what does not fit is spilled beside the file."""
        # Refused while more than that is in use and cannot be let go: then the cache stays as it is.
        with suppress(duckdb.Error), self._connection.cursor() as cursor:
            cursor.execute(f"set global memory_limit = '{_LITTLE_MEMORY}'")
        try:
            yield
        finally:
            # What the log holds goes into the file now: at closing it would take all the memory again.
            with refusals.duckdb_errors(self._file):
                with suppress(duckdb.Error), _cursor(self._connection) as cursor:
                    cursor.execute("checkpoint")
                with suppress(duckdb.Error), self._connection.cursor() as cursor:
                    cursor.execute("reset global memory_limit")

    def close(self) -> None:
        """See `Database.close`."""
        self._connection.close()


class DuckTransaction(Transaction):
    """Writes on one cursor of the file."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def execute(self, sql: str, **params: object) -> int:
        """See `Transaction.execute`."""
        text, used = _with_dollars(sql, params)
        self._cursor.execute(_parsed(self._cursor, text), used)
        if [column[0] for column in self._cursor.description or ()] != ["Count"]:
            return 0
        counted = self._cursor.fetchall()  # none after a CREATE TABLE
        return int(counted[0][0]) if counted else 0

    def query(self, sql: str, **params: object) -> pa.Table:
        """See `Transaction.query`."""
        return _query(self._cursor, sql, params)

    def append(self, table: str, batch: pa.Table) -> int:
        """See `Transaction.append`."""
        with self.stage("appended", batch) as name:
            return self.execute(f"insert into {table} by name select * from {name}")  # noqa: S608 — names of ours

    def append_all(self, table: str, pieces: Iterable[pa.Table]) -> int:
        """See `Transaction.append_all`; one statement: the rows of several would all wait for the commit."""
        rest = iter(pieces)
        first = next(rest, None)
        if first is None:
            return 0
        failures: list[BaseException] = []

        def batches() -> Iterator[pa.RecordBatch]:
            try:
                for piece in chain([first], rest):
                    yield from piece.to_batches()
            except BaseException as error:
                failures.append(error)
                raise

        try:
            return self.append(table, pa.RecordBatchReader.from_batches(first.schema, batches()))
        except duckdb.Error:
            if failures:  # DuckDB tells its text only
                raise failures[0] from None
            raise

    def put_aside(self, name: str, sql: str) -> str:
        """See `Transaction.put_aside`."""
        self.execute(f"create temporary table {name} as {sql}")
        return f"temp.{name}"

    @contextmanager
    def helpers(self) -> Iterator[Sequence[Transaction]]:
        """See `Transaction.helpers`; two of them, and what they put aside is in memory until the end."""
        with self._cursor.cursor() as cursor:
            cursor.execute(f"detach database if exists {_ASIDE}")
            cursor.execute(f"attach ':memory:' as {_ASIDE}")
        with ExitStack() as opened:
            yield [_Helper(opened.enter_context(_cursor(self._cursor))) for _ in range(_HELPERS)]

    @contextmanager
    def stage(self, name: str, batch: pa.Table) -> Iterator[str]:
        """See `Transaction.stage`; DuckDB reads the Arrow table where it stands."""
        self._cursor.register(name, batch)
        try:
            yield name
        finally:
            with suppress(duckdb.Error):  # an aborted transaction refuses it, and would hide the reason
                self._cursor.unregister(name)


class _Helper(DuckTransaction):
    """Commits each statement; it writes nothing but tables that go with the transaction it helps."""

    def put_aside(self, name: str, sql: str) -> str:
        """See `Transaction.put_aside`."""
        self.execute(f"create table {_ASIDE}.{name} as {sql}")
        return f"{_ASIDE}.{name}"


def _query(cursor: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, object]) -> pa.Table:
    text, used = _with_dollars(sql, params)
    return _in_utc(cursor.sql(_parsed(cursor, text), params=used).to_arrow_table())


def _parsed(cursor: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement | str:
    """The statement parsed, once in this process; its tables are looked up each time it runs."""
    statement = _PARSED.get(text)
    if statement is None:
        statements = cursor.extract_statements(text)
        if len(statements) != 1:
            return text
        if len(_PARSED) >= _STATEMENTS_KEPT:
            _PARSED.clear()
        statement = _PARSED[text] = statements[0]
    return statement


def _with_dollars(sql: str, params: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """A statement as DuckDB writes parameters, and those that it names, as DuckDB refuses others."""
    if not params:
        return sql, {}
    used: dict[str, object] = {}

    def write(name: str) -> str:
        used[name] = params[name]
        return f"${name}"

    return placeholders.translate(sql, write), used


def _in_utc(table: pa.Table) -> pa.Table:
    """DuckDB names the zone Etc/UTC; everything else here says UTC."""
    fields = [
        pa.field(field.name, pa.timestamp("us", "UTC"))
        if pa.types.is_timestamp(field.type) and field.type.tz
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _reads(statement: duckdb.Statement) -> bool:
    return statement.type in {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.TransactionException):  # DuckDB has rolled back by itself after some failures
        cursor.execute("rollback")
