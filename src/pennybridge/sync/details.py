"""What costs a request per parent: lines beyond 20, payments, matched transactions, contacts.

`pennylane.details` is the work list. `basis` is what the parent looked like when its details were last
wanted, `read_basis` what it looked like when they were last read: a detail is due while the two differ. So a
killed sync goes on where it was, and an edited label does not make us ask for payments again.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from pennybridge.api.pages import Cursors
from pennybridge.errors import NotFoundError
from pennybridge.store import landing
from pennybridge.store.batches import batch_from_records
from pennybridge.sync.ahead import fetch_ahead
from pennybridge.sync.resources import DETAILS, LISTS

if TYPE_CHECKING:
    from pennybridge.store import Transaction
    from pennybridge.sync.load import Load, SyncRun

ROTATE_EVERY = timedelta(hours=24)
"""Details read longer ago than this may be read again although nothing announced a change."""
ROTATED_PER_RUN = 3
SECONDS_PER_COMMIT = 5.0
PARENTS_PER_COMMIT = 500
"""A commit scans the table: every few seconds loses little, and costs little."""


@dataclass(frozen=True)
class _Wish:
    """When the details of a changed parent are wanted: SQL over the parent's row `p`."""

    basis: str
    condition: str = "true"
    is_urgent: str = "false"


# Drafts have no payments and no matched transactions, credit notes no payments (api.md §3.5, documented).
_OPEN = "not p.paid"
_MOVED = "concat(cast(p.paid as text), '|', cast(p.remaining_amount_with_tax as text))"
_WISHES = {
    "customer_invoice_lines": _Wish("p.load_id", "not p.lines_complete", _OPEN),
    "payments": _Wish(_MOVED, "not p.draft and p.amount >= 0", _OPEN),
    "matched_transactions": _Wish(_MOVED, "not p.draft", _OPEN),
    "billing_subscription_lines": _Wish("p.load_id"),
    "contacts": _Wish("p.load_id"),
}


def want(
    transaction: "Transaction", resource: str, company_id: int, *, load_id: str, low: int, high: int
) -> None:
    """Put the details of the records that a load changed, with ids from `low` to `high`, on the work list."""
    for name in LISTS[resource].details:
        wish = _WISHES.get(name)
        if wish is None:
            continue
        transaction.execute(
            f"""
            insert into pennylane.details (company_id, resource, parent_id, basis, priority)
            select p.company_id, '{name}', p.id, {wish.basis}, case when {wish.is_urgent} then 0 else 1 end
            from pennylane.{resource} as p
            where p.company_id = :company_id and p.id between :low and :high and p.load_id = :load_id
              and p.deleted_at is null
              and (({wish.condition}) or exists (
                  select 1 from pennylane.details as known
                  where known.company_id = p.company_id and known.resource = '{name}' and known.parent_id =
                  p.id))
            on conflict (company_id, resource, parent_id)
            do update set basis = excluded.basis, priority = excluded.priority
            """,  # noqa: S608 — names and conditions of our own
            company_id=company_id,
            low=low,
            high=high,
            load_id=load_id,
        )


def want_categories(
    transaction: "Transaction", company_id: int, invoice_ids: Collection[int], basis: str
) -> None:
    """Want the categories of these invoices, and of those that had some and are no longer among them."""
    batch = pa.table({"id": pa.array(list(invoice_ids), pa.int64())})
    with transaction.stage("categorized", batch) as categorized:
        transaction.execute(
            f"""
            insert into pennylane.details (company_id, resource, parent_id, basis, priority)
            select p.company_id, 'customer_invoice_categories', p.id, 'categorized', 1
            from pennylane.customer_invoices as p join {categorized} as c on c.id = p.id
            where p.company_id = :company_id and p.deleted_at is null
            on conflict (company_id, resource, parent_id) do update set basis = excluded.basis
            """,  # noqa: S608 — a staged name
            company_id=company_id,
        )
        transaction.execute(
            f"""
            update pennylane.details set basis = :basis
            where company_id = :company_id and resource = 'customer_invoice_categories'
              and parent_id not in (select id from {categorized}) and basis = 'categorized'
            """,  # noqa: S608 — a staged name
            company_id=company_id,
            basis=basis,
        )


def forget(transaction: "Transaction", resource: str, company_id: int, parent_ids: Sequence[int]) -> None:
    """Take the details of deleted parents off the work list."""
    names = [name for name, parent in DETAILS.items() if parent == resource]
    if not names or not parent_ids:
        return
    with transaction.stage("gone_parents", pa.table({"id": pa.array(parent_ids, pa.int64())})) as gone:
        listed = ", ".join(f"'{name}'" for name in names)
        transaction.execute(
            f"""
            delete from pennylane.details where company_id = :company_id and resource in ({listed})
              and parent_id in (select id from {gone})
            """,  # noqa: S608 — names of our own
            company_id=company_id,
        )


def count_due(run: "SyncRun", resources: Collection[str]) -> dict[str, int]:
    """How many parents' details are due, for those of these resources that have any, most wanted first."""
    rows = run.database.rows(
        """
        select resource, count(*) from pennylane.details
        where company_id = :company_id and basis is distinct from read_basis group by resource
        """,
        company_id=run.company_id,
    )
    counts = dict(rows)
    return {name: int(counts[name]) for name in DETAILS if name in counts and name in resources}


