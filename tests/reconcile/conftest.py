"""A synced company on either engine, with something of everything in its books."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.reconcile.report import Reconciliation
from pennybridge.reconcile.run import reconcile
from pennybridge.store import Database, open_database
from pennybridge.sync.mend import mend
from pennybridge.sync.report import SyncReport
from tests.sync.conftest import Workspace


class Audited(Workspace):
    """A workspace whose company can be compared with its books, and put right."""

    def reconcile(self, **options: Any) -> Reconciliation:
        with self.client() as client:
            return reconcile(
                company_id=self.company.id,
                client=client,
                database=self.database,
                scopes=self.scopes,
                **{"sample": None, **options},
            )

    def mend(self, found: Reconciliation, only: str | None = None) -> SyncReport:
        units = found.to_mend()
        with self.client() as client:
            return mend(
                {only: units[only]} if only else units,
                company_id=self.company.id,
                client=client,
                database=self.database,
                clock=self.clock,
            )

    def change(self, sql: str, **params: object) -> None:
        """Something that no sync ever did to the database."""
        with self.database.transaction() as transaction:
            assert transaction.execute(sql, company_id=self.company.id, **params)

    def ids(self, table: str) -> list[int]:
        """The ids of a landing table, in order."""
        sql = f"select id from pennylane.{table} where company_id = :company_id order by id"
        return [id_ for (id_,) in self.database.rows(sql, company_id=self.company.id)]

    def lines_by_length(self) -> tuple[list[int], list[int]]:
        """The lines of the one long invoice, and those of all others."""
        rows = self.database.rows(
            """
            select l.id, count(*) over (partition by l.customer_invoice_id) > 1
            from pennylane.customer_invoice_lines as l order by l.id
            """
        )
        return [id_ for id_, is_long in rows if is_long], [id_ for id_, is_long in rows if not is_long]


def fill(workspace: Workspace) -> None:
    """Customers with contacts and subscriptions; invoices open, paid, long, draft, categorized."""
    books, company = workspace.emulator.books, workspace.company.id
    for name in ("Boréal SAS", "Cap Sud", "Deux Rives"):
        customer = workspace.add_customer(name)
        contact = {"first_name": "Ada", "last_name": name, "email": "ada@example.org"}
        books.insert("contacts", company, contact, parent_id=customer["id"])
        workspace.add_subscription(customer)
        workspace.add_invoice(customer)
        paid = workspace.add_invoice(customer)
        workspace.pay(customer, paid)
        payment = {"label": "Card", "currency": "EUR", "currency_amount": "120.0", "status": "confirmed"}
        books.insert("customer_invoice_payments", company, payment, parent_id=paid["id"])
    workspace.add_invoice(customer, lines=23)
    workspace.add_invoice(customer, draft=True)
    books.set_categories(workspace.add_invoice(customer)["id"], {workspace.add_category()["id"]: "1.0"})


def _synced(emulator: Emulator, database: Database) -> Audited:
    """A company that was synced an hour ago."""
    workspace = Audited(emulator, database, emulator.books.add_company("Cap Horizon"))
    fill(workspace)
    emulator.settle()
    workspace.sync()
    emulator.move_clock(hours=1)
    return workspace


@pytest.fixture
def audited(emulator: Emulator, database: Database) -> Audited:
    """A company that was synced an hour ago, on each engine."""
    return _synced(emulator, database)


@pytest.fixture
def audited_on_duckdb(emulator: Emulator, tmp_path: Path) -> Iterator[Audited]:
    """The same on DuckDB alone."""
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        yield _synced(emulator, database)
