"""`pennybridge serve` and `pennybridge worker` as processes: stopped, killed, started again."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pennybridge.api.secret import Secret
from pennybridge.clock import system_clock
from pennybridge.connections.connection import Connections
from pennybridge.connections.tokens import Vault
from pennybridge.emulator.seed.small import seed_small
from pennybridge.emulator.server import Emulator
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.engine.sync_state import SyncState
from pennybridge.store import open_database, open_state
from tests.sync import truth

TOKEN = "scrape-me"


class Installation:
    """A home with one connected company, and what runs on it."""

    def __init__(self, home: Path, emulator: Emulator) -> None:
        self.home, self.emulator = home, emulator
        self.company = emulator.books.add_company("Boréal", fill=seed_small)
        emulator.books.touch(self.company.id)
        emulator.settle()
        self.state = open_state(f"sqlite:///{home}/state.db")
        vault = Vault(home / "pennybridge.key")
        connections = Connections(self.state, vault=vault, clock=system_clock, pace_folder=home / "pace")
        connections.add(Secret(emulator.token(1)), base_url=emulator.base_url)
        self.engine = Engine(state=self.state, connections=connections, clock=system_clock)
        self.log = home / "log"
        self.environment = {
            **os.environ,
            "PENNYBRIDGE_HOME": str(home),
            "PENNYBRIDGE_METRICS_TOKEN": TOKEN,
            "PENNYBRIDGE_LOG": "json",
        }

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command of ours; its standard error goes to `log`."""
        arguments = [sys.executable, "-m", "pennybridge", *command]
        with self.log.open("ab") as log:
            process = subprocess.Popen(arguments, env=self.environment, stdout=subprocess.DEVNULL, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def sync(self) -> SyncState:
        """The company's latest sync."""
        wait(lambda: self.engine.state("1") is not None)
        state = self.engine.state("1")
        assert state
        return state

    def status(self, *options: str) -> subprocess.CompletedProcess[str]:
        """What `pennybridge status` tells."""
        command = [sys.executable, "-m", "pennybridge", "status", *options]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def events(self) -> list[dict[str, object]]:
        """What was logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def assert_same(self) -> None:
        """The tables are the books."""
        with open_database(f"duckdb:///{self.home}/pennybridge.duckdb", read_only=True) as database:
            books = truth.read_books(self.emulator.base_url, self.emulator.token(1))
            truth.assert_same(database, self.company.id, books)


def wait(until: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def installation(tmp_path: Path, emulator: Emulator) -> Iterator[Installation]:
    installation = Installation(tmp_path, emulator)
    yield installation
    installation.state.close()


@pytest.mark.kill
def test_a_killed_worker_goes_on_when_it_is_started_again(
    installation: Installation, emulator: Emulator
) -> None:
    emulator.api.latency = 0.1
    before = len(emulator.requests)
    with installation.running("worker", "--name", "one") as process:
        wait(lambda: len(emulator.requests) > before + 12)
        process.kill()
    left = installation.sync()
    emulator.api.latency = 0
    with installation.running("worker", "--name", "one"):
        wait(lambda: installation.sync().stage == "done" and not installation.sync().details_left)
    ended = installation.sync()

    assert (left.stage, left.worker) == ("running", "one")
    assert ended.problems == ()
    installation.assert_same()


@pytest.mark.kill
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_told_to_stop_ends_at_once_and_leaves_nothing_half_done(
    installation: Installation, emulator: Emulator, number: signal.Signals
) -> None:
    emulator.api.latency = 0.2
    before = len(emulator.requests)
    with installation.running("worker") as process:
        wait(lambda: len(emulator.requests) > before + 12)
        process.send_signal(number)
        code = process.wait(15)
    left = installation.sync()
    status = installation.status()

    assert (code, left.stage, left.worker) == (0, "waiting", None)
    events = [each["event"] for each in installation.events() if each["event"] != "upkeep ended"]
    assert events == ["worker started", "sync started", "sync stopped", "worker stopped"]
    assert installation.engine.queue().alive == 0
    assert re.search(r"Boréal +never +under way", status.stdout), status
    assert "1 waiting, since just now, 0 running, 0 workers alive." in status.stdout


def test_the_hub_serves_pages_and_syncs_in_one_process_and_ends_quietly(
    installation: Installation, emulator: Emulator
) -> None:
    """On a DuckDB file; `status` tells the schedule meanwhile, and the log has ids and no token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with installation.running("serve", "--port", str(port)) as process:
        wait(lambda: answer(f"{address}/health/ready") == (200, "ok"))
        wait(lambda: installation.sync().stage == "done")
        state = installation.sync()
        status = installation.status("--json")
        metrics = answer(f"{address}/metrics", token=TOKEN)
        refused = answer(f"{address}/metrics", token="guess")
        process.terminate()
        code = process.wait(15)
    told = json.loads(status.stdout)["engine"]

    assert (status.returncode, told["connections"][0]["is_late"]) == (3, False), status.stderr
    assert [worker["is_alive"] for worker in told["workers"]] == [True]
    assert (metrics[0], refused[0], code) == (200, 401, 0)
    assert 'pennybridge_syncs_total{outcome="done"} 1\n' in metrics[1]
    (ended,) = [each for each in installation.events() if each["event"] == "sync ended"]
    assert (ended["connection"], ended["loads"]) == ("1", list(state.load_ids))
    assert emulator.token(1) not in installation.log.read_text() + metrics[1]


def test_the_hub_ends_when_it_is_told_to_before_it_serves(installation: Installation) -> None:
    """It takes connections at once, and opens its database and starts a worker before it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with installation.running("serve", "--port", str(port)) as process, socket.socket() as caller:
        wait(lambda: caller.connect_ex(("127.0.0.1", port)) == 0)
        process.terminate()
        code = process.wait(30)

    assert code == 0


def test_the_hub_cannot_leave_a_duckdb_file_to_others(installation: Installation) -> None:
    with installation.running("serve", "--no-worker") as process:
        code = process.wait(30)

    assert code == 2
    assert "--no-worker would stop them all" in installation.log.read_text()


def answer(url: str, token: str = "") -> tuple[int, str]:
    """Status and text of a page; 0 while nobody listens."""
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"})  # noqa: S310 — loopback
    try:
        with urllib.request.urlopen(request, timeout=5) as page:  # noqa: S310 — loopback
            return page.status, page.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""
