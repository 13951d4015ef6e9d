"""The one way in: `publish` brings a destination up to date and proves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from pennybridge.errors import ConfigurationError
from pennybridge.publish.destination import Destination
from pennybridge.publish.differences import Differences, compare
from pennybridge.publish.memory import Memory
from pennybridge.publish.reconcile import difference
from pennybridge.publish.tables import PublishedTable, published_tables
from pennybridge.store import Database, Transaction

Progress = Callable[[str, int, int], None]
"""Told a table, the rows of it that are written, and how many there are to write."""


@dataclass(frozen=True)
class TableReport:
    """What became of one table."""

    name: str
    rows: int
    """Rows of the companies published, here."""
    put: int
    """Rows that were new or changed."""
    removed: int
    problem: str | None
    """How the destination differs after all; None when counts and sums are equal."""


@dataclass(frozen=True)
class PublishReport:
    """What a publication did."""

    destination: str
    tables: tuple[TableReport, ...]
    seconds: float
    left_over: tuple[str, ...] = ()
    """Tables that were published and are no longer made here: they stay there as they were."""

    @property
    def put(self) -> int:
        """Rows written."""
        return sum(table.put for table in self.tables)

    @property
    def removed(self) -> int:
        """Rows removed."""
        return sum(table.removed for table in self.tables)

    @property
    def problems(self) -> list[TableReport]:
        """The tables that differ after all."""
        return [table for table in self.tables if table.problem]


def publish(
    database: Database,
    destination: Destination,
    *,
    companies: Sequence[int] | None = None,
    whole: bool = False,
    progress: Progress | None = None,
) -> PublishReport:
    """Bring a destination up to date with the landing tables and models, then count and add up both sides.

    Only what changed since the last time is written; rows that are gone here are removed there. Nothing new:
    nothing is written. Stopped anywhere, the next call goes on with what is not noted as written.

    Args:
        database: The books. Others may write to them meanwhile; one state of them is published.
        destination: As `target.open_target` gives it.
        companies: Whose books; all companies when absent. Those published earlier stay there.
        whole: Forget what the destination was given, and publish everything anew.
        progress: Told about each table while it is written.

    Returns:
        Every table with what was written, and how the destination differs where it does.

    Raises:
        ConfigurationError: There is no company to publish, or the destination holds tables that were not
            published from here; nothing was done.
        DatabaseBusyError: Someone publishes to this destination already; nothing was done.
        PublishError: The destination refused or cannot be reached; what was noted stays.
        StoreError: The books or the destination could not be read or written.
    """
    started = perf_counter()
    with database.publishing_lock(destination.where):
        memory = Memory(database, destination.where)
        with database.snapshot() as snapshot:
            chosen, tables = _chosen(snapshot, companies), published_tables(snapshot)
            if whole:
                memory.forget()
            else:
                _settle(memory, destination, tables)
            run = _Run(database, snapshot, destination, memory, chosen, progress)
            run.run(tables)
            reports = tuple(run.report(table) for table in tables)
        left_over = tuple(sorted(memory.signatures.keys() - {table.name for table in tables}))
    return PublishReport(destination.where, reports, perf_counter() - started, left_over)


@dataclass
class _Run:
    """One publication under way."""

    database: Database
    snapshot: Transaction
    destination: Destination
    memory: Memory
    companies: tuple[int, ...]
    progress: Progress | None
    found: dict[str, Differences] = field(default_factory=dict)

    def run(self, tables: Sequence[PublishedTable]) -> None:
        """Find what differs, and write it."""
        for table in tables:
            self.found[table.name] = compare(
                self.snapshot, table, self.memory, self.companies, dialect=self.database.dialect
            )
        due = [found for found in self.found.values() if found.total or found.is_first]
        if due:
            self.destination.write(self.memory.mark, due, self._note)

    def report(self, table: PublishedTable) -> TableReport:
        """What was written of a table, and whether both sides add up."""
        found = self.found[table.name]
        rows, problem = difference(self.snapshot, self.destination, table, self.companies)
        return TableReport(table.name, rows, found.put, found.removed, problem)

    def _note(self, written: Differences, low: int, high: int) -> None:
        is_first = written.is_first and low == 1
        self.memory.note(written.table, written.keys(low, high), is_new=written.is_first, is_first=is_first)
        if self.progress:
            self.progress(written.table.name, high, written.total)


def _settle(memory: Memory, destination: Destination, tables: Sequence[PublishedTable]) -> None:
    """Forget what a destination was given that was emptied or put back; leave alone one of another."""
    standing = destination.standing(memory.mark, memory.former_marks, tables)
    if standing == "taken":
        raise ConfigurationError(
            f"{destination.where} holds tables that were not published from here: those of another "
            "installation, in another format, or somebody's own. Nothing was written. Name another --dataset "
            "or, to replace them, --whole."
        )
    if standing == "free" and memory.signatures:
        memory.forget()


def _chosen(snapshot: Transaction, companies: Sequence[int] | None) -> tuple[int, ...]:
    if companies is None:
        companies = [company for (company,) in snapshot.rows("select company_id from pennylane.companies")]
    if not companies:
        raise ConfigurationError(
            "There is no company to publish yet. Run `pennybridge connect` and `pennybridge sync` first."
        )
    return tuple(sorted(set(companies)))
