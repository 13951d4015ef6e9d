"""What a destination lacks: rows whose digest is not the one noted, found by the engine that holds the books.

A digest covers every column but the one that moves at each read. Comparing digests needs no stamp on rows,
so it serves models, whose rows are made again by every build, as well as landing tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pennybridge.publish.memory import Memory
from pennybridge.publish.tables import MOVING, PublishedTable
from pennybridge.store import Transaction

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_SLICE = 50_000
"""About 50 MB of invoice lines with their payload."""


@dataclass(frozen=True)
class Differences:
    """What a destination lacks of one table, numbered from 1 in the order of the key."""

    table: PublishedTable
    put: int
    """Rows that are new or changed."""
    removed: int
    """Rows that are there and no longer here."""
    is_first: bool
    """The table is not there yet, or with other columns: it is made anew."""
    companies: tuple[int, ...]
    """Whose rows were compared."""
    known_companies: tuple[int, ...]
    """Whose rows are there already; empty when `is_first`."""
    _snapshot: Transaction
    _dialect: str
    _listed: str

    @property
    def total(self) -> int:
        """Rows to write or remove."""
        return self.put + self.removed

    def keys(self, low: int, high: int) -> "pa.Table":
        """The key columns and `digest` of differences `low` to `high`; no digest means removed."""
        names = ", ".join((*self.table.key, "digest"))
        return self._snapshot.query(
            f"select {names} from {self._listed} where place between :low and :high",  # noqa: S608 — names of ours
            low=low,
            high=high,
        )

    def rows(self, low: int, high: int) -> "pa.Table":
        """The rows to put among differences `low` to `high`.

        The lowest and highest id are named, so that neither engine reads the whole table for each slice.
        """
        columns = ", ".join(f"source.{name}" for name in self.table.columns)
        same = " and ".join(f"source.{name} = listed.{name}" for name in self.table.key)
        bounds, between = {}, ""
        if "id" in self.table.key and low <= high:
            lowest = f"select min(id), max(id) from {self._listed} where place between :low and :high"  # noqa: S608 — names of ours
            [(bounds["least"], bounds["most"])] = self._snapshot.rows(lowest, low=low, high=high)
            between = "and source.id between :least and :most"
        return self._snapshot.query(
            f"select {columns} from {self.table.source} as source join {self._listed} as listed on {same} "  # noqa: S608 — names of ours
            f"where listed.place between :low and :high and listed.digest is not null {between}",
            low=low,
            high=high,
            **bounds,
        )

    def slices(self, size: int | None = None) -> Iterator[tuple[int, int]]:
        """First and last number of each slice; one empty slice when there is nothing."""
        size = size or ROWS_PER_SLICE
        for low in range(1, max(self.total, 1) + 1, size):
            yield low, min(low + size - 1, self.total)

    def everything(self) -> "Differences":
        """All rows that belong there: those of the companies compared, and of those there already."""
        companies = tuple(sorted({*self.companies, *self.known_companies}))
        listed = f"everything_{self.table.name}"
        self._snapshot.execute(_list(self.table, listed, "", companies, self._dialect))
        _make_findable(self._snapshot, listed, self._dialect)
        [(rows,)] = self._snapshot.rows(f"select count(*) from {listed}")  # noqa: S608 — a name of ours
        return replace(self, put=int(rows), removed=0, is_first=True, companies=companies, _listed=listed)


def compare(
    snapshot: Transaction, table: PublishedTable, memory: Memory, companies: tuple[int, ...], *, dialect: str
) -> Differences:
    """Find what the destination lacks of a table, for some companies."""
    is_first = not memory.knows(table)
    listed = f"differences_{table.name}"
    snapshot.execute(_list(table, listed, "" if is_first else memory.rows_of(table), companies, dialect))
    _make_findable(snapshot, listed, dialect)
    [(put, removed)] = snapshot.rows(f"select count(digest), count(*) - count(digest) from {listed}")  # noqa: S608 — a name of ours
    known: list[tuple[int]] = []
    if table.has_company and not is_first:
        known = snapshot.rows(f"select distinct company_id from {memory.rows_of(table)}")  # noqa: S608 — a name of ours
    return Differences(
        table,
        int(put),
        int(removed),
        is_first=is_first,
        companies=companies,
        known_companies=tuple(sorted(company for (company,) in known)),
        _snapshot=snapshot,
        _dialect=dialect,
        _listed=listed,
    )


def _make_findable(snapshot: Transaction, listed: str, dialect: str) -> None:
    """Let the engine go straight to a slice; DuckDB needs no index for numbers that ascend."""
    if dialect == "postgresql":
        snapshot.execute(f"create index on {listed} (place)")
    snapshot.weigh(listed)


def _list(table: PublishedTable, listed: str, held: str, companies: tuple[int, ...], dialect: str) -> str:
    keys, mine = ", ".join(table.key), table.of_companies(companies)
    here = f"select {keys}, {digest(table, dialect)} as digest from {table.source} where {mine}"  # noqa: S608 — names of ours
    order = f"row_number() over (order by {keys}) as place"
    if not held:
        return f"create temporary table {listed} as select {keys}, digest, {order} from ({here}) as here"  # noqa: S608 — names of ours
    there = f"select {keys}, digest from {held} where {mine}"  # noqa: S608 — names of ours
    return (
        f"create temporary table {listed} as select {keys}, here.digest, {order} "  # noqa: S608 — names of ours
        f"from ({here}) as here full join ({there}) as there using ({keys}) "
        "where here.digest is distinct from there.digest"
    )


def digest(table: PublishedTable, dialect: str) -> str:
    """The expression of a row's digest, 64 bits."""
    columns = [name for name in table.columns if name != MOVING]
    if dialect == "postgresql":
        return f"hashtextextended(cast(row({', '.join(columns)}) as text), 0)"
    texts = [f"cast({name} as text)" if name == "payload" else name for name in columns]
    return f"cast(hash({', '.join(texts)}) // 2 as bigint)"
