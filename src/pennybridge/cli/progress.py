"""Progress of a sync: bars on a terminal, a line now and then elsewhere, nothing when only JSON is wanted."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pennybridge.cli import output

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from pennybridge.sync.report import Progress

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def sync_progress(*, quiet: bool = False) -> Iterator["Progress | None"]:
    """What `sync` reports its progress to, for the time of the block."""
    if quiet:
        yield None
    elif output.is_terminal():
        with _bars() as bars:
            yield _on_bars(bars)
    else:
        yield Lines()


class Lines:
    """Plain lines on standard error: one when a resource is read, one every ten seconds in between."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last_line_at = monotonic()
        self._finished: set[str] = set()

    def __call__(self, resource: str, done: int, total: int | None) -> None:
        """Take note of progress, and say it if it is time to."""
        is_finished = total is not None and done >= total
        if resource in self._finished:
            return
        if is_finished:
            self._finished.add(resource)
        elif self._monotonic() - self._last_line_at < SECONDS_BETWEEN_LINES:
            return
        self._last_line_at = self._monotonic()
        print(f"{resource}: {_extent(done, None if is_finished else total)}", file=sys.stderr, flush=True)


def _extent(done: int, total: int | None) -> str:
    return output.count(done) if total is None else f"{output.count(done)} of {output.count(total)}"


def _bars() -> "Bars":
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[extent]}"),
        TimeElapsedColumn(),
        console=output.console(err=True),
        transient=True,
    )


def _on_bars(bars: "Bars") -> "Progress":
    tasks: dict[str, TaskID] = {}

    def report(resource: str, done: int, total: int | None) -> None:
        if resource not in tasks:
            tasks[resource] = bars.add_task(resource, total=total, extent="")
        bars.update(tasks[resource], completed=done, total=total, extent=_extent(done, total))

    return report
