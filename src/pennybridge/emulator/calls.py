"""One request on its way through the books: what is known of it, and what every answer to it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pennybridge.clock import format_instant
from pennybridge.emulator.access import Access
from pennybridge.emulator.answers import Answer, Refusal, encode
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.contract import COUNTS_NO_LONGER_KEPT, KEEPS_COUNTS, Operation
from pennybridge.emulator.lists import Condition, ListQuery, cursor_after
from pennybridge.emulator.rendering import Rendering
from pennybridge.emulator.request_check import check_id
from pennybridge.emulator.resources import Record


@dataclass(frozen=True)
class Call:
    """One request that may be answered: the operation, for whom, and what was sent."""

    books: Books
    operation: Operation
    company: Company
    access: Access
    values: Mapping[str, str]
    query: Mapping[str, str]
    rendering: Rendering
    now: datetime
    data: Any = None
    """What the body says, checked: JSON with `Decimal` for fractions, a form's fields and files, or None."""

    def record_id(self, name: str = "id") -> int:
        """An id in the path."""
        return check_id(name, self.values[name])

    @property
    def at(self) -> str:
        """The emulator's instant, as text."""
        return format_instant(self.now)

    def insert(self, resource: str, record: Mapping[str, object], parent_id: int | None = None) -> Record:
        """Add a record to the company's books."""
        return self.books.insert(resource, self.company.id, record, parent_id=parent_id)


Handler = Callable[[Call], Answer]


def read_page(
    books: Books, query: ListQuery, resource: str, owner: Condition
) -> tuple[list[tuple[int, bytes]], str | None]:
    """Ids and stored documents of a page, and the cursor of the next one if there is one."""
    sql, values = query.page_sql(resource, owner)
    rows = books.database.execute(sql, values).fetchall()
    page = rows[: query.limit]
    more = len(rows) > query.limit
    return [(row[-2], row[-1]) for row in page], cursor_after(page[-1][:-1], query.sort) if more else None


def stored(call: Call, resource: str, record_id: int) -> bytes:
    """The stored document with this id.

    Raises:
        Refusal: 404, for an id that is unknown or another company's.
    """
    sql = f"select body from {resource} where id = ? and company_id = ?"  # noqa: S608 - our own name
    row = call.books.database.execute(sql, (record_id, call.company.id)).fetchone()
    if row is None:
        raise not_found(resource, record_id)
    return bytes(row[0])


def answer_record(call: Call, resource: str, record_id: int, status: int = 200) -> Answer:
    """A record of the company, as its GET answers it."""
    document = call.rendering.document(resource, record_id, stored(call, resource, record_id))
    return Answer(status, call.rendering.with_base(document))


def existing(call: Call, resource: str, record_id: int) -> Record:
    """A record of the company, our notes included.

    Raises:
        Refusal: 404, for an id that is unknown or another company's.
    """
    record = call.books.get(resource, record_id, company_id=call.company.id)
    if record is None:
        raise not_found(resource, record_id)
    return record


def not_found(resource: str, record_id: int) -> Refusal:
    """404: `Not Found`; for customers Rails' own sentence (both documented, which is when assumed)."""
    if resource == "customers":
        return Refusal(404, f"Couldn't find Customer with 'id'={record_id}")
    return Refusal(404, "Not Found")


def parent_id(call: Call, resource: str) -> int:
    """The id of the parent in the path, which must exist."""
    record_id = call.record_id(next(iter(call.values)))
    stored(call, resource, record_id)
    return record_id


def null_counts(operation: Operation) -> bytes:
    """The keys about page numbers that some lists kept, always null (observed)."""
    if operation.name not in KEEPS_COUNTS:
        return b""
    return b"".join(b"," + encode(name) + b":null" for name in COUNTS_NO_LONGER_KEPT)
