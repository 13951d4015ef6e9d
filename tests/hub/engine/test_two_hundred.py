"""Two hundred companies, two workers, one of them killed: everything is kept in step."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pennybridge.api.secret import Secret
from pennybridge.clock import parse_instant, system_clock
from pennybridge.connections.connection import Connection, Connections
from pennybridge.connections.tokens import Vault
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.engine.schedule import Latest, next_due
from pennybridge.hub.engine.sync_state import SyncState
from pennybridge.store import open_database, open_state
from tests.sync import truth

COMPANIES = 200
EVERY = timedelta(seconds=30)
LAG = timedelta(seconds=8)
"""Later than this a change stands in the changelog."""
ROOT = Path(__file__).parents[3]


@contextmanager
def crowd() -> Iterator[str]:
    """The base URL of an emulator of so many companies, which keeps Pennylane's rate limit."""
    command = [sys.executable, "-m", "tests.hub.engine.crowd", str(COMPANIES), "small"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def connected(url: str, base_url: str, folder: Path) -> Iterator[Engine]:
    """The engine as a page sees it, with every company connected."""
    with open_state(url) as state:
        vault = Vault(folder / "pennybridge.key")
        connections = Connections(state, vault=vault, clock=system_clock, pace_folder=folder / "pace")
        for number in range(1, COMPANIES + 1):
            connections.add(Secret(f"emulator-company-{number}"), base_url=base_url)
        yield Engine(state=state, connections=connections, clock=system_clock, every=EVERY)


@contextmanager
def worker(name: str, log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as a person would start it."""
    command = [sys.executable, "-m", "pennybridge", "worker", "--name", name, "--log-json"]
    with log.open("wb") as lines, subprocess.Popen(command, env=environment, stderr=lines) as process:
        try:
            yield process
        finally:
            process.terminate()


def events(*logs: Path) -> list[dict[str, Any]]:
    """What workers logged."""
    return [json.loads(line) for log in logs for line in log.read_text().splitlines() if line.startswith("{")]


def control(base_url: str, path: str, method: str = "GET", body: object = None) -> Any:
    """Ask the emulator's own door."""
    origin = base_url.split("/api/", maxsplit=1)[0]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{origin}/_emulator{path}", method=method, data=data)  # noqa: S310 — loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 — loopback
        return json.load(answer)


def wait(until: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.25)


@pytest.mark.kill
def test_two_workers_keep_two_hundred_companies_in_step_though_one_is_killed(
    tmp_path: Path, make_postgresql_url: Callable[[str], str]
) -> None:
    """Each sync ends within an interval of being due, no token meets a 429, the tables equal the books."""
    url, logs = make_postgresql_url("with_tables"), (tmp_path / "one.log", tmp_path / "two.log")
    with ExitStack() as stack:
        base_url = stack.enter_context(crowd())
        engine = stack.enter_context(connected(url, base_url, tmp_path))
        ids = [each.id for each in engine.connections.known()]
        environment = {
            **os.environ,
            "PENNYBRIDGE_HOME": str(tmp_path),
            "PENNYBRIDGE_DATABASE_URL": url,
            "PENNYBRIDGE_SYNC_EVERY": f"{EVERY.total_seconds():.0f}s",
        }
        doomed = stack.enter_context(worker("one", logs[0], environment))
        survivor = stack.enter_context(worker("two", logs[1], environment))

        wait(lambda: count_good(engine) > COMPANIES // 4, 90)
        wait(lambda: killed_amid_a_sync(doomed, "one", engine), 30)
        wait(lambda: count_good(engine) == COMPANIES, 150)
        caught_up = system_clock()
        due = {id_: next_due(id_, Latest("done", caught_up, caught_up), EVERY) or caught_up for id_ in ids}
        edited = [id_ for id_ in ids if due[id_] > caught_up + LAG][:20]
        for id_ in edited:
            edit_an_invoice(base_url, id_)
        wait(lambda: all(is_synced_since(due[id_], each) for id_, each in engine.states().items()), 90)
        survivor.terminate()
        survivor.wait(30)

        told = events(*logs)
        assert [each["worker"] for each in told if each["event"] == "worker lost"] == ["one"]
        assert not [each for each in told if each.get("outcome") == "failed"]
        assert not [row for row in control(base_url, "/requests")["counts"] if row["status"] == 429]
        assert not [id_ for id_ in ids if first_end_since(due[id_], told, id_) - due[id_] > EVERY]
        assert_tables_equal_books(url, base_url, engine.connections.known())


def killed_amid_a_sync(process: subprocess.Popen[bytes], name: str, engine: Engine) -> bool:
    """Whether the worker held a sync and was killed with it; it is stopped while one looks."""
    process.send_signal(signal.SIGSTOP)
    held = any((each.stage, each.worker) == ("running", name) for each in engine.states().values())
    process.send_signal(signal.SIGKILL if held else signal.SIGCONT)
    return held


def count_good(engine: Engine) -> int:
    return sum(each.good_at is not None for each in engine.states().values())


def is_synced_since(due: datetime, state: SyncState) -> bool:
    """Whether a sync begun after an instant has ended."""
    return state.started_at is not None and state.started_at >= due and not state.is_busy


def first_end_since(due: datetime, told: list[dict[str, Any]], connection_id: str) -> datetime:
    """When the first sync of a connection that began after an instant ended, by the workers' logs."""
    mine = [
        (parse_instant(each["at"]), each["event"]) for each in told if each.get("connection") == connection_id
    ]
    start = min(at for at, event in mine if event == "sync started" and at >= due)
    return min(at for at, event in mine if event == "sync ended" and at >= start)


def assert_tables_equal_books(url: str, base_url: str, known: list[Connection]) -> None:
    control(base_url, "/settings", "POST", {"rate_limit": False})
    with open_database(url, read_only=True) as database:
        for connection in known:
            books = truth.read_books(base_url, f"emulator-company-{connection.id}")
            truth.assert_same(database, connection.company_id, books)


def edit_an_invoice(base_url: str, company: str) -> None:
    request = urllib.request.Request(  # noqa: S310 — loopback
        f"{base_url}/customer_invoices?limit=1",
        headers={"authorization": f"Bearer emulator-company-{company}"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 — loopback
        (invoice,) = json.load(answer)["items"]
    control(base_url, f"/records/customer_invoices/{invoice['id']}", "PATCH", {"label": "Edited"})
