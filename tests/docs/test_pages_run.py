"""Whoever does what a page says sees what the page shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs import shown
from tests.docs.pages import PAGES, Block, blocks, commands
from tests.docs.surroundings import MEANWHILE, prepare
from tests.docs.terminal import Terminal

WELL = {0, 3}
"""3: done, and something wants attention."""
FAILURE = "Error: "
"""A `text` block that begins so shows how the last command before it fails."""
DATABASE = "postgresql://pennybridge@db.example.org/pennybridge"


@pytest.mark.parametrize("page", [page for page in PAGES if any(b.language == "sh" for b in blocks(page))])
def test_the_commands_of_a_page_do_what_it_shows(
    page: str, warm: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    elsewhere = {}
    if any(DATABASE in block.text for block in blocks(page)):
        make: Callable[[str], str] = request.getfixturevalue("make_postgresql_url")
        elsewhere[DATABASE] = make("template1")
    with Terminal(tmp_path / "home", warm, elsewhere) as terminal:
        prepare(page, terminal)
        problems = [*_follow(page, terminal), *terminal.stop()]

    assert not problems, "\n\n".join(problems)


def _follow(page: str, terminal: Terminal) -> list[str]:
    """Do what a page says, block by block; what did not come as it shows."""
    problems, printed = [], ""
    every = blocks(page)
    for block, following in zip(every, [*every[1:], Block("", "", 0)], strict=True):
        if block.language == "sh":
            fails = following.language == "text" and following.text.startswith(FAILURE)
            printed, wrong = _type(block, terminal, fails=fails)
            problems += [f"{page}:{block.line}: {each}" for each in wrong]
        elif block.language == "text" and (differs := shown.difference(block.text, printed)):
            problems.append(f"{page}:{block.line}:\n{differs}")
    return problems


def _type(block: Block, terminal: Terminal, *, fails: bool) -> tuple[str, list[str]]:
    """Type a block's commands; what they printed, and which did not end as they should."""
    printed, problems = "", []
    lines = commands(block.text)
    for line in lines:
        if line in MEANWHILE:
            MEANWHILE[line](terminal)
        ran = terminal.run(line)
        is_to_fail = fails and line == lines[-1]
        printed += ran.out + (ran.err if is_to_fail else "")
        if (ran.code not in WELL) is not is_to_fail:
            problems.append(f"$ {line}\n{ran.out}{ran.err}exit code {ran.code}")
    return printed, [*problems, *terminal.stop(emulators=False)]
