"""A report as data: columns with kinds, rows, totals, and notes on the rules that made it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pennybridge.reports.text import NUMBERS, Kind, Language, Note, Text, show

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """A column: its name in every machine-readable format, what its values are, and its heading."""

    name: str
    kind: Kind
    heading: Text | None = None
    """Only where `words.HEADINGS` has none for the name."""

    def title(self, language: Language) -> str:
        """The heading that people read."""
        from pennybridge.reports.words import HEADINGS

        return (self.heading or HEADINGS.get(self.name) or Text(self.name, self.name)).to(language)

    @property
    def is_number(self) -> bool:
        """Whether its values stand on the right."""
        return self.kind in NUMBERS


@dataclass(frozen=True)
class ReportTable:
    """A report, in no language yet.

    A row whose column `status` is `provisional` or `in_progress` may still change.
    """

    report: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    company: str
    as_of: date
    currency: str
    """Of every column of amounts."""
    totals: Row | None = None
    notes: tuple[Note, ...] = ()
    about: Text | None = None
    """What the table is restricted to: a customer, a product view."""
    tax: Text | None = None
    """Whether its amounts include tax, where all of them do or none does."""
    keys: tuple[dict[str, str | None], ...] = ()
    """For each row, the ids of what it is about, where it is: `customer_id`, `invoice_id`, `price_id`."""

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows as mappings by column name."""
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    def with_ids(self) -> tuple[list[str], list[Row]]:
        """The names of the columns and of the ids after them, and the rows so."""
        names = [column.name for column in self.columns]
        ids = [name for name in (self.keys[0] if self.keys else {}) if name not in names]
        keys = self.keys or ({},) * len(self.rows)
        rows = [(*row, *(key[name] for name in ids)) for row, key in zip(self.rows, keys, strict=True)]
        return names + ids, rows

    def values(self, name: str) -> list[Any]:
        """One column's values."""
        position = [column.name for column in self.columns].index(name)
        return [row[position] for row in self.rows]

    def heading(self, language: Language) -> str:
        """The title, with what the table is restricted to."""
        return self.title.to(language) + (f" · {self.about.to(language)}" if self.about else "")

    def subtitle(self, language: Language) -> str:
        """Whose figures, as of when, in which currency, with tax or without."""
        words = Text("as of", "au").to(language)
        unit = f"{self.currency}, {self.tax.to(language)}" if self.tax else self.currency
        return f"{self.company} · {words} {show(self.as_of, 'date', language)} · {unit}"

    def shown(self, row: Row, language: Language) -> list[str]:
        """A row as people read it."""
        return [show(value, column.kind, language) for value, column in zip(row, self.columns, strict=True)]


def columns(names: str) -> tuple[Column, ...]:
    """Columns from `name kind, name kind`.

    >>> columns("period_start month, mrr amount")[1]
    Column(name='mrr', kind='amount', heading=None)
    """
    pairs = (part.split() for part in names.split(","))
    return tuple(Column(name, kind) for name, kind in pairs)  # type: ignore[arg-type]  # Kinds, written by us


def total(rows: tuple[Row, ...], kinds: tuple[Column, ...], label: str = "total") -> Row:
    """The sum of each column of amounts and counts, under a word in the first column."""
    sums = [
        sum(row[position] or 0 for row in rows) if column.kind in {"amount", "whole", "count"} else None
        for position, column in enumerate(kinds)
    ]
    return (label, *sums[1:])
