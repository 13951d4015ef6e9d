"""What the engine tells machines: Prometheus text, for who brings the token; log lines."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI

from pennybridge.hub.engine import logs
from pennybridge.hub.engine.metrics import metrics_text
from tests.hub.conftest import Browser
from tests.hub.engine.conftest import House


def test_metrics_count_syncs_and_tell_freshness(house: House) -> None:
    good, revoked = house.connect(), house.connect("Revoked")
    house.emulator.revoke_token(house.token_of(revoked))
    house.work()
    house.ended(good)
    house.ended(revoked)
    house.clock.move(seconds=7)

    text = metrics_text(house.engine)

    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert samples['pennybridge_syncs_total{outcome="done"}'] == "1"
    assert samples['pennybridge_syncs_total{outcome="failed"}'] == "1"
    assert float(samples['pennybridge_sync_requests_total{outcome="done"}']) > 5
    assert samples[f'pennybridge_freshness_seconds{{connection="{good.id}"}}'] == "7"
    assert samples["pennybridge_workers_alive"] == "1"
    assert f'pennybridge_connection_late{{connection="{revoked.id}"}}' not in samples
    assert all(re.fullmatch(r'pennybridge_\w+(\{\w+="[^"]*"\})?', name) for name in samples)


def test_metrics_are_shown_to_nobody_without_the_token_of_the_settings(
    app: FastAPI, browser: Callable[[], Browser]
) -> None:
    without = browser().get("/metrics").status_code
    app.state.metrics_token = "scrape-me"
    guessed = browser().get("/metrics", headers={"authorization": "Bearer scrape"}).status_code
    shown = browser().get("/metrics", headers={"authorization": "Bearer scrape-me"})

    assert (without, guessed, shown.status_code) == (404, 401, 200)
    assert shown.headers["content-type"].startswith("text/plain")
    assert "pennybridge_queue_waiting 0\n" in shown.text


@contextmanager
def captured(formatter: logging.Formatter) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logs.logger.addHandler(handler)
    before = logs.logger.level
    logs.logger.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        logs.logger.removeHandler(handler)
        logs.logger.setLevel(before)


@pytest.mark.parametrize("formatter", [logs.JsonLines(), logs.PlainLines()])
def test_a_fault_is_logged_by_place_and_kind_and_never_by_its_text(formatter: logging.Formatter) -> None:
    with captured(formatter) as stream:
        try:
            int("secret-123")
        except ValueError as error:
            logs.say_fault(error, connection="7")

    line = stream.getvalue()
    assert "ValueError" in line
    assert "test_metrics.py" in line
    assert "secret-123" not in line


def test_a_json_line_holds_the_event_and_its_fields() -> None:
    with captured(logs.JsonLines()) as stream:
        logs.say("sync ended", connection="7", loads=["a", "b"], seconds=1.5)

    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info", "event": "sync ended", "connection": "7", "loads": ["a", "b"], "seconds": 1.5,
    }  # fmt: skip


def test_a_plain_line_reads_well() -> None:
    with captured(logs.PlainLines()) as stream:
        logs.say("sync ended", connection="7", problems=["the token was refused"], none=None)

    assert re.fullmatch(
        r"[\d-]+ [\d:]+ sync ended connection=7 problems=the token was refused\n", stream.getvalue()
    )
