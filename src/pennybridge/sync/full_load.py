"""Reads a whole list into its landing table, finds deletions by absence, and can be killed at any point."""

from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from pennybridge.api.pages import Page
from pennybridge.errors import ApiError, ImplausibleDeletionError, SyncStoppedError
from pennybridge.store import Transaction
from pennybridge.sync import crawl
from pennybridge.sync.bookmarks import Bookmark, Crawl
from pennybridge.sync.load import PAGES_PER_COMMIT, Load, ReadPage
from pennybridge.sync.resources import LISTS

CLOCK_MARGIN = timedelta(minutes=2)
"""The noted position lies this much before the first answer: `Date` has whole seconds and events come
late."""
PLAUSIBLE_DELETIONS = 10
PLAUSIBLE_SHARE = 0.2
"""More absences than both of these stop a load: a list that answers short must not empty a table."""


def load_fully(load: Load, bookmark: Bookmark) -> Bookmark:
    """Crawl the load's resource into its landing table.

    The changelog's position is noted before the crawl, so what changes meanwhile is found by following it
    afterwards.
    About ten pages are committed at a time together with what is left to read. A later run goes on from
    there where a changelog tells what changed since; a resource without one starts again.

    Returns:
        The saved bookmark.

    Raises:
        ImplausibleDeletionError: Too many rows were not met again; what was read stays, nothing was marked.
        ApiError: A request failed for good; committed pages stay and the next run goes on.
    """
    resource = LISTS[load.resource]
    unfinished = bookmark.crawl if resource.has_changelog else None
    state = unfinished or Crawl(load.run.clock(), None, [(0, None)])
    include = "invoice_lines" if load.resource == "customer_invoices" else None
    walk = crawl.Crawl(
        partial(load.page, include=include),
        load.run.pool,
        remaining=state.remaining,
        others=lambda: load.run.crawls - 1,
    )
    load.run.crawls += 1
    try:
        bookmark, waiting = _read(load, walk, bookmark.with_(crawl=state))
    finally:
        load.run.crawls -= 1
    finished = bookmark.with_(
        crawl=None,
        changes_from=bookmark.crawl.changes_from if bookmark.crawl else None,
        recent=(),
        full_load_at=state.started_at,
        swept_at=None,
    )
    try:
        with load.run.writing() as transaction:
            load.write(transaction, waiting)
            _mark_absent(load, transaction, state.started_at)
            return load.finish(transaction, finished)
    except ImplausibleDeletionError:
        # The list may have answered short: the next full load must read it from its beginning.
        with load.run.writing() as transaction:
            bookmark.with_(crawl=None).save(transaction)
        raise


def _read(load: Load, walk: crawl.Crawl, bookmark: Bookmark) -> tuple[Bookmark, list[ReadPage]]:
    """Read the list to its end; what is not committed by then is given back, with the bookmark."""
    waiting: list[ReadPage] = []
    try:
        for crawled in walk.pages():
            bookmark = _noted(load, bookmark, crawled.page)
            waiting.append(ReadPage.of(crawled.page, crawled.records))
            if len(waiting) >= PAGES_PER_COMMIT:
                bookmark = _commit(load, walk, bookmark, waiting)
    except (ApiError, SyncStoppedError):
        if waiting:
            _commit(load, walk, bookmark, waiting)
        raise
    return bookmark, waiting


def _noted(load: Load, bookmark: Bookmark, page: Page) -> Bookmark:
    """The bookmark with the position from which the changelog must be followed after the crawl."""
    if bookmark.crawl is None or bookmark.crawl.changes_from or not LISTS[load.resource].has_changelog:
        return bookmark
    position = (page.server_time or page.read_at) - CLOCK_MARGIN
    return bookmark.with_(crawl=replace(bookmark.crawl, changes_from=position))


def _commit(load: Load, walk: crawl.Crawl, bookmark: Bookmark, waiting: list[ReadPage]) -> Bookmark:
    """Write the waiting pages together with what is left to read."""
    if bookmark.crawl:
        bookmark = bookmark.with_(crawl=replace(bookmark.crawl, remaining=walk.remaining()))
    load.commit(waiting, bookmark)
    waiting.clear()
    load.tell()
    return bookmark


def _mark_absent(load: Load, transaction: Transaction, started_at: datetime) -> None:
    """Mark the rows that the crawl did not meet as deleted, with what hangs on them."""
    company_id, table = load.run.company_id, load.table
    if "customer_id" in table.content:
        # What was there of an excluded customer stays as it was: its documents were met, only not written.
        transaction.execute(
            f"""
            update pennylane.{table.name} set read_at = :now
            where company_id = :company_id and deleted_at is null
              and customer_id in (select customer_id from pennylane.exclusions where company_id = :company_id)
            """,  # noqa: S608 — a table of ours
            company_id=company_id,
            now=load.run.clock(),
        )
    how = {"read_before": started_at, "deleted_at": load.run.clock(), "load_id": load.load_id}
    absent = transaction.mark_absent_deleted(table, company_id, dry_run=True, **how)  # type: ignore[arg-type]
    if not absent:
        return
    _guard(load, transaction, absent)
    gone = transaction.rows(
        f"""
        select id from pennylane.{table.name}
        where company_id = :company_id and deleted_at is null and read_at < :started_at
        """,  # noqa: S608 — a table of ours
        company_id=company_id,
        started_at=started_at,
    )
    transaction.mark_absent_deleted(table, company_id, **how)  # type: ignore[arg-type]
    load.report.deleted += absent
    load.forget_children(transaction, [id_ for (id_,) in gone], known_at=started_at)


def _guard(load: Load, transaction: Transaction, absent: int) -> None:
    """Refuse to mark an implausible share of a table as deleted unless a person confirmed it."""
    if load.resource in load.run.confirmed or absent <= PLAUSIBLE_DELETIONS:
        return
    ((live,),) = transaction.rows(
        f"""
        select count(*) from pennylane.{load.table.name}
        where company_id = :company_id and deleted_at is null
        """,  # noqa: S608 — a table of ours
        company_id=load.run.company_id,
    )
    if absent > live * PLAUSIBLE_SHARE:
        raise ImplausibleDeletionError(
            f"Pennylane's list of {load.resource} no longer holds {absent:,} of the {live:,} records in the "
            "database. That is more than a company usually deletes, so nothing was marked as deleted and the "
            "end of this load was not written. If the records are really gone, confirm with: "
            f"pennybridge sync --full {load.resource} --confirm-deletions {load.resource}"
        )
