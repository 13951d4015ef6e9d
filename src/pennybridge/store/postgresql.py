"""PostgreSQL through psycopg; Arrow goes in and out by COPY, as CSV that Arrow writes and parses.

One connection carries rows and bookmarks, so that they commit together. ADBC beside it would save 0.2 s of
CPU per 100,000 invoice lines (0.35 against 0.6 s), but could not commit with the rest, and gives numerics as
texts of no type.
"""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa
from psycopg.types.string import TextLoader
from pyarrow import csv

from pennybridge.clock import Clock
from pennybridge.errors import StoreError
from pennybridge.store import lift, migrations, placeholders, refusals
from pennybridge.store.database import Database, Hold
from pennybridge.store.postgresql_types import arrow_field, with_scale
from pennybridge.store.sql_types import sql_type
from pennybridge.store.transaction import Transaction

Connection = psycopg.Connection[tuple[Any, ...]]
_READING = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(select|with|values|table|explain|show)\b", re.IGNORECASE | re.DOTALL
)
_MIGRATION_LOCK = 5_063_471  # any number, as long as all processes take the same


def open_postgresql(url: str, *, read_only: bool, clock: Clock) -> "PostgresDatabase":
    """Connect, bringing the tables up to date unless `read_only`."""
    database = PostgresDatabase(url)
    try:
        steps = migrations.load("warehouse")
        if read_only:
            with database.connection() as connection:
                migrations.refuse_unless_current(steps, _applied(connection, "pennylane"), database.where)
        else:
            migrate(database, "pennylane", steps, clock)
    except BaseException:
        database.close()
        raise
    return database


def migrate(
    database: "PostgresDatabase", schema: str, steps: list[migrations.Migration], clock: Clock
) -> None:
    """Run the missing steps of a schema in one transaction, one process at a time."""
    with database.connection() as connection, connection.transaction():
        if not migrations.due(steps, _applied(connection, schema), database.where):
            return
        connection.execute(f"select pg_advisory_xact_lock({_MIGRATION_LOCK})")
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"set local search_path = {schema}")
        connection.execute(
            "create table if not exists schema_version "
            "(version integer primary key, title text not null, applied_at timestamptz not null)"
        )
        for step in migrations.due(steps, _applied(connection, schema), database.where):
            _run(connection, step, database.where)
            row = (step.number, step.title, clock())
            connection.execute("insert into schema_version values (%s, %s, %s)", row)


def _run(connection: Connection, step: migrations.Migration, where: str) -> None:
    transaction = PostgresTransaction(connection)
    try:
        for statement in step.statements("postgresql"):
            if not lift.run(transaction, statement):
                connection.execute(statement.encode())
    except psycopg.Error as error:
        raise StoreError(
            f"The tables of {where} could not be brought up to date. {migrations.failed(step, error)} "
            "Everything is as it was before. Go on with the Pennybridge that you used before, and report "
            "this message."
        ) from error


def _applied(connection: Connection, schema: str) -> set[int]:
    """The steps that the schema has."""
    made = connection.execute("select to_regclass(%s)", [f"{schema}.schema_version"]).fetchone()
    if made is None or made[0] is None:
        return set()
    rows = connection.execute(f"select version from {schema}.schema_version".encode()).fetchall()  # noqa: S608 — a schema of ours
    return {number for (number,) in rows}


class PostgresDatabase(Database):
    """A PostgreSQL database; connections are kept and reused, one per running block."""

    dialect = "postgresql"

    def __init__(self, url: str, search_path: str | None = None) -> None:
        super().__init__()
        self._url = url
        self._idle: list[Connection] = []
        self._search_path = search_path
        self.where = refusals.without_password(url)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection of one's own for the block."""
        with refusals.postgresql_errors(self._url):
            connection = self._idle.pop() if self._idle else self._connect()
            try:
                yield connection
            finally:
                if (
                    connection.closed
                    or connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
                ):
                    connection.close()
                else:
                    self._idle.append(connection)

    def _connect(self) -> Connection:
        connection = psycopg.connect(
            self._url, autocommit=True, cursor_factory=psycopg.ClientCursor, application_name="pennybridge"
        )
        connection.execute("set timezone = 'UTC'; set datestyle = 'ISO'")
        if self._search_path:
            connection.execute(f"set search_path = {self._search_path}".encode())
        for json in ("json", "jsonb"):  # as text, as DuckDB gives it
            connection.adapters.register_loader(json, TextLoader)
        return connection

    @contextmanager
    def transaction(self) -> Iterator["PostgresTransaction"]:
        """See `Database.transaction`."""
        with self.connection() as connection, connection.transaction():
            yield PostgresTransaction(connection)

    @contextmanager
    def snapshot(self) -> Iterator["PostgresTransaction"]:
        """See `Database.snapshot`."""
        with self.connection() as connection, connection.transaction(force_rollback=True):
            connection.execute("set transaction isolation level repeatable read")
            yield PostgresTransaction(connection)

    def query(self, sql: str, **params: object) -> pa.Table:
        """See `Database.query`."""
        with self.connection() as connection:
            return _query(connection, bound(connection, sql, params))

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """See `Database.rows`."""
        with self.connection() as connection:
            return connection.execute(bound(connection, sql, params)).fetchall()

    def query_read_only(self, sql: str, limit: int | None = None) -> pa.Table:
        """See `Database.query_read_only`; a read-only transaction refuses what the first word hides."""
        first_word = _READING.match(sql)
        refusals.refuse_unless_one_reads(1 if sql.strip() else 0, first_word is not None)
        with self.connection() as connection, connection.transaction():
            connection.execute("set transaction read only")
            if first_word and first_word[1].lower() in {"explain", "show"}:
                return _fetched(connection, sql).slice(0, limit)
            text = placeholders.without_end(sql)
            _describe(connection, text.encode())
            if limit is not None:
                text = f"select * from (\n{text}\n) as answer limit {limit}"  # noqa: S608 — what this command is for
            return _query(connection, text.encode())

    @contextmanager
    def _alone_elsewhere(self, hold: Hold) -> Iterator[bool]:
        with self.connection() as connection:
            held = connection.execute("select pg_try_advisory_lock(%s, %s)", hold).fetchone()
            if not held or not held[0]:
                yield False
                return
            try:
                yield True
            finally:
                connection.execute("select pg_advisory_unlock(%s, %s)", hold)

    def close(self) -> None:
        """See `Database.close`."""
        while self._idle:
            self._idle.pop().close()


