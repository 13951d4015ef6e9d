"""Whatever comes back, a person is told what happened, what was left behind and what to do."""

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pennybridge.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    NotPennylaneError,
    RateLimitError,
    RejectedError,
    ScopeError,
    ServerError,
    TransportError,
)
from tests.api.conftest import ClientFor
from tests.api.loopback import Answer, Reply, Server

Serving = Callable[[Answer | Reply], Server]
HTML = b"<!DOCTYPE html><html><body><h1>Oops</h1></body></html>"
PAGE = b'{"items":[],"has_more":false,"next_cursor":null}'


def read(client_for: ClientFor, url: str) -> ApiError:
    """The error that reading a page of customers there ends in."""
    with pytest.raises(ApiError) as caught:
        client_for(url).page("customers")
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, b'{"error":"bad limit","status":400}', RejectedError, "bad limit"),
        (400, b'{"message":"no such thing"}', RejectedError, "no such thing"),
        (400, b'{"message":"required","code":"NotExistRequiredKey"}', RejectedError, "NotExistRequiredKey"),
        (400, b'{"message":"m","code":"c","field":"deadline"}', RejectedError, "deadline"),
        (400, b'{"message":"m","code":"c","payload":{"a":1}}', RejectedError, 'payload: {"a":1}'),
        (400, b'{"message":"m","field":"f","payload":["x"]}', RejectedError, '["x"]'),
        (400, b"", RejectedError, "no reason given"),
        (400, b"plain words", RejectedError, "plain words"),
        (400, b'["a","b"]', RejectedError, "a"),
        (400, b'{"errors":[{"x":"y"}]}', RejectedError, '{"x":"y"}'),
        (
            422,
            b'{"error":"unprocessable_entity","message":"Deux lignes","details":{"lines":2}}',
            RejectedError,
            'Deux lignes (details: {"lines":2})',
        ),
        (
            409,
            b'{"error":"A document with ID 7 already exists with such attachment.","status":409}',
            RejectedError,
            "ID 7",
        ),
        (413, HTML, RejectedError, "413"),
        (401, b"", AuthenticationError, "expired or revoked"),
        (
            401,
            b'{"error":"The access token is invalid","status":401}',
            AuthenticationError,
            "access token is invalid",
        ),
        (
            403,
            b'{"error":"Access to this resource requires scope \\"customers:all\\".","status":403}',
            ScopeError,
            "customers:all",
        ),
        (403, b"", ScopeError, "lacks a scope"),
        (404, b'{"error":"Not Found","status":404}', NotFoundError, "Not Found"),
        (404, b"", NotFoundError, "no such record"),
        (404, b'{"detail":"Not Found"}', NotPennylaneError, "base URL"),
        (500, b'{"error":"Internal Server Error","status":500}', ServerError, "Internal Server Error"),
        (502, HTML, ServerError, "502"),
        (503, b"", ServerError, "503"),
    ],
)
def test_every_shape_of_error_keeps_pennylanes_words_and_the_request_id(
    client_for: ClientFor, serving: Serving, *, status: int, body: bytes, kind: type[ApiError], words: str
) -> None:
    content_type = "text/html" if body == HTML else "application/json"
    server = serving(Reply(status, body, {"x-request-id": "req-1"}, content_type))

    error = read(client_for, server.url)

    assert type(error) is kind
    assert words in str(error)
    assert "[request req-1]" in str(error)
    assert (error.status, error.request_id, error.method) == (status, "req-1", "GET")
    assert error.url == f"{server.url}/customers"
    assert "GET http" in str(error)


def test_a_missing_scope_is_named(client_for: ClientFor, serving: Serving) -> None:
    words = b'{"error":"Access to this resource requires scope \\"quotes:readonly\\".","status":403}'
    server = serving(Reply(403, words))

    error = read(client_for, server.url)

    assert isinstance(error, ScopeError)
    assert error.scope == "quotes:readonly"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, HTML, content_type="text/html"),
        Reply(403, HTML, content_type="text/html"),
        Reply(401, HTML, content_type="text/html"),
        Reply(200, HTML, content_type="text/html"),
        Reply(200, HTML, content_type=None),
        Reply(200, b"Hello, world", content_type="text/plain"),
        Reply(200, b'{"hello":"world"}'),
        Reply(200, b"[1,2,3]"),
        Reply(200, b""),
        Reply(200, b'{"items":"none","has_more":false}'),
        Reply(302, b"", {"location": "https://example.com/login"}),
        Reply(301, b"", {}),
    ],
)
def test_a_base_url_that_is_not_pennylane_is_named_as_such(
    client_for: ClientFor, serving: Serving, reply: Reply
) -> None:
    server = serving(reply)

    error = read(client_for, server.url)

    assert isinstance(error, NotPennylaneError)
    assert "base URL" in str(error)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed_with_the_token(client_for: ClientFor, serving: Serving) -> None:
    elsewhere = serving(Reply(200, PAGE))
    server = serving(Reply(307, b"", {"location": elsewhere.url}))

    read(client_for, server.url)

    assert not elsewhere.requests


