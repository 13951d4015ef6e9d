"""A client that does not wait between attempts, and a server on loopback that answers as told."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pennybridge.api.client import Client
from pennybridge.api.limiter import Limiter
from pennybridge.api.retries import Retries
from tests.api.loopback import Answer, Reply, Server, serve

ClientFor = Callable[..., Client]


def unwaited() -> Limiter:
    """A limiter whose waits are over at once: its time jumps ahead."""
    jumps: list[float] = []
    return Limiter(now=lambda: time.monotonic() + sum(jumps), sleep=jumps.append)


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that clients of this test waited between attempts, had they really waited."""
    return []


@pytest.fixture
def client_for(pauses: list[float]) -> Iterator[ClientFor]:
    """Makes clients of a base URL, closed when the test ends."""
    with ExitStack() as stack:

        def make(base_url: str, token: str = "t0ken", **options: Any) -> Client:  # noqa: S107 - invented
            options.setdefault("retries", Retries(sleep=pauses.append))
            options.setdefault("limiter", unwaited())
            return stack.enter_context(Client(token, base_url=base_url, **options))

        yield make


@pytest.fixture
def serving() -> Iterator[Callable[[Answer | Reply], Server]]:
    """Starts servers on loopback, stopped when the test ends; a `Reply` is given to every request."""
    with ExitStack() as stack:

        def start(answer: Answer | Reply) -> Server:
            fixed = (lambda _: answer) if isinstance(answer, Reply) else answer
            return stack.enter_context(serve(fixed))

        yield start
