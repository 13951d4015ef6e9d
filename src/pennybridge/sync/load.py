"""How pages become rows: the writes of one resource in one sync, stamped with one `load_id`."""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pennybridge.api.client import Client
from pennybridge.api.pages import LinesPage, Page
from pennybridge.clock import Clock
from pennybridge.errors import SyncError, SyncStoppedError
from pennybridge.store import Database, Transaction, landing
from pennybridge.store.batches import batch_from_records
from pennybridge.store.transaction import UpsertCounts
from pennybridge.sync import details
from pennybridge.sync.bookmarks import Bookmark
from pennybridge.sync.plan import Kind
from pennybridge.sync.report import Progress, ResourceReport
from pennybridge.sync.resources import LISTS

if TYPE_CHECKING:
    from pennybridge.store.landing import Table

PAGES_PER_COMMIT = 10
MANY_ROWS = 10_000
"""So many new rows of a load make PostgreSQL's idea of a table wrong: it plans for the table that was."""

_UPDATE = """
    update pennylane.loads set
        finished_at = :finished_at, status = :status, records_read = :read, inserted = :inserted,
        updated = :updated, unchanged = :unchanged, deleted = :deleted, requests = :requests,
        seconds = :seconds, problem = :problem
    where load_id = :load_id
"""
_INSERT = """
    insert into pennylane.loads
        (load_id, company_id, resource, kind, started_at, finished_at, status, records_read, inserted,
        updated, unchanged, deleted, requests, seconds, problem)
    values (:load_id, :company_id, :resource, :kind, :started_at, :finished_at, :status, :read, :inserted,
        :updated, :unchanged, :deleted, :requests, :seconds, :problem)
"""


@dataclass
class SyncRun:
    """What all loads of one sync share. One transaction at a time, whichever thread asks."""

    company_id: int
    client: Client
    database: Database
    clock: Clock
    pool: Executor
    """Carries the requests; loads run in threads of their own."""
    excluded: frozenset[int] = frozenset()
    confirmed: frozenset[str] = frozenset()
    """Resources whose deletions a person has confirmed, however many."""
    progress: Progress | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the sync is being given up from within."""
    told_to_stop: threading.Event = field(default_factory=threading.Event)
    """Set from outside: the process ends, or the connection is no longer active."""
    crawls: int = 0
    """How many lists are being crawled at this moment."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """The one transaction of the moment."""
        with self._lock, self.database.transaction() as transaction:
            yield transaction


@dataclass(frozen=True)
class ReadPage:
    """Records of one answer, ready to be written."""

    records: Sequence[msgspec.Raw]
    read_at: datetime
    lines: dict[int, LinesPage] | None = None

    @classmethod
    def of(cls, page: Page, records: Sequence[msgspec.Raw] | None = None) -> "ReadPage":
        """The page's records, or those of them that are given."""
        return cls(page.items if records is None else records, page.read_at, page.included_lines)


