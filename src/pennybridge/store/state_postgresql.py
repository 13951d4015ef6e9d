"""The hub's state in the schema `hub` of the same PostgreSQL that holds the books."""

from collections.abc import Iterator
from contextlib import contextmanager

from pennybridge.clock import Clock
from pennybridge.store import migrations
from pennybridge.store.postgresql import Connection, PostgresDatabase, bound, migrate
from pennybridge.store.state import Row, StateDatabase, StateTransaction


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
