"""Every command, option and setting is written down, and links lead somewhere."""

import re
import subprocess
import sys

import click
import pytest

from pennybridge.cli.main import COMMANDS, pennybridge
from pennybridge.settings import load_settings
from tests.docs.pages import PAGES, ROOT, read


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

    reference = read("docs/reference/commands.md")
    assert asked == set(re.findall(r"^\| `(PENNY\w+)` \|", reference, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_in_the_list_what_it_says_itself(name: str) -> None:
    """The list is written apart from the commands so that `--help` imports none of them."""
    command = pennybridge.get_command(click.Context(pennybridge), name)

    assert command is not None
    assert (command.help or "").partition("\n")[0] == COMMANDS[name][1]


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", read(page))

    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
