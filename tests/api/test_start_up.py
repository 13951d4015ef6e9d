"""The client is there at once: what is heavy is loaded when the first request is made."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("heavy", ["httpx2", "httpcore2", "pyarrow", "duckdb", "rich"])
def test_importing_the_client_loads_nothing_heavy(heavy: str) -> None:
    code = f"import sys, pennybridge.api.client; sys.exit({heavy!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
