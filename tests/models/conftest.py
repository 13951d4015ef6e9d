"""What model tests share: books written by hand, and questions to the built tables."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pennybridge.models.build import build
from pennybridge.store import Database, open_database
from tests.models.books import Books

Rows = list[tuple[Any, ...]]


@pytest.fixture
def books() -> Books:
    """Empty books of one company."""
    return Books()


@pytest.fixture
def duckdb_database(tmp_path: Path) -> Iterator[Database]:
    """An empty DuckDB file with its tables, for tests that ask about rules rather than engines."""
    with open_database(f"duckdb:///{tmp_path}/models.duckdb") as opened:
        yield opened


@pytest.fixture
def ask(duckdb_database: Database, books: Books) -> Callable[..., Rows]:
    """Lands the books, builds as of a day, and gives the rows of a question."""

    def build_and_ask(sql: str, as_of: str = "2026-01-31") -> Rows:
        books.land(duckdb_database)
        build(duckdb_database, as_of=date.fromisoformat(as_of))
        return plain(duckdb_database.rows(sql))

    return build_and_ask


def plain(rows: Rows) -> Rows:
    """Rows with amounts as short numbers and days as text, so that expectations read easily."""
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
