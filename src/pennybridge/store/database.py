"""The database as the rest of the program uses it; each engine fills in the few primitive steps.

A `Database` reads from any thread. A `Transaction` writes: it commits when its block ends well and rolls back
when it does not. One transaction at a time per `Database`; another thread waits for its turn.
"""

import threading
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from pennybridge.clock import Clock, system_clock
from pennybridge.errors import ConfigurationError, DatabaseBusyError
from pennybridge.store.backups import Tell
from pennybridge.store.refusals import postgresql_extra
from pennybridge.store.transaction import Transaction, as_tuples

if TYPE_CHECKING:
    import pyarrow as pa

Dialect = Literal["duckdb", "postgresql"]
Hold = tuple[int, int]
"""What is locked: the kind of work, and a number for whom or what it is done."""

_SYNCING = 5_063_472  # any numbers, as long as all processes take the same
_PUBLISHING = 5_063_474


class Database(ABC):
    """An open database with its tables in place; made by `open_database`."""

    dialect: Dialect

    def __init__(self) -> None:
        self._held: set[Hold] = set()
        self._held_lock = threading.Lock()

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction for the block: committed when it ends well, rolled back when it raises."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Transaction]:
        """One state of the tables to read in the block, while others write; temporary tables may be made."""

    @abstractmethod
    def query(self, sql: str, **params: object) -> "pa.Table":
        """The rows of a statement as Arrow, outside any transaction."""

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """The rows of a statement as tuples, outside any transaction."""
        return as_tuples(self.query(sql, **params))

    @abstractmethod
    def query_read_only(self, sql: str, limit: int | None = None) -> "pa.Table":
        """The rows, at most `limit`, of one statement that a person wrote; it may not write."""

    @contextmanager
    def little_memory(self) -> Iterator[None]:
        """Keep the engine's cache small for the block: a load writes much and reads little of it again."""
        yield

    @contextmanager
    def company_lock(self, company_id: int) -> Iterator[None]:
        """Keep other syncs of this company away for the block, in this process and in any other.

        Raises:
            DatabaseBusyError: One is running; nothing was done.
        """
        busy = (
            f"Another sync of company {company_id} is running",
            f"Another process syncs company {company_id}",
        )
        with self._alone((_SYNCING, company_id % 2**31), *busy):
            yield

    @contextmanager
    def publishing_lock(self, destination: str) -> Iterator[None]:
        """Keep others from publishing to this destination for the block, here and in other processes.

        Raises:
            DatabaseBusyError: Someone does; nothing was done.
        """
        busy = f"{destination} is being published to already"
        with self._alone((_PUBLISHING, zlib.crc32(destination.encode()) % 2**31), busy, busy):
            yield

    @contextmanager
    def _alone(self, hold: Hold, busy_here: str, busy_elsewhere: str) -> Iterator[None]:
        """Hold one of the locks that all processes know by two numbers, or say who is in the way."""
        again = "Nothing was done; wait until it has ended."
        with self._held_lock:
            if hold in self._held:
                raise DatabaseBusyError(f"{busy_here}. {again}")
            self._held.add(hold)
        try:
            with self._alone_elsewhere(hold) as is_alone:
                if not is_alone:
                    raise DatabaseBusyError(f"{busy_elsewhere}. {again}")
                yield
        finally:
            self._held.discard(hold)

    @contextmanager
    def _alone_elsewhere(self, hold: Hold) -> Iterator[bool]:  # noqa: ARG002 — PostgreSQL needs it
        """Whether no other process holds it; then none can in the block. DuckDB lets none in anyway."""
        yield True

    @abstractmethod
    def close(self) -> None:
        """Let go of the database; another process may open it then."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(
    url: str, *, read_only: bool = False, clock: Clock = system_clock, tell: Tell = lambda _: None
) -> Database:
    """Open the database, making it or bringing its tables up to date first.

    Args:
        url: `duckdb:///path/to/file.duckdb` or `postgresql://…`.
        read_only: Write nothing, not even tables: the database must exist and be up to date.
        clock: Stamps the migrations.
        tell: Told that a DuckDB file was brought up to date, and where its copy from before is.

    Raises:
        DatabaseBusyError: Another process holds the DuckDB file.
        StoreError: It cannot be opened, or a newer Pennybridge made it, or its tables could not be brought up
            to date; it is as it was.
    """
    if url.startswith("duckdb:///"):
        from pennybridge.store.duckdb import open_duckdb

        return open_duckdb(url.removeprefix("duckdb:///"), read_only=read_only, clock=clock, tell=tell)
    if url.startswith(("postgresql://", "postgres://")):
        with postgresql_extra():
            from pennybridge.store.postgresql import open_postgresql
        return open_postgresql(url, read_only=read_only, clock=clock)
    raise ConfigurationError(
        "A database address begins with duckdb:/// or postgresql://, "
        f"not {url.partition(':')[0]!r}. Nothing was opened."
    )


def open_warehouse(url: str) -> Database:
    """Open a database that tables are published to: none of ours are made in it.

    Args:
        url: `duckdb:///path/to/file.duckdb` or `postgresql://…`.

    Raises:
        StoreError: It cannot be opened.
    """
    if url.startswith("duckdb:///"):
        from pennybridge.store.duckdb import open_warehouse_file

        return open_warehouse_file(url.removeprefix("duckdb:///"))
    with postgresql_extra():
        from pennybridge.store.postgresql import PostgresDatabase
    return PostgresDatabase(url)
