"""What comparing a company with Pennylane costs: a sample and everything, in requests, time and processor.

Run it by hand: `uv run python benchmarks/reconcile.py [--invoices 20000]`. Without rate limit; at Pennylane's
25 requests in five seconds, a request takes 0.2 s. The bound: 260 requests for a sample, of any company.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from emulated import emulated  # type: ignore[import-not-found]  # the file beside this one
from pennybridge.api.client import Client
from pennybridge.api.payloads import Me
from pennybridge.reconcile.run import SAMPLE, reconcile
from pennybridge.store import Database, open_database
from sync import TOKEN, NoLimit, run_sync  # type: ignore[import-not-found]


def compare(database: Database, client: Client, me: Me, sample: int | None) -> None:
    """Compare once; print what it cost."""
    begun, used = time.perf_counter(), time.process_time()
    found = reconcile(
        company_id=me.company.id, client=client, database=database, scopes=me.scopes, sample=sample
    )
    records = sum(result.total.records_there for result in found.resources.values())
    print(
        f"{'everything' if sample is None else f'sample {sample:,}':<14} {records:>9,} records   "
        f"{found.requests:>6,} requests   {time.perf_counter() - begun:6.1f} s   "
        f"{time.process_time() - used:6.1f} s of processor   {len(found.differences)} differences   "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=20_000)
    asked = parser.parse_args()
    with (
        emulated(invoices=asked.invoices) as base_url,
        tempfile.TemporaryDirectory() as folder,
        open_database(f"duckdb:///{folder}/books.duckdb") as database,
        Client(TOKEN, base_url=base_url, limiter=NoLimit()) as client,
    ):
        me = client.me()
        run_sync(base_url, database)
        compare(database, client, me, SAMPLE)
        compare(database, client, me, None)


if __name__ == "__main__":
    main()
