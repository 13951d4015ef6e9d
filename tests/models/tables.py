"""Whole tables, to compare two databases or two builds."""

from decimal import Decimal
from typing import Any

import pyarrow as pa

from pennybridge.models import catalog
from pennybridge.store import Database


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every model that stays, in an order that does not depend on the engine."""
    return {name: rows_of(database, name) for name, model in catalog.models().items() if model.is_kept}


def rows_of(database: Database, name: str) -> list[tuple[Any, ...]]:
    """A table's rows, sorted by their text."""
    table = database.query(f"select * from {name}")
    rows = zip(*(_values(column) for column in table.columns), strict=True)
    return sorted(rows, key=repr)


def types_of(database: Database, name: str) -> dict[str, str]:
    """A table's columns with the kind of value they hold."""
    return {field.name: str(field.type) for field in database.query(f"select * from {name} limit 0").schema}


def _values(column: pa.ChunkedArray) -> list[Any]:
    return [value.normalize() + 0 if isinstance(value, Decimal) else value for value in column.to_pylist()]
