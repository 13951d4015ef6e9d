"""The files that answers lead to: a document's PDF for as long as its address lives, and uploaded files."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from pennybridge.emulator.books import Books
from pennybridge.emulator.resources import Record

Endpoint = Callable[[Request], Awaitable[Response]]

_UPLOADED = (
    "file_attachments",
    "customer_invoice_appendices",
    "quote_appendices",
    "commercial_document_appendices",
)


def pdf_answer(books: Callable[[], Books]) -> Endpoint:
    """An endpoint that gives the PDF of `encrypted_id`; 403 once the address has expired (assumed).

    An imported document is answered as it was uploaded.
    """

    async def answer(request: Request) -> Response:
        record_id, _, expires = request.query_params.get("encrypted_id", "").partition(".")
        try:
            number, last = int(record_id, 16), int(expires, 16)
        except ValueError:
            return _not_found()
        if books().clock().timestamp() > last:
            return PlainTextResponse("This address has expired", 403)
        found = _record(books(), ("customer_invoices",), number)
        if found and (content := _content(books(), found)):
            return FileResponse(content, media_type=found.get("_content_type", "application/pdf"))
        return Response(one_page_pdf(f"Document {number}"), media_type="application/pdf")

    return answer


def file_answer(books: Callable[[], Books]) -> Endpoint:
    """An endpoint that gives an uploaded file; its address does not expire (assumed)."""

    async def answer(request: Request) -> Response:
        try:
            number = int(request.query_params.get("encrypted_id", ""), 16)
        except ValueError:
            return _not_found()
        found = _record(books(), _UPLOADED, number)
        content = _content(books(), found) if found else None
        if found is None or content is None:
            return _not_found()
        return FileResponse(content, media_type=found["_content_type"])

    return answer


def _record(books: Books, resources: tuple[str, ...], number: int) -> Record | None:
    if number >= 2**63:
        return None
    return next((found for resource in resources if (found := books.get(resource, number))), None)


def _content(books: Books, record: Record) -> Path | None:
    return books.files.path(record["_digest"]) if record.get("_digest") else None


def _not_found() -> Response:
    return PlainTextResponse("Not found", 404)


def one_page_pdf(text: str) -> bytes:
    """A PDF of one page that shows a text; `text` must be plain ASCII without parentheses."""
    content = f"BT /F1 18 Tf 72 760 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    pdf, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(pdf)
    size = len(objects) + 1
    pdf += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return pdf + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
