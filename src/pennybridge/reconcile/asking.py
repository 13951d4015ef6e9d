"""What the comparisons of one company share: who is asked, what is stored, what it costs."""

import random
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pennybridge.api.client import Client
from pennybridge.api.pages import ChangesPage, Cursors, Page
from pennybridge.errors import ChangelogGapError
from pennybridge.store import Database
from pennybridge.store.batches import batch_from_records
from pennybridge.store.landing import Table
from pennybridge.sync.bookmarks import Bookmark
from pennybridge.sync.changes import OVERLAP, mark
from pennybridge.sync.report import Progress
from pennybridge.sync.resources import LISTS

if TYPE_CHECKING:
    from msgspec import Raw

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pending:
    """What the next sync will bring: changes that it has not read, and what is too new for a changelog."""

    ids: frozenset[int] = frozenset()
    since: datetime | None = None
    """Records that changed at or after this instant count as well."""


@dataclass
class Asking:
    """One company under comparison."""

    company_id: int
    client: Client
    database: Database
    pool: Executor
    bookmarks: dict[str, Bookmark]
    seed: int = 0
    most: int | None = None
    """Records of each list that are compared; all when None."""
    progress: Progress | None = None
    requests: int = 0
    excluded: frozenset[int] = frozenset()
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pending: dict[str, Pending] = field(default_factory=dict)

    def chance(self, resource: str) -> random.Random:
        """The same choices for the same seed."""
        return random.Random(f"{self.seed} {resource}")  # noqa: S311 — repeatable on purpose

    def page(self, resource: str, **how: Any) -> Page:
        """One page of a list, counted."""
        with self._lock:
            self.requests += 1
        return self.client.page(resource, **how)

    def whole(self, resource: str, **how: Any) -> tuple[list["Raw"], list[Page]]:
        """All pages of a list: their records, and the pages."""
        cursors, cursor = Cursors(), None
        pages: list[Page] = []
        while True:
            pages.append(self.page(resource, cursor=cursor, **how))
            cursor = cursors.after(pages[-1])
            if cursor is None:
                return [record for page in pages for record in page.items], pages

    def batch(
        self, table: Table, records: Sequence["Raw"], parent_ids: Sequence[int] | int | None = None
    ) -> pa.Table:
        """Records as rows of their landing table; they hold no reading time that would mean something."""
        return batch_from_records(table, self.company_id, records, _NEVER, parent_ids)

    def rows(self, table: Table, condition: str, **params: object) -> pa.Table:
        """The stored rows that a condition names, deleted ones too."""
        columns = list(dict.fromkeys((*table.key, *table.content)))
        columns[columns.index("payload")] = "cast(payload as text) as payload"
        return self.database.query(
            f"select {', '.join(columns)}, deleted_at from pennylane.{table.name} "  # noqa: S608 — names of ours
            f"where company_id = :company_id and {condition}",
            company_id=self.company_id,
            **params,
        )

    def pending(self, resource: str) -> Pending:
        """What the next sync of this list will bring; asked of the changelog once."""
        if resource not in self._pending:
            self._pending[resource] = self._ask_pending(resource)
        return self._pending[resource]

    def _ask_pending(self, resource: str) -> Pending:
        bookmark = self.bookmarks[resource]
        if not LISTS[resource].has_changelog or bookmark.changes_from is None:
            return Pending(since=bookmark.checked_at and bookmark.checked_at - OVERLAP)
        cursors, cursor = Cursors(), None
        ids: set[int] = set()
        while True:
            try:
                page = self._changes(resource, bookmark.changes_from, cursor)
            except ChangelogGapError:
                return Pending()
            ids |= {change.id for change in page.items if mark(change) not in bookmark.recent}
            cursor = cursors.after(page)
            if cursor is None:
                # Events come up to 45 seconds late: what changed a moment ago is not there yet.
                return Pending(frozenset(ids), (page.server_time or page.read_at) - OVERLAP)

    def _changes(self, resource: str, since: datetime, cursor: str | None) -> ChangesPage:
        with self._lock:
            self.requests += 1
        if cursor:
            return self.client.changes(resource, cursor=cursor)
        return self.client.changes(resource, start_date=since - OVERLAP)

    def tell(self, resource: str, done: int, total: int) -> None:
        """Say how far a comparison is."""
        if self.progress:
            self.progress(resource, done, total)


def listed(ids: Collection[int]) -> str:
    """Ids for the parentheses of an `in`; numbers, so that nothing has to be quoted."""
    return ", ".join(map(str, ids)) or "null"
