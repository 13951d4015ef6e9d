"""The books of every company in the emulator: all state, and the only door to it.

How to use it (everything else in this package does it this way):

    books = Books(EmulatorClock(), seed=1)
    company = books.add_company("Acme SAS")        # or fill=function, called when it is first touched
    customer = books.insert("customers", company.id, {"customer_type": "company", "name": "Cap Horizon", ...})
    invoice = books.insert("customer_invoices", company.id, {"customer": {"id": customer["id"]}, ...})
    books.insert("customer_invoice_lines", company.id, {...}, parent_id=invoice["id"])
    books.update("customer_invoices", invoice["id"], {"status": "paid", "paid": True})
    with books.at(instant): ...                    # writes in the block happened then

A record is a dict as the API answers it, without links (`invoice_lines: {url}` …), without `url` in
references and without `public_file_url`: those are added when it is answered. `insert` adds `id`,
`created_at`, `updated_at`, `external_reference` and the defaults of `resources.py`; what the record says
itself wins. Keys that begin with `_` are notes of ours: stored, given back by `get`, never answered
(`_credit_note` on an invoice feeds the filter `credit_note`; `_rank` on a line its order). Writes of a
resource with a changelog tell it. Money is decimal text (`format_amount`).
"""

import random
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pennybridge.clock import format_instant
from pennybridge.emulator.agenda import Agenda
from pennybridge.emulator.changelog import RETENTION, Changelog
from pennybridge.emulator.clock import EmulatorClock
from pennybridge.emulator.outbox import Mail
from pennybridge.emulator.resources import RESOURCES, Record
from pennybridge.emulator.tables import from_row, insert_statement, open_database, to_row
from pennybridge.emulator.uploads import FileStore
from pennybridge.money import format_amount

_FIRST_ID = 5_000_000_000
_ID_STEP = 4096
_FIRST_COMPANY_ID = 400_000
_FILE_READY = timedelta(seconds=1)
_DOCUMENTS = {"customer_invoices", "quotes", "commercial_documents"}
_REFERENCE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Fill = Callable[["Books", "Company"], None]
"""Puts the first records into a company, when it is first touched."""

Life = Callable[["Books", "Company", datetime, datetime], None]
"""Does what happened in a company between two instants; called when it is touched, at most once a day."""

Watcher = Callable[[str, int, Record | None, Record], None]
"""Is told of each record that is written: resource, company id, the record before (None: new) and after."""


@dataclass
class Company:
    """A company whose books the emulator keeps; its API token is `emulator-company-<number>`."""

    number: int
    id: int
    name: str
    reg_no: str
    accounting_logic: str = "FR_PCG"
    fill: Fill | None = field(default=None, repr=False)
    closed_until: date | None = None
    """The last day of the closed accounts: documents of that day or before are refused."""
    has_numbering: bool = True
    """Whether the numbering of invoices was set up; without it none can be finalized."""
    lived_until: datetime | None = None
    """Up to when its subscriptions, due dates and payments have been played."""


