"""One company's models as of a past day, in a database of their own: nothing else waits or changes."""

from datetime import date
from typing import TYPE_CHECKING

from pennybridge.models.build import Progress, build
from pennybridge.models.changes import WATCHED
from pennybridge.models.tables import prepare_tables
from pennybridge.store import Database, Transaction, landing

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 100_000
_ITS_OWN = ("pennylane.companies", "pennylane.exclusions", "metrics.overrides")
"""Small tables that models read beside the landing tables."""
_SHARED = ("intermediate.label_readings", "intermediate.ecb_rates")
"""What takes long to find out again, of all companies."""


def build_past_day(
    source: Database, target: Database, *, company_id: int, as_of: date, progress: Progress | None = None
) -> None:
    """Copy what the models read of a company into an empty database, and build them there as of a day.

    Args:
        source: Where the landing tables are; only read, on either engine. It must have been built once.
        target: An empty database with its tables.
        company_id: Whose books.
        as_of: The day the figures speak for, with the documents as they are known now.
        progress: Told the name of each model and check when it begins.

    Raises:
        ModelError: A model failed or a check returned rows.
    """
    with target.transaction() as transaction:
        prepare_tables(transaction)
        for table in _ITS_OWN:
            transaction.append(table, _rows(source, table, "*", company_id))
        for table in _SHARED:
            transaction.append(table, source.query(f"select * from {table}"))  # noqa: S608 — names of ours
        for name in WATCHED:
            if name in landing.TABLES:
                _copy(source, transaction, landing.TABLES[name], company_id)
    build(target, as_of=as_of, progress=progress)


def _copy(source: Database, transaction: Transaction, table: landing.Table, company_id: int) -> None:
    """A landing table without what Pennylane sent word for word, which no model reads."""
    name = f"pennylane.{table.name}"
    shown = ", ".join(column for column, _, _ in table.sql_columns() if column != "payload")
    ((count,),) = source.rows(
        f"select count(*) from {name} where company_id = :company_id",  # noqa: S608 — names of ours
        company_id=company_id,
    )
    parts = 1 + count // _ROWS_AT_ONCE
    for part in range(parts):
        rows = _rows(source, name, f"{shown}, '{{}}' as payload", company_id, parts=parts, part=part)
        transaction.append(name, rows)


def _rows(
    source: Database, table: str, columns: str, company_id: int, *, parts: int = 1, part: int = 0
) -> "pa.Table":
    cut = "and mod(id, :parts) = :part" if parts > 1 else ""
    return source.query(
        f"select {columns} from {table} where company_id = :company_id {cut}",  # noqa: S608 — names of ours
        company_id=company_id,
        parts=parts,
        part=part,
    )
