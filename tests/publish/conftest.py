"""What tests of publishing share: small books with one model, and destinations of each kind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pennybridge.publish.destination import Destination
from pennybridge.publish.run import PublishReport, publish
from pennybridge.publish.target import open_target
from pennybridge.store import Database, open_database, open_warehouse
from pennybridge.store.landing import TABLES
from tests.models.books import Books, Line

AGING = "receivables.aging_by_customer"
"""A model, made by hand here: a build of all models would take most of the time of these tests."""


@dataclass
class Publisher:
    """Books with a few invoices and one model, and what publishes them."""

    database: Database
    folder: Path
    books: Books = field(default_factory=Books)

    def __post_init__(self) -> None:
        customer = self.books.add_customer("Café de la Gare")
        for day in (5, 6, 7):
            self.books.add_invoice(customer, f"2026-01-{day:02}", [Line("100.10"), Line("-0.05")])
        self.books.land(self.database)
        with self.database.transaction() as transaction:
            transaction.execute("create schema receivables")
            transaction.execute(
                f"create table {AGING} (company_id bigint, customer_id text, open_amount_eur decimal(18, 4))"
            )
        self.set_aging(a="10.5", b="20.25", c="0.0001")

    def keep_few_tables(self) -> None:
        """Drop landing tables that stay empty: each costs dlt a tenth of a second and tells nothing new."""
        for table in TABLES.keys() - {"customers", "customer_invoices"}:
            self.execute(f"drop table pennylane.{table} cascade")

    def set_aging(self, **amounts: str) -> None:
        """Make the model anew, as a build does, with an open amount per customer."""
        rows = pa.table({
            "company_id": pa.array([1] * len(amounts), pa.int64()),
            "customer_id": pa.array(list(amounts), pa.string()),
            "open_amount_eur": pa.array([Decimal(each) for each in amounts.values()], pa.decimal128(18, 4)),
        })  # fmt: skip
        with self.database.transaction() as transaction:
            transaction.execute(f"delete from {AGING}")
            transaction.append(AGING, rows)

    def execute(self, sql: str, **params: object) -> int:
        """Change the books behind everyone's back."""
        with self.database.transaction() as transaction:
            return transaction.execute(sql, **params)

    def open(self, target: str, **options: str) -> Destination:
        """A destination, to be closed by the caller."""
        return open_target(target, work_folder=self.folder / "work", **options)

    def publish(self, target: str, **options: Any) -> PublishReport:
        """Publish, as a command does: with a destination of its own."""
        return published(self.database, target, self.folder, **options)


def published(database: Database, target: str, folder: Path, **options: Any) -> PublishReport:
    """Open a destination, publish to it, close it."""
    destination = open_target(target, work_folder=folder / "work")
    try:
        return publish(database, destination, **options)
    finally:
        destination.close()


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    """Small books in a DuckDB file, for tests that ask about destinations rather than engines."""
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        yield Publisher(database, tmp_path)


@pytest.fixture
def duckdb_target(tmp_path: Path) -> str:
    """The address of a DuckDB file to publish to."""
    return f"duckdb:///{tmp_path}/warehouse.duckdb"


@pytest.fixture(params=["duckdb", "postgresql"])
def target(request: pytest.FixtureRequest, duckdb_target: str) -> str:
    """The address of an empty database to publish to, of each kind."""
    if request.param == "duckdb":
        return duckdb_target
    make: Callable[[str], str] = request.getfixturevalue("make_postgresql_url")
    return make("template1")


def rows_there(target: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a question to a destination, asked as any client would."""
    with open_warehouse(target) as warehouse:
        return warehouse.rows(sql)


def written(report: PublishReport) -> dict[str, tuple[int, int]]:
    """Rows put and removed, of the tables that were written."""
    return {table.name: (table.put, table.removed) for table in report.tables if table.put or table.removed}
