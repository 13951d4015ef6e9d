"""Pages of lists and of changelogs, as cheap to decode as JSON allows: records stay the bytes that came."""

from datetime import datetime
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from pennybridge.errors import ApiError, NotPennylaneError

T = TypeVar("T")

EMPTY_PAGES = 5
"""So many in a row are taken for an accident, more for a list without end."""


class LinesPage(msgspec.Struct, frozen=True):
    """The lines of one invoice as they come with the invoice, at most 20.

    `rest` leads to the others, in the list `customer_invoice_lines` of that invoice.
    """

    items: list[msgspec.Raw]
    has_more: bool = False
    next_url: str | None = None

    @property
    def rest(self) -> tuple[str, str] | None:
        """The cursor to the lines that are missing, and the `sort` to send with it; None when none are.

        The contract gives a URL; lines come newest first there, as in any list without a `sort`.
        """
        query = parse_qs(urlsplit(self.next_url or "").query)
        if not self.has_more or "cursor" not in query:
            return None
        return query["cursor"][0], query.get("sort", ["-id"])[0]


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


class Cursors:
    """Follows the cursors of one list or changelog, and refuses to be led in circles."""

    def __init__(self, first: str | None = None) -> None:
        self._seen = {first}
        self._empty_pages = 0

    def after(self, page: Page | ChangesPage) -> str | None:
        """The cursor of the page that follows; None when this was the last.

        A page may be empty although the list goes on; its cursor may then stay where it was, for it names the
        last item before the next page (observed). A few in a row are followed.

        Raises:
            ApiError: The cursor is missing, was there before, or only empty pages come.
        """
        if not page.has_more:
            return None
        cursor = page.next_cursor
        self._empty_pages = 0 if page.items else self._empty_pages + 1
        is_new = cursor not in self._seen if page.items else self._empty_pages <= EMPTY_PAGES
        if cursor is None or not is_new:
            raise ApiError(
                "Pennylane says that a list goes on, but its cursor leads nowhere new. The pages read so far "
                "stand; the list is not complete. Try again later.",
                method="GET",
                status=200,
                request_id=page.request_id,
            )
        self._seen.add(cursor)
        return cursor


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
