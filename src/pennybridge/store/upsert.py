"""The guarded upsert: a batch is sorted against the stored rows, then each sort is written its way.

The statements read the same in DuckDB and PostgreSQL. They name the lowest and highest id of the batch,
because DuckDB then reads only those stretches of a table that hold them: five times less work on tables of
millions of rows.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pennybridge.store.landing import Table

if TYPE_CHECKING:
    import pyarrow as pa

SORTED = "sorted_batch"
"""The temporary table that holds key and kind of each row of the batch."""

_IN_RANGE = "stored.company_id between :low_company and :high_company and stored.id between :low and :high"


def newest_of_each(table: Table, batch: "pa.Table") -> "pa.Table":
    """The batch with one row per key, the one read last."""
    key = list(table.key)
    if batch.group_by(key).aggregate([]).num_rows == batch.num_rows:
        return batch
    import pyarrow as pa

    newest_first = batch.sort_by([("read_at", "descending")])
    places = newest_first.select(key).append_column("place", pa.array(range(batch.num_rows)))
    return newest_first.take(
        places.group_by(key, use_threads=False).aggregate([("place", "min")])["place_min"]
    )


def ranges(batch: "pa.Table") -> dict[str, object]:
    """The parameters that bound the stored rows which the batch can meet."""
    import pyarrow.compute as pc

    companies = pc.min_max(batch["company_id"]).as_py()
    ids = pc.min_max(batch["id"]).as_py()
    return {
        "low_company": companies["min"],
        "high_company": companies["max"],
        "low": ids["min"],
        "high": ids["max"],
    }


def sort(table: Table, incoming: str) -> str:
    """Make `SORTED`: the keys of the batch that are stored already, and what becomes of each."""
    unchanged = ["stored.deleted_at is null", "cast(stored.payload as text) = batch.payload"]
    if table.parent and not table.key_has_parent:
        unchanged.append(f"stored.{table.parent} = batch.{table.parent}")
    return f"""
create temporary table {SORTED} as
select {", ".join(f"batch.{name}" for name in table.key)},
    case
        when stored.read_at > batch.read_at then 'older'
        when {" and ".join(unchanged)} then 'unchanged'
        else 'updated'
    end as kind
from {incoming} as batch
join pennylane.{table.name} as stored on {_same(table, "stored", "batch")} and {_IN_RANGE}
"""  # noqa: S608 — names of our own tables and columns


def insert(table: Table, incoming: str, given: Iterable[str]) -> str:
    """Insert the rows of the batch that are not stored yet."""
    names = [*dict.fromkeys((*table.key, *table.content)), "read_at", *_own(table, given)]
    return f"""
insert into pennylane.{table.name} ({", ".join(names)}, load_id)
select {", ".join(_value(name) for name in names)}, :load_id from {incoming} as batch
where not exists (select 1 from {SORTED} as sorted where {_same(table, "sorted", "batch")})
"""  # noqa: S608 — names of our own tables and columns


def replace(table: Table, incoming: str, given: Iterable[str]) -> str:
    """Replace the stored rows whose content changed, and those that were deleted."""
    names = [*table.content, "read_at", *_own(table, given)]
    return _update(table, incoming, "updated", f"{_assign(names)}, load_id = :load_id, deleted_at = null")


def move(table: Table, incoming: str, given: Iterable[str]) -> str:
    """Move the reading time of the stored rows whose content is the same; own columns are set."""
    return _update(table, incoming, "unchanged", _assign(["read_at", *_own(table, given)]))


def _update(table: Table, incoming: str, kind: str, assignments: str) -> str:
    return f"""
update pennylane.{table.name} as stored set {assignments}
from {incoming} as batch join {SORTED} as sorted on {_same(table, "sorted", "batch")}
where sorted.kind = '{kind}' and {_same(table, "stored", "batch")} and {_IN_RANGE}
"""  # noqa: S608 — names of our own tables and columns


def _same(table: Table, left: str, right: str) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in table.key)


def _assign(names: Iterable[str]) -> str:
    return ", ".join(f"{name} = {_value(name)}" for name in names)


def _value(name: str) -> str:
    return "cast(batch.payload as json)" if name == "payload" else f"batch.{name}"


def _own(table: Table, given: Iterable[str]) -> list[str]:
    present = set(given)
    return [column.name for column in table.own if column.name in present]
