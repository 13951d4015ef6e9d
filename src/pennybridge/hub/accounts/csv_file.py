"""Lists as CSV files for spreadsheets."""

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from fastapi import Response

from pennybridge.reports.tables import csv_cell


def csv_answer(name: str, kind: type, rows: Iterable[Any]) -> Response:
    """A download: a header of field names, ISO dates, a point as decimal mark, nothing for null.

    Args:
        name: The file's, without its ending.
        kind: The dataclass of the rows.
        rows: What stands in it.
    """
    columns = [field.name for field in fields(kind)]
    values_of = attrgetter(*columns)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(value) for value in values_of(row)] for row in rows)
    return Response(
        written.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )
