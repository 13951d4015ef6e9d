"""A fresh database on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pennybridge.store import Database, open_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database with its tables."""
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as opened:
        yield opened
