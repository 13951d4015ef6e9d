"""Reads named records again although nothing says that they changed, and writes them as they come."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.resources import RESOURCES
from pennybridge.clock import Clock
from pennybridge.store import Database, Transaction, landing
from pennybridge.sync.bookmarks import Bookmark, read_bookmarks
from pennybridge.sync.changes import IDS_PER_REQUEST, fetch
from pennybridge.sync.details import read_details
from pennybridge.sync.full_load import load_fully
from pennybridge.sync.load import Load
from pennybridge.sync.report import Progress, SyncReport
from pennybridge.sync.resources import DETAILS, LISTS
from pennybridge.sync.run import guarded, running


class _Identified(msgspec.Struct):
    id: int


_decode_id = msgspec.json.Decoder(_Identified).decode


def mend(
    units: Mapping[str, Collection[int]],
    *,
    company_id: int,
    client: Client,
    database: Database,
    clock: Clock,
    progress: Progress | None = None,
) -> SyncReport:
    """Read these records again and put what comes in place of what is here.

    An ordinary load leaves a row alone whose payload is the one that came, whatever stands in its columns;
    this one does not.

    Args:
        units: By resource, ids of records; of the parents, for what is read parent by parent.
        company_id: The company the client's token belongs to.
        client: Its limiter sets the pace.
        database: Opened for writing.
        clock: Our time.
        progress: Told what was read.

    Raises:
        AuthenticationError: The token is no longer accepted; committed records stay.
    """
    report = SyncReport(company_id)
    shared = running(
        company_id,
        client,
        database,
        clock=clock,
        confirmed=(),
        progress=progress,
        told_to_stop=threading.Event(),
    )
    with shared as run:
        bookmarks = read_bookmarks(database, company_id)
        for name in (*LISTS, *DETAILS):
            if not units.get(name):
                continue
            load = Load(run, name, "details" if name in DETAILS else "sweep")
            bookmark = bookmarks.get(name) or Bookmark(company_id, name)
            guarded(load, partial(_work(name), load, sorted(units[name]), bookmark))
            report.resources[name] = load.report
    report.requests = sum(each.requests for each in report.resources.values())
    return report


Work = Callable[[Load, Sequence[int], Bookmark], None]


def _work(name: str) -> Work:
    if name in DETAILS:
        return _mend_details
    return _mend_records if RESOURCES[name].has_id_filter else _mend_list


def _mend_records(load: Load, ids: Sequence[int], _: Bookmark) -> None:
    """Read records by id; those that do not come are gone."""
    for at in range(0, len(ids), IDS_PER_REQUEST):
        asked = ids[at : at + IDS_PER_REQUEST]
        pages = fetch(load, asked)
        found = {_decode_id(record).id for page in pages for record in page.records}
        with load.run.writing() as transaction:
            _distrust(load, transaction, load.table, "id", asked)
            if load.resource == "customer_invoices":
                lines = landing.CUSTOMER_INVOICE_LINES
                _distrust(load, transaction, lines, str(lines.parent), asked)
            load.write(transaction, pages)
            load.mark_deleted(transaction, [id_ for id_ in asked if id_ not in found], pages[0].read_at)
            load.record(transaction, "done")
    load.report.state = "done"


def _mend_list(load: Load, ids: Sequence[int], bookmark: Bookmark) -> None:
    """Read a short list whole; it cannot be asked by id."""
    with load.run.writing() as transaction:
        _distrust(load, transaction, load.table, "id", ids)
    load_fully(load, bookmark)


def _mend_details(load: Load, parent_ids: Sequence[int], _: Bookmark) -> None:
    """Read the details of these parents; they stay due until that is done."""
    with load.run.writing() as transaction:
        _distrust(load, transaction, load.table, str(load.table.parent), parent_ids)
        transaction.execute(
            f"""
            update pennylane.details set read_basis = null
            where company_id = :company_id and resource = :resource and parent_id in ({_listed(parent_ids)})
            """,  # noqa: S608 — numbers
            company_id=load.run.company_id,
            resource=load.resource,
        )
    read_details(load, parent_ids)
    with load.run.writing() as transaction:
        load.record(transaction, "done")
    load.report.state = "done"


def _distrust(
    load: Load, transaction: Transaction, table: landing.Table, column: str, ids: Sequence[int]
) -> None:
    """Forget what came, so that what comes next counts as new."""
    transaction.execute(
        f"""
        update pennylane.{table.name} set payload = cast('null' as json)
        where company_id = :company_id and {column} in ({_listed(ids)})
        """,  # noqa: S608 — names of ours and numbers
        company_id=load.run.company_id,
    )


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))
