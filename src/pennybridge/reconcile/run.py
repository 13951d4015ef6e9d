"""One reconciliation of one company: the only way in."""

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from pennybridge.api.client import Client
from pennybridge.errors import ConfigurationError
from pennybridge.reconcile.asking import Asking
from pennybridge.reconcile.details import DetailComparison
from pennybridge.reconcile.lists import ListComparison
from pennybridge.reconcile.report import Reconciliation
from pennybridge.store import Database
from pennybridge.sync.bookmarks import Bookmark, read_bookmarks
from pennybridge.sync.report import Progress
from pennybridge.sync.resources import DETAILS, LISTS, NAMES, missing_scope
from pennybridge.sync.run import REQUESTS_AT_ONCE

SAMPLE = 1000
"""Records of each list that are compared unless told otherwise: ten requests."""
RECORDS_PER_PARENT = 50
"""For so many records of the sample, the details of one parent are compared, which costs a request."""


def reconcile(
    *,
    company_id: int,
    client: Client,
    database: Database,
    scopes: Collection[str],
    sample: int | None = SAMPLE,
    seed: int = 0,
    resources: Collection[str] = (),
    progress: Progress | None = None,
) -> Reconciliation:
    """Compare a company in the database with Pennylane; nothing is changed on either side.

    A record that differs is read a second time on both sides before it counts, and does not count when it
    changed since the last sync. Left out are documents of excluded customers and what the sync has not read
    yet; the result says how many parents that are.

    Args:
        company_id: The company the client's token belongs to.
        client: Its limiter sets the pace.
        database: May be open for reading only.
        scopes: What the grant covers; a resource outside them is skipped.
        sample: Records of each list to compare; all, and all details, when None. The newest are always
            among them.
        seed: Another one chooses other records.
        resources: Compare only these; all when empty.
        progress: Told the requests done of those that there will be, at least.

    Raises:
        ConfigurationError: `resources` names no resource, or the company was never synced; nothing was sent.
        ApiError: A request failed for good.
    """
    begun = time.monotonic()
    bookmarks = read_bookmarks(database, company_id)
    _refuse(resources, bookmarks)
    excluded = "select customer_id from pennylane.exclusions where company_id = :company_id"
    reconciliation = Reconciliation(company_id, is_full=sample is None, seed=seed)
    with ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="reconcile") as pool:
        asking = Asking(
            company_id,
            client,
            database,
            pool,
            bookmarks,
            seed,
            sample,
            progress,
            excluded=frozenset(id_ for (id_,) in database.rows(excluded, company_id=company_id)),
        )
        for name in NAMES:
            if not resources or name in resources:
                _compare(asking, reconciliation, name, scopes)
    reconciliation.requests = asking.requests
    reconciliation.seconds = time.monotonic() - begun
    return reconciliation


def _compare(asking: Asking, into: Reconciliation, name: str, scopes: Collection[str]) -> None:
    result = into.result(name)
    result.skipped = _why_skipped(asking.bookmarks, name, scopes)
    if result.skipped:
        return
    if name in LISTS:
        found = ListComparison(asking, name, into.resources).run()
    else:
        most = None if asking.most is None else -(-asking.most // RECORDS_PER_PARENT)
        found = DetailComparison(asking, name, result, most).run()
    into.take(found)


def _why_skipped(bookmarks: dict[str, Bookmark], name: str, scopes: Collection[str]) -> str | None:
    if scope := missing_scope(name, scopes):
        return f'the token lacks the scope "{scope}"'
    bookmark = bookmarks.get(DETAILS.get(name, name))
    if bookmark is None or bookmark.full_load_at is None:
        return "it was never loaded: run `pennybridge sync`"
    if bookmark.crawl:
        return "its full load was interrupted: run `pennybridge sync`"
    return None


def _refuse(resources: Collection[str], bookmarks: dict[str, Bookmark]) -> None:
    unknown = sorted(set(resources) - set(NAMES))
    if unknown:
        raise ConfigurationError(
            f"There is no resource {', '.join(map(repr, unknown))}; there are: {', '.join(NAMES)}. "
            "Nothing was sent."
        )
    if not bookmarks:
        raise ConfigurationError("There is nothing to compare yet. Run `pennybridge sync` first.")
