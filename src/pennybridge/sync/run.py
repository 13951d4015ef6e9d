"""One sync of one company: the only way in."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from pennybridge.api.client import Client
from pennybridge.clock import Clock, system_clock
from pennybridge.errors import (
    AuthenticationError,
    ChangelogGapError,
    ConfigurationError,
    PennybridgeError,
    SyncStoppedError,
)
from pennybridge.store import Database
from pennybridge.sync import catch_up, categorized, details
from pennybridge.sync.bookmarks import Bookmark, read_bookmarks
from pennybridge.sync.changes import follow_changes, read_again
from pennybridge.sync.full_load import load_fully
from pennybridge.sync.load import Load, SyncRun
from pennybridge.sync.plan import PlannedLoad, is_sweep_due, plan
from pennybridge.sync.report import Progress, ResourceReport, SyncReport
from pennybridge.sync.resources import DETAILS, LISTS, NAMES, missing_scope
from pennybridge.sync.set_back import bring_to_the_present

REQUESTS_AT_ONCE = 8
LOADS_AT_ONCE = 4
DETAILS_BUDGET = 1000
"""Requests for details in one sync unless told otherwise: a little over three minutes at Pennylane's rate."""


def sync(
    *,
    company_id: int,
    client: Client,
    database: Database,
    scopes: Collection[str],
    clock: Clock = system_clock,
    name: str = "",
    full: Collection[str] = (),
    request_budget: int | None = DETAILS_BUDGET,
    confirm_deletions: Collection[str] = (),
    progress: Progress | None = None,
    told_to_stop: threading.Event | None = None,
) -> SyncReport:
    """Bring the landing tables of one company up to date.

    Lists come first, side by side; then what costs a request per parent, open invoices and new documents
    first. A resource that fails does not stop the others. Killed anywhere, the next run gives the tables it
    would have given.

    Args:
        company_id: The company the client's token belongs to.
        client: Its limiter sets the pace.
        database: Opened for writing.
        scopes: What the grant covers, as `/me` tells; a resource outside them is skipped.
        clock: Our time, for what is due; Pennylane's own time is taken from its answers.
        name: The company's name, kept beside its data.
        full: Resources to load whole although a changelog would do.
        request_budget: Most requests for details (lines beyond 20, payments, contacts…); None for no bound.
        What is left stays due for the next sync.
        confirm_deletions: Resources that may lose an implausible share of their records.
        progress: Told what was read, from one thread at a time.
        told_to_stop: When set, no more requests are made, and what came is committed.

    Raises:
        SyncStoppedError: It was told to stop; what was committed stays, and the next sync goes on from there.
        ConfigurationError: `full` or `confirm_deletions` names no resource; nothing was sent.
        AuthenticationError: The token is no longer accepted; committed pages stay.
        StoreError: The database cannot be written.
    """
    _check_names(full, confirm_deletions)
    begun = time.monotonic()
    report = SyncReport(company_id)
    shared = running(
        company_id,
        client,
        database,
        clock=clock,
        confirmed=confirm_deletions,
        progress=progress,
        told_to_stop=told_to_stop,
    )
    with shared as run:
        _prepare(run, name, full)
        bookmarks = read_bookmarks(database, company_id)
        _load_lists(run, report, plan(bookmarks, now=clock(), scopes=scopes, full=full), bookmarks)
        _load_details(run, report, scopes, request_budget)
    report.requests = sum(each.requests for each in report.resources.values())
    report.seconds = time.monotonic() - begun
    return report


def _check_names(*names: Collection[str]) -> None:
    unknown = sorted({name for group in names for name in group} - set(NAMES))
    if unknown:
        raise ConfigurationError(
            f"There is no resource {', '.join(map(repr, unknown))}; there are: {', '.join(NAMES)}. "
            "Nothing was sent."
        )


@contextmanager
def running(
    company_id: int,
    client: Client,
    database: Database,
    *,
    clock: Clock,
    confirmed: Collection[str],
    progress: Progress | None,
    told_to_stop: threading.Event | None = None,
) -> Iterator[SyncRun]:
    """What the loads share; when the block is left early, requests not yet made are given up."""
    pool = ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="request")
    stopping = threading.Event()
    sql = "select customer_id from pennylane.exclusions where company_id = :company_id"
    with database.company_lock(company_id), database.little_memory():
        try:
            yield SyncRun(
                company_id,
                client,
                database,
                clock,
                pool,
                excluded=frozenset(id_ for (id_,) in database.rows(sql, company_id=company_id)),
                confirmed=frozenset(confirmed),
                progress=progress,
                stopping=stopping,
                told_to_stop=told_to_stop or threading.Event(),
            )
        finally:
            stopping.set()
            pool.shutdown(cancel_futures=True)


def _prepare(run: SyncRun, name: str, full: Collection[str]) -> None:
    """Name the company, close what a killed sync left open, and forget old loads that changed nothing."""
    with run.writing() as transaction:
        transaction.execute(
            """
            insert into pennylane.companies (company_id, name, base_currency, first_seen_at)
            values (:company_id, :name, 'EUR', :now)
            on conflict (company_id) do update set
                name = case when excluded.name = '' then companies.name else excluded.name end
            """,
            company_id=run.company_id,
            name=name,
            now=run.clock(),
        )
        transaction.execute(
            """
            update pennylane.loads set status = 'interrupted'
            where company_id = :company_id and status = 'running'
            """,
            company_id=run.company_id,
        )
        bring_to_the_present(transaction, run.company_id, run.clock())
        for resource in set(full) & set(DETAILS):
            transaction.execute(
                """
                update pennylane.details set read_basis = null
                where company_id = :company_id and resource = :resource
                """,
                company_id=run.company_id,
                resource=resource,
            )
            transaction.execute(
                """
                update pennylane.bookmarks set checked_at = null
                where company_id = :company_id and resource = :resource
                """,
                company_id=run.company_id,
                resource=resource,
            )


