from collections.abc import Iterator
from pathlib import Path

import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.invoicing.stylesheets import StylesheetRunner
from tests.invoicing.desk import Desk, open_desk


@pytest.fixture(scope="session")
def runner() -> Iterator[StylesheetRunner]:
    """One Saxon process for all tests of a worker: compiling the stylesheets is what takes time."""
    with StylesheetRunner() as shared:
        yield shared


@pytest.fixture
def desk(emulator: Emulator, tmp_path: Path) -> Iterator[Desk]:
    """A company without customers, and an empty journal."""
    desk = open_desk(emulator, tmp_path)
    with desk.state:
        yield desk
