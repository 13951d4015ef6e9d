"""Files that clients upload: read from the request as it comes in, checked, kept once each by content.

Source:
    At most 100 MB; images and PDF are taken: documented,
    https://pennylane.readme.io/reference/postfileattachments. XML is taken and WEBP gets `invalid content
    type`: observed. The type is told by the first bytes, then by the name, then by what the client says:
    assumed, from the library that Rails applications use for it.
"""

import hashlib
import mimetypes
import shutil
import tempfile
import weakref
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive

from pennybridge.emulator.answers import Refusal

MAX_SIZE = 100 * 1024 * 1024
"""Most bytes of one file."""

ALLOWED_TYPES = frozenset(
    {
        "application/pdf", "image/png", "image/jpeg", "image/tiff", "image/bmp", "image/gif",
        "application/xml", "text/xml",
    }
)  # fmt: skip

_FIRST_BYTES = {
    b"%PDF-": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif",
    b"II*\x00": "image/tiff", b"MM\x00*": "image/tiff", b"BM": "image/bmp", b"<?xml": "application/xml",
    b"PK\x03\x04": "application/zip",
}  # fmt: skip
TOO_BIG = "file is too big, the maximum allowed size is 100MB"
"""Text assumed, as its status: 422."""

_CHUNK = 1024 * 1024
_ROOM_FOR_OTHER_PARTS = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file as it came in; its content lies in the `FileStore` under its digest."""

    filename: str
    content_type: str
    size: int
    digest: str

    def check_type(self) -> None:
        """Refuse with 422 what Pennylane does not take (text observed)."""
        if self.content_type not in ALLOWED_TYPES:
            raise Refusal(422, "invalid content type")


Form = dict[str, str | Upload]
"""A multipart body: its fields and files by name."""


class FileStore:
    """Contents of files by their SHA-256, in a folder that is removed with the store."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def keep(self, content: IO[bytes], filename: str, declared_type: str) -> Upload:
        """Keep a file that is open for reading, from its beginning."""
        digest = hashlib.sha256()
        size = 0
        head = b""
        while chunk := content.read(_CHUNK):
            head = head or chunk[:32]
            size += len(chunk)
            digest.update(chunk)
        content.seek(0)
        target = self._made_folder() / digest.hexdigest()
        if not target.exists():
            with target.open("wb") as kept:
                shutil.copyfileobj(content, kept, _CHUNK)
        return Upload(filename, type_of(head, filename, declared_type), size, digest.hexdigest())

    def path(self, digest: str) -> Path | None:
        """Where the content with this digest lies, if it was kept."""
        found = self._folder / digest if self._folder else None
        return found if found and found.is_file() else None

    def _made_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="pennybridge-emulator-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder


def type_of(head: bytes, filename: str, declared: str) -> str:
    """The content type of a file, from its first bytes if they tell, else from its name.

    >>> type_of(b"%PDF-1.7", "scan.png", ""), type_of(b"?", "F.PDF", ""), type_of(b"?", "a", "image/gif")
    ('application/pdf', 'application/pdf', 'image/gif')
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    told = next((kind for start, kind in _FIRST_BYTES.items() if head.startswith(start)), None)
    named, _ = mimetypes.guess_type(filename)
    return told or named or declared.partition(";")[0].strip() or "application/octet-stream"


async def read_body(
    headers: Headers, receive: Receive, store: FileStore
) -> tuple[bytes, Form | Refusal | None]:
    """The body of a request: its bytes, or the form if it is multipart, or why that cannot be read.

    What exceeds `MAX_SIZE` is read to its end and thrown away, so that the client hears the refusal.
    """
    if not headers.get("content-type", "").startswith("multipart/form-data"):
        return b"".join([chunk async for chunk in _chunks(receive)]), None
    chunks = _chunks(receive)
    try:
        parsed = await MultiPartParser(headers, _at_most(MAX_SIZE + _ROOM_FOR_OTHER_PARTS, chunks)).parse()
    except MultiPartException as problem:
        async for _ in chunks:
            pass
        return b"", Refusal(422 if problem.message == TOO_BIG else 400, problem.message)
    form = {name: _kept(value, store) for name, value in parsed.multi_items()}
    if any(isinstance(value, Upload) and value.size > MAX_SIZE for value in form.values()):
        return b"", Refusal(422, TOO_BIG)
    return b"", form


async def _at_most(limit: int, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async for chunk in chunks:
        limit -= len(chunk)
        if limit < 0:
            raise MultiPartException(TOO_BIG)
        yield chunk


def _kept(value: str | UploadFile, store: FileStore) -> str | Upload:
    if isinstance(value, str):
        return value
    with value.file:
        return store.keep(value.file, value.filename or "", value.content_type or "")


async def _chunks(receive: Receive) -> AsyncGenerator[bytes, None]:
    more = True
    while more:
        message = await receive()
        yield message.get("body", b"")
        more = message.get("more_body", False)
