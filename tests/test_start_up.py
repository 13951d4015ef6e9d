"""What a command imports is what its user waits for; `benchmarks/start_up.py` measures the wait itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FIND_IMPORTS = """
import sys
before = set(sys.modules)
from pennybridge.cli.main import run
code = run(sys.argv[1:])
new = {name.partition(".")[0] for name in set(sys.modules) - before}
foreign = {name for name in new - sys.stdlib_module_names if not name.startswith("_")}
print(*foreign, file=sys.stderr)
sys.exit(code)
"""

HEAVY = {
    "alembic", "authlib", "cryptography", "currency_converter", "dbos", "dlt", "facturx", "fastapi", "httpx2",
    "jinja2", "jsonschema_rs", "saxonche", "sqlalchemy", "starlette", "typst", "uvicorn", "vl_convert",
}  # fmt: skip


def imported(home: Path, *arguments: str) -> set[str]:
    """The packages outside the standard library that a command imports."""
    done = subprocess.run(
        [sys.executable, "-c", FIND_IMPORTS, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PENNYBRIDGE_HOME": str(home)},
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_click_and_nothing_else(tmp_path: Path, arguments: list[str]) -> None:
    assert imported(tmp_path, *arguments) == {"click", "pennybridge"}


@pytest.mark.parametrize(
    "command",
    [
        "connect",
        "sync",
        "status",
        "query",
        "demo",
        "emulator",
        "doctor",
        "build",
        "report",
        "overrides",
        "publish",
    ],
)
def test_the_help_of_a_command_imports_no_more(tmp_path: Path, command: str) -> None:
    assert imported(tmp_path, command, "--help") == {"click", "pennybridge"}


def test_status_imports_nothing_that_talks_to_the_network_or_unseals(tmp_path: Path) -> None:
    assert not imported(tmp_path, "status") & HEAVY
