"""When writes happen: now, at a pretended instant, or a little later than the answer that caused them."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from heapq import heappop, heappush

from pennybridge.emulator.clock import EmulatorClock

_TICK = timedelta(microseconds=1)
_AHEAD = timedelta(seconds=1)
"""How far the instants of writes may run ahead of a clock that stands still."""

Action = Callable[[], object]


class Agenda:
    """The instants of writes, and what is still to be done; whoever uses it holds the lock of the books."""

    def __init__(self, clock: EmulatorClock) -> None:
        self._clock = clock
        self._written: datetime | None = None
        self._pretended: datetime | None = None
        self._due: list[tuple[datetime, int, Action]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """The instant of a write: the pretended one, or the clock's, and then never the same twice."""
        if self._pretended:
            return self._pretended
        now = self._clock()
        if self._written is not None and now <= self._written < now + _AHEAD:
            now = self._written + _TICK
        self._written = now
        return now

    @contextmanager
    def at(self, instant: datetime) -> Iterator[None]:
        """Pretend an instant within the block."""
        before, self._pretended = self._pretended, instant
        try:
            yield
        finally:
            self._pretended = before

    def later(self, delay: timedelta, action: Action) -> None:
        """Do something after a delay; at once, as of then, if that instant has passed."""
        due = (self._pretended or self._clock()) + delay
        heappush(self._due, (due, next(self._order), action))
        self.finish_due()

    def last_due(self) -> datetime | None:
        """When the last of what is still to be done is due."""
        return max((due for due, _, _ in self._due), default=None)

    def finish_due(self) -> None:
        """Do what has become due, each thing as of its instant."""
        while self._due and self._due[0][0] <= self._clock():
            due, _, action = heappop(self._due)
            with self.at(due):
                action()
