"""From stored rows to the JSON that is answered: links, file addresses, and fields that depend on the moment.

A stored document lacks what follows from its id; that is appended as bytes, without decoding, so that a page
of a hundred invoices costs next to nothing. In a stored `url`, `@` stands for the base URL the request came
to, `~` for its origin.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pennybridge.emulator.answers import decode, encode
from pennybridge.emulator.contract import SEPTEMBER_2026
from pennybridge.emulator.resources import RESOURCES

FILE_ADDRESS_LIVES = timedelta(minutes=30)
"""How long a `public_file_url` works (documented: about 30 minutes)."""

_WITH_FILE = {"customer_invoices", "quotes", "commercial_documents"}


@dataclass(frozen=True)
class Rendering:
    """How documents look to one request.

    Attributes:
        origin: Scheme and host the request came to; links lead back to it.
        base_url: Of the API, as the client names it.
        now: The emulator's instant; file addresses run from it.
        september_2026: Whether invoices have the fields that came in September 2026.
    """

    origin: str
    base_url: str
    now: datetime
    september_2026: bool = True

    def document(self, resource: str, record_id: int, body: bytes) -> bytes:
        """The answered document of a stored one."""
        tail = _links(resource).replace(b"{id}", str(record_id).encode())
        if resource == "customer_invoices":
            if self.september_2026:
                tail += b"".join(field for name, field in _NEWER_NULLS if name not in body)
            elif any(name in body for name, _ in _NEWER_NULLS):
                body = encode(
                    {key: value for key, value in decode(body).items() if key not in SEPTEMBER_2026}
                )
        if resource in _WITH_FILE:
            tail += b',"public_file_url":"' + self.file_address(resource, record_id).encode() + b'"'
        return body[:-1] + tail + b"}"

    def list_body(self, items: Iterable[bytes], next_cursor: str | None, extra: bytes = b"") -> bytes:
        """A page: items, whether more follow, the cursor to go on with, and further keys."""
        more = b"true" if next_cursor else b"false"
        page = b'{"items":[' + b",".join(items) + b'],"has_more":' + more
        return self.with_base(page + b',"next_cursor":' + encode(next_cursor) + extra + b"}")

    def with_base(self, body: bytes) -> bytes:
        """The body with full links."""
        linked = body.replace(b'"url":"@', b'"url":"' + self.base_url.encode())
        return linked.replace(b'"url":"~', b'"url":"' + self.origin.encode())

    def file_address(self, resource: str, record_id: int) -> str:
        """Where the PDF of a document can be fetched, for a while."""
        expires = int((self.now + FILE_ADDRESS_LIVES).timestamp())
        kind = resource.removeprefix("customer_").removesuffix("s")
        return f"{self.origin}/public/{kind}/pdf?encrypted_id={record_id:x}.{expires:x}"


@functools.cache
def _links(resource: str) -> bytes:
    links = {name: link for name, link in RESOURCES[resource].links.items() if "." not in name}
    return b"".join(
        b"," + encode(name) + b':{"url":"@/' + link.encode() + b'"}' for name, link in links.items()
    )


_NEWER_NULLS = [(encode(name) + b":", b"," + encode(name) + b":null") for name in SEPTEMBER_2026]
"""Fields of September 2026: what tells that a stored document has one, and what is answered if not."""
