"""Charts and tables as files: SVG and PNG, CSV and JSON."""

import re
from typing import Any

from fastapi import HTTPException, Response

from pennybridge.hub.numbers import asked
from pennybridge.hub.numbers.opened import Opened
from pennybridge.reports.catalog import Report
from pennybridge.reports.table import ReportTable
from pennybridge.reports.tables import to_csv, to_json

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_CHART = re.compile(r"chart(-dark)?(-narrow)?\.(svg|png)")
_TABLE = re.compile(r"table\.(csv|json)")


def file_of_report(opened: Opened, report: Report, file: str) -> Response:
    """`chart.svg`, `chart-dark-narrow.svg`, `chart.png`, `table.csv` or `table.json` of a report.

    Raises:
        HTTPException: 404, there is no such file, or nothing to draw.
        BadQuestionError: The question makes no sense.
    """
    question = asked.question(opened.given, report, opened.figures.built)
    name = f"{report.name}-{opened.figures.built.as_of}"
    if drawn := _CHART.fullmatch(file):
        look: dict[str, Any] = {
            "theme": "dark" if drawn[1] else "light",
            "size": "narrow" if drawn[2] else "wide",
        }
        chart = opened.answers.chart(
            opened.figures, report, question, language=opened.language, shape=drawn[3], **look
        )
        if chart is None:
            raise HTTPException(404, "There is nothing to draw in this range.")
        return _file(chart, drawn[3], name)
    return _table_file(opened, opened.table(report.name, report.table, question), file, name)


def file_of_figure(opened: Opened, figure: str, file: str) -> Response:
    """`table.csv` or `table.json` of what stands behind a figure.

    Raises:
        HTTPException: 404, there is no such file.
        BadQuestionError: The question makes no sense.
    """
    table = opened.explained(figure, asked.behind(opened.given, opened.figures.built))
    return _table_file(opened, table, file, f"{figure}-{opened.figures.built.as_of}")


def _table_file(opened: Opened, table: ReportTable, file: str, name: str) -> Response:
    found = _TABLE.fullmatch(file)
    if not found:
        raise HTTPException(404, "There is no such file.")
    content = to_csv(table) if found[1] == "csv" else to_json(table, language=opened.language)
    return _file(content, found[1], name)


def _file(content: str | bytes, shape: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}.{shape}"'}
    return Response(content, media_type=TYPES[shape], headers=headers)
