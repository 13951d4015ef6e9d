"""The pages, cut into their fenced blocks."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = tuple(
    str(page.relative_to(ROOT)) for page in [*sorted(ROOT.glob("[RC]*.md")), *sorted(DOCS.rglob("*.md"))]
)


class Block(NamedTuple):
    """A fenced block: what stands behind its fence, what is in it, and the number of its first line."""

    language: str
    text: str
    line: int


def read(page: str) -> str:
    """A page's Markdown."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """A page's fenced blocks, in order.

    Raises:
        ValueError: A fence is indented, of another kind or left open: the tests would pass it over.
    """
    return blocks_of(read(page), page)


def blocks_of(markdown: str, page: str) -> list[Block]:
    """See `blocks`."""
    found: list[Block] = []
    begun: Block | None = None
    for number, line in enumerate(markdown.splitlines(), 1):
        if begun and line == "```":
            found.append(begun)
            begun = None
        elif begun:
            begun = begun._replace(text=f"{begun.text}{line}\n")
        elif line.startswith("```"):
            begun = Block(line[3:], "", number + 1)
        elif re.match(r"\s*(```|~~~|:::)|(    |\t)\s*\S", line):
            raise ValueError(f"{page}:{number}: only ``` at the beginning of a line makes a block: {line}")
    if begun:
        raise ValueError(f"{page}:{begun.line}: the block is left open")
    return found


def commands(block: str) -> list[str]:
    """The commands of an `sh` block: a line each, but for a file that stands in it (`<<'END'`)."""
    found: list[str] = []
    end = ""
    for line in block.splitlines():
        if end:
            found[-1] += f"\n{line}"
            end = "" if line == end else end
        elif line and not line.startswith("#"):
            found.append(line)
            here = re.search(r"<<'(\w+)'$", line)
            end = here[1] if here else ""
    return found
