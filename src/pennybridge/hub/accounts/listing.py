"""What lists of accounts share: pages of rows, orders to choose from, texts to search for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pennybridge.hub.accounts.books import Books

Row = TypeVar("Row")
Params = dict[str, Any]
"""A statement's parameters by name."""

PAGE_SIZE = 50
_ACCENTED, _PLAIN = "àâäáãçéèêëîïíñôöóõùûüúÿ", "aaaaaceeeeiiinoooouuuuy"

LIMIT = " limit :size offset :skipped"
MOST_EXPORTED = 200_000
"""Rows in one download."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list; pages count from one."""

    rows: tuple[Row, ...]
    total: int
    """Rows of the whole list, as filtered."""
    number: int = 1
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The place of the first row in the list, from one."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The place of the last row in the list."""
        return self.first + len(self.rows) - 1


def read_page(
    books: Books,
    sql: str,
    row: Callable[..., Row],
    *,
    total: int,
    number: int,
    size: int = PAGE_SIZE,
    **params: object,
) -> Page[Row]:
    """One page of a statement's rows; a page beyond the last is the last.

    Args:
        books: Whose.
        sql: Ordered, with `LIMIT` where that belongs.
        row: Makes a row from a statement's values.
        total: Rows of the whole.
        number: Which page.
        size: Rows of a page.
        **params: The statement's.
    """
    number = min(max(number, 1), max(1, -(-total // size)))
    found = books.rows(sql, size=size, skipped=(number - 1) * size, **params)
    return Page(tuple(row(*values) for values in found), total, number, size)


def order_by(sort: str, columns: Mapping[str, str], default: str, *, key: str = "id") -> str:
    """An `order by` for a column's name, `-` before it for descending; the default for a name that is none.

    >>> order_by("-open", {"open": "open_amount_eur"}, "open")
    ' order by open_amount_eur desc nulls last, id desc'
    """
    wanted = sort if sort.removeprefix("-") in columns else default
    direction = "desc" if wanted.startswith("-") else "asc"
    return f" order by {columns[wanted.removeprefix('-')]} {direction} nulls last, {key} {direction}"


def where(*conditions: str) -> str:
    """Those of the conditions that say something, all of which must hold."""
    return " and ".join(f"({each})" for each in conditions if each) or "true"


def pattern(text: str, *, fold: bool = True) -> str:
    """A pattern for `like … escape '~'` that finds the text anywhere, without case and, if folded, accents.

    >>> pattern("100_%  Café ")
    '%100~_~% cafe%'
    """
    plain = " ".join(text.lower().split())
    if fold:
        plain = plain.translate(str.maketrans(_ACCENTED, _PLAIN))
    for sign in ("~", "%", "_"):
        plain = plain.replace(sign, f"~{sign}")
    return f"%{plain}%"


def folded(column: str) -> str:
    """SQL for a column's text without case or accents, to be compared with a `pattern`."""
    return f"translate(lower(coalesce({column}, '')), '{_ACCENTED}', '{_PLAIN}')"


def digits(text: str) -> str:
    """The digits of a number as people space it, a SIREN or SIRET; empty if it holds letters.

    >>> digits("732 829 320"), digits("FR 44 732829320"), digits("Nord")
    ('732829320', '', '')
    """
    tight = "".join(text.split())
    return tight if tight.isascii() and tight.isdigit() else ""
