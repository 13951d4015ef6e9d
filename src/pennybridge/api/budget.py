"""When the next request may be sent: the rules of the rate limit, as a function of values.

Pennylane counts requests per token in fixed windows of 5 seconds aligned on its own clock, 25 in each, and
every answer says in which window it was counted (`ratelimit-reset`, the window's end) and how many were left
(`ratelimit-remaining`). Documented: https://pennylane.readme.io/docs/rate-limiting-1; that windows are fixed
and aligned: observed, July 2026.

Three things make it exact. *A request that is under way may be counted in any window that has not ended*, so
it counts against all of them until its answer names one. *The server's clock is known only between bounds*:
an answer counted in the window that ends at R, sent at `a` and received at `b`, proves that the server's
clock was before R at `a` and not before R - 5 at `b`; the bounds tighten with every answer and loosen with
time. *What was left says what others use*: the least `remaining` heard of a window counts, whoever spent the
rest.

Instants are seconds of one monotonic clock that all processes of the machine share.
"""

import msgspec

WINDOW = 5.0
"""Seconds in a window."""
LIMIT = 25
"""Requests in a window, until an answer says another number."""
IN_FLIGHT_LIFETIME = 2 * WINDOW
"""After this long a request without an answer has been counted, in a window that is over (assumed)."""
MARGIN = 0.02
"""Seconds kept from the edge of a window: the server's machines do not agree to the millisecond (assumed)."""
DRIFT = 2e-4
"""Seconds by which two clocks may part per second."""
GOOD_ENOUGH = 0.5
"""Seconds, beyond a round trip, by which we may be late for a window without caring to know better."""
PROBE_LAG = 0.1
"""Seconds after its probable end that a window's last request is sent to find that end."""
JUMP = 0.25
"""Bounds that contradict each other by less are machines that disagree; by more, a clock that was set."""
LOOK = 0.5
"""Seconds between requests as long as none was answered."""
POLL = 0.03
"""Seconds until looking again when only the answer to another request can help."""


class Budget(msgspec.Struct, array_like=True):
    """What is known of one token's windows. Small and serializable: processes share it."""

    limit: int = LIMIT
    """0: the server does not limit."""
    ahead_min: float | None = None
    """Least seconds by which the server's clock is ahead of ours; None before any answer."""
    ahead_max: float = 0.0
    bounds_at: float = 0.0
    """When the two were last brought up to date."""
    round_trip: float = WINDOW
    """The shortest seen."""
    remaining: dict[float, int] = {}
    """The least left, by the end of the window in the server's time."""
    in_flight: dict[int, float] = {}
    """When each request under way was sent, by ticket."""
    last_ticket: int = 0
    blocked_until: float = 0.0
    person_until: float = 0.0
    """Until then somebody in another process waits in front of background work."""
    wall: float = 0.0
    """Our wall clock minus our monotonic clock: the first guess of how far the server's clock is ahead of
    ours."""

    def reserve(self, now: float) -> tuple[int, float]:
        """A ticket to send one request now, or 0 and the instant at which to ask again."""
        self._forget(now)
        wait_until = self._earliest(now)
        if wait_until > now:
            return 0, wait_until
        self.last_ticket += 1
        self.in_flight[self.last_ticket] = now
        return self.last_ticket, now

    def cancel(self, ticket: int) -> None:
        """The request of this ticket never left the machine."""
        self.in_flight.pop(ticket, None)

    def settle(self, ticket: int, now: float, *, limit: int, remaining: int, reset: float) -> None:
        """Take note of an answer received now, in the words of its `ratelimit-*` headers."""
        sent_at = self.in_flight.pop(ticket, None)
        self.limit = limit
        self.remaining[reset] = min(remaining, self.remaining.get(reset, remaining))
        if sent_at is not None:
            self._bound(reset - WINDOW - now, reset - sent_at, now)
            self.round_trip = min(self.round_trip, now - sent_at)

    def settle_unlimited(self, ticket: int) -> None:
        """Take note of a good answer that says nothing of a limit."""
        self.in_flight.pop(ticket, None)
        if self.ahead_min is None:
            self.limit = 0

    def block(self, until: float) -> None:
        """Send nothing before this instant."""
        self.blocked_until = max(self.blocked_until, until)

    def _forget(self, now: float) -> None:
        """Drop requests counted long ago, windows that are over, and bounds gone vague."""
        expired = [ticket for ticket, sent_at in self.in_flight.items() if now - sent_at > IN_FLIGHT_LIFETIME]
        for ticket in expired:
            del self.in_flight[ticket]
        if self.ahead_min is None:
            return
        self._loosen(now)
        earliest = now + self.ahead_min - MARGIN
        for end in [end for end in self.remaining if end <= earliest]:
            del self.remaining[end]
        if self.ahead_max - self.ahead_min > 2 * WINDOW and not self.remaining:
            self.ahead_min = None

    def _earliest(self, now: float) -> float:
        """When the next request may be sent, or when to ask again."""
        if now < self.blocked_until or not self.limit:
            return max(now, self.blocked_until)
        under_way = len(self.in_flight)
        if self.ahead_min is None:
            # Before the first answer nothing is known of what others used: look before leaping.
            return now if all(now - at >= LOOK for at in self.in_flight.values()) else now + POLL
        # Of the windows that may still be running, the server's clock being what we know of it, the fullest.
        end, left = min(self.remaining.items(), key=lambda one: (one[1], -one[0]), default=(None, self.limit))
        left -= under_way
        if left <= 0:
            over_at = now + WINDOW if end is None else end - self.ahead_min + MARGIN
            return min(over_at, now + POLL) if under_way else over_at
        return now if end is None or left > 1 else self._probe(now, end)

    def _probe(self, now: float, end: float) -> float:
        """When the last request of a window may be sent: where it tells best when windows end.

        As long as the windows' ends are known badly, that is just after the end that our wall clock names,
        if that is possible, or half-way between the earliest and the latest possible end. Whichever window
        counts it, we know more.
        """
        low, high = self.ahead_min or 0.0, self.ahead_max
        likely = self.wall if low < self.wall < high else (low + high) / 2
        if likely - low - self.round_trip <= GOOD_ENOUGH:
            return now
        return max(now, end - likely + PROBE_LAG)

    def _loosen(self, now: float) -> None:
        if self.ahead_min is None:
            return
        drift = DRIFT * max(0.0, now - self.bounds_at)
        self.ahead_min -= drift
        self.ahead_max += drift
        self.bounds_at = now

    def _bound(self, low: float, high: float, now: float) -> None:
        if self.ahead_min is None:
            self.ahead_min, self.ahead_max, self.bounds_at = low, high, now
            return
        self._loosen(now)
        new_low, new_high = max(low, self.ahead_min), min(high, self.ahead_max)
        if new_low <= new_high:
            self.ahead_min, self.ahead_max = new_low, new_high
        elif new_low - new_high < JUMP:
            self.ahead_min, self.ahead_max = new_high, new_low
        else:
            self.ahead_min, self.ahead_max, self.round_trip = low, high, WINDOW
