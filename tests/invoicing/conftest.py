from collections.abc import Iterator

import pytest

from pennybridge.invoicing.stylesheets import StylesheetRunner


@pytest.fixture(scope="session")
def runner() -> Iterator[StylesheetRunner]:
    """One Saxon process for all tests of a worker: compiling the stylesheets is what takes time."""
    with StylesheetRunner() as shared:
        yield shared
