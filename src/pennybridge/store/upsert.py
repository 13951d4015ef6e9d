"""The guarded upsert: one statement that sorts a batch against the stored rows, then writes each sort.

It reads the same in DuckDB and PostgreSQL. All parts see the table as it was before the statement.
"""

from collections.abc import Iterable

from pennybridge.store.landing import Table


def statement(table: Table, incoming: str, given: Iterable[str]) -> str:
    """The upsert of a staged batch into a landing table; parameter `:load_id`.

    Args:
        table: The landing table.
        incoming: Name under which the batch is staged.
        given: The batch's columns; own columns of the table take part when they are among them.

    Returns:
        A statement with one row (what became of it, how many) per kind: inserted, updated, unchanged, older.
    """
    present = set(given)
    own = [column.name for column in table.own if column.name in present]
    inserted = [*dict.fromkeys((*table.key, *table.content)), "read_at", *own]
    replaced = [*table.content, "read_at", *own]
    moved = ["read_at"]  # own columns speak of the content (is the set of lines complete?), which is the same
    key = ", ".join(table.key)
    same = " and ".join(f"stored.{name} = batch.{name}" for name in table.key)
    kind = _kind(table)
    target = f"pennylane.{table.name}"
    return f"""
with batch as (
    select distinct on ({key}) * from {incoming} order by {key}, read_at desc
),
sorted as materialized (
    select batch.*, {kind} as kind from batch left join {target} as stored on {same}
),
inserting as (
    insert into {target} ({", ".join(inserted)}, load_id)
    select {", ".join(inserted)}, :load_id from sorted where kind = 'inserted'
),
replacing as (
    update {target} as stored
    set {_assign(replaced)}, load_id = :load_id, deleted_at = null
    from sorted as batch where {same} and kind = 'updated'
),
moving as (
    update {target} as stored
    set {_assign(moved)}
    from sorted as batch where {same} and kind = 'unchanged'
)
select kind, count(*) as records from sorted group by kind
"""  # noqa: S608 — names of our own tables and columns


def _kind(table: Table) -> str:
    """SQL that tells what becomes of a row of `batch` given its row of `stored`."""
    unchanged = ["stored.deleted_at is null", "cast(stored.payload as text) = cast(batch.payload as text)"]
    if table.parent and not table.key_has_parent:
        unchanged.append(f"stored.{table.parent} = batch.{table.parent}")
    return f"""case
        when stored.id is null then 'inserted'
        when stored.read_at > batch.read_at then 'older'
        when {" and ".join(unchanged)} then 'unchanged'
        else 'updated'
    end"""


def _assign(names: Iterable[str]) -> str:
    return ", ".join(f"{name} = batch.{name}" for name in names)
