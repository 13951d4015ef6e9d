"""Where the business of a company is done: what is planned for which day, and the numbers given so far.

The same business runs in two ways: day by day on `Books`, where every write is an event that somebody may
follow, and over years that nobody watched, on `past.Past`, which keeps its writes until they go into the
books at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from typing import Protocol

from pennybridge.clock import format_instant
from pennybridge.emulator.books import Company
from pennybridge.emulator.documents import next_number
from pennybridge.emulator.outbox import Mail
from pennybridge.emulator.resources import Record

_OPENS_AT = time(7, tzinfo=UTC)
_BETWEEN_WRITES = timedelta(seconds=37)


class Ledger(Protocol):
    """What business needs of `Books`; `Past` offers it too."""

    outbox: list[Mail]
    """What was sent by email."""

    def new_id(self) -> int:
        """The next id."""

    def at(self, instant: datetime) -> AbstractContextManager[None]:
        """Writes in the block happened then."""

    def insert(
        self, resource: str, company_id: int, record: Mapping[str, object], *, parent_id: int | None = None
    ) -> Record:
        """Add a record."""

    def insert_many(
        self, resource: str, company_id: int, records: Iterable[tuple[Mapping[str, object], int | None]]
    ) -> int:
        """Add or replace records, without events."""

    def update(self, resource: str, record_id: int, changes: Mapping[str, object]) -> Record:
        """Change fields of a record."""

    def get(self, resource: str, record_id: int) -> Record | None:
        """A record, or None."""

    def select(self, resource: str, *, parent_id: int) -> list[Record]:
        """Records under a parent."""

    def match(self, invoice_id: int, transaction_id: int, amount: Decimal) -> None:
        """Tie a transaction to an invoice, which takes so many euros of it."""

    def set_categories(self, parent_id: int, weights: Mapping[int, str]) -> None:
        """Replace the categories of a document."""


class Desk:
    """The agenda of a company, and the means to do what it says.

    Args:
        books: Where to write; may be exchanged between two runs.
        company: Whose business it is.
        seed: What customers do follows from it.
        numbers: The last number given in each year's series.
        bank_account: Where customers pay; without one, nobody pays.
        announces_late: Whether an invoice that becomes late is an event (unknown of Pennylane).
    """

    def __init__(
        self,
        books: Ledger,
        company: Company,
        *,
        seed: int,
        numbers: dict[int, str],
        bank_account: Record | None = None,
        announces_late: bool = False,
    ) -> None:
        self.books = books
        self.company = company
        self.seed = seed
        self.bank_account = bank_account
        self.announces_late = announces_late
        self.payments: defaultdict[tuple[date, int], list[tuple[int, Decimal]]] = defaultdict(list)
        """Day and customer → invoices to pay that day, each with the share of what is open."""
        self.finalized: list[int] = []
        """Invoices finalized at this desk, oldest first."""
        self.now = ""
        """The instant of the present write, as text."""
        self.day = date.min
        """The day that the agenda stands at."""
        self._numbers = numbers
        self._agenda: list[tuple[date, int, Callable[[], object]]] = []
        self._planned = 0

    def plan(self, day: date, action: Callable[[], object]) -> None:
        """Do something on a day, after what was planned for it before; a past day means today."""
        self._planned += 1
        heappush(self._agenda, (max(day, self.day), self._planned, action))

    def run(self, until: datetime, *, since: datetime | None = None) -> None:
        """Do all that is planned up to an instant, in order; nothing is written as of later than that.

        Nor as of earlier than `since`: a changelog that was read up to then would not be read there again.
        """
        instant = since or datetime.min.replace(tzinfo=UTC)
        while self._agenda and self._agenda[0][0] <= until.date():
            self.day, _, action = heappop(self._agenda)
            opening = datetime.combine(self.day, _OPENS_AT)
            instant = min(max(instant + _BETWEEN_WRITES, opening), until)
            self.now = format_instant(instant)
            with self.books.at(instant):
                action()
        self.day = until.date()

    def next_number(self) -> str:
        """The number of the next document finalized today; dates and numbers grow together."""
        number = next_number(self._numbers.get(self.day.year), self.day)
        self._numbers[self.day.year] = number
        return number

    def insert(self, resource: str, record: Mapping[str, object], parent_id: int | None = None) -> Record:
        """Add a record to the company's books."""
        return self.books.insert(resource, self.company.id, record, parent_id=parent_id)

    def existing(self, resource: str, record_id: int) -> Record:
        """A record that must be there."""
        record = self.books.get(resource, record_id)
        if record is None:
            raise KeyError(f"{resource} {record_id}")
        return record
