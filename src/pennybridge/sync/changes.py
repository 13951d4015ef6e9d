"""Brings a landing table up to date with its changelog, or with a list of ids to read again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import msgspec

from pennybridge.api.pages import Change, ChangesPage, Cursors
from pennybridge.clock import format_instant
from pennybridge.errors import ApiError, ChangelogGapError, SyncStoppedError
from pennybridge.sync.ahead import fetch_ahead
from pennybridge.sync.bookmarks import Bookmark
from pennybridge.sync.load import PAGES_PER_COMMIT, Load, ReadPage

OVERLAP = timedelta(minutes=2)
"""Each read begins this much before the bookmark: events were observed to come up to 45 s late (July
2026)."""
SETTLED = timedelta(minutes=10)
"""A changelog read to its end is taken as complete up to this long ago, so that a quiet one does not grow
too old."""
IDS_PER_REQUEST = 100
CHANGES_PER_SLICE = 10_000


class _Identified(msgspec.Struct):
    id: int


_decode_id = msgspec.json.Decoder(_Identified).decode


@dataclass(frozen=True)
class Slice:
    """A run of changes, oldest first, and the position to which they lead."""

    changes: list[Change]
    position: datetime
    recent: tuple[str, ...]
    """Changes that a read from `position` on will show again."""


def follow_changes(load: Load, bookmark: Bookmark) -> Bookmark:
    """Apply what the changelog says happened since the bookmark.

    Every inserted or updated id is fetched again, because changes carry no contents; an id that does not
    come back is deleted. Deleted ids are marked, never removed. Applying changes twice does nothing.

    Returns:
        The saved bookmark.

    Raises:
        ChangelogGapError: The bookmark is older than what Pennylane keeps; nothing was written.
        ApiError: A request failed for good; slices applied before stay, the bookmark with them.
    """
    slices = iter(_read_slices(load, bookmark))
    piece = next(slices)
    while True:
        following = next(slices, None)
        at = bookmark.with_(changes_from=piece.position, recent=piece.recent)
        updated, deleted = latest(piece.changes, known=bookmark.recent)
        known_at = load.run.clock()
        _read_again(load, updated)
        with load.run.writing() as transaction:
            load.mark_deleted(transaction, deleted, known_at)
            if following is None:
                return load.finish(transaction, at)
            at.save(transaction)
        bookmark, piece = at, following


def read_again(load: Load, ids: Sequence[int], bookmark: Bookmark) -> Bookmark:
    """Fetch records again although no change was announced; those that do not come back are deleted."""
    _read_again(load, ids)
    with load.run.writing() as transaction:
        return load.finish(transaction, bookmark)


def latest(changes: Iterable[Change], known: Iterable[str] = ()) -> tuple[list[int], list[int]]:
    """The ids to fetch and the ids to mark as deleted, by the last change of each not yet `known`.

    >>> from datetime import datetime
    >>> at = datetime.fromisoformat("2026-07-08T12:00:00Z")
    >>> latest([Change(1, "insert", at), Change(2, "update", at), Change(1, "delete", at)])
    ([2], [1])
    """
    seen = set(known)
    last = {change.id: change.operation for change in changes if mark(change) not in seen}
    return (
        [id_ for id_, operation in last.items() if operation != "delete"],
        [id_ for id_, operation in last.items() if operation == "delete"],
    )


def mark(change: Change) -> str:
    """What tells one change from another."""
    return f"{change.id}:{change.operation}:{format_instant(change.processed_at)}"


def _read_slices(load: Load, bookmark: Bookmark) -> Iterator[Slice]:
    """The changelog from the bookmark to its end, in slices that fit in memory."""
    if bookmark.changes_from is None:
        raise ChangelogGapError(f"The position in the changelog of {load.resource} is not known.")
    since = bookmark.changes_from
    cursors = Cursors()
    page = _changes(load, start_date=since - OVERLAP)
    changes: list[Change] = list(page.items)
    while cursor := cursors.after(page):
        if len(changes) >= CHANGES_PER_SLICE:
            yield _slice(changes, since)
            changes = []
        page = _changes(load, cursor=cursor)
        changes += page.items
    settled = (page.server_time or page.read_at) - SETTLED
    yield _slice(changes, max(since, settled))


def _slice(changes: list[Change], since: datetime) -> Slice:
    position = max([since, *(change.processed_at for change in changes)])
    recent = tuple(sorted({mark(change) for change in changes if change.processed_at >= position - OVERLAP}))
    return Slice(changes, position, recent)


def _changes(load: Load, **where: object) -> ChangesPage:
    load.count_request()
    return load.run.client.changes(load.resource, **where)  # type: ignore[arg-type]


def _read_again(load: Load, ids: Sequence[int]) -> None:
    """Fetch these records by id, up to 100 at a time, and write them."""
    batches = [ids[at : at + IDS_PER_REQUEST] for at in range(0, len(ids), IDS_PER_REQUEST)]
    waiting: list[tuple[Sequence[int], list[ReadPage]]] = []
    try:
        for answered in fetch_ahead(load.run.pool, partial(fetch, load), batches):
            waiting.append(answered)
            if len(waiting) >= PAGES_PER_COMMIT:
                _commit(load, waiting, len(ids))
    except (ApiError, SyncStoppedError):
        _commit(load, waiting, len(ids))
        raise
    _commit(load, waiting, len(ids))


def _commit(load: Load, waiting: list[tuple[Sequence[int], list[ReadPage]]], total: int) -> None:
    """Write the answers; ids that were asked for and did not come are deleted."""
    if not waiting:
        return
    with load.run.writing() as transaction:
        load.write(transaction, [page for _, pages in waiting for page in pages])
        for asked, pages in waiting:
            found = {_decode_id(record).id for page in pages for record in page.records}
            load.mark_deleted(transaction, [id_ for id_ in asked if id_ not in found], pages[0].read_at)
    waiting.clear()
    load.tell(total=total)


def fetch(load: Load, ids: Sequence[int]) -> list[ReadPage]:
    """The records with these ids, on as many pages as the answer takes; records that are gone are missing."""
    include = "invoice_lines" if load.resource == "customer_invoices" else None
    pages: list[ReadPage] = []
    cursors, cursor = Cursors(), None
    while True:
        page = load.page(filter=[("id", "in", list(ids))], sort="id", include=include, cursor=cursor)
        pages.append(ReadPage.of(page))
        cursor = cursors.after(page)
        if cursor is None:
            return pages
