"""`python -m pennybridge.emulator --port 0`: the emulator as a child process of tests and benchmarks.

It says on standard output, as its first line, where it listens. People use `pennybridge emulator`.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from pennybridge.emulator.server import run


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m pennybridge.emulator")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--companies", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rate-limit", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--latency", type=int, default=0, help="milliseconds")
    parser.add_argument("--check-contract", action="store_true")
    parser.add_argument("--clock", type=datetime.fromisoformat)
    run(**vars(parser.parse_args()), say=_say)


if __name__ == "__main__":
    main()
