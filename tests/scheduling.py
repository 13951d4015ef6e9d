"""Which test process runs what, and in what order.

A process takes a file at a time, so what the tests of a file share is made once; files that share something
dear go together. What takes longest comes first, so that no process is left alone with it at the end.

Pytest's own `--dist loadgroup` groups nothing since pytest 9.2 (pytest-dev/pytest-xdist#1386).
"""

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = (
    ("tests/sync/test_retail",),
    ("tests/docs/",),
    ("tests/invoicing/test_corpus", "tests/invoicing/test_samples", "tests/invoicing/test_stylesheets"),
    ("tests/hub/engine/test_two_hundred",),
    ("tests/hub/numbers/",),
    ("tests/hub/accounts/",),
    ("tests/journeys/",),
    ("tests/sync/test_histories",),
    ("tests/cli/test_commands",),
    ("tests/invoicing/test_never_twice",),
    ("tests/hub/engine/test_processes",),
    ("tests/sync/test_kills",),
    ("tests/emulator/test_load_retail",),
    ("tests/models/test_generated_books",),
    ("tests/models/test_retail_books",),
    ("tests/reports/",),
)
"""What one process runs, by the beginnings of names of files, longest first: ten seconds to two minutes."""


def unit(test: str) -> str:
    """What a test is run together with: its file, or several of them."""
    file = test.partition("::")[0]
    return next((names[0] for names in TOGETHER if file.startswith(names)), file)


def longest_first(items: list[pytest.Item]) -> None:
    """Order collected tests, and leave what is not known to take long as it comes."""
    places = {names[0]: place for place, names in enumerate(TOGETHER)}
    items.sort(key=lambda item: places.get(unit(item.nodeid), len(places)))


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist says nothing of its types
    """Hands out units instead of files."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