class Load:
    """The writes of one resource in one sync."""

    def __init__(self, run: SyncRun, resource: str, kind: Kind) -> None:
        self.run = run
        self.resource = resource
        self.table: Table = landing.TABLES[resource]
        self.report = ResourceReport(resource, kind)
        self.started_at = run.clock()
        self.load_id = f"{self.started_at:%Y%m%dT%H%M%S}-{resource}-{secrets.token_hex(3)}"
        self._begun = time.monotonic()
        self._is_recorded = False
        self.parents_done = 0
        self._lock = threading.Lock()

    def count_request(self) -> None:
        """One more request is to be made for this load; see `refuse_when_stopping`."""
        self.refuse_when_stopping()
        with self._lock:
            self.report.requests += 1

    def refuse_when_stopping(self) -> None:
        """Make no more requests once the sync is being given up.

        Raises:
            SyncError: It is; a `SyncStoppedError` if that was asked for.
        """
        if self.run.told_to_stop.is_set() or self.run.stopping.is_set():
            kind = SyncStoppedError if self.run.told_to_stop.is_set() else SyncError
            raise kind("The sync was stopped. What was committed stays; the next one goes on from there.")

    def page(self, **how: object) -> Page:
        """One page of the load's resource, counted."""
        self.count_request()
        return self.run.client.page(self.resource, **how)  # type: ignore[arg-type]

    def write(self, transaction: Transaction, pages: Sequence[ReadPage]) -> None:
        """Bring the records of some answers into the landing tables, lines and wanted details with them."""
        batch = self._batch(pages)
        if batch is None:
            return
        self.count(transaction.upsert(self.table, batch, self.load_id), read=batch.num_rows)
        ids = batch["id"]
        if self.resource == "customer_invoices":
            self._write_lines(transaction, pages, set(ids.to_pylist()))
        if LISTS[self.resource].details:
            low, high = pc.min_max(ids).as_py().values()
            details.want(
                transaction, self.resource, self.run.company_id, load_id=self.load_id, low=low, high=high
            )

    def mark_deleted(self, transaction: Transaction, ids: Sequence[int], known_at: datetime) -> None:
        """Mark records as deleted, and what hangs on them."""
        if not ids:
            return
        company_id = self.run.company_id
        self.report.deleted += transaction.mark_deleted(self.table, company_id, ids, known_at, self.load_id)
        self.forget_children(transaction, ids, known_at)

    def forget_children(self, transaction: Transaction, ids: Sequence[int], known_at: datetime) -> None:
        """Mark what hangs on deleted records as deleted too, and want no more details of them."""
        company_id = self.run.company_id
        for name in LISTS[self.resource].details:
            transaction.mark_children_deleted(landing.TABLES[name], company_id, ids, known_at, self.load_id)
        details.forget(transaction, self.resource, company_id, ids)

    def count(self, counts: UpsertCounts, *, read: int) -> None:
        """Add what an upsert did to the report."""
        self.report.read += read
        self.report.inserted += counts.inserted
        self.report.updated += counts.updated
        self.report.unchanged += counts.unchanged + counts.older

    def tell(self, done: int | None = None, total: int | None = None) -> None:
        """Say how far the load is, to whoever watches."""
        if self.run.progress:
            self.run.progress(self.resource, self.report.read if done is None else done, total)

    def record(self, transaction: Transaction, status: str, problem: str | None = None) -> None:
        """Write the load's own row: `running` with its first rows, `done` or `failed` at its end."""
        report = self.report
        report.seconds = time.monotonic() - self._begun
        row = {
            "load_id": self.load_id,
            "company_id": self.run.company_id,
            "resource": self.resource,
            "kind": report.kind,
            "started_at": self.started_at,
            "finished_at": None if status == "running" else self.run.clock(),
            "status": status,
            "read": report.read,
            "inserted": report.inserted,
            "updated": report.updated,
            "unchanged": report.unchanged,
            "deleted": report.deleted,
            "requests": report.requests,
            "seconds": report.seconds,
            "problem": problem,
        }
        # The first time there is no row, nor when the transaction of the first time was rolled back.
        if not (self._is_recorded and transaction.execute(_UPDATE, **row)):
            transaction.execute(_INSERT, **row)
        self._is_recorded = True

    def commit(self, pages: Sequence[ReadPage], bookmark: Bookmark | None = None) -> None:
        """Write pages and the position they lead to, together."""
        with self.run.writing() as transaction:
            self.write(transaction, pages)
            if bookmark:
                bookmark.save(transaction)
            if not self._is_recorded:
                self.record(transaction, "running")

    def finish(self, transaction: Transaction, bookmark: Bookmark) -> Bookmark:
        """Save the final position and the load's row, inside the transaction of its last rows."""
        final = bookmark.with_(checked_at=self.run.clock(), problem=None, load_id=self.load_id)
        final.save(transaction)
        self.record(transaction, "done")
        if self.report.inserted >= MANY_ROWS:
            # By itself it looks a minute later; until then a join with lines of a first sync took minutes.
            for name in (self.resource, *(LISTS[self.resource].details if self.resource in LISTS else ())):
                transaction.weigh(f"pennylane.{name}")
        self.report.state = "done"
        self.tell(total=self.report.read)
        return final

    def fail(self, problem: str) -> None:
        """Say on report, load and bookmark that the load did not end well; rows written stay."""
        self.report.state, self.report.problem = "failed", problem
        with self.run.writing() as transaction:
            self.record(transaction, "failed", problem)
            transaction.execute(
                """
                insert into pennylane.bookmarks (company_id, resource, problem)
                values (:company_id, :resource, :problem)
                on conflict (company_id, resource) do update set problem = excluded.problem
                """,
                company_id=self.run.company_id,
                resource=self.resource,
                problem=problem,
            )

    def _batch(self, pages: Sequence[ReadPage]) -> pa.Table | None:
        """The pages' records as one batch, without those of excluded customers; None when nothing is left."""
        records = [record for page in pages for record in page.records]
        if not records:
            return None
        read_at = [page.read_at for page in pages for _ in page.records]
        batch = batch_from_records(self.table, self.run.company_id, records, read_at)
        if self.run.excluded and "customer_id" in batch.column_names:
            left_out = pc.is_in(batch["customer_id"], value_set=pa.array(self.run.excluded, pa.int64()))
            batch = batch.filter(pc.invert(left_out))
        if self.resource == "customer_invoices":
            batch = _with_line_counts(batch, pages)
        return batch if batch.num_rows else None

    def _write_lines(self, transaction: Transaction, pages: Sequence[ReadPage], kept: set[int]) -> None:
        """Replace the lines of invoices as sets; a list of lines that goes on is only added to."""
        table, company_id = landing.CUSTOMER_INVOICE_LINES, self.run.company_id
        lists = [
            (id_, lines, page.read_at)
            for page in pages
            for id_, lines in (page.lines or {}).items()
            if id_ in kept
        ]
        records = [record for _, lines, _ in lists for record in lines.items]
        if records:
            parents = [id_ for id_, lines, _ in lists for _ in lines.items]
            read_at = [at for _, lines, at in lists for _ in lines.items]
            batch = batch_from_records(table, company_id, records, read_at, parent_ids=parents)
            transaction.upsert(table, batch, self.load_id)
        whole = [(id_, at) for id_, lines, at in lists if not lines.has_more]
        if whole:
            ids, read_at = [id_ for id_, _ in whole], [at for _, at in whole]
            transaction.mark_children_absent_deleted(table, company_id, ids, read_at, self.load_id)


def _with_line_counts(batch: pa.Table, pages: Sequence[ReadPage]) -> pa.Table:
    """The batch with our own columns: how many lines came with each invoice, and whether those are all."""
    lines = {id_: found for page in pages for id_, found in (page.lines or {}).items()}
    found = [lines.get(id_) for id_ in batch["id"].to_pylist()]
    complete = pa.array([None if page is None else not page.has_more for page in found], pa.bool_())
    counts = pa.array([None if page is None else len(page.items) for page in found], pa.int32())
    return batch.append_column("lines_complete", complete).append_column("lines_read", counts)
