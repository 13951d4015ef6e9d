"""No window ever counts more than it may, and hardly any less, whatever the clocks, delays and workers."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennybridge.api.budget import IN_FLIGHT_LIFETIME, LIMIT, WINDOW, Budget
from tests.api.simulated_server import Server, World

Latency = Callable[[random.Random], tuple[float, float]]


def latency(seconds: float, jitter: float = 0.3) -> Latency:
    """Round trips of about so many seconds, split between there and back in any way."""

    def draw(source: random.Random) -> tuple[float, float]:
        total = seconds * (1 + jitter * source.random())
        there = total * source.random()
        return there, total - there

    return draw


@settings(max_examples=60, deadline=None)
@given(
    ahead=st.floats(-1e5, 1e5),
    guess=st.sampled_from([0.0, 0.05, -0.05, 2.0, -2.0, 1e6]),
    drift=st.floats(-1e-4, 1e-4),
    seconds=st.sampled_from([0.001, 0.05, 0.3, 1.0, 3.0]),
    jitter=st.floats(0, 2),
    workers=st.integers(1, 40),
    lost=st.sampled_from([0.0, 0.0, 0.05]),
    seed=st.integers(0, 2**32),
)
def test_no_window_ever_counts_more_requests_than_it_may(
    *,
    ahead: float,
    guess: float,
    drift: float,
    seconds: float,
    jitter: float,
    workers: int,
    lost: float,
    seed: int,
) -> None:
    world = World(
        Server(ahead, drift), workers, latency(seconds, jitter), seed, lost, budget=Budget(wall=ahead + guess)
    )

    world.run(seconds=40)

    assert world.server.refused == 0
    assert world.sent > 0


@pytest.mark.parametrize("guess", [0.0, 0.05, -1.0, 1e6])
@pytest.mark.parametrize(("seconds", "workers"), [(0.02, 4), (0.3, 8), (0.3, 25), (1.0, 25)])
def test_the_whole_budget_is_used(seconds: float, workers: int, guess: float) -> None:
    """Of the windows that lie wholly within the run, learning where they end included."""
    for seed in range(10):
        server = Server(ahead=random.Random(seed).uniform(-1000, 1000))  # noqa: S311 - repeatable, not secret
        World(server, workers, latency(seconds), seed, budget=Budget(wall=server.ahead + guess)).run(
            seconds=60
        )
        whole = sorted(server.counted)[1:-1]

        assert len(whole) >= 10
        assert sum(server.counted[window] for window in whole) >= 0.95 * LIMIT * len(whole)


@pytest.mark.parametrize("requests", [60, 130, 148])
def test_a_crawl_ends_about_as_soon_as_if_the_windows_were_known(requests: int) -> None:
    extra = []
    for seed in range(40):
        ahead = random.Random(seed).uniform(-1000, 1000)  # noqa: S311 - repeatable, not secret
        known = Budget(ahead_min=ahead - 0.001, ahead_max=ahead + 0.001, round_trip=0.3)
        learnt, told = (
            World(Server(ahead), 8, latency(0.3), seed, requests=requests, budget=budget).run(seconds=100)
            for budget in (Budget(wall=ahead), known)
        )
        assert learnt.sent == told.sent == requests
        extra.append(learnt.last_answer_at - told.last_answer_at)

    assert sum(extra) / len(extra) < 1.2
    assert max(extra) < WINDOW + 1


def test_what_others_use_is_left_to_them() -> None:
    """Another program spends 10 requests of each window; we see it by what is left, and never step over."""
    server = Server(ahead=0.0)
    world = World(server, 8, latency(0.1))
    for request in range(120):
        world._at(request // 10 * WINDOW + request % 10 * 0.001, lambda now: void(server.answer(now)))

    world.run(seconds=55)

    assert server.refused == 0
    assert world.sent >= 10 * 14


def void(_: object) -> None:
    """An event's answer that nobody waits for."""


