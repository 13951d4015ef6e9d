"""Files are uploaded as streams, told by their content, and served again."""

import io

import httpx2
import pytest

from pennybridge.emulator import uploads
from pennybridge.emulator.server import Emulator
from tests.emulator.writing import PDF, company, created, document, refused, uploaded


@pytest.fixture(autouse=True)
def our_company(emulator: Emulator) -> None:
    emulator.add_company()


def test_a_file_comes_back_as_it_was_sent(http: httpx2.Client) -> None:
    content = PDF * 100_000  # more than fits the memory kept for a part

    file = uploaded(http, content, "scan.pdf")

    assert file["filename"] == "scan.pdf"
    answer = http.get(file["url"])
    assert answer.content == content
    assert answer.headers["content-type"] == "application/pdf"


def test_a_file_may_be_given_another_name(http: httpx2.Client) -> None:
    sent = http.post("/file_attachments", files={"file": ("scan.pdf", PDF)}, data={"filename": "F-117.pdf"})

    assert created(sent)["filename"] == "F-117.pdf"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 "), ("photo.pdf", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
        ("list.txt", b"text"), ("archive.zip", b"PK\x03\x04"), ("unknown", b"?"),
    ],
)  # fmt: skip
def test_other_types_are_refused_whatever_their_name(http: httpx2.Client, name: str, content: bytes) -> None:
    """Text observed."""
    sent = http.post("/file_attachments", files={"file": (name, content, "application/octet-stream")})

    assert refused(sent) == "invalid content type"


@pytest.mark.parametrize(("name", "content"), [("a.png", b"\x89PNG"), ("a.xml", b"<?xml"), ("a.JPG", b"?")])
def test_images_and_xml_are_taken(http: httpx2.Client, name: str, content: bytes) -> None:
    assert uploaded(http, content, name)["filename"] == name


def test_an_empty_file_is_refused(http: httpx2.Client) -> None:
    assert refused(http.post("/file_attachments", files={"file": ("a.pdf", b"")})) == "file can't be blank"


def test_a_file_that_is_too_big_is_refused(http: httpx2.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 MB (documented); less here, so that the test need not send that much."""
    monkeypatch.setattr(uploads, "MAX_SIZE", 5_000_000)

    little_more = http.post(
        "/file_attachments", files={"file": ("a.pdf", io.BytesIO(b"%PDF-" + bytes(5_000_000)))}
    )
    much_more = http.post(
        "/file_attachments", files={"file": ("a.pdf", io.BytesIO(b"%PDF-" + bytes(9_000_000)))}
    )

    assert refused(little_more).startswith("file is too big")
    assert refused(much_more).startswith("file is too big")


def test_what_is_no_upload_gets_400(http: httpx2.Client) -> None:
    as_text = http.post("/file_attachments", data={"file": "text"}, files={"other": ("a.pdf", PDF)})
    without = http.post("/file_attachments", files={"document": ("a.pdf", PDF)})
    as_json = http.post("/file_attachments", json={"file": "text"})
    broken = http.post(
        "/file_attachments", content=b"nonsense", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    unbounded = http.post("/file_attachments", content=b"x", headers={"content-type": "multipart/form-data"})

    assert as_text.json()["code"] == "NotAMultipartFile"
    assert without.json()["code"] == "NotExistPropertyDefinition"
    assert as_json.json()["code"] == "NotExistContentTypeDefinition"
    assert (broken.status_code, unbounded.status_code) == (400, 400)


def test_a_file_takes_a_while_if_told_so(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: 409 while it is not available, retry after a few seconds."""
    assert http.post("/../../../_emulator/settings", json={"files_take": 3}).json()["files_take"] == 3
    customer = created(http.post("/company_customers", json=company()))
    file = uploaded(http)

    early = http.post("/customer_invoices/import", json=document(customer, file))
    emulator.move_clock(seconds=3)

    assert refused(early, 409).startswith("The file attachment is not available yet")
    created(http.post("/customer_invoices/import", json=document(customer, file)))


def test_an_appendix_is_listed_with_its_document(emulator: Emulator, http: httpx2.Client) -> None:
    invoice = emulator.add_customer_invoice()
    path = f"/customer_invoices/{invoice.id}/appendices"

    appendix = created(http.post(path, files={"file": ("annexe.pdf", PDF)}))

    assert http.get(path).json()["items"] == [appendix]
    assert http.get(appendix["url"]).content == PDF
    assert http.post("/customer_invoices/123/appendices", files={"file": ("a.pdf", PDF)}).status_code == 404
    assert http.get(appendix["url"][:-3]).status_code == 404
