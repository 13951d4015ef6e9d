"""Cuts a list into windows of ids, and chooses which of them are compared."""

import random
from collections.abc import Sequence

Window = tuple[int, int | None]
"""Ids above the first up to and with the second; None is open: whatever is newer."""


def cut(ids: Sequence[int], size: int) -> list[Window]:
    """The whole line of ids in windows that hold at most so many of these, in order.

    >>> cut([3, 5, 8, 9, 12], 2)
    [(0, 5), (5, 9), (9, None)]
    >>> cut([], 2)
    [(0, None)]
    """
    bounds = [ids[at + size - 1] for at in range(0, len(ids) - size, size)]
    return list(zip([0, *bounds], [*bounds, None], strict=True))


def choose(windows: Sequence[Window], most: int | None, chance: random.Random) -> list[Window]:
    """At most so many windows, the newest always among them, the others at random; all when None."""
    if most is None or len(windows) <= most:
        return list(windows)
    return [*sorted(chance.sample(windows[:-1], max(most, 1) - 1)), windows[-1]]
