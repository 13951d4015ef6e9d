"""The emulator as a process of its own, and as its page shows it."""

import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/emulator.md"


def test_it_serves_seeded_companies_until_it_is_told_to_stop() -> None:
    """Its first line says where it listens; that is what a benchmark or a shell script reads."""
    command = [sys.executable, "-m", "pennybridge.emulator", "--companies", "1000", "--clock", "2026-11-02"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().split()[-1]
        tokens = process.stdout.readline()
        me = httpx2.get(
            f"{base_url}/me", headers={"authorization": "Bearer emulator-company-1000"}, timeout=30
        )
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=10)

    assert me.json()["company"]["name"] == "Atelier Numérique 1000"
    assert "emulator-company-1 … emulator-company-1000" in tokens
    assert ended == 0


def test_a_connection_that_was_idle_for_a_while_is_still_there(http: httpx2.Client) -> None:
    """Longer than uvicorn's own five seconds, after which a client could write on one just being closed."""
    with closing(HTTPConnection(http.base_url.host, http.base_url.port, timeout=30)) as connection:
        for pause in (0, 6):
            opened = connection.sock
            time.sleep(pause)
            connection.request("GET", "/api/external/v2/me")
            assert connection.getresponse().read()
        assert connection.sock is opened


def test_the_example_of_the_reference_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)

    exec(compile(example, "emulator.md", "exec"), {})  # noqa: S102 - our own page

    assert "emulator-company-1 F-20" in capsys.readouterr().out
