"""What was moved."""

from collections.abc import Callable
from dataclasses import dataclass

from pennybridge.moving.contents import Totals

Progress = Callable[[str, int, int | None], None]
"""Called with a table, how many of its rows are done, and how many there are."""


@dataclass(frozen=True)
class Moved:
    """The tables that were written, with what they add up to."""

    tables: dict[str, Totals]
    companies: tuple[int, ...]
    has_grants: bool
    books_were_there: bool = False
    """Whether an import that was cut off had brought the books already."""

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(int(totals["rows"]) for totals in self.tables.values())
