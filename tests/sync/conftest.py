"""A workspace: an emulated company, a database on either engine, and syncs between them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pennybridge.api.client import Client
from pennybridge.api.pages import ChangesPage, Page
from pennybridge.api.retries import Retries
from pennybridge.clock import format_instant
from pennybridge.emulator import paying, selling
from pennybridge.emulator.books import Company
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.life import desk_of
from pennybridge.emulator.records import (
    billing_subscription,
    company_customer,
    invoice_line,
    recurring_rule,
    without,
)
from pennybridge.emulator.resources import Record
from pennybridge.emulator.server import Emulator
from pennybridge.store import Database
from pennybridge.sync.report import SyncReport
from pennybridge.sync.resources import DETAILS
from pennybridge.sync.run import sync
from tests.sync import truth

SCOPES = (
    "customers:readonly",
    "products:readonly",
    "customer_invoices:readonly",
    "billing_subscriptions:readonly",
    "categories:readonly",
    "ledger_accounts:readonly",
    "quotes:readonly",
)


class NoLimit:
    """A limiter that lets everything pass: the emulator counts nothing here."""

    def acquire(self, *, background: bool = False) -> int:  # noqa: ARG002
        return 1

    def settle(self, *_: object) -> None:
        """Nothing to give back."""

    def cancel(self, *_: object) -> None:
        """Nothing to give back."""


@dataclass
class OurClock:
    """The clock of our side, moved by hand; it ticks a little at each look, as read times must differ."""

    now: datetime = datetime(2026, 11, 21, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=50)
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Stop(BaseException):
    """Ends a sync in a place we choose, as nothing that the sync catches."""


class WatchedClient(Client):
    """A client that tells when a page of invoices has come, and that can end a sync before a request."""

    after_page: Callable[[int], None] | None = None
    pages_read = 0
    requests_left: int | None = None

    def _count(self) -> None:
        if self.requests_left is not None:
            self.requests_left -= 1
            if self.requests_left < 0:
                raise Stop

    def changes(self, of: Any, **how: Any) -> ChangesPage:
        self._count()
        return super().changes(of, **how)

    def page(self, of: Any, **how: Any) -> Page:
        self._count()
        page = super().page(of, **how)
        if of == "customer_invoices":
            self.pages_read += 1
            if self.after_page:
                self.after_page(self.pages_read)
        return page


@dataclass
class Workspace:
    """One company of the emulator and the database it is synced into."""

    emulator: Emulator
    database: Database
    company: Company
    clock: OurClock = field(default_factory=OurClock)
    scopes: Collection[str] = SCOPES
    after_page: Callable[[int], None] | None = None
    stop_after: int | None = None
    """How many requests a sync may make before it is ended by `Stop`."""

    @property
    def token(self) -> str:
        return self.emulator.token(self.company.number)

    def client(self) -> Client:
        client = WatchedClient(
            self.token,
            base_url=self.emulator.base_url,
            limiter=NoLimit(),  # type: ignore[arg-type]
            clock=self.clock,
            retries=Retries(sleep=lambda _: None),
        )
        client.after_page = self.after_page
        client.requests_left = self.stop_after
        return client

    def sync(self, **options: Any) -> SyncReport:
        options = {"request_budget": None, **options}
        with self.client() as client:
            return sync(
                company_id=self.company.id,
                client=client,
                database=self.database,
                scopes=self.scopes,
                clock=self.clock,
                name=self.company.name,
                **options,
            )

    def sync_everything(self, **options: Any) -> SyncReport:
        """A sync after which nothing can be out of date: a day later, with all details read again."""
        self.clock.move(hours=25)
        return self.sync(full=list(DETAILS), **options)

    def assert_same(self, *, lists_only: bool = False) -> None:
        """The landing tables are the emulator's books."""
        books = truth.read_books(self.emulator.base_url, self.token, lists_only=lists_only)
        truth.assert_same(self.database, self.company.id, books)

    def desk(self) -> Desk:
        """What happens in the company: customers, invoices, payments."""
        desk = desk_of(self.emulator.books, self.company, years=range(2024, 2028))
        desk.day, desk.now = self.emulator.now.date(), format_instant(self.emulator.now)
        return desk

    def add_customer(self, name: str = "Boréal SAS", **fields: Any) -> Record:
        key = self.emulator.books.new_id()
        record = company_customer(key, format_instant(self.emulator.now), name=name, **fields)
        return self.emulator.books.insert("customers", self.company.id, record)

    def add_invoice(self, customer: Record | None = None, *, lines: int = 1, draft: bool = False) -> Record:
        """An invoice of 120.00 with tax per line, finalized unless it is to be a draft."""
        terms = [{"label": f"Abonnement {at}", "unit_price": Decimal(100)} for at in range(lines)]
        write = selling.draft if draft else selling.issue
        return write(self.desk(), customer or self.add_customer(), terms)

    def add_subscription(self, customer: Record | None = None) -> Record:
        """A monthly subscription of one line, in progress."""
        books, at = self.emulator.books, format_instant(self.emulator.now)
        line = invoice_line(books.new_id(), at, label="Pro", unit_price=Decimal(50))
        record = billing_subscription(
            books.new_id(),
            at,
            label="Pro",
            customer=customer or self.add_customer(),
            lines=[line],
            start=self.emulator.now.date(),
            rule=recurring_rule("monthly"),
        )
        subscription = books.insert("billing_subscriptions", self.company.id, record)
        books.insert(
            "billing_subscription_lines",
            self.company.id,
            without(line, "substance"),
            parent_id=subscription["id"],
        )
        return subscription

    def add_category(self) -> Record:
        books = self.emulator.books
        group = books.insert("category_groups", self.company.id, {"label": "Activity"})
        record = {"label": "Hosting", "category_group": {"id": group["id"]}, "direction": "cash_in"}
        return books.insert("categories", self.company.id, record)

    def pay(self, customer: Record, invoice: Record) -> None:
        """The customer pays the invoice in full, and the transaction is matched."""
        desk = self.desk()
        desk.bank_account = desk.bank_account or self.emulator.books.insert(
            "bank_accounts",
            self.company.id,
            {"name": "Courant", "journal": {"id": self.emulator.books.new_id()}},
        )
        fresh = self.emulator.books.get("customer_invoices", invoice["id"]) or invoice
        paying.receive(desk, customer, [(fresh, Decimal(120))])

    def row(self, table: str, id_: int, *columns: str) -> tuple[Any, ...] | None:
        rows = self.database.rows(
            f"select {', '.join(columns)} from pennylane.{table} where company_id = :company_id and id = :id",
            company_id=self.company.id,
            id=id_,
        )
        return rows[0] if rows else None


@pytest.fixture
def workspace(emulator: Emulator, database: Database) -> Workspace:
    """An empty company, connected to an empty database, on each engine."""
    return Workspace(emulator, database, emulator.books.add_company("Cap Horizon"))
