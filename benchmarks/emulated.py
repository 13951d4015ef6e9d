"""An emulated company of a given size in a process of its own, for the benchmarks beside this file."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from pennybridge.emulator.seed.bulk import Size, seed_bulk
from pennybridge.emulator.server import Emulator


@contextmanager
def emulated(*, invoices: int, rate_limit: bool = False, latency: float = 0.0) -> Iterator[str]:
    """The base URL of a company with so many invoices, 2,000 customers, 200 products, 100 subscriptions."""
    command = [
        sys.executable,
        __file__,
        str(invoices),
        str(latency),
        *(["--rate-limit"] if rate_limit else []),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("invoices", type=int)
    parser.add_argument("latency", type=float)
    parser.add_argument("--rate-limit", action="store_true")
    asked = parser.parse_args()
    with Emulator(
        frozen=False, rate_limit=asked.rate_limit, latency=asked.latency, check_contract=False
    ) as emulator:
        size = Size(invoices=asked.invoices)
        company = emulator.books.add_company("Bulk", fill=partial(seed_bulk, size=size))
        emulator.books.touch(company.id)
        print(emulator.base_url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
