"""The warm server that runs the pages' commands."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

NOW = "2026-11-20T10:00:00+00:00"
"""When the pages' commands begin: figures that pages show are those of this Friday."""


@pytest.fixture(scope="session")
def warm() -> Iterator[Path]:
    """The socket of a server that runs `pennybridge`; see `warm.py`."""
    # A path short enough for a socket, which pytest's own folders are not.
    with tempfile.TemporaryDirectory(prefix="pennybridge-pages-") as folder:
        path = Path(folder, "warm")
        with subprocess.Popen(
            [sys.executable, "-m", "tests.docs.warm", path, NOW],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as server:
            assert server.stdin
            assert server.stdout
            assert server.stdout.readline() == b"warm\n"
            yield path
            server.stdin.close()
