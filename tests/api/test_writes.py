"""What goes out when something is written: JSON as Pennylane wants it, and files as they stand on disk."""

import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from email.parser import BytesParser
from pathlib import Path

import msgspec
import pytest

from pennybridge.errors import ConfigurationError, NotPennylaneError, ServerError
from tests.api.conftest import ClientFor
from tests.api.loopback import Answer, Reply, Request, Server

Serving = Callable[[Answer | Reply], Server]
CREATED = Reply(201, b'{"id":7}')


def test_a_body_goes_out_as_json_with_amounts_as_text(client_for: ClientFor, serving: Serving) -> None:
    server = serving(CREATED)

    answer = client_for(server.url).post(
        "/customer_invoices", {"draft": True, "amount": Decimal("12.50"), "quantity": 2}
    )

    assert answer.json() == {"id": 7}
    assert (answer.status, answer.method, answer.url) == (201, "POST", f"{server.url}/customer_invoices")
    (request,) = server.requests
    assert msgspec.json.decode(request.body) == {"draft": True, "amount": "12.50", "quantity": 2}
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert request.headers["User-Agent"].startswith("pennybridge/")


def test_a_list_is_a_body_too_and_no_body_is_none(client_for: ClientFor, serving: Serving) -> None:
    server = serving(Reply(204, b"", content_type=None))
    client = client_for(server.url)

    answers = [
        client.put("/customer_invoices/7/categories", []),
        client.put("/customer_invoices/7/mark_as_paid"),
    ]
    answers.append(client.delete("/customer_invoices/7"))

    assert [answer.json() for answer in answers] == [None, None, None]
    assert [(request.method, request.body) for request in server.requests] == [
        ("PUT", b"[]"),
        ("PUT", b""),
        ("DELETE", b""),
    ]


def test_an_answer_to_a_write_that_is_not_json_is_said(client_for: ClientFor, serving: Serving) -> None:
    server = serving(Reply(200, b"OK", content_type="text/plain"))

    with pytest.raises(NotPennylaneError, match="not JSON"):
        client_for(server.url).post("/customers", {}).json()


def form(request: Request) -> dict[str, tuple[str | None, bytes]]:
    """The parts of a multipart body: file name and content by field."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + request.body).get_payload()
    assert isinstance(parts, list)
    found = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        found[str(name)] = (part.get_filename(), part.get_payload(decode=True))  # type: ignore[union-attr]
    return found  # type: ignore[return-value]


def test_a_file_goes_out_with_its_name_its_type_and_other_fields(
    client_for: ClientFor, serving: Serving, tmp_path: Path
) -> None:
    server = serving(CREATED)
    file = tmp_path / "facture n°1.pdf"
    file.write_bytes(b"%PDF-1.7 \r\n\x00\xff binary")

    answer = client_for(server.url).upload(file, filename="F-1.pdf", fields={"send_to_pa": "false"})

    assert answer.json()["id"] == 7
    (request,) = server.requests
    assert request.path.endswith("/file_attachments")
    assert form(request) == {"file": ("F-1.pdf", file.read_bytes()), "send_to_pa": (None, b"false")}
    assert b"Content-Type: application/pdf" in request.body


def test_a_file_refused_for_pace_goes_out_again_whole(
    client_for: ClientFor, serving: Serving, tmp_path: Path
) -> None:
    replies = iter([Reply(429, b"", {"retry-after": "0"}), CREATED])
    server = serving(lambda _: next(replies))
    file = tmp_path / "a.pdf"
    file.write_bytes(bytes(range(256)) * 1000)

    client_for(server.url).upload(file)

    assert [form(request)["file"][1] for request in server.requests] == [file.read_bytes()] * 2


def test_a_file_that_may_have_arrived_is_not_sent_again(
    client_for: ClientFor, serving: Serving, tmp_path: Path
) -> None:
    server = serving(Reply(500))
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF")

    with pytest.raises(ServerError, match="look before sending it again"):
        client_for(server.url).upload(file)
    assert len(server.requests) == 1


def test_a_large_file_is_not_held_in_memory(client_for: ClientFor, serving: Serving, tmp_path: Path) -> None:
    server = serving(CREATED)
    file = tmp_path / "large.pdf"
    with file.open("wb") as opened:
        opened.truncate(40 * 2**20)
    client = client_for(server.url)
    client.post("/warm", {})

    tracemalloc.start()
    try:
        client.upload(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert int(server.requests[-1].headers["Content-Length"]) > 40 * 2**20
    assert peak < 4 * 2**20


@pytest.mark.parametrize(
    ("size", "words"), [(0, "empty or absent"), (None, "empty or absent"), (100 * 2**20 + 1, "up to")]
)
def test_a_file_that_pennylane_would_refuse_is_not_sent(
    client_for: ClientFor, serving: Serving, tmp_path: Path, size: int | None, words: str
) -> None:
    server = serving(CREATED)
    file = tmp_path / "a.pdf"
    if size is not None:
        with file.open("wb") as opened:
            opened.truncate(size)

    with pytest.raises(ConfigurationError, match="Nothing was sent") as caught:
        client_for(server.url).upload(file)

    assert words in str(caught.value)
    assert not server.requests
