"""Whether a request that failed may be sent again, and after how long."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from pennybridge.errors import ApiError, RateLimitError, ServerError, TransportError


@dataclass(frozen=True)
class Retries:
    """How often and how patiently a request is sent again.

    A read is sent again after 429, 5xx or a lost connection. A write only when it surely was not processed:
    after 429, or when it never left the machine. Pennylane has no idempotency key
    (https://pennylane.readme.io/docs/error-handling-status-codes), so anything else could do a thing twice.
    """

    attempts: int = 5
    """At most, the first included; refusals for pace (429) do not count."""
    first: float = 0.5
    """Seconds before the second attempt; each further wait is twice as long."""
    longest: float = 20.0
    """Seconds, for one wait that the server did not ask for."""
    total: float = 120.0
    """Seconds from the first failure after which we give up."""
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def delay(self, error: ApiError, *, is_read: bool, attempt: int, waited: float) -> float | None:
        """Seconds to wait before sending again; None when it must not or need not be sent again.

        Args:
            error: What the last attempt ended in.
            is_read: Whether the request changes nothing.
            attempt: How many attempts have ended in anything but 429, the last included.
            waited: Seconds since the first failure.
        """
        if isinstance(error, RateLimitError):
            return 0.0 if waited < self.total else None  # the limiter waits for the window the answer named
        if not self._may_repeat(error, is_read=is_read) or attempt >= self.attempts:
            return None
        backoff = min(self.longest, self.first * 2.0 ** (attempt - 1))
        asked = error.retry_after if isinstance(error, ServerError) else 0.0
        seconds = max(asked, backoff * (0.5 + self.jitter() / 2))
        return seconds if waited + seconds <= self.total else None

    def _may_repeat(self, error: ApiError, *, is_read: bool) -> bool:
        never_left = isinstance(error, TransportError) and not error.sent
        return never_left or (is_read and error.retry == "reads")