def due(run: "SyncRun", resource: str, most: int) -> list[int]:
    """The parents whose details of this resource are due, open invoices and then the newest first."""
    rows = run.database.rows(
        """
        select parent_id from pennylane.details
        where company_id = :company_id and resource = :resource and basis is distinct from read_basis
        order by priority, parent_id desc limit :most
        """,
        company_id=run.company_id,
        resource=resource,
        most=most,
    )
    return [parent_id for (parent_id,) in rows]


def oldest(run: "SyncRun", resources: Collection[str], now: datetime) -> list[tuple[str, int]]:
    """A few details of these resources that were read longest ago, more than a day."""
    listed = ", ".join(f"'{name}'" for name in DETAILS if name in resources)
    if not listed:
        return []
    rows = run.database.rows(
        f"""
        select resource, parent_id from pennylane.details
        where company_id = :company_id and read_at < :before
          and resource in ({listed}) order by read_at limit :most
        """,  # noqa: S608 — names of our own
        company_id=run.company_id,
        before=now - ROTATE_EVERY,
        most=ROTATED_PER_RUN,
    )
    return [(resource, parent_id) for resource, parent_id in rows]


@dataclass(frozen=True)
class _Answer:
    """The whole list of details of one parent."""

    parent_id: int
    records: list[msgspec.Raw]
    read_at: datetime


def read_details(load: "Load", parent_ids: Sequence[int], budget: int | None = None) -> None:
    """Read the details of these parents, and commit every few seconds; each list replaces what was there.

    Stops when the budget of requests is used up; what is left stays due.
    """
    waiting: list[_Answer] = []
    parents = _within(load, parent_ids, budget)
    committed_at = time.monotonic()
    try:
        for _, answer in fetch_ahead(load.run.pool, partial(_fetch, load), parents):
            waiting.append(answer)
            if len(waiting) >= PARENTS_PER_COMMIT or time.monotonic() - committed_at > SECONDS_PER_COMMIT:
                _commit(load, waiting, len(parent_ids))
                committed_at = time.monotonic()
    finally:
        if waiting:
            _commit(load, waiting, len(parent_ids))


def _within(load: "Load", parent_ids: Sequence[int], budget: int | None) -> Iterator[int]:
    """The parents, as long as the budget lasts; a parent with many details costs more than one request."""
    for taken, parent_id in enumerate(parent_ids):
        if budget is not None and max(taken, load.report.requests) >= budget:
            return
        yield parent_id


def _fetch(load: "Load", parent_id: int) -> _Answer:
    """All details of a parent; one that is gone has none (its own deletion is found by its changelog)."""
    records: list[msgspec.Raw] = []
    read_at: datetime | None = None
    cursors, cursor = Cursors(), None
    while True:
        try:
            page = load.page(parent_id=parent_id, cursor=cursor)
        except NotFoundError:
            return _Answer(parent_id, [], load.run.clock())
        read_at = read_at or page.read_at
        records += page.items
        cursor = cursors.after(page)
        if cursor is None:
            return _Answer(parent_id, records, read_at)


def _commit(load: "Load", answers: list[_Answer], total: int) -> None:
    company_id, table = load.run.company_id, landing.TABLES[load.resource]
    records = [record for answer in answers for record in answer.records]
    with load.run.writing() as transaction:
        if records:
            read_at = [answer.read_at for answer in answers for _ in answer.records]
            parents = [answer.parent_id for answer in answers for _ in answer.records]
            batch = batch_from_records(table, company_id, records, read_at, parent_ids=parents)
            load.count(transaction.upsert(table, batch, load.load_id), read=len(records))
        ids, instants = [answer.parent_id for answer in answers], [answer.read_at for answer in answers]
        load.report.deleted += transaction.mark_children_absent_deleted(
            table, company_id, ids, instants, load.load_id
        )
        _note(load, transaction, answers)
        load.record(transaction, "running")
    load.parents_done += len(answers)
    answers.clear()
    load.tell(load.parents_done, total)


def _note(load: "Load", transaction: "Transaction", answers: list[_Answer]) -> None:
    """Write down that these parents' details were read, and how many lines an invoice has."""
    batch = pa.table(
        {
            "parent_id": pa.array([answer.parent_id for answer in answers], pa.int64()),
            "read_at": pa.array([answer.read_at for answer in answers], pa.timestamp("us", "UTC")),
            "records": pa.array([len(answer.records) for answer in answers], pa.int32()),
        }
    )
    with transaction.stage("answers", batch) as staged:
        transaction.execute(
            f"""
            update pennylane.details as d set read_at = a.read_at, read_basis = d.basis from {staged} as a
            where d.company_id = :company_id and d.resource = :resource and d.parent_id = a.parent_id
            """,  # noqa: S608 — a staged name
            company_id=load.run.company_id,
            resource=load.resource,
        )
        if load.resource == "customer_invoice_lines":
            transaction.execute(
                f"""
                update pennylane.customer_invoices as i set lines_complete = true, lines_read = a.records
                from {staged} as a where i.company_id = :company_id and i.id = a.parent_id and i.read_at <=
                a.read_at
                """,  # noqa: S608 — a staged name
                company_id=load.run.company_id,
            )