class PostgresTransaction(Transaction):
    """Writes on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, **params: object) -> int:
        """See `Transaction.execute`."""
        return max(self._connection.execute(bound(self._connection, sql, params)).rowcount, 0)

    def query(self, sql: str, **params: object) -> pa.Table:
        """See `Transaction.query`."""
        return _query(self._connection, bound(self._connection, sql, params))

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """See `Transaction.rows`."""
        return self._connection.execute(bound(self._connection, sql, params)).fetchall()

    def append(self, table: str, batch: pa.Table) -> int:
        """See `Transaction.append`."""
        columns = ", ".join(f'"{name}"' for name in batch.column_names)
        text = io.BytesIO()
        csv.write_csv(batch, text, csv.WriteOptions(include_header=False, quoting_style="all_valid"))
        with self._connection.cursor().copy(
            f"copy {table} ({columns}) from stdin (format csv)".encode()
        ) as copy:
            copy.write(text.getbuffer())
        return int(batch.num_rows)

    @contextmanager
    def stage(self, name: str, batch: pa.Table) -> Iterator[str]:
        """See `Transaction.stage`; a temporary table that goes with the block."""
        types = {field.name: sql_type(field.type) or "text" for field in batch.schema}
        columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        self._connection.execute(f"create temporary table {name} ({columns}) on commit drop".encode())
        self.append(f"pg_temp.{name}", batch)
        self.weigh(name)
        yield name
        self._connection.execute(f"drop table pg_temp.{name}".encode())

    def put_aside(self, name: str, sql: str) -> str:
        """See `Transaction.put_aside`."""
        self.execute(f"create temporary table {name} on commit drop as {sql}")
        return f"pg_temp.{name}"

    def weigh(self, table: str) -> None:
        """See `Transaction.weigh`; without it, joins of tables just filled were planned as nested loops."""
        self._connection.execute(f"analyze {table if '.' in table else f'pg_temp.{table}'}".encode())


def bound(connection: Connection, sql: str, params: Mapping[str, object]) -> bytes:
    """The statement with its parameters as literals, quoted by psycopg: COPY takes no parameters."""
    if not placeholders.names(sql):
        return sql.encode()
    text = placeholders.translate(sql.replace("%", "%%"), lambda name: f"%({name})s")
    return psycopg.ClientCursor(connection).mogrify(text.encode(), params).encode()


def _query(connection: Connection, sql: bytes) -> pa.Table:
    """The rows as Arrow: types from the server's description, values by COPY."""
    fields = _describe(connection, sql)
    if not fields:
        connection.execute(sql)
        return pa.table({})
    with connection.cursor().copy(
        b"copy (\n" + placeholders.without_end(sql.decode()).encode() + b"\n) to stdout (format csv)"
    ) as copy:
        text = b"".join(copy)
    return _parsed(text, fields)


def _parsed(text: bytes, fields: list[pa.Field]) -> pa.Table:
    names = [field.name for field in fields]
    if not text:
        return with_scale(pa.schema(fields).empty_table(), fields)
    places = [str(place) for place in range(len(fields))]  # names may repeat, places do not
    table = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(column_names=places),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types={place: field.type for place, field in zip(places, fields, strict=True)},
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return with_scale(table.rename_columns(names), fields)


def _describe(connection: Connection, sql: bytes) -> list[pa.Field]:
    """The columns that a statement gives, without running it; refuses several statements in one text."""
    for result in (
        connection.pgconn.prepare(b"", sql),
        described := connection.pgconn.describe_prepared(b""),
    ):
        if result.status not in {psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK}:
            raise psycopg.errors.error_from_result(result)
    return [
        arrow_field((described.fname(at) or b"").decode(), described.ftype(at), described.fmod(at))
        for at in range(described.nfields)
    ]


def _fetched(connection: Connection, sql: str) -> pa.Table:
    """The rows of what COPY cannot run (explain, show), as texts."""
    cursor = connection.execute(sql.encode())
    names = [column.name for column in cursor.description or ()]
    columns = list(zip(*cursor.fetchall(), strict=True)) or [() for _ in names]
    return pa.table(
        {name: [str(value) for value in values] for name, values in zip(names, columns, strict=True)}
    )
