"""A server that counts requests in windows, and workers that use it, in simulated time."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import msgspec

from pennybridge.api.budget import Budget

WINDOW, LIMIT = 5.0, 25


@dataclass
class Server:
    """Counts per window of its own clock, which is `ahead` of ours and gains `drift` seconds per second."""

    ahead: float
    drift: float = 0.0
    counted: Counter[int] = field(default_factory=Counter)
    refused: int = 0

    def window(self, now: float) -> int:
        """The number of the window that runs at our instant `now`."""
        return int((now + self.ahead + self.drift * now) // WINDOW)

    def answer(self, now: float) -> tuple[int, float]:
        """Count one request: what is left, and when its window ends by the server's clock."""
        window = self.window(now)
        self.counted[window] += 1
        self.refused += self.counted[window] > LIMIT
        return max(0, LIMIT - self.counted[window]), (window + 1) * WINDOW


@dataclass
class World:
    """Workers who send one request after the other as soon as the budget lets them."""

    server: Server
    workers: int
    latency: Callable[[random.Random], tuple[float, float]]
    """Seconds there and back."""
    seed: int = 0
    lost: float = 0.0
    """The share of answers that never come."""
    requests: int | None = None
    """How many are wanted in all; None: as many as can be."""
    budget: Budget = field(default_factory=Budget)
    sent: int = 0
    last_answer_at: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable, not secret
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = count()
        self._idle = 0

    def run(self, *, seconds: float, start: float = 0.0) -> "World":
        """Let time pass until `start + seconds`."""
        for _ in range(self.workers):
            self._at(start + self._random.random() * 0.01, self._work)
        while self._events and self._events[0][0] <= start + seconds:
            now, _, event = heapq.heappop(self._events)
            event(now)
        return self

    def _at(self, when: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), event))

    def _work(self, now: float) -> None:
        if self.requests is not None and self.sent >= self.requests:
            return
        # Through bytes, as between processes.
        self.budget = msgspec.msgpack.decode(msgspec.msgpack.encode(self.budget), type=Budget)
        ticket, again_at = self.budget.reserve(now)
        if not ticket:
            self._at(max(again_at, now + 1e-4), self._work)
            return
        self.sent += 1
        there, back = self.latency(self._random)
        self._at(now + there, lambda at: self._count(at, ticket, back))

    def _count(self, now: float, ticket: int, back: float) -> None:
        remaining, reset = self.server.answer(now)
        if self._random.random() < self.lost:
            self._at(now + 2.0, self._work)
        else:
            self._at(now + back, lambda at: self._settle(at, ticket, remaining, reset))

    def _settle(self, now: float, ticket: int, remaining: int, reset: float) -> None:
        self.last_answer_at = now
        self.budget.settle(ticket, now, limit=LIMIT, remaining=remaining, reset=reset)
        self._work(now)
