"""What the pages say holds: their commands run, every command, option and setting is written down."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pennybridge.cli.main import COMMANDS, pennybridge
from pennybridge.emulator.files import one_page_pdf
from pennybridge.emulator.seed.small import seed_small
from pennybridge.emulator.server import Emulator
from pennybridge.settings import load_settings

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("[RC]*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def shell_lines(page: Path) -> list[str]:
    """The commands in a page's `sh` blocks, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [command for block in blocks for command in _commands(block)]


def _commands(block: str) -> list[str]:
    """A block's commands: a line each, but for a file that stands in it (`<<'END'`), up to its end."""
    commands: list[str] = []
    end = ""
    for line in block.splitlines():
        if end:
            commands[-1] += f"\n{line}"
            end = "" if line == end else end
        elif line and not line.startswith("#"):
            commands.append(line)
            here = re.search(r"<<'(\w+)'$", line)
            end = here[1] if here else ""
    return commands


def test_the_reference_is_made_from_the_code() -> None:
    """`make docs-write` brings it up to date."""
    done = subprocess.run(
        [sys.executable, "scripts/reference_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_every_setting_is_documented() -> None:
    asked: set[str] = set()

    class Recorder(dict[str, str]):
        def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
            asked.add(key)
            return default

    load_settings(Recorder())

    reference = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert asked == set(re.findall(r"^\| `(PENNY\w+)` \|", reference, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_in_the_list_what_it_says_itself(name: str) -> None:
    """The list is written apart from the commands so that `--help` imports none of them."""
    import click

    command = pennybridge.get_command(click.Context(pennybridge), name)

    assert command is not None
    assert (command.help or "").partition("\n")[0] == COMMANDS[name][1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


PAGES_THAT_RUN = [str(page.relative_to(ROOT)) for page in PAGES if "```sh\n" in page.read_text("utf-8")]
FIRST = ("pennybridge connect < token.txt", "pennybridge sync")
"""What a page's reader did before, where the page does not begin with it."""


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_the_commands_of_a_page_run(page: str, tmp_path: Path) -> None:
    """Against an emulator of a small company; exit code 3 (something needs attention) is part of the way."""
    (tmp_path / "token.txt").write_text("emulator-company-1\n")
    (tmp_path / "invoice.pdf").write_bytes(one_page_pdf("Invoice"))
    (tmp_path / "pdfs").mkdir()
    shutil.copy(ROOT / "tests/data/invoices/en16931.pdf", tmp_path / "pdfs")
    with Emulator(frozen="how-to" not in page) as emulator:  # PDFs take their time
        if any(name in page for name in ("month-end", "chiffres", "numbers")):  # which draw charts of years
            emulator.books.add_company("Atelier Numérique", fill=seed_small)
        else:
            emulator.add_company("Maison Lumière")
        customer = emulator.add_customer("Café de la Gare")
        # The template's example has an older date than an invoice of today.
        if not any(name in page for name in ("create-invoices", "factures")):
            emulator.add_customer_invoice("120.00", customer=customer)
        environment = {
            **os.environ,
            "PENNYBRIDGE_HOME": str(tmp_path / "home"),
            "PENNYLANE_BASE_URL": emulator.base_url,
        }
        lines = shell_lines(ROOT / page)
        failed = [
            (line, done.returncode, done.stderr)
            for line in (lines if any(" connect " in line for line in lines) else [*FIRST, *lines])
            if not line.startswith(ELSEWHERE)
            and (done := run_line(line, emulator.origin, tmp_path, environment)).returncode not in {0, 3}
        ]

    assert failed == []


ELSEWHERE = (
    "make ",
    "export ",
    ". .venv",
    "pennybridge emulator",
    *(() if shutil.which("curl") else ("curl ",)),
)
"""What a page's reader runs and this test does not: CI runs the first, the emulator is running already."""


def run_line(
    line: str, origin: str, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a line as its reader would, but with this Python and against this emulator."""
    line = re.sub(r"\bpennybridge (?=\w)", f"{sys.executable} -m pennybridge ", line)
    line = line.replace("http://127.0.0.1:8765", origin)
    return subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
