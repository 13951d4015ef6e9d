"""A column lifted later: a migration adds it and fills it from the payloads, as a sync would have.

A migration says `lift customer_invoices: purchase_order text order.reference;` in the words of `landing.py`:
table, then name, kind and path of the column.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pennybridge.errors import PayloadError
from pennybridge.store.landing import SQL_TYPES, TABLES, Column, Table, columns_from

if TYPE_CHECKING:
    import pyarrow as pa

    from pennybridge.store.transaction import Transaction

_LIFT = re.compile(r"lift (?P<table>\w+): *(?P<column>.+)", re.DOTALL)
_ROWS_AT_ONCE = 20_000
_ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


def run(transaction: "Transaction", statement: str) -> bool:
    """Carry the statement out if it lifts a column; whether it did."""
    found = _LIFT.fullmatch(statement)
    if found is None:
        return False
    (column,) = columns_from(found["column"])
    lift(transaction, TABLES[found["table"]], column)
    return True


def lift(transaction: "Transaction", table: Table, column: Column) -> None:
    """Add the column to its landing table and fill it, deleted rows too.

    A payload whose field has another type leaves null: the next sync of that record says so.
    """
    transaction.execute(
        f"alter table pennylane.{table.name} add column {column.name} {SQL_TYPES[column.kind]}"
    )
    ids = [id_ for (id_,) in transaction.rows(f"select distinct id from pennylane.{table.name} order by id")]  # noqa: S608 — a table of ours
    for at in range(0, len(ids), _ROWS_AT_ONCE):
        _fill(transaction, table, column, low=ids[at], high=ids[at : at + _ROWS_AT_ONCE][-1])


def _fill(transaction: "Transaction", table: Table, column: Column, *, low: int, high: int) -> None:
    rows = transaction.query(
        f"select {', '.join(table.key)}, cast(payload as text) as payload from pennylane.{table.name} "  # noqa: S608 — names of ours
        "where id between :low and :high",
        low=low,
        high=high,
    )
    values = _values(column, [text.encode() for text in rows["payload"].to_pylist()])
    same = " and ".join(f"stored.{name} = lifted.{name}" for name in table.key)
    with transaction.stage(
        "lifted", rows.select(list(table.key)).append_column(column.name, values)
    ) as lifted:
        transaction.execute(
            f"update pennylane.{table.name} as stored set {column.name} = lifted.{column.name} "  # noqa: S608 — names of ours
            f"from {lifted} as lifted where {same}"
        )


def _values(column: Column, payloads: Sequence[bytes]) -> "pa.ChunkedArray":
    import pyarrow as pa

    from pennybridge.store.batches import ARROW_TYPES, batch_from_records

    lifted = Table("lifted", (column,))
    try:
        return batch_from_records(lifted, 0, payloads, _ANY_INSTANT)[column.name]
    except PayloadError:
        if len(payloads) == 1:
            return pa.chunked_array([pa.nulls(1, ARROW_TYPES[column.kind])])
        middle = len(payloads) // 2
        halves = (_values(column, payloads[:middle]), _values(column, payloads[middle:]))
        return pa.chunked_array([chunk for half in halves for chunk in half.chunks])
