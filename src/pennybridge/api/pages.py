"""Pages of lists and of changelogs, as cheap to decode as JSON allows: records stay the bytes that came."""

from datetime import datetime
from typing import TypeVar

import msgspec

from pennybridge.errors import NotPennylaneError

T = TypeVar("T")


class LinesPage(msgspec.Struct, frozen=True):
    """The lines of one invoice as they come with the invoice, at most 20.

    `next_cursor` leads to the others; it belongs to the list `customer_invoice_lines` of that invoice.
    """

    items: list[msgspec.Raw]
    has_more: bool = False
    next_cursor: str | None = None


class Page(msgspec.Struct, frozen=True):
    """One page of a list."""

    items: list[msgspec.Raw]
    """Each record's JSON as received; it keeps the whole page in memory: copy what outlives the page."""
    has_more: bool
    next_cursor: str | None
    read_at: datetime
    """When the request was sent: what is true in the page was true no earlier."""
    request_id: str | None
    included_lines: dict[int, LinesPage] | None = None
    """By invoice id, when `include="invoice_lines"` was asked."""
    seconds: float = 0.0
    """How long the answer took, waiting for the rate limit not counted."""
    server_time: datetime | None = None
    """The answer's `Date` header: Pennylane's clock, by which the changelog's instants go."""


class Change(msgspec.Struct, frozen=True):
    """One event of a changelog. It says that something happened to a record, not what."""

    id: int
    operation: str
    """`insert`, `update` or `delete`."""
    processed_at: datetime
    """When the event reached the changelog; the feed is in this order."""
    updated_at: datetime | None = None
    created_at: datetime | None = None


class ChangesPage(msgspec.Struct, frozen=True):
    """One page of a changelog, oldest first."""

    items: list[Change]
    has_more: bool
    next_cursor: str | None
    read_at: datetime
    request_id: str | None
    seconds: float = 0.0
    """How long the answer took, waiting for the rate limit not counted."""
    server_time: datetime | None = None
    """The answer's `Date` header: Pennylane's clock, by which the changelog's instants go."""


class _Included(msgspec.Struct):
    invoice_lines: dict[int, LinesPage] | None = None


class PageBody(msgspec.Struct):
    """A page of a list on the wire."""

    items: list[msgspec.Raw]
    has_more: bool
    next_cursor: str | None = None
    included: _Included | None = None


class ChangesBody(msgspec.Struct):
    """A page of a changelog on the wire."""

    items: list[Change]
    has_more: bool
    next_cursor: str | None = None


PAGE = msgspec.json.Decoder(PageBody)
CHANGES = msgspec.json.Decoder(ChangesBody)


def decode(decoder: msgspec.json.Decoder[T], body: bytes, *, url: str, request_id: str | None) -> T:
    """The body as the decoder's type.

    Raises:
        NotPennylaneError: It is not of that shape.
    """
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise NotPennylaneError(
            f"{url} answered, but not with what Pennylane's API gives there: {error}. "
            "Nothing was changed. Check the base URL; it ends with /api/external/v2.",
            method="GET",
            url=url,
            status=200,
            request_id=request_id,
            body=body[:2000].decode(errors="replace"),
        ) from error
