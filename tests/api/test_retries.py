"""A read is sent again when that can help; a write only when it surely was not processed."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennybridge.api.client import Client
from pennybridge.api.retries import Retries
from pennybridge.errors import (
    ApiError,
    AuthenticationError,
    NotPennylaneError,
    RateLimitError,
    RejectedError,
    ServerError,
    TransportError,
)
from tests.api.conftest import ClientFor
from tests.api.loopback import Answer, Reply, Server

Serving = Callable[[Answer | Reply], Server]
PAGE = b'{"items":[],"has_more":false,"next_cursor":null}'
BUSY = Reply(429, b"Rate limit exceeded.", {"retry-after": "0"}, "text/plain")
WRITES: list[Callable[[Client], Any]] = [
    lambda client: client.post("/customer_invoices", {"a": 1}),
    lambda client: client.put("/customer_invoices/1", {"a": 1}),
    lambda client: client.delete("/customer_invoices/1"),
]


def first(*replies: Reply) -> Answer:
    """Gives these replies, then good ones."""
    left: Iterator[Reply] = iter(replies)
    return lambda _: next(left, Reply(200, PAGE))


@pytest.mark.parametrize("trouble", [Reply(500), Reply(503), Reply(502, b"<html>"), Reply(body=None), BUSY])
def test_a_read_is_sent_again_until_it_is_answered(
    client_for: ClientFor, serving: Serving, trouble: Reply
) -> None:
    server = serving(first(trouble, trouble))

    assert client_for(server.url).page("customers").items == []
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_final(client_for: ClientFor, serving: Serving, status: int) -> None:
    server = serving(Reply(status, b'{"error":"no","status":0}'))

    with pytest.raises(ApiError):
        client_for(server.url).page("customers")
    assert len(server.requests) == 1


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("trouble", [Reply(500), Reply(503), Reply(502, b"<html>"), Reply(body=None)])
def test_a_write_that_may_have_been_processed_is_not_sent_again(
    client_for: ClientFor, serving: Serving, trouble: Reply, write: Callable[[Client], Any]
) -> None:
    server = serving(first(trouble))

    with pytest.raises((ServerError, TransportError), match="carried out") as caught:
        write(client_for(server.url))

    assert len(server.requests) == 1
    assert not isinstance(caught.value, TransportError) or caught.value.sent


@pytest.mark.parametrize("write", WRITES)
def test_a_write_refused_for_pace_is_sent_again(
    client_for: ClientFor, serving: Serving, write: Callable[[Client], Any]
) -> None:
    server = serving(first(BUSY, BUSY))

    assert write(client_for(server.url)).status == 200
    assert len(server.requests) == 3
    assert len({request.body for request in server.requests}) == 1


def test_a_write_that_found_nobody_listening_is_sent_again(client_for: ClientFor) -> None:
    """The server starts while the client waits between two attempts."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    started: list[socket.socket] = []

    def start(_: float) -> None:
        if not started:
            started.append(socket.create_server(("127.0.0.1", port)))
            threading.Thread(target=answer_once, args=(started[0],)).start()

    client = client_for(f"http://127.0.0.1:{port}", retries=Retries(sleep=start))

    assert client.post("/customers", {}).json() == {"id": 1}
    started[0].close()


def answer_once(listening: socket.socket) -> None:
    """Answer one request, whatever it is."""
    connection, _ = listening.accept()
    connection.recv(65536)
    connection.sendall(
        b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 8\r\n\r\n" + b'{"id":1}'
    )
    connection.close()


def test_attempts_are_bounded_and_waits_grow(
    client_for: ClientFor, serving: Serving, pauses: list[float]
) -> None:
    server = serving(Reply(500))
    client = client_for(server.url, retries=Retries(sleep=pauses.append, jitter=lambda: 1.0))

    with pytest.raises(ServerError):
        client.page("customers")

    assert len(server.requests) == 5
    assert pauses == [0.5, 1.0, 2.0, 4.0]


def test_what_the_server_asks_for_is_waited(
    client_for: ClientFor, serving: Serving, pauses: list[float]
) -> None:
    server = serving(first(Reply(503, b"", {"retry-after": "17"})))

    client_for(server.url).page("customers")

    assert pauses == [17.0]


def test_a_wait_longer_than_we_have_patience_for_ends_at_once(
    client_for: ClientFor, serving: Serving
) -> None:
    server = serving(Reply(503, b"", {"retry-after": "3600"}))

    with pytest.raises(ServerError) as caught:
        client_for(server.url).page("customers")

    assert caught.value.retry_after == 3600
    assert len(server.requests) == 1


errors = st.sampled_from(
    [TransportError, ServerError, RateLimitError, NotPennylaneError, AuthenticationError, RejectedError]
)


@given(errors, st.booleans(), st.booleans(), st.integers(1, 9), st.floats(0, 300))
def test_no_failure_makes_a_write_go_out_twice(
    kind: type[ApiError], is_read: bool, sent: bool, attempt: int, waited: float
) -> None:
    error = kind("x")
    if isinstance(error, TransportError):
        error.sent = sent

    delay = Retries().delay(error, is_read=is_read, attempt=attempt, waited=waited)

    surely_unprocessed = kind is RateLimitError or (kind is TransportError and not sent)
    if delay is not None:
        assert is_read or surely_unprocessed
        assert 0 <= delay <= 20
        assert attempt < 5 or kind is RateLimitError
        assert waited + delay <= 120


def test_a_token_renewed_elsewhere_is_taken_over(client_for: ClientFor, serving: Serving) -> None:
    from pennybridge.api.secret import Secret

    def answer(request: Any) -> Reply:
        good = request.headers["Authorization"] == "Bearer new"
        return Reply(200, PAGE) if good else Reply(401, b"")

    server, asked = serving(answer), []

    def renew(old: Secret) -> Secret:
        asked.append(old)
        return Secret("new")

    client = client_for(server.url, token="old", renew_token=renew)

    assert client.page("customers").items == []
    assert client.post("/customers", {}).status == 200
    assert asked == [Secret("old")]
    assert len(server.requests) == 3


def test_threads_that_are_refused_together_renew_once(client_for: ClientFor, serving: Serving) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from pennybridge.api.secret import Secret

    together, asked = threading.Barrier(4), []

    def answer(request: Any) -> Reply:
        if request.headers["Authorization"] == "Bearer new":
            return Reply(200, PAGE)
        together.wait(5)
        return Reply(401, b"")

    def renew(old: Secret) -> Secret:
        asked.append(old)
        return Secret("new")

    client = client_for(serving(answer).url, token="old", renew_token=renew)
    client._exchange._limiter.settle(client._exchange._limiter.acquire(), 200, {})  # a server without limit
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _: client.page("customers"), range(4)))

    assert [page.items for page in pages] == [[]] * 4
    assert asked == [Secret("old")]


def test_a_token_that_nobody_can_renew_ends_in_a_refusal(client_for: ClientFor, serving: Serving) -> None:
    server = serving(Reply(401, b""))

    for renew in (lambda old: old, lambda _: None):
        with pytest.raises(AuthenticationError):
            client_for(server.url, renew_token=renew).page("customers")
    assert len(server.requests) == 2
