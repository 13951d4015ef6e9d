"""An installation with a company's books, and empty ones to move it to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pennybridge.api.secret import Secret
from pennybridge.cli.sync import run_sync
from pennybridge.cli.workspace import Workspace
from pennybridge.connections.exclusions import exclude
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.seed.small import seed_small
from pennybridge.emulator.server import Emulator
from pennybridge.models.build import build
from pennybridge.moving.export import export
from pennybridge.moving.import_ import import_
from pennybridge.moving.report import Moved
from pennybridge.settings import Settings
from tests.reports.synced import settings_of

NOW = datetime(2025, 4, 10, 9, tzinfo=UTC)
AS_OF = date(2025, 4, 10)
TOKEN = "emulator-company-1"
PASSPHRASE = Secret("correct horse battery staple")


def open_workspace(settings: Settings) -> Workspace:
    """An installation as commands open it, on the day of the books."""
    return Workspace(settings, clock=lambda: NOW)


@dataclass
class Mover:
    """Exports and imports as the commands do."""

    file: Path

    def export(self, settings: Settings, passphrase: Secret | None = PASSPHRASE) -> Moved:
        with open_workspace(settings) as workspace:
            return export(
                self.file,
                database=workspace.database(read_only=True),
                state=workspace.state,
                vault=workspace.vault,
                passphrase=passphrase,
                clock=workspace.clock,
            )

    def import_(self, settings: Settings, passphrase: Secret | None = PASSPHRASE, **how: Any) -> Moved:
        with open_workspace(settings) as workspace:
            return import_(
                self.file,
                database=workspace.database(),
                state=workspace.state,
                vault=workspace.vault,
                passphrase=passphrase,
                **how,
            )


@pytest.fixture
def mover(tmp_path: Path) -> Mover:
    return Mover(tmp_path / "books.pennybridge")


@pytest.fixture(scope="module")
def busy_emulator() -> Iterator[Emulator]:
    """An invented company of 12 customers and 14 months."""
    with Emulator(start=NOW) as emulator:
        emulator.books.add_company("Atelier Numérique", fill=partial(_fill, emulator.books))
        yield emulator


def _fill(books: Books, _: Books, company: Company) -> None:
    seed_small(books, company, customers=12, months=14)


@pytest.fixture(scope="module")
def old(busy_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The installation to be moved, on DuckDB: synced, with a history, with decisions of people."""
    home = tmp_path_factory.mktemp("old") / "home"
    settings = replace(settings_of(home), base_url=busy_emulator.base_url)
    with open_workspace(settings) as workspace:
        connection, _ = workspace.connections.add(Secret(TOKEN), base_url=busy_emulator.base_url)
        database = workspace.database()
        run_sync(workspace, database, connection, quiet=True, request_budget=None)
        build(database, as_of=AS_OF)
        company = connection.company_id
        ids = [id_ for (id_,) in database.rows("select id from pennylane.customers order by id")]
        exclude(database, company, ids[-1:], at=NOW, reason="a test account")
        with database.transaction() as transaction:
            transaction.execute(
                "update pennylane.customers set deleted_at = read_at where id = :id", id=ids[-2]
            )
            transaction.execute(
                "insert into metrics.overrides (company_id, override_level, price_id, recurrence, set_at) "
                "values (:company, 'product', '1', 'one_off', :at)",
                company=company,
                at=NOW,
            )
        build(database, as_of=AS_OF)
        with workspace.state.transaction() as state:
            state.execute("insert into users values ('u1', 'Ada', 'admin', 'argon2', :at)", at=NOW)
            state.execute("insert into audit values (:at, 'Ada', 'signed in', '')", at=NOW)
            state.execute(
                "insert into engine_syncs (connection_id, every_seconds, stage, turn, reason, "
                "full_resources, failures, details_left, progress, problems, load_ids, requests, written) "
                "values ('1', 3600, 'failed', 7, 'due', '[]', 3, false, '{}', '[\"no answer\"]', '[]', 5, 5)"
            )
            state.execute("insert into sessions values ('digest', 'u1', :at)", at=NOW)
    return settings


@pytest.fixture
def empty_duckdb(tmp_path: Path, busy_emulator: Emulator) -> Settings:
    return replace(settings_of(tmp_path / "new"), base_url=busy_emulator.base_url)


@pytest.fixture
def empty_postgresql(tmp_path: Path, postgresql_url: str, busy_emulator: Emulator) -> Settings:
    home = settings_of(tmp_path / "new")
    return replace(home, base_url=busy_emulator.base_url, database_url=postgresql_url)
