"""A home with an invented company's books, as `connect`, `sync` and `build` leave it; made once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from pennybridge.api.secret import Secret
from pennybridge.cli.sync import run_sync
from pennybridge.cli.workspace import Workspace
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.seed.small import seed_small
from pennybridge.emulator.server import Emulator
from pennybridge.models.build import build
from pennybridge.settings import Settings

NOW = datetime(2025, 4, 10, 9, tzinfo=UTC)
"""When the books were read: in the past on any machine, so that what they say can be asked as of that day."""

AS_OF = date(2025, 4, 10)
TOKEN = "emulator-company-1"
TWINS = "Les Deux Frères"
"""A name that two customers have."""


def settings_of(home: Path) -> Settings:
    """Everything in one folder."""
    return Settings(
        home, f"duckdb:///{home / 'pennybridge.duckdb'}", "http://127.0.0.1:9/api/external/v2", None
    )


def make_home(home: Path) -> None:
    """Sync an invented company of 22 customers and 20 months over real HTTP, and build its models."""
    home.mkdir()
    with Emulator(start=NOW) as emulator:
        emulator.books.add_company("Atelier Numérique", fill=partial(_fill, emulator.books))
        for _ in range(2):
            emulator.add_customer(TWINS)
        settings = replace(settings_of(home), base_url=emulator.base_url)
        with Workspace(settings, clock=lambda: NOW) as workspace:
            connection, _ = workspace.connections.add(Secret(TOKEN), base_url=emulator.base_url)
            database = workspace.database()
            run_sync(workspace, database, connection, quiet=True, request_budget=None)
            build(database, as_of=AS_OF)


def _fill(books: Books, _: Books, company: Company) -> None:
    seed_small(books, company, customers=22, months=20)
