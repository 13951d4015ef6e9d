"""The interface that the rest of the program uses; each engine fills in the few primitive steps.

A `Database` reads from any thread. A `Transaction` writes: it commits when its block ends well and rolls back
when it does not. One transaction at a time per `Database`; another thread waits for its turn.
"""

import threading
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from pennybridge.clock import Clock, system_clock
from pennybridge.errors import ConfigurationError, DatabaseBusyError
from pennybridge.store import deletions, upsert
from pennybridge.store.backups import Tell
from pennybridge.store.landing import Table
from pennybridge.store.refusals import postgresql_extra

if TYPE_CHECKING:
    import pyarrow as pa

Dialect = Literal["duckdb", "postgresql"]
Hold = tuple[int, int]
"""What is locked: the kind of work, and a number for whom or what it is done."""

_SYNCING = 5_063_472  # any numbers, as long as all processes take the same
_PUBLISHING = 5_063_474


@dataclass(frozen=True)
class UpsertCounts:
    """What became of the distinct rows of a batch; `older` rows met a newer read and were left out."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    older: int = 0

    def __add__(self, other: "UpsertCounts") -> "UpsertCounts":
        return UpsertCounts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.older + other.older,
        )


class Transaction(ABC):
    """Writes that become visible together, or not at all. Parameters are written `:name` in both dialects."""

    @abstractmethod
    def execute(self, sql: str, **params: object) -> int:
        """Run a statement; the number of rows it changed."""

    @abstractmethod
    def query(self, sql: str, **params: object) -> "pa.Table":
        """The rows of a statement as Arrow; amounts as decimal128, instants in UTC."""

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """The rows of a statement as tuples."""
        return as_tuples(self.query(sql, **params))

    @abstractmethod
    def append(self, table: str, batch: "pa.Table") -> int:
        """Add rows to a table given as `schema.table`, column by name; their number."""

    def append_all(self, table: str, pieces: "Iterable[pa.Table]") -> int:
        """Add rows that come in pieces of the same columns, one piece at a time in memory; their number."""
        return sum(self.append(table, piece) for piece in pieces)

    @abstractmethod
    def stage(self, name: str, batch: "pa.Table") -> AbstractContextManager[str]:
        """Make a batch readable by SQL inside the block, under the name it gives."""

    def weigh(self, name: str) -> None:  # noqa: B027 — DuckDB knows the size of a table that was just made
        """Let the engine learn how large a temporary table is, before it plans what is done with it."""

    def upsert(self, table: Table, batch: "pa.Table", load_id: str) -> UpsertCounts:
        """Bring rows into a landing table; a row never replaces one that was read later.

        Of rows with the same key in the batch, the one read last counts. A row whose payload is the stored
        one only moves `read_at` and keeps its `load_id`; any other takes the batch's values, `load_id`, and
        is no longer deleted.

        Args:
            table: The landing table.
            batch: As `batches.batch_from_records` makes it, with or without the table's own columns.
            load_id: The load that brings the rows.
        """
        if not batch.num_rows:
            return UpsertCounts()
        batch = upsert.newest_of_each(table, batch)
        ranges = upsert.ranges(batch)
        given = batch.column_names
        with self.stage("incoming", batch) as incoming:
            self.execute(upsert.sort(table, incoming), **ranges)
            self.weigh(upsert.SORTED)
            kinds = dict(self.rows(f"select kind, count(*) from {upsert.SORTED} group by kind"))  # noqa: S608 — a name of ours
            inserted = batch.num_rows - sum(kinds.values())
            if kinds.get("updated"):
                self.execute(upsert.remove(table), **ranges)
            if inserted or kinds.get("updated"):
                self.execute(upsert.insert(table, incoming, given), load_id=load_id)
            if kinds.get("unchanged"):
                self.execute(upsert.move(table), **ranges)
            self.execute(f"drop table {upsert.SORTED}")
        return UpsertCounts(inserted, **kinds)

    def mark_deleted(
        self, table: Table, company_id: int, ids: Sequence[int], read_at: datetime, load_id: str
    ) -> int:
        """Mark rows as deleted, as known at `read_at`, but those read later. The number newly marked."""
        known = deletions.known_batch(ids, read_at)
        return self._mark(table, company_id, load_id, known, by="id", keep="later")

    def mark_children_deleted(
        self, table: Table, company_id: int, parent_ids: Sequence[int], read_at: datetime, load_id: str
    ) -> int:
        """Mark all rows of these parents as deleted, as known at `read_at`. The number newly marked."""
        known = deletions.known_batch(parent_ids, read_at)
        return self._mark(table, company_id, load_id, known, by="parent", keep="later")

    def mark_children_absent_deleted(
        self,
        table: Table,
        company_id: int,
        parent_ids: Sequence[int],
        read_at: datetime | Sequence[datetime],
        load_id: str,
    ) -> int:
        """Mark the rows of these parents that the parent's whole list, read at `read_at`, no longer held.

        Call it after the list's rows were upserted with that same `read_at`. The number newly marked.
        """
        known = deletions.known_batch(parent_ids, read_at)
        return self._mark(table, company_id, load_id, known, by="parent", keep="same or later")

    def mark_absent_deleted(
        self,
        table: Table,
        company_id: int,
        *,
        read_before: datetime,
        deleted_at: datetime,
        load_id: str,
        dry_run: bool = False,
        id_range: tuple[int, int] | None = None,
    ) -> int:
        """Mark rows that a whole crawl, begun at `read_before`, did not meet.

        Args:
            table: The landing table.
            company_id: Whose rows.
            read_before: When the crawl began; a row read since is there.
            deleted_at: When the crawl ended, the instant shown as the deletion.
            load_id: The load that found out.
            dry_run: Count only, for the guard against implausible deletions.
            id_range: Lowest and highest id that the crawl covered, both included; all ids when absent.

        Returns:
            The number of rows newly marked, or that would be.
        """
        low, high = id_range or (-(2**63), 2**63 - 1)
        params = {"company_id": company_id, "read_before": read_before, "low": low, "high": high}
        condition = "read_at < :read_before and id between :low and :high and deleted_at is null"
        if dry_run:
            sql = (
                f"select count(*) from pennylane.{table.name} where company_id = :company_id and {condition}"  # noqa: S608 — a table of ours
            )
            return int(self.rows(sql, **params)[0][0])
        sql = deletions.absent(table, condition)
        return self.execute(sql, deleted_at=deleted_at, load_id=load_id, **params)

    def _mark(
        self,
        table: Table,
        company_id: int,
        load_id: str,
        known: "pa.Table",
        *,
        by: Literal["id", "parent"],
        keep: Literal["later", "same or later"],
    ) -> int:
        if not known.num_rows:
            return 0
        with self.stage("known_gone", known) as staged:
            sql = deletions.known_gone(table, staged, by=by, keep=keep)
            return int(self.rows(sql, company_id=company_id, load_id=load_id)[0][0])


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


def as_tuples(table: "pa.Table") -> list[tuple[Any, ...]]:
    """An Arrow table's rows as Python values."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
