"""The hub's state in the schema `hub` of the same PostgreSQL that holds the books."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import LockNotAvailable

from pennybridge.clock import Clock
from pennybridge.errors import DatabaseBusyError
from pennybridge.store import migrations
from pennybridge.store.postgresql import Connection, PostgresDatabase, bound, migrate
from pennybridge.store.state import LOCK_PATIENCE, Row, StateDatabase, StateTransaction

_STATE_LOCK = 5_063_473  # any number that the locks of `postgresql.py` do not take


def open_postgresql_state(url: str, clock: Clock) -> "PostgresState":
    """Connect, bringing the tables of the schema `hub` up to date."""
    database = PostgresDatabase(url, search_path="hub")
    try:
        migrate(database, "hub", migrations.load("state"), clock)
    except BaseException:
        database.close()
        raise
    return PostgresState(database)


class PostgresState(StateDatabase):
    """The schema `hub` of a PostgreSQL database."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    @contextmanager
    def transaction(self) -> Iterator["PostgresStateTransaction"]:
        """See `StateDatabase.transaction`."""
        with self._database.connection() as connection, connection.transaction():
            yield PostgresStateTransaction(connection)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """See `StateDatabase.lock`; an advisory lock of a session."""
        key = (_STATE_LOCK, zlib.crc32(name.encode()) - 2**31)
        with self._database.connection() as connection:
            try:
                connection.execute(f"set lock_timeout = {int(LOCK_PATIENCE * 1000)}".encode())
                connection.execute("select pg_advisory_lock(%s, %s)", key)
            except LockNotAvailable as error:
                raise DatabaseBusyError(
                    f"Another process has kept {name} for {LOCK_PATIENCE:.0f} seconds. Nothing was done; "
                    "try again when it has ended."
                ) from error
            finally:
                connection.execute("set lock_timeout = default")
            try:
                yield
            finally:
                if not connection.closed:
                    connection.execute("select pg_advisory_unlock(%s, %s)", key)

    def close(self) -> None:
        """See `StateDatabase.close`."""
        self._database.close()


class PostgresStateTransaction(StateTransaction):
    """Writes on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, **params: object) -> int:
        """See `StateTransaction.execute`."""
        return max(self._connection.execute(bound(self._connection, sql, params)).rowcount, 0)

    def rows(self, sql: str, **params: object) -> list[Row]:
        """See `StateTransaction.rows`."""
        cursor = self._connection.execute(bound(self._connection, sql, params))
        names = tuple(column.name for column in cursor.description or ())
        return [Row.of(names, values) for values in cursor.fetchall()]