class Books:
    """Companies and their records, in one SQLite database that nobody keeps.

    One lock guards it: take `books.lock` to read several things as of one instant.

    Args:
        clock: The emulator's time.
        seed: Everything random (references, lags) follows from it.
        path: A file to use instead of memory, for very large books. It must not exist.
        lag: Mean seconds from a change to its event.
        lives: What happens in companies while time passes.
    """

    def __init__(
        self,
        clock: EmulatorClock,
        *,
        seed: int = 1,
        path: Path | None = None,
        lag: float = 1.0,
        lives: Iterable[Life] = (),
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.lock = threading.RLock()
        self.companies: dict[int, Company] = {}
        self.lives = list(lives)
        self.files = FileStore()
        self.files_take = timedelta(0)
        """How long an uploaded file is not ready to be used."""
        self.outbox: list[Mail] = []
        self.watchers: list[Watcher] = []
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, nothing secret
        self._next_id = _FIRST_ID
        self._agenda = Agenda(clock)
        self.database = open_database(str(path) if path else ":memory:")
        self.changelog = Changelog(self.database, random.Random(seed), lag)  # noqa: S311 - as above

    # Companies and time

    def add_company(self, name: str, *, reg_no: str | None = None, fill: Fill | None = None) -> Company:
        """A new company, numbered from 1; `fill` is called when its books are first touched."""
        with self.lock:
            number = len(self.companies) + 1
            company = Company(
                number, _FIRST_COMPANY_ID + number, name, reg_no or f"sandbox-{number:06d}", fill=fill
            )
            self.companies[company.id] = company
            return company

    def company(self, number: int) -> Company | None:
        """The company with this number, counted from 1."""
        return self.companies.get(_FIRST_COMPANY_ID + number)

    def touch(self, company_id: int) -> Company:
        """Bring a company up to the clock: fill it, finish what is due, play the days since it was touched.

        Called before each request, so that a thousand companies cost nothing until somebody looks.
        """
        with self.lock:
            company = self.companies[company_id]
            if company.fill:
                fill, company.fill = company.fill, None
                with self.transaction():
                    fill(self, company)
            now = self.clock()
            since = company.lived_until
            if since is None or since.date() < now.date():
                company.lived_until = now
                for life in dict.fromkeys(self.lives) if since else ():
                    with self.transaction():
                        life(self, company, since or now, now)
            self.finish_due()
            return company

    @contextmanager
    def at(self, instant: datetime) -> Iterator[None]:
        """Writes in this block happened at this instant, their events too."""
        with self.lock, self._agenda.at(instant):
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes of the block, or none; blocks may stand in each other."""
        with self.lock:
            if self.database.in_transaction:
                yield
                return
            self.database.execute("begin")
            try:
                yield
            except BaseException:
                self.database.execute("rollback")
                raise
            self.database.execute("commit")

    def later(self, delay: timedelta, action: Callable[[], object]) -> None:
        """Do something that Pennylane does a little after it answered; at once if that moment has passed."""
        with self.lock:
            self._agenda.later(delay, action)

    def finish_due(self) -> None:
        """Do what has become due."""
        with self.lock:
            self._agenda.finish_due()

    def settled_at(self) -> datetime | None:
        """When all that is under way will be done and every event will have appeared; None if nothing is."""
        with self.lock:
            pending = (self._agenda.last_due(), self.changelog.last_pending(self.clock()))
            return max(filter(None, pending), default=None)

    # Records

    def new_id(self) -> int:
        """The next id: ids grow, and every one is a multiple of 4096 (observed)."""
        self._next_id += 1
        return (self._next_id - 1) * _ID_STEP

    def insert(
        self, resource: str, company_id: int, record: Mapping[str, object], *, parent_id: int | None = None
    ) -> Record:
        """Add a record; gives it complete, with what was filled in.

        The PDF of an invoice is made a second later (`filename`); that is one or two events `update`.
        """
        with self.transaction():
            written = self._agenda.now()
            complete = self._complete(resource, record, format_instant(written))
            self._put(resource, complete, company_id, parent_id)
            self._announce(resource, company_id, complete, "insert", written)
            self._show(resource, company_id, None, complete)
            if resource == "customer_invoices":
                self.later(_FILE_READY, lambda: self._make_file(complete["id"]))
            return complete

    def insert_many(
        self, resource: str, company_id: int, records: Iterable[tuple[Mapping[str, object], int | None]]
    ) -> int:
        """Add many (record, parent id) at once, without events: for books older than the changelog.

        Gives how many. Records are completed as by `insert`; give `created_at` to say when each was written.
        """
        kind = RESOURCES[resource]
        with self.transaction():
            written = format_instant(self._agenda.now())
            rows = (
                to_row(kind, self._complete(resource, record, written), company_id, parent)
                for record, parent in records
            )
            return self.database.executemany(insert_statement(kind), rows).rowcount

    def update(self, resource: str, record_id: int, changes: Mapping[str, object]) -> Record:
        """Change fields of a record, move its `updated_at`, and tell the changelog; gives the record.

        Raises:
            KeyError: There is no such record.
        """
        with self.transaction():
            company_id, parent_id, before = self._row(resource, record_id)
            written = self._agenda.now()
            stamp = {"updated_at": format_instant(written)} if RESOURCES[resource].dated else {}
            record = {**before, **stamp, **changes}
            self._put(resource, record, company_id, parent_id)
            self._announce(resource, company_id, record, "update", written)
            self._show(resource, company_id, before, record)
            return record

    def rewrite(self, resource: str, record_id: int, changes: Mapping[str, object]) -> Record:
        """Change fields of a record without a word: no event, and its `updated_at` stays.

        Raises:
            KeyError: There is no such record.
        """
        with self.transaction():
            company_id, parent_id, record = self._row(resource, record_id)
            record = {**record, **changes}
            self._put(resource, record, company_id, parent_id)
            return record

    def delete(self, resource: str, record_id: int) -> None:
        """Remove a record and what belongs to it, and tell the changelog.

        Raises:
            KeyError: There is no such record.
        """
        with self.transaction():
            company_id, _, record = self._row(resource, record_id)
            self.database.execute(f"delete from {resource} where id = ?", (record_id,))  # noqa: S608
            for kind in RESOURCES.values():
                if kind.child:
                    self.database.execute(f"delete from {kind.name} where parent_id = ?", (record_id,))  # noqa: S608
            self.database.execute("delete from category_weights where parent_id = ?", (record_id,))
            self.database.execute("delete from matches where ? in (invoice_id, transaction_id)", (record_id,))
            self._announce(resource, company_id, record, "delete", self._agenda.now())

    def get(self, resource: str, record_id: int, *, company_id: int | None = None) -> Record | None:
        """A record, or None if there is none with this id (in this company)."""
        try:
            owner, _, record = self._row(resource, record_id)
        except KeyError:
            return None
        return record if company_id in (None, owner) else None

    def select(
        self, resource: str, company_id: int | None = None, *, parent_id: int | None = None, **equal: object
    ) -> list[Record]:
        """Records by id, oldest first: of a company, of a parent, or where searchable columns have values."""
        wanted = {"company_id": company_id, "parent_id": parent_id, **equal}
        asked = {column: value for column, value in wanted.items() if value is not None}
        where = " and ".join(f"{column} = ?" for column in asked) or "true"
        sql = f"select body, notes from {resource} where {where} order by id"  # noqa: S608 - names are ours
        with self.lock:
            return [from_row(*row) for row in self.database.execute(sql, tuple(asked.values()))]

    def count(self, resource: str, company_id: int | None = None) -> int:
        """How many records there are, of one company or of all."""
        where = "company_id = ?" if company_id is not None else "? is null"
        sql = f"select count(*) from {resource} where {where}"  # noqa: S608 - our own name
        with self.lock:
            (number,) = self.database.execute(sql, (company_id,)).fetchone()
        return int(number)

    # Ties

    def set_categories(self, parent_id: int, weights: Mapping[int, str]) -> None:
        """Replace the categories of a document, customer or transaction: category id → weight (`"0.5"`).

        No event is written: changing categories emits none (observed).
        """
        with self.transaction():
            self.database.execute("delete from category_weights where parent_id = ?", (parent_id,))
            rows = [(parent_id, category, weight) for category, weight in weights.items()]
            self.database.executemany("insert into category_weights values (?,?,?)", rows)

    def match(self, invoice_id: int, transaction_id: int, amount: Decimal = Decimal(0)) -> None:
        """Tie a transaction to an invoice, which takes so many euros of it.

        Whoever calls updates what remains to be paid.
        """
        with self.lock:
            row = (invoice_id, transaction_id, format_amount(amount))
            self.database.execute("insert or replace into matches values (?,?,?)", row)

    def shares(self, transaction_id: int) -> dict[int, Decimal]:
        """The invoices tied to a transaction, each with the euros it takes."""
        sql = "select invoice_id, amount from matches where transaction_id = ?"
        with self.lock:
            return {key: Decimal(amount) for key, amount in self.database.execute(sql, (transaction_id,))}

    def unmatch(self, transaction_id: int) -> list[int]:
        """Untie a transaction from all its invoices, as Pennylane does (observed); gives their ids."""
        with self.transaction():
            rows = self.database.execute(
                "select invoice_id from matches where transaction_id = ?", (transaction_id,)
            ).fetchall()
            self.database.execute("delete from matches where transaction_id = ?", (transaction_id,))
            return [invoice_id for (invoice_id,) in rows]

    # How it is done

    def _complete(self, resource: str, record: Mapping[str, object], written: str) -> Record:
        kind = RESOURCES[resource]
        complete: Record = {**kind.defaults, "created_at": written, "updated_at": written, **record}
        if not kind.dated:
            del complete["created_at"], complete["updated_at"]
        complete.setdefault("id", None)
        if complete["id"] is None:
            complete["id"] = self.new_id()
        if resource == "customer_invoices":
            complete.setdefault(
                "ledger_entry", {"id": complete["id"]}
            )  # observed: the invoice's own id, drafts too
            complete.setdefault("_credit_note", str(complete["amount"]).startswith("-"))
        if "external_reference" in kind.columns:
            complete.setdefault("external_reference", self._new_reference(resource))
        return complete

    def _new_reference(self, resource: str) -> str:
        if resource in _DOCUMENTS:  # observed: ten capitals and digits; UUIDs elsewhere
            return "".join(self._random.choices(_REFERENCE_LETTERS, k=10))
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _make_file(self, invoice_id: int) -> None:
        invoice = self.get("customer_invoices", invoice_id)
        if invoice is None:
            return
        customer = self.get("customers", (invoice["customer"] or {}).get("id", 0)) or {"name": ""}
        kind = "Avoir" if invoice["_credit_note"] else "Facture"
        filename = invoice["filename"] or f"{kind}-{customer['name']}.pdf"
        self.update("customer_invoices", invoice_id, {"filename": filename})
        if self._random.random() < 0.5:  # observed: one to three updates, the label's among them
            self.update("customer_invoices", invoice_id, {})

    def _announce(
        self, resource: str, company_id: int, record: Record, operation: str, written: datetime
    ) -> None:
        if RESOURCES[resource].changelog and written > self.clock() - RETENTION:
            self.changelog.add(resource, company_id, record, operation, written)

    def _show(self, resource: str, company_id: int, before: Record | None, after: Record) -> None:
        for watcher in self.watchers:
            watcher(resource, company_id, before, after)

    def _put(self, resource: str, record: Record, company_id: int, parent_id: int | None) -> None:
        kind = RESOURCES[resource]
        self.database.execute(insert_statement(kind), to_row(kind, record, company_id, parent_id))

    def _row(self, resource: str, record_id: int) -> tuple[int, int | None, Record]:
        sql = f"select company_id, parent_id, body, notes from {resource} where id = ?"  # noqa: S608
        with self.lock:
            row = self.database.execute(sql, (record_id,)).fetchone()
        if row is None:
            raise KeyError(f"{resource} {record_id}")
        return row[0], row[1], from_row(row[2], row[3])
