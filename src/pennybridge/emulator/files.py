"""The PDF behind a `public_file_url`, for as long as the address lives."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pennybridge.clock import Clock


def pdf_answer(clock: Clock) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that gives the PDF of `encrypted_id`; 403 once the address has expired (assumed)."""

    async def answer(request: Request) -> Response:
        record_id, _, expires = request.query_params.get("encrypted_id", "").partition(".")
        try:
            number, last = int(record_id, 16), int(expires, 16)
        except ValueError:
            return PlainTextResponse("Not found", 404)
        if clock().timestamp() > last:
            return PlainTextResponse("This address has expired", 403)
        return Response(one_page_pdf(f"Document {number}"), media_type="application/pdf")

    return answer


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
