"""What is due: a function of the latest sync, the interval and the instant."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pennybridge.hub.engine.schedule import Latest, is_late, next_due, place_of, reason_due

EVERY = timedelta(minutes=15)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def done(started_at: datetime = NOON, **more: object) -> Latest:
    return Latest("done", started_at, started_at + timedelta(seconds=3), **more)  # type: ignore[arg-type]


def test_a_connection_never_synced_is_due_at_once() -> None:
    assert reason_due("7", Latest(), EVERY, NOON) == "due"


def test_nothing_is_due_while_a_sync_is_under_way() -> None:
    assert reason_due("7", Latest("running", NOON), EVERY, NOON + timedelta(days=1)) is None
    assert reason_due("7", Latest("waiting"), EVERY, NOON + timedelta(days=1)) is None


@given(
    id_=st.integers(1, 10_000),
    minutes=st.integers(1, 1440),
    delay=st.integers(0, 30),
    started=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_connection_keeps_its_place_in_the_interval(
    id_: int, minutes: int, delay: int, started: datetime
) -> None:
    """However late a sync began, the next is due at the connection's next place, within one interval."""
    every = timedelta(minutes=minutes)
    first = next_due(str(id_), done(started), every)
    assert first
    assert started < first <= started + every
    second = next_due(str(id_), done(first + min(timedelta(seconds=delay), every / 2)), every)
    assert second == first + every


def test_hundreds_of_connections_spread_over_the_interval() -> None:
    places = [place_of(str(id_), EVERY) for id_ in range(1, 301)]
    tenths = [int(place / EVERY * 10) for place in places]

    assert all(timedelta(0) <= place < EVERY for place in places)
    assert min(tenths.count(tenth) for tenth in range(10)) > 15


def test_a_failed_sync_is_tried_again_soon_and_then_ever_later_up_to_the_interval() -> None:
    every = timedelta(hours=6)
    pauses = []
    for failures in range(1, 12):
        ended = NOON + timedelta(seconds=3)
        failed = Latest("failed", NOON, ended, failures)
        due = next_due("7", failed, every)
        assert due
        assert due <= NOON + every
        pauses.append((due - ended).total_seconds() / 60)

    assert pauses[:4] == [1, 2, 4, 8]


def test_a_connection_may_have_an_interval_of_its_own() -> None:
    own = done(every=timedelta(hours=6))

    assert next_due("7", own, EVERY) == next_due("7", done(), timedelta(hours=6))


def test_details_left_over_are_read_further_before_the_next_sync_is_due() -> None:
    left = done(NOON, details_left=True)
    ended = NOON + timedelta(seconds=3)

    assert reason_due("7", left, timedelta(hours=24), ended) is None
    assert reason_due("7", left, timedelta(hours=24), ended + timedelta(seconds=10)) == "details"


def test_a_connection_is_late_once_it_has_missed_a_whole_interval() -> None:
    assert not is_late(NOON, NOON, EVERY, NOON + 2 * EVERY)
    assert is_late(NOON, NOON, EVERY, NOON + 2 * EVERY + timedelta(seconds=1))
    assert is_late(None, NOON, EVERY, NOON + timedelta(hours=1))
