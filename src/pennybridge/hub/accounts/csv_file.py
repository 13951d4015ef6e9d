"""Lists as CSV files for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Response

from pennybridge.reports.tables import plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A download: a header of column names, ISO dates, a point as decimal mark, nothing for null."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Response(
        written.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: Any) -> Any:
    """A value as text; one that a spreadsheet would run as a formula gets an apostrophe before it.

    Source:
        https://owasp.org/www-community/attacks/CSV_Injection
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return plain(value)
