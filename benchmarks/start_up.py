"""How long `pennybridge --help` and `pennybridge status` take beyond a bare Python start.

Run it by hand on a quiet machine: `uv run python benchmarks/start_up.py`. Each figure is the median of the
runs, printed beside its bound. `status` is asked of a home where nothing is connected, and of one with a
synced company when `PENNYBRIDGE_HOME` names one.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 15


def median_seconds(*arguments: str, home: str) -> float:
    """The median wall time of a Python process; one more goes first to warm the file cache."""
    seconds = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments],
            check=True,
            capture_output=True,
            env={**os.environ, "PENNYBRIDGE_HOME": home},
        )
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def main() -> None:
    with tempfile.TemporaryDirectory() as empty:
        home = os.environ.get("PENNYBRIDGE_HOME", empty)
        bare = median_seconds("-c", "pass", home=home)
        print(f"{'bare Python':<22}{bare:>8.3f} s")
        for label, arguments, bound in (("--help", ("--help",), 0.15), ("status", ("status",), 0.5)):
            beyond = median_seconds("-m", "pennybridge", *arguments, home=home) - bare
            verdict = "ok" if beyond < bound else "TOO SLOW"
            print(f"pennybridge {label:<10}{beyond:>8.3f} s   bound {bound:.2f} s   {verdict}")


if __name__ == "__main__":
    main()
