"""Soft deletions: statements that mark rows as gone and keep their last values.

A deletion is a read like any other: it moves `read_at` to the moment of knowledge, also on rows that were
deleted already, so that a page read earlier but written later cannot bring the row back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pennybridge.store.landing import Table

if TYPE_CHECKING:
    import pyarrow as pa


def known_gone(
    table: Table, known: str, *, by: Literal["id", "parent"], keep: Literal["later", "same or later"]
) -> str:
    """Mark the rows that a staged batch of `id` and `read_at` speaks of; gives the number newly marked.

    Args:
        table: The landing table.
        known: Name under which the batch is staged.
        by: Whether the batch's ids are those of the rows or of their parents.
        keep: Which rows stay: those read later than the batch says, or also those read at the same moment.

    Returns:
        A statement with parameters `:company_id` and `:load_id`.
    """
    column = table.parent if by == "parent" else "id"
    older = "<=" if keep == "later" else "<"
    key = [name for name in table.key if name != "company_id"]
    same = " and ".join(f"stored.{name} = gone.{name}" for name in key)
    return f"""
with known as (
    select id as known_id, max(read_at) as known_at from {known} group by id
),
gone as materialized (
    select {", ".join(f"stored.{name}" for name in key)}, stored.deleted_at, known_at
    from known join pennylane.{table.name} as stored on stored.{column} = known_id
    where stored.company_id = :company_id and stored.read_at {older} known_at
),
marking as (
    update pennylane.{table.name} as stored
    set read_at = known_at, deleted_at = coalesce(stored.deleted_at, known_at),
        load_id = case when stored.deleted_at is null then :load_id else stored.load_id end
    from gone where stored.company_id = :company_id and {same}
)
select count(*) as records from gone where deleted_at is null
"""  # noqa: S608 — names of our own tables and columns


def absent(table: Table, condition: str) -> str:
    """Mark rows that a crawl did not meet.

    Parameters: `:company_id`, `:read_before`, `:deleted_at`, `:load_id` and the condition's.
    `read_at` moves to the crawl's beginning only: a page read while the crawl ran is better evidence than
    absence.
    """
    return f"""
update pennylane.{table.name}
set read_at = :read_before, deleted_at = :deleted_at, load_id = :load_id
where company_id = :company_id and {condition}
"""  # noqa: S608 — names of our own tables and columns


def known_batch(ids: Sequence[int], read_at: datetime | Sequence[datetime]) -> "pa.Table":
    """Ids and the moment at which they were known to be gone, as a batch of `id` and `read_at`."""
    import pyarrow as pa

    instants = [read_at] * len(ids) if isinstance(read_at, datetime) else list(read_at)
    return pa.table(
        {"id": pa.array(ids, pa.int64()), "read_at": pa.array(instants, pa.timestamp("us", "UTC"))}
    )
