"""What a sync costs: requests, pace, CPU, memory. Each figure is printed beside its bound.

Run it by hand on a quiet machine: `uv run python benchmarks/sync.py [requests|pace|cost|memory|idle]…`.
The emulator runs in a process of its own, so that its time is not ours.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from emulated import emulated  # type: ignore[import-not-found]  # the file beside this one
from pennybridge.api.client import Client
from pennybridge.api.limiter import Limiter
from pennybridge.store import Database, landing, open_database
from pennybridge.store.batches import batch_from_records
from pennybridge.sync.report import SyncReport
from pennybridge.sync.run import sync

TOKEN = "emulator-company-1"
CORE = ("customer_invoices", "customers", "products", "billing_subscriptions")
FEWEST = 100 + 20 + 2 + 1  # pages of 10,000 invoices, 2,000 customers, 200 products, 100 subscriptions


class NoLimit:
    """Lets everything pass: the emulator counts nothing."""

    def acquire(self, *, background: bool = False) -> int:  # noqa: ARG002
        """Let it pass."""
        return 1

    def settle(self, *_: object) -> None:
        """Nothing was reserved."""

    def cancel(self, *_: object) -> None:
        """Nothing was reserved."""


def run_sync(base_url: str, database: Database, *, limiter: object = None, **options: object) -> SyncReport:
    with Client(TOKEN, base_url=base_url, limiter=limiter or NoLimit()) as client:  # type: ignore[arg-type]
        me = client.me()
        return sync(
            company_id=me.company.id,
            client=client,
            database=database,
            scopes=me.scopes,
            **{"request_budget": 0, **options},  # type: ignore[arg-type]
        )


def control(base_url: str, method: str, path: str, body: object = None) -> object:
    origin = base_url.split("/api/", maxsplit=1)[0]
    request = urllib.request.Request(
        f"{origin}/_emulator{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def say(label: str, figure: float, bound: float, unit: str = "") -> None:
    verdict = "ok" if figure <= bound else "OVER"
    print(f"{label:<58}{figure:>10.3f} {unit:<4} bound {bound:>9.3f}   {verdict}", flush=True)


def new_database(folder: str, name: str) -> Database:
    return open_database(f"duckdb:///{folder}/{name}.duckdb")


def requests() -> None:
    with emulated(invoices=10_000) as base_url, tempfile.TemporaryDirectory() as folder:
        database = new_database(folder, "requests")
        first = run_sync(base_url, database)
        core = sum(first[name].requests for name in CORE)
        say(f"first crawl of the core, requests ({core} for {FEWEST})", core / FEWEST, 1.05, "x")
        say("nothing new, requests", run_sync(base_url, database).requests, 8)
        ids = [
            row[0]
            for row in database.rows("select id from pennylane.customer_invoices order by id limit 1000")
        ]
        for id_ in ids:
            control(base_url, "PATCH", f"/records/customer_invoices/{id_}", {"label": "Changed"})
        time.sleep(3)  # the emulator's changelog lags a second or so behind
        changed = run_sync(base_url, database)
        assert changed["customer_invoices"].updated == 1000, changed
        say("1,000 changed invoices, requests", changed.requests, 14)


def pace() -> None:
    with (
        emulated(invoices=10_000, rate_limit=True, latency=0.3) as base_url,
        tempfile.TemporaryDirectory() as folder,
    ):
        database = new_database(folder, "pace")
        time.sleep(5 - time.time() % 5 + 5)  # the windows' time is counted from the beginning of one
        control(base_url, "DELETE", "/requests")
        begun = time.monotonic()
        core_ended = begun

        def note(resource: str, done: int, total: int | None) -> None:  # noqa: ARG001
            nonlocal core_ended
            if resource in CORE:
                core_ended = time.monotonic()

        limiter = Limiter.shared(Path(folder), TOKEN, base_url=base_url)
        report = run_sync(base_url, database, limiter=limiter, progress=note)
        assert not report.failed, report
        seconds = core_ended - begun
        count = sum(report[name].requests for name in CORE) + 1
        allowed = (count - 1) // 25 * 5 + 0.3
        say(f"first crawl of the core at the real pace ({count} requests)", seconds / allowed, 1.10, "x")
        print(f"{'':<58}{seconds:>10.1f} s    windows allow {allowed:.1f} s")
        counts = control(base_url, "GET", "/requests")
        refused = sum(row["count"] for row in counts["counts"] if row["status"] == 429)  # type: ignore[index]
        say("refused for pace (429)", refused, 0)


def cost() -> None:
    """CPU of a crawl beside that of decoding the same bytes and upserting them in one run."""
    with emulated(invoices=10_000) as base_url, tempfile.TemporaryDirectory() as folder:
        database = new_database(folder, "cost")
        begun = time.process_time()
        run_sync(base_url, database)
        crawl = time.process_time() - begun
        ((lines,),) = database.rows("select count(*) from pennylane.customer_invoice_lines")
        ((company_id,),) = database.rows("select company_id from pennylane.companies")
        stored = {
            name: database.rows(f"select payload, read_at from pennylane.{name}")
            for name in (*CORE, "ledger_accounts")
        }
        stored_lines = database.rows(
            "select payload, read_at, customer_invoice_id from pennylane.customer_invoice_lines"
        )
        bare = new_database(folder, "bare")
        records = {name: [row[0].encode() for row in rows] for name, rows in stored.items()}
        line_records = [row[0].encode() for row in stored_lines]
        parents = [row[2] for row in stored_lines]
        begun = time.process_time()
        read_at = stored_lines[0][1]
        with bare.transaction() as transaction:
            for name, found in records.items():
                if found:
                    table = landing.TABLES[name]
                    transaction.upsert(table, batch_from_records(table, company_id, found, read_at), "bench")
            batch = batch_from_records(
                landing.CUSTOMER_INVOICE_LINES, company_id, line_records, read_at, parent_ids=parents
            )
            transaction.upsert(landing.CUSTOMER_INVOICE_LINES, batch, "bench")
        floor = time.process_time() - begun
        per = 100_000 / lines
        label = "CPU per 100,000 lines: crawl / decode and upsert at once"
        print(f"{label:<58}{crawl * per:>8.2f} s {floor * per:.2f} s")
        say("crawl beside decode and upsert", crawl / floor, 3.0, "x")


def memory() -> None:
    """Peak memory of a crawl of ten times the lines, each in a process of its own."""
    peaks = {}
    for invoices in (10_000, 96_000):
        with emulated(invoices=invoices) as base_url:
            done = subprocess.run(
                [sys.executable, __file__, "crawl", base_url], check=True, capture_output=True, text=True
            )
        lines, peak = map(int, done.stdout.split())
        peaks[invoices] = peak
        print(f"{f'peak memory, {lines:,} lines':<58}{peak / 1024:>10.0f} MB")
    say("growth of peak memory", peaks[96_000] / peaks[10_000], 1.20, "x")


def crawl(base_url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = new_database(folder, "memory")
        run_sync(base_url, database)
        ((lines,),) = database.rows("select count(*) from pennylane.customer_invoice_lines")
        database.close()  # which writes to the file what is only in the log so far
        status = Path("/proc/self/status").read_text()  # getrusage would count the parent's memory in
        print(lines, next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def idle() -> None:
    with emulated(invoices=10_000) as base_url, tempfile.TemporaryDirectory() as folder:
        database = new_database(folder, "idle")
        run_sync(base_url, database)
        begun = time.process_time()
        run_sync(base_url, database)
        say("nothing new, CPU", time.process_time() - begun, 0.5, "s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["crawl"]:
        crawl(sys.argv[2])
    else:
        for name in sys.argv[1:] or ("requests", "pace", "cost", "memory", "idle"):
            {"requests": requests, "pace": pace, "cost": cost, "memory": memory, "idle": idle}[name]()
