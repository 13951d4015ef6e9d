"""A home of its own for each test, an emulated company, and the command `pennybridge` run in this process."""

import io
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from pennybridge.cli.main import run
from pennybridge.emulator.books import Company
from pennybridge.emulator.server import Emulator

TOKEN = "emulator-company-1"


class Outcome(NamedTuple):
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


class Shell:
    """Runs `pennybridge` as a person would, with a home of its own."""

    def __init__(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.home = home
        self.database = home / "pennybridge.duckdb"
        self.said = ""
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Outcome:
        """Run one command."""
        with self._monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            self._capsys.readouterr()
            code = run(arguments)
        outcome = Outcome(code, *self._capsys.readouterr())
        self.said += outcome.out + outcome.err
        return outcome


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    for name in ("PENNYBRIDGE_DATABASE_URL", "PENNYBRIDGE_KEY", "PENNYLANE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    # Nobody listens there: what forgets to name its emulator is refused at once.
    monkeypatch.setenv("PENNYLANE_BASE_URL", "http://127.0.0.1:9/api/external/v2")
    monkeypatch.setenv("PENNYBRIDGE_HOME", str(tmp_path / "home"))
    return Shell(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture
def company(shell: Shell, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Company:  # noqa: ARG001 — its environment comes first
    """One company with two customers, at the base URL that commands use."""
    company = emulator.add_company("Maison Lumière")
    cafe = emulator.add_customer("Café de la Gare", external_reference="cafe")
    emulator.add_customer(first_name="Jeanne", last_name="Petit")
    emulator.add_customer_invoice("120.00", customer=cafe)
    monkeypatch.setenv("PENNYLANE_BASE_URL", emulator.base_url)
    return company
