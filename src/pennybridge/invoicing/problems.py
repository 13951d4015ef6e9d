"""What is wrong with an invoice that somebody wants to send, said so that it can be mended."""

from collections.abc import Iterable
from typing import Literal

import msgspec

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to mend before an invoice can be sent (error) or to know before sending it (warning)."""

    file: str
    row: int | None = None
    """Line of a CSV or JSONL file, or place in a JSON list, from 1; None when the whole file is meant."""
    field: str
    """The name the documented shape gives it, `lines[2].vat` for a line of a JSON invoice."""
    message: str
    mend: str
    """What to write or do instead."""
    severity: Severity = "error"
    rule: str | None = None
    """The rule of the standard that failed, as `BR-CO-15` or `BR-FR-10`; None for our own checks."""

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        rule = f" [{self.rule}]" if self.rule else ""
        return f"{place}: {self.severity}: {self.field}: {self.message}{rule} → {self.mend}"


class Source(msgspec.Struct, frozen=True):
    """Where an invoice, or one of its lines, was read."""

    file: str
    row: int | None = None
    prefix: str = ""
    """Put before the field names of a line, `lines[2].`, where the row alone does not tell which line."""

    def problem(
        self, field: str, message: str, mend: str, severity: Severity = "error", rule: str | None = None
    ) -> Problem:
        """A problem at this place."""
        return Problem(
            file=self.file,
            row=self.row,
            field=self.prefix + field,
            message=message,
            mend=mend,
            severity=severity,
            rule=rule,
        )

    def warning(self, field: str, message: str, mend: str) -> Problem:
        """A problem that stops nothing, unless strictness is asked for."""
        return self.problem(field, message, mend, "warning")


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stop an invoice."""
    return [problem for problem in problems if problem.severity == "error"]


def without_echoes(problems: Iterable[Problem]) -> list[Problem]:
    """The problems in order, each place and field once.

    A cell that could not be read leaves its field empty, which a later check would report again as missing:
    such an echo, and any exact repetition, is left out.
    """
    kept: dict[Problem, None] = {}
    spoken: set[tuple[str, int | None, str]] = set()
    for problem in problems:
        place = (problem.file, problem.row, problem.field)
        if not (place in spoken and problem.message.startswith(MISSING)):
            kept[problem] = None
        spoken.add(place)
    return list(kept)


MISSING = "is missing"
"""Messages about absent values start with these words; see `without_echoes`."""
