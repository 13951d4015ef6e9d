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
    """Make `SORTED`: the keys of the batch that are stored already, what becomes of each, our own columns."""
    unchanged = ["stored.deleted_at is null", "cast(stored.payload as text) = batch.payload"]
    if table.parent and not table.key_has_parent:
        unchanged.append(f"stored.{table.parent} = batch.{table.parent}")
    kept = [*(f"batch.{name}" for name in table.key), *(f"stored.{column.name}" for column in table.own)]
    return f"""
create temporary table {SORTED} as
select {", ".join(kept)}, batch.read_at,
    case
        when stored.read_at > batch.read_at then 'older'
        when {" and ".join(unchanged)} then 'unchanged'
        else 'updated'
    end as kind
from {incoming} as batch
join pennylane.{table.name} as stored on {_same(table, "stored", "batch")} and {_IN_RANGE}
"""  # noqa: S608 — names of our own tables and columns


def remove(table: Table) -> str:
    """Remove the stored rows that `insert` then writes anew.

    An update would do the same, but DuckDB keeps updated texts in memory until its next checkpoint.
    """
    return f"""
delete from pennylane.{table.name} as stored using {SORTED} as sorted
where sorted.kind = 'updated' and {_same(table, "stored", "sorted")} and {_IN_RANGE}
"""  # noqa: S608 — names of our own tables and columns


def insert(table: Table, incoming: str, given: Iterable[str]) -> str:
    """Insert the rows of the batch that are new, changed, or were deleted."""
    present = set(given)
    values = {name: f"batch.{name}" for name in (*table.key, *table.content, "read_at")}
    values["payload"] = "cast(batch.payload as json)"
    for column in table.own:
        values[column.name] = f"{'batch' if column.name in present else 'sorted'}.{column.name}"
    return f"""
insert into pennylane.{table.name} ({", ".join(values)}, load_id)
select {", ".join(values.values())}, :load_id
from {incoming} as batch left join {SORTED} as sorted on {_same(table, "sorted", "batch")}
where sorted.kind is null or sorted.kind = 'updated'
"""  # noqa: S608 — names of our own tables and columns


def move(table: Table) -> str:
    """Move the reading time of the stored rows whose content is the same.

    Own columns speak of the content (is the set of lines complete?), so they stay as well.
    """
    return f"""
update pennylane.{table.name} as stored set read_at = sorted.read_at from {SORTED} as sorted
where sorted.kind = 'unchanged' and {_same(table, "stored", "sorted")} and {_IN_RANGE}
"""  # noqa: S608 — names of our own tables and columns


def _same(table: Table, left: str, right: str) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in table.key)