def test_nobody_listening_is_a_connection_that_failed(client_for: ClientFor, pauses: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    error = read(client_for, f"http://127.0.0.1:{port}")

    assert isinstance(error, TransportError)
    assert not error.sent
    assert "was not sent" in str(error)
    assert pauses


def test_an_unknown_host_is_a_connection_that_failed(client_for: ClientFor) -> None:
    error = read(client_for, "http://pennylane.invalid/api")

    assert isinstance(error, TransportError)
    assert not error.sent
    assert "pennylane.invalid" in str(error)


def test_a_server_without_tls_is_not_pennylane(client_for: ClientFor, serving: Serving) -> None:
    server = serving(Reply(200, PAGE))

    error = read(client_for, server.url.replace("http://", "https://"))

    assert isinstance(error, NotPennylaneError)
    assert "certificate" in str(error)


def test_a_certificate_that_nobody_vouches_for_is_refused(client_for: ClientFor, tmp_path: Path) -> None:
    with tls_server(tmp_path) as port:
        error = read(client_for, f"https://localhost:{port}")

    assert isinstance(error, NotPennylaneError)
    assert "certificate" in str(error)


def test_a_cut_connection_says_that_nothing_came(client_for: ClientFor, serving: Serving) -> None:
    server = serving(Reply(body=None))

    error = read(client_for, server.url)

    assert isinstance(error, TransportError)
    assert error.sent
    assert "got no answer" in str(error)
    assert "Nothing was changed" in str(error)


def test_a_server_that_says_nothing_is_given_up(client_for: ClientFor, serving: Serving) -> None:
    release = threading.Event()
    server = serving(lambda _: (release.wait(5), Reply(200, PAGE))[1])

    with pytest.raises(TransportError, match="timed out"):
        client_for(server.url, timeout=0.1).post("/customers", {})
    release.set()


def test_a_refusal_for_pace_in_plain_text_is_met(client_for: ClientFor, serving: Serving) -> None:
    replies = iter(
        [Reply(429, b"Rate limit exceeded.", {"retry-after": "0.05"}, "text/plain"), Reply(200, PAGE)]
    )
    server = serving(lambda _: next(replies))

    page = client_for(server.url).page("customers")

    assert page.items == []
    assert len(server.requests) == 2


def test_an_endless_refusal_for_pace_is_given_up(client_for: ClientFor, serving: Serving) -> None:
    from pennybridge.api.retries import Retries

    server = serving(Reply(429, b"Rate limit exceeded.", {"retry-after": "0.01"}, "text/plain"))

    with pytest.raises(RateLimitError) as caught:
        client_for(server.url, retries=Retries(total=0.1)).page("customers")

    assert caught.value.retry_after == pytest.approx(0.01)
    assert "another program" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.pennylane.com",
        "ftp://x/y",
        "http://",
        "https://x/?token=1",
        "https://me:pw@x/",
        "http://[::1",
    ],
)
def test_what_is_no_url_is_refused_before_anything_is_sent(client_for: ClientFor, url: str) -> None:
    with pytest.raises(ConfigurationError, match="Nothing was sent"):
        client_for(url)


@pytest.mark.parametrize("token", ["", "two words", "line\nend", "accentué"])
def test_what_cannot_be_a_token_is_refused_and_not_shown(client_for: ClientFor, token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client_for("http://127.0.0.1:1", token=token)

    assert not token or token not in str(caught.value)


class tls_server:  # noqa: N801 - used as a context manager, like a function
    """A TLS server whose certificate it signed itself."""

    def __init__(self, folder: Path) -> None:
        key, certificate = folder / "key.pem", folder / "cert.pem"
        make_certificate(key, certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._socket = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self._thread = threading.Thread(target=self._accept)

    def __enter__(self) -> int:
        self._thread.start()
        port: int = self._socket.getsockname()[1]
        return port

    def _accept(self) -> None:
        try:
            while True:
                try:
                    self._socket.accept()[0].close()
                except ssl.SSLError:
                    continue
        except OSError:
            return

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def make_certificate(key: Path, certificate: Path) -> None:
    """A self-signed certificate for localhost."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36500))
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
