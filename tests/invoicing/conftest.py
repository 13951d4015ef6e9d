from collections.abc import Iterator
from pathlib import Path

import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.invoicing.report import Report
from pennybridge.invoicing.stylesheets import StylesheetRunner
from pennybridge.invoicing.validate import validate
from tests.invoicing.desk import Desk, open_desk


@pytest.fixture(scope="session")
def runner() -> Iterator[StylesheetRunner]:
    """One Saxon process for all tests of a worker: compiling the stylesheets is what takes time."""
    with StylesheetRunner() as shared:
        yield shared


@pytest.fixture(scope="session")
def corpus_report(runner: StylesheetRunner) -> Report:
    """What validating the corpus beside the checkout finds: a minute's work, done once."""
    corpus = Path(__file__).parents[3] / "shared/data/invoices"
    return validate([corpus / name for name in ("pdf", "xml")], runner=runner)


@pytest.fixture
def desk(emulator: Emulator, tmp_path: Path) -> Iterator[Desk]:
    """A company without customers, and an empty journal."""
    desk = open_desk(emulator, tmp_path)
    with desk.state:
        yield desk
