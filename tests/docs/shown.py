"""Comparing the output that a page shows with the output that came.

`…` stands for what varies or is too much to show: within a line for some characters of that line, alone on a
line for any number of lines, also none. Everything else is compared to the letter; only blanks at the ends of
lines and blank lines at both ends do not count.
"""

import difflib
import re

LONG = 60
"""Lines of a difference that are told."""


def difference(shown: str, printed: str) -> str:
    """What a page shows that was not printed, or was printed and is not shown; nothing if they agree."""
    wanted, came = _lines(shown), _lines(printed)
    if _agree(wanted, came):
        return ""
    return "\n".join([*difflib.unified_diff(wanted, came, "shown", "printed", lineterm="", n=2)][:LONG])


def says_something(shown: str) -> bool:
    """Whether there is a line that only one output would fit: more words than elisions."""
    return any(len(re.findall(r"\w{2,}", line)) > line.count("…") for line in _lines(shown))


def _lines(text: str) -> list[str]:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n").split("\n")


def _agree(wanted: list[str], came: list[str]) -> bool:
    pattern = "".join(_pattern(line) for line in wanted)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in came)) is not None


def _pattern(line: str) -> str:
    if line == "…":
        return r"(?:.*\n)*?"
    return "[^\n]+?".join(re.escape(part) for part in line.split("…")) + r"\n"
