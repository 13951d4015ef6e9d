"""What a move costs: export from DuckDB, import into DuckDB and into PostgreSQL; time, size, memory.

Run it by hand: `uv run python -m benchmarks.moving [--lines 100000 1000000]`. Each step runs in a process of
its own, so that its memory is its own. The bound: memory that grows by less than half when the books grow
tenfold.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.store import NOON, load, postgresql_urls

from pennybridge.clock import system_clock
from pennybridge.connections.tokens import Vault
from pennybridge.moving.export import export
from pennybridge.moving.import_ import import_
from pennybridge.store import open_database, open_state


def step(what: str, url: str, state_url: str, file: Path, lines: int) -> None:
    """One step; prints a line of JSON."""
    begun = time.perf_counter()
    if what == "fill":
        with open_database(url) as database:
            load(database, lines, NOON, "first")
            with database.transaction() as transaction:
                transaction.execute("insert into pennylane.companies (company_id) values (1)")
    elif what == "export":
        with open_database(url, read_only=True) as database, open_state(state_url) as state:
            vault = Vault(file.with_suffix(".key"))
            export(file, database=database, state=state, vault=vault, passphrase=None, clock=system_clock)
    else:
        with open_database(url) as database, open_state(state_url) as state:
            vault = Vault(file.with_suffix(".key"))
            import_(file, database=database, state=state, vault=vault, passphrase=None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - begun, "peak": peak}))


def in_a_process(*arguments: object) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.moving", "--step", *map(str, arguments)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(answer))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", nargs="+", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--step", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        what, url, state_url, file, lines = asked.step
        step(what, url, state_url, Path(file), int(lines))
        return
    peaks: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        servers = postgresql_urls(tempfile.mkdtemp(prefix="pennybridge-postgresql-"))
        for lines in asked.lines:
            place = Path(folder) / str(lines)
            file, old, new = place / "books.pennybridge", f"duckdb:///{place}/old", f"duckdb:///{place}/new"
            in_a_process("fill", old, f"sqlite:///{place}/old.db", file, lines)
            postgresql = next(servers)
            for name, arguments in {
                "export": ("export", old, f"sqlite:///{place}/old.db"),
                "into DuckDB": ("import", new, f"sqlite:///{place}/new.db"),
                "into PostgreSQL": ("import", postgresql, postgresql),
            }.items():
                found = in_a_process(*arguments, file, lines)
                peaks.setdefault(name, []).append(found["peak"])
                print(
                    f"{lines:>9,} lines   {name:<16} {found['seconds']:6.1f} s   peak {found['peak']:.0f} MB",
                    flush=True,
                )
            print(f"{lines:>9,} lines   the file {file.stat().st_size / 1e6:.1f} MB")
    for name, measured in peaks.items():
        print(f"{name:<16} memory grows by {measured[-1] / measured[0] - 1:+.0%} (bound +50%)")


if __name__ == "__main__":
    main()
