"""Which test process runs what, and in what order.

A process takes a file at a time, so what the tests of a file share is made once; files that share something
dear go together. What takes longest comes first, so that no process is left alone with it at the end.

Pytest's own `--dist loadgroup` groups nothing since pytest 9.2 (pytest-dev/pytest-xdist#1386).
"""

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = (
    "tests/sync/test_retail",
    "tests/hub/engine/test_two_hundred",
    "tests/docs/",
    "tests/invoicing/test_corpus",
    "tests/invoicing/test_never_twice",
    "tests/hub/engine/test_processes",
    "tests/hub/accounts/",
    "tests/hub/numbers/",
    "tests/sync/test_histories",
    "tests/sync/test_kills",
    "tests/journeys/",
    "tests/cli/test_commands",
    "tests/emulator/test_load_retail",
    "tests/models/test_generated_books",
    "tests/models/test_retail_books",
    "tests/reports/",
)
"""Beginnings of names of files that one process runs, longest first: seconds to a minute and a half each."""


def unit(test: str) -> str:
    """What a test is run together with: its file, or several of them."""
    file = test.partition("::")[0]
    return next((name for name in TOGETHER if file.startswith(name)), file)


def longest_first(items: list[pytest.Item]) -> None:
    """Order collected tests, and leave what is not known to take long as it comes."""
    places = {name: place for place, name in enumerate(TOGETHER)}
    items.sort(key=lambda item: places.get(unit(item.nodeid), len(places)))


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist says nothing of its types
    """Hands out units instead of files."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
