"""Steps that wait for one another, run by several helpers."""

import threading
import time
from typing import cast

import pytest

from pennybridge.models.side_by_side import do_all
from pennybridge.store import Transaction
from tests.models.generated import chance


def helpers(count: int) -> list[Transaction]:
    """Whoever does a step is only told apart."""
    return [cast("Transaction", object()) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_each_step_is_done_once_and_after_what_it_needs(count: int) -> None:
    random = chance(count)
    names = [f"step {number}" for number in range(40)]
    needs = {
        name: frozenset(random.sample(names[:place], min(place, random.randrange(4))))
        for place, name in enumerate(names)
    }
    done: list[str] = []
    busy: list[Transaction] = []
    team = helpers(count)

    def do(name: str, helper: Transaction) -> None:
        assert helper in team
        assert helper not in busy
        busy.append(helper)
        assert needs[name] <= set(done), name
        time.sleep(0.001)
        done.append(name)
        busy.remove(helper)

    do_all(needs, team, do)

    assert sorted(done) == sorted(names)


def test_two_helpers_work_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=20)

    do_all(
        {"one": frozenset(), "other": frozenset()},
        helpers(2),
        lambda _name, _helper: cast("None", both.wait()),
    )


def test_what_most_others_wait_for_indirectly_is_done_first() -> None:
    needs = {
        "leaf": frozenset[str](),
        "root": frozenset[str](),
        "middle": frozenset({"root"}),
        "end": frozenset({"middle"}),
    }
    done: list[str] = []

    do_all(needs, helpers(1), lambda name, _helper: done.append(name))

    assert done.index("root") < done.index("leaf")


def test_after_a_failure_no_step_is_begun_and_those_under_way_end() -> None:
    begun, ended = [], []
    failing = threading.Event()

    def do(name: str, _helper: Transaction) -> None:
        begun.append(name)
        if name == "fails":
            failing.set()
            raise ValueError(name)
        failing.wait(20)
        time.sleep(0.05)
        ended.append(name)

    needs = {"fails": frozenset[str](), "goes on": frozenset[str](), "after": frozenset({"fails", "goes on"})}
    with pytest.raises(ValueError, match="fails"):
        do_all(needs, helpers(2), do)

    assert sorted(begun) == ["fails", "goes on"]
    assert ended == ["goes on"]
