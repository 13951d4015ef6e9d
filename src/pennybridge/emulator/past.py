"""Books of years that nobody watched: writes kept in memory, then put into `Books` at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from pennybridge.clock import format_instant
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.outbox import Mail
from pennybridge.emulator.resources import Record


class Past:
    """Writes that go to a company's books together, as they stand in the end, without events."""

    def __init__(self, books: Books, company: Company) -> None:
        self._books = books
        self._company = company
        self._records: defaultdict[str, dict[int, tuple[Record, int | None]]] = defaultdict(dict)
        self._children: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self._matches: list[tuple[int, int, Decimal]] = []
        self._categories: dict[int, Mapping[int, str]] = {}
        self._now = format_instant(books.clock())
        self.outbox: list[Mail] = []
        """Of mails sent long ago nobody asks."""

    def new_id(self) -> int:
        """The next id of the books."""
        return self._books.new_id()

    @contextmanager
    def at(self, instant: datetime) -> Iterator[None]:
        """Writes in this block happened at this instant."""
        self._now = format_instant(instant)
        yield

    def insert(
        self, resource: str, company_id: int, record: Mapping[str, object], *, parent_id: int | None = None
    ) -> Record:
        """Keep a record, which needs its id; the past of one company only."""
        assert company_id == self._company.id  # noqa: S101 - a mistake of ours, not of a user
        kept: Record = {"created_at": self._now, "updated_at": self._now, **record}
        self._records[resource][kept["id"]] = (kept, parent_id)
        if parent_id is not None:
            self._children[resource, parent_id].append(kept["id"])
        return kept

    def insert_many(
        self, resource: str, company_id: int, records: Iterable[tuple[Mapping[str, object], int | None]]
    ) -> int:
        """Keep or replace several records, without moving their `updated_at`."""
        kept = [self.insert(resource, company_id, record, parent_id=parent) for record, parent in records]
        return len(kept)

    def update(self, resource: str, record_id: int, changes: Mapping[str, object]) -> Record:
        """Change fields of a record and move its `updated_at`."""
        record, _ = self._records[resource][record_id]
        record.update(changes, updated_at=self._now)
        return record

    def get(self, resource: str, record_id: int) -> Record | None:
        """A record kept, or None."""
        record, _ = self._records[resource].get(record_id, (None, None))
        return record

    def select(self, resource: str, *, parent_id: int) -> list[Record]:
        """Records kept under a parent, in the order they were added."""
        return [self._records[resource][key][0] for key in self._children[resource, parent_id]]

    def match(self, invoice_id: int, transaction_id: int, amount: Decimal = Decimal(0)) -> None:
        """Tie a transaction to an invoice, which takes so many euros of it."""
        self._matches.append((invoice_id, transaction_id, amount))

    def set_categories(self, parent_id: int, weights: Mapping[int, str]) -> None:
        """Replace the categories of a document."""
        self._categories[parent_id] = weights

    def write(self) -> None:
        """Put everything into the books, once, at the end."""
        with self._books.transaction():
            for resource, records in self._records.items():
                self._books.insert_many(resource, self._company.id, records.values())
            for tie in self._matches:
                self._books.match(*tie)
            for parent_id, weights in self._categories.items():
                self._books.set_categories(parent_id, weights)
