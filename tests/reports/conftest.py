"""The synced company's built models, read by every test of figures and formats."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pennybridge.reports.built import Built, open_built
from pennybridge.store import open_database
from tests.reports.synced import make_home


@pytest.fixture(scope="session")
def synced_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a synced and built company; tests that write take a copy."""
    home = tmp_path_factory.mktemp("synced") / "home"
    make_home(home)
    return home


@pytest.fixture
def built(synced_home: Path) -> Iterator[Built]:
    """The built models of that company."""
    with open_database(f"duckdb:///{synced_home / 'pennybridge.duckdb'}", read_only=True) as database:
        (company_id,) = database.rows("select company_id from pennylane.companies")[0]
        yield open_built(database, company_id)
