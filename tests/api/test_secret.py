"""A token is seen in the request's header and nowhere else."""

import copy
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

from pennybridge.api.secret import Secret
from pennybridge.errors import ApiError
from tests.api.conftest import ClientFor
from tests.api.loopback import Answer, Reply, Server

TOKEN = "tok-7f3b9d20c1"
Serving = Callable[[Answer | Reply], Server]


def test_a_secret_prints_as_stars() -> None:
    secret = Secret(TOKEN)

    for shown in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        repr({"token": secret}),
    ):
        assert TOKEN not in shown
        assert "***" in shown


def test_a_secret_compares_and_reveals_but_does_not_travel() -> None:
    secret = Secret(TOKEN)

    assert secret == Secret(TOKEN)
    assert hash(secret) == hash(Secret(TOKEN))
    assert secret != Secret("other")
    assert secret != TOKEN
    assert not Secret("")
    assert secret.reveal() == TOKEN
    for travel in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            travel(secret)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, f'{{"error":"you sent Bearer {TOKEN}"}}'.encode()),
        Reply(400, f"<html>Authorization: Bearer {TOKEN}</html>".encode(), content_type="text/html"),
        Reply(422, f'{{"message":"bad","payload":{{"token":"{TOKEN}"}}}}'.encode()),
        Reply(200, b"{}"),
        Reply(401, b""),
        Reply(body=None),
    ],
)
def test_no_error_log_or_repr_shows_the_token(
    client_for: ClientFor, serving: Serving, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    """Even if what answers quotes the request, and everything is logged."""
    caplog.set_level(logging.DEBUG)
    server = serving(reply)
    client = client_for(server.url, token=TOKEN)

    with pytest.raises(ApiError) as caught:
        client.page("customers")

    error = caught.value
    seen = [repr(client), repr(client.customers), str(vars(error)), caplog.text]
    seen.append("".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()))
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    for text in seen:
        assert TOKEN not in text
