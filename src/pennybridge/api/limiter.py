"""One pace for everybody who uses a token: every thread, and every process of the machine.

`Limiter()` serves the threads of one process; `Limiter.shared(folder, token)` all processes that name the
same folder, through one small file per token (named by a digest, not by the token). The rules are in
`budget.py`.
"""

import hashlib
import heapq
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pennybridge.api.budget import WINDOW, Budget
from pennybridge.api.budget_file import BudgetFile
from pennybridge.api.secret import Secret
from pennybridge.clock import system_clock
from pennybridge.errors import SyncStoppedError

PERSON, BACKGROUND = 0, 1
"""Priorities: what a person waits for goes first."""
_PERSON_SIGN = 0.25
"""Seconds for which a waiting person's sign to other processes holds."""


class _Own:
    """A budget of this process only."""

    naps: float | None = None

    def __init__(self) -> None:
        self._budget = Budget(wall=system_clock().timestamp() - time.monotonic())

    @contextmanager
    def open(self) -> Iterator[Budget]:
        yield self._budget


class Limiter:
    """Lets requests pass at the rate that Pennylane allows for one token. Safe to share between threads."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._store: BudgetFile | _Own = BudgetFile(path) if path else _Own()
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, threading.Condition]] = []
        self._count = 0
        self._is_given_up = False

    @classmethod
    def shared(cls, folder: Path, token: Secret | str, *, base_url: str = "") -> "Limiter":
        """The limiter of all processes that use this token against this base URL and name the same folder.

        Raises:
            ConfigurationError: The folder cannot be written.
        """
        if os.name != "posix":
            return cls()  # no lock that dies with its process: each process paces itself
        text = token.reveal() if isinstance(token, Secret) else token
        digest = hashlib.sha256(f"{base_url}\n{text}".encode()).hexdigest()
        return cls(folder / f"{digest[:40]}.budget")

    def acquire(self, *, background: bool = False) -> int:
        """Wait until one request may be sent, and reserve its place.

        Returns:
            A ticket; hand it back with `settle`, or `cancel` if nothing was sent. A ticket that never comes
            back counts for ten seconds.

        Raises:
            SyncStoppedError: `give_up` was called; nothing was reserved.
        """
        priority = BACKGROUND if background else PERSON
        with self._lock:
            self._count += 1
            me = (priority, self._count, threading.Condition(self._lock))
            heapq.heappush(self._waiting, me)
            try:
                while not self._is_given_up:
                    ticket, wait = (0, None) if self._waiting[0] is not me else self._try(priority)
                    if ticket:
                        return ticket
                    self._wait(me[2], wait)
                raise SyncStoppedError(
                    "The sync was stopped. What was committed stays; the next one goes on from there."
                )
            finally:
                self._waiting.remove(me)
                heapq.heapify(self._waiting)
                self._wake()

    def give_up(self) -> None:
        """Let nobody wait here any longer, as the work is to end."""
        with self._lock:
            self._is_given_up = True
            for _, _, waiting in self._waiting:
                waiting.notify()

    def settle(self, ticket: int, status: int, headers: Mapping[str, str]) -> None:
        """Take note of an answer: its status, its `ratelimit-*` and `retry-after` headers.

        An answer without them comes from a server that does not limit, if it is a good one; from something in
        between, if it is a server error: then nobody knows whether the request was counted.
        """
        limit, left, reset = (
            _number(headers.get(f"ratelimit-{name}")) for name in ("limit", "remaining", "reset")
        )
        retry_after = _number(headers.get("retry-after")) if status == 429 else None
        with self._lock, self._store.open() as budget:
            now = self._now()
            if limit is not None and left is not None and reset is not None:
                budget.settle(ticket, now, limit=int(limit), remaining=int(left), reset=reset)
            elif status < 300:
                budget.settle_unlimited(ticket)
            elif status < 500:
                budget.cancel(ticket)
            if retry_after is not None and (reset is None or retry_after > WINDOW):
                budget.block(now + retry_after)
            self._wake()

    def cancel(self, ticket: int) -> None:
        """Give a place back: its request never left the machine."""
        with self._lock, self._store.open() as budget:
            budget.cancel(ticket)
            self._wake()

    def _try(self, priority: int) -> tuple[int, float | None]:
        with self._store.open() as budget:
            now = self._now()
            if priority == BACKGROUND and now < budget.person_until:
                return 0, budget.person_until - now
            ticket, again_at = budget.reserve(now)
            if not ticket and priority == PERSON and self._store.naps:
                budget.person_until = now + _PERSON_SIGN
            return ticket, again_at - now

    def _wait(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is not None and self._store.naps:
            seconds = min(seconds, self._store.naps)
        if seconds is None or self._sleep is None:
            condition.wait(seconds)
            return
        self._lock.release()
        try:
            self._sleep(seconds)
        finally:
            self._lock.acquire()

    def _wake(self) -> None:
        if self._waiting:
            self._waiting[0][2].notify()


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
