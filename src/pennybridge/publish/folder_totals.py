"""What tables in a folder or bucket add up to, read by Arrow from the files that hold them."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pennybridge.publish.destination import Totals
from pennybridge.publish.tables import PublishedTable

if TYPE_CHECKING:
    import pyarrow as pa


def folder_totals(
    client: Any, table_format: str, table: PublishedTable, companies: tuple[int, ...]
) -> Totals | None:
    """The totals of a table; None when it is not there.

    Args:
        client: dlt's client of the filesystem, open.
        table_format: `parquet`, `delta` or `iceberg`.
        table: Which.
        companies: Whose rows count.
    """
    import pyarrow.compute as pc

    wanted = [*(["company_id"] if table.has_company else [table.key[0]]), *table.amounts]
    read = _PARTS[table_format](client, table.name, wanted)
    if read is None:
        return None
    rows, amounts = 0, [Decimal(0) for _ in table.amounts]
    for part in read:
        mine = part.filter(pc.is_in(part["company_id"], pc_values(companies))) if table.has_company else part
        rows += mine.num_rows
        amounts = [
            known + (pc.sum(mine[name]).as_py() or 0)
            for known, name in zip(amounts, table.amounts, strict=True)
        ]
    return Totals(rows, tuple(amounts))


def pc_values(companies: tuple[int, ...]) -> "pa.Array":
    """The companies as Arrow compares them."""
    import pyarrow as pa

    return pa.array(companies, pa.int64())


def _parquet_parts(client: Any, name: str, columns: list[str]) -> "list[pa.Table] | None":
    import pyarrow.parquet as pq

    if not client.fs_client.exists(client.get_table_dir(name)):
        return None
    parts = []
    for file in client.list_table_files(name):
        with client.fs_client.open(file, "rb") as opened:
            parts.append(pq.read_table(opened, columns=columns))
    return parts


def _delta_parts(client: Any, name: str, columns: list[str]) -> "list[pa.Table]":
    return [client.load_open_table("delta", name).to_pyarrow_table(columns=columns)]


def _iceberg_parts(client: Any, name: str, columns: list[str]) -> "list[pa.Table]":
    return [client.load_open_table("iceberg", name).scan(selected_fields=tuple(columns)).to_arrow()]


_PARTS = {"parquet": _parquet_parts, "delta": _delta_parts, "iceberg": _iceberg_parts}
