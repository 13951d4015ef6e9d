"""A long fuzz of the emulator: requests invented from the contract, none of which may get a 5xx.

    python benchmarks/fuzz_emulator.py [--examples N] [--seed N]

Every answer is held against the contract. Stops with the request that led to a defect; otherwise prints how
often each status came. The same run, short and always with the same requests, is part of the test suite.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import START
from tests.emulator.fuzzing import furnish, fuzz

from pennybridge.emulator.server import Emulator


def main() -> int:
    """Fuzz and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=100, help="requests per operation and mode")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 - nothing secret
    options = parser.parse_args()

    print(f"seed {options.seed}")
    began = time.perf_counter()
    with Emulator(start=START) as emulator:
        furnish(emulator)
        statuses = fuzz(emulator, examples=options.examples, number=options.seed)
    print(f"{statuses.total():,} requests in {time.perf_counter() - began:.0f} s, no 5xx (at most 0)")
    for status, count in sorted(statuses.items()):
        print(f"{status}  {count:>8,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
