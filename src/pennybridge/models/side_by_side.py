"""Runs steps that wait for one another, as many at a time as there are helpers."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from graphlib import TopologicalSorter

from pennybridge.store import Transaction

Do = Callable[[str, Transaction], None]
"""Does the step of this name with this helper."""


def do_all(needs: Mapping[str, frozenset[str]], helpers: Sequence[Transaction], do: Do) -> None:
    """Do each step once all that it needs are done; the steps with most others behind them first.

    The first failure is raised when the steps under way have ended; no other is begun.
    """
    behind = _steps_behind(needs)
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    idle, ready = list(helpers), list[str]()
    running: dict[Future[None], tuple[str, Transaction]] = {}
    with ThreadPoolExecutor(len(helpers)) as pool:
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=lambda name: (behind[name], name))
            while ready and idle:
                name, helper = ready.pop(), idle.pop()
                running[pool.submit(do, name, helper)] = name, helper
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                name, helper = running.pop(done)
                done.result()
                idle.append(helper)
                sorter.done(name)


def _steps_behind(needs: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """How many steps the longest way from each to one that nothing waits for has."""

    @cache
    def behind(name: str) -> int:
        return max((1 + behind(other) for other, needed in needs.items() if name in needed), default=0)

    return {name: behind(name) for name in needs}
