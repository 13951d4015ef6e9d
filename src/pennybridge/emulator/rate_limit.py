"""The rate limit: 25 requests per token in each 5-second window, as Pennylane counts them.

Documented: 25 per 5 s per token, all endpoints together, the three headers, `retry-after` and a plain-text
429. Observed: windows are fixed and begin at multiples of five seconds of Unix time; the first answer shows
24 remaining.
"""

import math

from pennybridge.clock import Clock, system_clock
from pennybridge.emulator.answers import Answer

WINDOW = 5


class RateLimit:
    """Counts requests by token and window. Windows follow the wall clock, never the emulator's.

    Args:
        enabled: Whether there is a limit; without one there are no `ratelimit-*` headers either, because
            clients that read them pace themselves by them.
        limit: Requests per window.
        wall_clock: The machine's time.
    """

    def __init__(self, *, enabled: bool = True, limit: int = 25, wall_clock: Clock = system_clock) -> None:
        self.enabled = enabled
        self.limit = limit
        self._wall_clock = wall_clock
        self._window = 0
        self._used: dict[str, int] = {}

    def take(self, token: str) -> tuple[dict[str, str], Answer | None]:
        """Count one request; gives the headers of its answer, and the 429 if it is one too many."""
        if not self.enabled:
            return {}, None
        now = self._wall_clock().timestamp()
        window = int(now // WINDOW)
        if window != self._window:
            self._window, self._used = window, {}
        used = self._used[token] = self._used.get(token, 0) + 1
        reset = (window + 1) * WINDOW
        headers = {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(max(self.limit - used, 0)),
            "ratelimit-reset": str(reset),
        }
        if used <= self.limit:
            return headers, None
        return headers, too_many(max(math.ceil(reset - now), 1))


def too_many(seconds: int) -> Answer:
    """The 429 as it is: plain text, with `retry-after`."""
    text = f"Rate limit exceeded. Please retry in {seconds} seconds."
    return Answer(429, text.encode(), "text/plain; charset=utf-8", {"retry-after": str(seconds)})
