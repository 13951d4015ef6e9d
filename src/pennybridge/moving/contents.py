"""Which tables are moved, how they are read in pieces, and what they add up to."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pennybridge.store import StateTransaction, Transaction, landing, migrations

if TYPE_CHECKING:
    import pyarrow as pa

BOOKS: tuple[str, ...] = (
    *(f"pennylane.{name}" for name in landing.TABLES),
    *(f"pennylane.{name}" for name in ("companies", "bookmarks", "loads", "details", "exclusions")),
    "metrics.overrides",
    "metrics.published_figures",
)
"""The tables of the database that no build makes."""

LEFT_BEHIND = frozenset({
    "schema_version",
    "sessions", "known_browsers", "sign_in_failures", "authorizations",  # of browsers at the old address
    "engine_workers", "engine_chores", "engine_totals",  # of the queue and its processes
    "outgoing_batches",  # of files on the disk of the old machine
})  # fmt: skip
"""The tables of the hub's state that belong to a machine or a moment."""

AS_NEW: dict[str, dict[str, object]] = {
    "engine_syncs": {
        "stage": "never", "turn": 0, "reason": "due", "full_resources": "[]", "asked_at": None,
        "hand_over_at": None, "started_at": None, "ended_at": None, "good_at": None, "failures": 0,
        "details_left": False, "worker": None, "progress": "{}", "problems": "[]", "load_ids": "[]",
        "requests": 0, "written": 0,
    }
}  # fmt: skip
"""Columns that begin anew: of a connection's schedule its interval is moved, not the syncs it had."""

ROWS_AT_ONCE = 20_000
_PIECES_BY = {"pennylane.details": "parent_id", **{f"pennylane.{name}": "id" for name in landing.TABLES}}
"""The column by whose ranges a table is read that can be large."""

_COLUMNS = """
    select column_name, data_type from information_schema.columns
    where table_schema = :schema and table_name = :name order by ordinal_position
"""

Totals = dict[str, str]
"""`rows`, and the sum of each column of amounts by its name."""


def state_tables() -> list[str]:
    """The tables of the hub's state that are moved, those that others refer to first."""
    made: dict[str, None] = {}
    for step in migrations.load("state"):
        for statement in step.statements("sqlite"):
            words = statement.split(maxsplit=3)
            if words[:2] == ["create", "table"]:
                made[words[2]] = None
            elif words[:2] == ["drop", "table"]:
                made.pop(words[2].removesuffix(";"), None)
    return [name for name in made if name not in LEFT_BEHIND]


def columns_of(transaction: Transaction, table: str) -> dict[str, str]:
    """The columns of a table with their types; none when it was never made."""
    schema, _, name = table.partition(".")
    return dict(transaction.rows(_COLUMNS, schema=schema, name=name))


def totals(transaction: Transaction, table: str) -> Totals:
    """What a table adds up to, as the engine counts it."""
    columns = columns_of(transaction, table)
    amounts = [name for name, kind in columns.items() if kind.lower().startswith(("numeric", "decimal"))]
    if not columns:
        return {"rows": "0"}
    sums = "".join(f", sum({name})" for name in amounts)
    ((rows, *values),) = transaction.rows(f"select count(*){sums} from {table}")  # noqa: S608 — names of ours
    return {"rows": str(rows), **{name: _plain(value) for name, value in zip(amounts, values, strict=True)}}


def state_totals(transaction: StateTransaction, table: str) -> Totals:
    """How many rows a table of the hub's state has."""
    return {"rows": str(transaction.rows(f"select count(*) from {table}")[0][0])}  # noqa: S608 — a table of ours


def pieces(transaction: Transaction, table: str) -> Iterator["pa.Table"]:
    """A table's rows, at most some ten thousand at a time, at least one piece; none if it was never made."""
    columns = columns_of(transaction, table)
    if not columns:
        return
    listed = ", ".join(_as_text(name, kind) for name, kind in columns.items())
    by = _PIECES_BY.get(table)
    if by is None:
        yield transaction.query(f"select {listed} from {table}")  # noqa: S608 — names of ours
        return
    ids = transaction.query(f"select distinct {by} as id from {table} order by 1")["id"]  # noqa: S608 — names of ours
    bounds = [ids[at].as_py() for at in range(ROWS_AT_ONCE - 1, len(ids) - 1, ROWS_AT_ONCE)]
    for low, high in zip([-1, *bounds], [*bounds, 2**63 - 1], strict=True):
        yield transaction.query(
            f"select {listed} from {table} where {by} > :low and {by} <= :high order by {by}",  # noqa: S608 — names of ours
            low=low,
            high=high,
        )


def _as_text(name: str, kind: str) -> str:
    return f'cast("{name}" as text) as "{name}"' if kind.lower() == "json" else f'"{name}"'


def _plain(value: Any) -> str:
    """A sum in one spelling, whichever engine added it up."""
    return format(Decimal(value or 0).normalize(), "f")
