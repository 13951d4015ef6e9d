"""The rate limit (documented: rate-limiting-1, February 2026; windows observed in 165 recorded answers)."""

from datetime import UTC, datetime

import httpx2
import pytest

from pennybridge.emulator.rate_limit import RateLimit
from pennybridge.emulator.server import Emulator

WINDOW_BEGINS = 1_795_252_400


class WallClock:
    """A machine's clock that stands where the test puts it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@pytest.fixture
def wall(emulator: Emulator) -> WallClock:
    """The wall clock of an emulator that limits, two seconds into a window."""
    clock = WallClock(WINDOW_BEGINS + 2)
    emulator.api.rate_limit = RateLimit(wall_clock=clock)
    return clock


def test_twenty_five_requests_fit_in_a_window(
    emulator: Emulator, http: httpx2.Client, wall: WallClock
) -> None:
    """Documented: headers on every answer, then a 429 in plain text. Observed: the first leaves 24."""
    emulator.add_company()

    answers = [http.get("/me") for _ in range(26)]

    assert wall.seconds == WINDOW_BEGINS + 2
    assert [int(answer.headers["ratelimit-remaining"]) for answer in answers] == [*range(24, -1, -1), 0]
    assert {answer.headers["ratelimit-reset"] for answer in answers} == {str(WINDOW_BEGINS + 5)}
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"25"}
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.text == "Rate limit exceeded. Please retry in 3 seconds."
    assert refused.headers["content-type"].startswith("text/plain")
    assert refused.headers["retry-after"] == "3"


def test_a_new_window_begins_at_a_multiple_of_five_seconds(
    emulator: Emulator, http: httpx2.Client, wall: WallClock
) -> None:
    """Observed: windows are fixed, not sliding, so that fifty requests can pass around a boundary."""
    emulator.add_company()
    wall.seconds = WINDOW_BEGINS + 4.9
    last = [http.get("/me").status_code for _ in range(25)]

    wall.seconds = WINDOW_BEGINS + 5.0
    first = [http.get("/me").status_code for _ in range(25)]

    assert set(last + first) == {200}


def test_each_token_counts_for_itself(emulator: Emulator, http: httpx2.Client, wall: WallClock) -> None:
    """Documented."""
    emulator.add_company()
    emulator.give_token("another")
    for _ in range(26):
        http.get("/me")

    other = http.get("/me", headers={"authorization": "Bearer another"})

    assert wall.seconds
    assert other.headers["ratelimit-remaining"] == "24"


def test_the_emulators_clock_does_not_move_the_window(
    emulator: Emulator, http: httpx2.Client, wall: WallClock
) -> None:
    """Windows are wall-clock time even where the books are years away."""
    emulator.add_company()
    emulator.move_clock(days=400)

    assert http.get("/me").headers["ratelimit-reset"] == str(int(wall.seconds) + 3)


@pytest.mark.rate_limit
def test_the_marker_switches_the_limit_on(emulator: Emulator) -> None:
    assert emulator.api.rate_limit.enabled


def test_tests_run_without_a_limit(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()

    assert {http.get("/me").status_code for _ in range(60)} == {200}
