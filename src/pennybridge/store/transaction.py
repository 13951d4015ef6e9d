"""What is written together: the interface of a transaction; each engine fills in the few primitive steps."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pennybridge.store import deletions, upsert
from pennybridge.store.landing import Table

if TYPE_CHECKING:
    import pyarrow as pa


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

    @abstractmethod
    def put_aside(self, name: str, sql: str) -> str:
        """Put the rows of a SELECT in a table that goes with the transaction; the name it is read by."""

    @contextmanager
    def helpers(self) -> Iterator[Sequence["Transaction"]]:
        """Others that read and put aside at the same time, each in a thread of its own.

        They see what was committed before the block and what they put aside; this transaction does too, if it
        reads nothing of that before the block ends. Here it is alone: nobody else sees what it writes.
        """
        yield (self,)

    def weigh(self, table: str) -> None:  # noqa: B027 — DuckDB knows the size of a table that was just filled
        """Let the engine learn what a table holds, `schema.table` or temporary, before it plans with it."""

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


def as_tuples(table: "pa.Table") -> list[tuple[Any, ...]]:
    """An Arrow table's rows as Python values."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