def _load_lists(
    run: SyncRun, report: SyncReport, planned: Sequence[PlannedLoad], bookmarks: dict[str, Bookmark]
) -> None:
    """Do the planned loads: the core side by side, then the rest."""
    for load in planned:
        if load.kind == "skipped":
            report.resources[load.resource] = ResourceReport(
                load.resource, "skipped", "skipped", problem=load.reason
            )
    for is_core in (True, False):
        chosen = [load for load in planned if load.kind != "skipped" and LISTS[load.resource].core is is_core]

        def load_one(load: PlannedLoad) -> ResourceReport:
            bookmark = bookmarks.get(load.resource) or Bookmark(run.company_id, load.resource)
            return _load_list(run, load, bookmark)

        for done in _side_by_side(run, load_one, chosen):
            report.resources[done.resource] = done


def _side_by_side(
    run: SyncRun, work: Callable[[PlannedLoad], ResourceReport], loads: Sequence[PlannedLoad]
) -> list[ResourceReport]:
    with ThreadPoolExecutor(LOADS_AT_ONCE, thread_name_prefix="load") as threads:
        futures: list[Future[ResourceReport]] = [threads.submit(work, load) for load in loads]
        try:
            return [future.result() for future in futures]
        except BaseException:
            run.stopping.set()
            for future in futures:
                future.cancel()
            raise


def _load_list(run: SyncRun, planned: PlannedLoad, bookmark: Bookmark) -> ResourceReport:
    load = Load(run, planned.resource, planned.kind)

    def work() -> None:
        at = bookmark
        if planned.kind == "incremental":
            try:
                at = follow_changes(load, at)
            except ChangelogGapError:
                load.report.kind = "full"
        if load.report.kind == "full":
            at = load_fully(load, at)
            if LISTS[load.resource].has_changelog:
                at = follow_changes(load, at)
        if load.resource in catch_up.WORK:
            catch_up.load_included_again(load)
        if load.resource == "customer_invoices":
            _sweep(load, at)

    guarded(load, work)
    return load.report


def _sweep(load: Load, bookmark: Bookmark) -> None:
    """Read open invoices again once a day."""
    now = load.run.clock()
    if not is_sweep_due(bookmark, now):
        return
    rows = load.run.database.rows(
        """
        select id from pennylane.customer_invoices
        where company_id = :company_id and not draft and not paid and deleted_at is null order by id desc
        """,
        company_id=load.run.company_id,
    )
    read_again(load, [id_ for (id_,) in rows], bookmark.with_(swept_at=now))


def _load_details(run: SyncRun, report: SyncReport, scopes: Collection[str], budget: int | None) -> None:
    """Read what costs a request per parent, within the budget, then a few of the oldest again."""
    readable = [name for name in DETAILS if missing_scope(name, scopes) is None]
    if "customer_invoice_categories" in readable:
        _find_categorized(run, report)
    searched = report.resources.get("customer_invoice_categories")
    left = None if budget is None else max(0, budget - (searched.requests if searched else 0))
    for name, count in details.count_due(run, readable).items():
        done = _load_detail(run, name, count, left)
        _merge(report, done)
        left = None if left is None else max(0, left - done.requests)
    if left is None or left > 0:
        for name, parent_id in details.oldest(run, readable, run.clock()):
            load = Load(run, name, "details")
            guarded(load, partial(_read_parents, load, [parent_id]))
            _merge(report, load.report)


def _find_categorized(run: SyncRun, report: SyncReport) -> None:
    load = Load(run, "customer_invoice_categories", "details")
    guarded(load, lambda: categorized.find(load))
    if load.report.requests or load.report.state == "failed":
        _merge(report, load.report)


def _load_detail(run: SyncRun, name: str, count: int, budget: int | None) -> ResourceReport:
    """Read what is due of one detail, as far as the budget goes; say how much is left."""
    load = Load(run, name, "details")
    most = count if budget is None else min(count, budget)
    guarded(load, lambda: _read_parents(load, details.due(run, name, most=most), budget))
    left = count - load.parents_done
    if left and load.report.state != "failed":
        load.report.state = "partial"
        load.report.problem = f"{left:,} of {count:,} are left for the next sync"
    return load.report


def _read_parents(load: Load, parents: list[int], budget: int | None = None) -> None:
    if parents:
        details.read_details(load, parents, budget)
        with load.run.writing() as transaction:
            load.record(transaction, "done")
    load.report.state = "done"


def guarded(load: Load, work: Callable[[], None]) -> None:
    """Do the work of a load; what goes wrong with it is the load's problem, not the sync's."""
    try:
        work()
    except AuthenticationError as error:
        load.fail(str(error))
        raise
    except SyncStoppedError:
        raise
    except PennybridgeError as error:
        load.fail(str(error))


def _merge(report: SyncReport, done: ResourceReport) -> None:
    """Add a load's report to those of the same resource."""
    before = report.resources.get(done.resource)
    if before is None:
        report.resources[done.resource] = done
        return
    for name in ("read", "inserted", "updated", "unchanged", "deleted", "requests", "seconds"):
        setattr(before, name, getattr(before, name) + getattr(done, name))
    if before.state != "failed":
        before.state, before.problem = done.state, done.problem