def test_before_the_first_answer_one_request_looks_how_much_is_left() -> None:
    budget = Budget()

    first, _ = budget.reserve(100.0)
    second, again_at = budget.reserve(100.0)
    budget.settle(first, 100.3, limit=LIMIT, remaining=1, reset=1005.0)
    third, _ = budget.reserve(105.0)

    assert first
    assert not second
    assert again_at > 100.0
    assert third  # 1 left, or a new window
    assert not budget.reserve(105.0)[0]


def test_a_request_under_way_counts_against_every_window_until_its_answer_names_one() -> None:
    budget = Budget(ahead_min=0.0, ahead_max=0.0, bounds_at=4.9, round_trip=0.1)
    under_way = [budget.reserve(4.9)[0] for _ in range(10)]

    in_next_window = [budget.reserve(5.1)[0] for _ in range(LIMIT)]
    for ticket in under_way:
        budget.settle(ticket, 5.2, limit=LIMIT, remaining=LIMIT - 10, reset=5.0)

    assert sum(map(bool, in_next_window)) == LIMIT - 10
    assert all(budget.reserve(5.3)[0] for _ in range(10))
    assert not budget.reserve(5.3)[0]


def test_requests_of_a_dead_process_are_forgotten() -> None:
    budget = Budget(ahead_min=0.0, ahead_max=0.0, bounds_at=1.0, round_trip=0.1)
    for _ in range(LIMIT):
        assert budget.reserve(1.0)[0]

    assert not budget.reserve(1.0 + IN_FLIGHT_LIFETIME)[0]
    assert budget.reserve(1.01 + IN_FLIGHT_LIFETIME)[0]


def test_a_request_that_never_left_gives_its_place_back() -> None:
    budget = Budget(ahead_min=0.0, ahead_max=0.0, round_trip=0.1)
    tickets = [budget.reserve(0.0)[0] for _ in range(LIMIT)]

    budget.cancel(tickets[0])

    assert budget.reserve(0.0)[0]


def test_a_server_that_does_not_limit_is_not_waited_for() -> None:
    budget = Budget()
    ticket, _ = budget.reserve(0.0)

    budget.settle_unlimited(ticket)

    assert all(budget.reserve(0.1)[0] for _ in range(1000))


def test_a_limit_that_changes_is_followed() -> None:
    budget = Budget()
    ticket, _ = budget.reserve(0.0)

    budget.settle(ticket, 0.1, limit=100, remaining=99, reset=5.0)

    assert sum(bool(budget.reserve(0.2)[0]) for _ in range(200)) == 99


def test_a_clock_that_was_set_is_learnt_anew() -> None:
    budget = Budget(ahead_min=10.0, ahead_max=10.1, bounds_at=0.0, round_trip=0.1)
    ticket, _ = budget.reserve(1.0)

    budget.settle(ticket, 1.1, limit=LIMIT, remaining=20, reset=5000.0)

    assert budget.ahead_min == pytest.approx(4993.9)
    assert budget.ahead_max == pytest.approx(4999.0)


def test_servers_that_disagree_by_milliseconds_widen_the_doubt_only_so_far() -> None:
    budget = Budget(ahead_min=0.0, ahead_max=0.01, bounds_at=4.9, round_trip=0.01)
    ticket, _ = budget.reserve(4.9)

    budget.settle(ticket, 4.91, limit=LIMIT, remaining=24, reset=10.0)  # that machine is past 5.0 already

    assert budget.ahead_min is not None
    assert 0 < budget.ahead_max - budget.ahead_min < 0.1


def test_bounds_grow_vague_with_time_until_they_say_nothing() -> None:
    budget = Budget(ahead_min=0.0, ahead_max=0.1, bounds_at=0.0, round_trip=0.1)

    ticket, _ = budget.reserve(3600.0)
    assert ticket
    assert budget.ahead_max - (budget.ahead_min or 0) > 1

    budget.cancel(ticket)
    budget.reserve(200_000.0)
    assert budget.ahead_min is None
