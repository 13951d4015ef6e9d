"""Printing: tables that fit the terminal, CSV, JSON, and values as people and programs read them.

Results go to standard output, progress and problems to standard error. Colours follow the terminal and
`NO_COLOR`.
"""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pennybridge.clock import format_instant

if TYPE_CHECKING:
    from rich.console import Console

Row = Sequence[Any]


def console(*, err: bool = False) -> "Console":
    """A Rich console; without a terminal it is wide enough that nothing is cut or wrapped."""
    from rich.console import Console

    terminal = (sys.stderr if err else sys.stdout).isatty()
    return Console(stderr=err, highlight=False, width=None if terminal else 10_000)


def is_terminal() -> bool:
    """Whether a person watches standard error, so that progress may be drawn."""
    return sys.stderr.isatty()


def print_table(columns: Sequence[str], rows: Iterable[Row], *, title: str | None = None) -> None:
    """Rows under their column names; columns of numbers stand on the right, point under point."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    body = list(rows)
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    places = [_decimal_places([row[position] for row in body]) for position in range(len(columns))]
    for position, name in enumerate(columns):
        numeric = _all_numbers([row[position] for row in body])
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in body:
        # Text, not str: a label such as "[draft]" is no Rich markup.
        table.add_row(*(Text(_padded(value, needed)) for value, needed in zip(row, places, strict=True)))
    console().print(table)


def print_csv(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """RFC 4180 with a header, a point as decimal mark, lines that end in a line feed; null is empty.

    Text that a spreadsheet would run as a formula gets an apostrophe before it, as in reports.
    """
    from pennybridge.reports.tables import csv_cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(plain(value)) for value in row] for row in rows)


def print_json(value: object) -> None:
    """One JSON document; amounts are strings, as in Pennylane's own answers, so that no cent is lost."""
    json.dump(value, sys.stdout, default=plain, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_records(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """A JSON list with one object a row."""
    print_json(
        [{name: _record_value(value) for name, value in zip(columns, row, strict=True)} for row in rows]
    )


def show(value: object) -> str:
    """A value for a person: counts with thousands separators are the caller's business, see `count`."""
    return str(plain(value))


def _decimal_places(values: list[Any]) -> int:
    """How many decimals the longest of a column's decimals shows."""
    return max((len(show(one).partition(".")[2]) for one in values if isinstance(one, Decimal)), default=0)


def _padded(value: object, places: int) -> str:
    return f"{value:.{places}f}" if isinstance(value, Decimal) else show(value)


def plain(value: object) -> object:
    """A value as bare text: decimals without trailing zeros, RFC 3339 instants, null as nothing.

    >>> plain(Decimal("1250.500000")), plain(Decimal("1E+3")), plain(None)
    ('1250.5', '1000', '')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return format_instant(value) if value.tzinfo else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (str, int, float)) else str(value)


def count(number: int | None) -> str:
    """A count for a person.

    >>> count(541909), count(None)
    ('541,909', '')
    """
    return "" if number is None else f"{number:,}"


def ago(instant: datetime | None, now: datetime) -> str:
    """How long ago an instant was, in the largest unit that says it.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    >>> ago(now - timedelta(minutes=95), now), ago(now, now), ago(None, now)
    ('1 h ago', 'just now', 'never')
    """
    if instant is None:
        return "never"
    seconds = int((now - instant).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def _all_numbers(values: Sequence[object]) -> bool:
    given = [value for value in values if value is not None and value != ""]
    return bool(given) and all(_is_number(value) for value in given)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        # Counts arrive as text with separators.
        return value.replace(",", "").replace(".", "", 1).removeprefix("-").isdigit()
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _record_value(value: object) -> object:
    return value if value is None or isinstance(value, (bool, int, float, str)) else plain(value)
