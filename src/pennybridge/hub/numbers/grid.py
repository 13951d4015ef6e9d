"""A report's table laid out for a page: cells with their links, one page of rows, what may still change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pennybridge.hub.numbers.asked import Given
from pennybridge.hub.numbers.behind import Link, behind
from pennybridge.periods import month_end
from pennybridge.reports.question import Question
from pennybridge.reports.table import Column, ReportTable
from pennybridge.reports.text import Language, show

ROWS = 50
"""On a page."""
OPEN_ENDED = {"provisional", "in_progress"}


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table, and where it leads."""

    text: str
    is_number: bool
    address: str | None = None
    tone: str = ""
    """`warn`: a badge; `nought`: a zero, behind which there is nothing."""


@dataclass(frozen=True)
class GridRow:
    """One row; one that is open may still change."""

    cells: tuple[Cell, ...]
    is_open: bool


@dataclass(frozen=True)
class Grid:
    """One page of a table."""

    columns: tuple[Column, ...]
    rows: tuple[GridRow, ...]
    totals: tuple[Cell, ...]
    number: int
    pages: int
    first: int
    last: int
    total: int


@dataclass(frozen=True)
class Page:
    """Where a table stands: what its links need to know."""

    asked: Question
    """The question that the table answers."""
    given: Given
    """The parameters of the page, whose as-of date the links keep."""
    here: str
    """The address of the company's pages."""
    language: Language


def lay_out(table: ReportTable, page: Page, number: int = 1) -> Grid:
    """One page of a table's rows as cells; beyond the last page, the last."""
    pages = max(1, -(-len(table.rows) // ROWS))
    number = min(max(number, 1), pages)
    start = (number - 1) * ROWS
    names = [column.name for column in table.columns]
    rows = []
    for at in range(start, min(start + ROWS, len(table.rows))):
        record = dict(zip(names, table.rows[at], strict=True))
        ids = table.keys[at] if table.keys else {}
        cells = tuple(_cell(table, page, column, record, ids) for column in table.columns)
        rows.append(GridRow(cells, record.get("status") in OPEN_ENDED))
    return Grid(
        table.columns,
        tuple(rows),
        _totals(table, page),
        number,
        pages,
        start + 1,
        start + len(rows),
        len(table.rows),
    )


def _cell(
    table: ReportTable, page: Page, column: Column, record: dict[str, Any], ids: Mapping[str, Any]
) -> Cell:
    value = record[column.name]
    address = _account(column.name, {**record, **ids}, page.here)
    if address is None and table.report != "explain":
        link = behind(table, page.asked, column.name, record, ids)
        address = _address(link, page) if link else None
    elif address is None and value is not None:
        address = _further(page, column.name, {**record, **ids})
    tone = "warn" if column.name == "status" and value in OPEN_ENDED else ""
    if column.is_number and value == 0:
        return Cell(show(value, column.kind, page.language), is_number=True, tone="nought")
    return Cell(show(value, column.kind, page.language), column.is_number, address, tone)


def _account(column: str, record: Mapping[str, Any], here: str) -> str | None:
    """The page of the customer or the invoice that a cell names."""
    if column in {"customer", "customer_id"} and record.get("customer_id"):
        return f"{here}/customers/{record['customer_id']}"
    if column == "invoice_number" and record.get("invoice_id"):
        return f"{here}/invoices/{record['invoice_id']}"
    return None


def _further(page: Page, column: str, record: Mapping[str, Any]) -> str | None:
    """From a customer behind a figure to the lines of that customer, and from a line to all that is known."""
    if column == "line_id":
        return _address(Link("line", {"which": record[column]}), page)
    if column in _MONTH_OF and record.get("customer_id") and "line_id" not in record:
        month = record.get(_MONTH_OF[column])
        if month is None and column not in {"mrr", "mrr_now"}:
            return None
        day = month_end(month) if month else page.asked.last
        return _address(Link("mrr", {"to": day, "customer": record["customer_id"]}), page)
    return None


_MONTH_OF = {
    "mrr": "month", "mrr_now": "month", "mrr_then": "first_month", "kept_without_growth": "lowest_month",
}  # fmt: skip
"""Amounts of a customer's MRR, and the column that says of which month; else it is the last one asked for."""


def _address(link: Link, page: Page) -> str:
    parameters = {"as_of": page.given.get("as_of"), **link.parameters}
    place = link.figure if link.is_report else f"explain/{link.figure}"
    return f"{page.here}/numbers/{place}{Given({}).address(**parameters)}"


def _totals(table: ReportTable, page: Page) -> tuple[Cell, ...]:
    """The last row; a sum over rows of one kind leads to what is behind all of them."""
    if not table.totals or not table.rows:
        return ()
    record = dict(zip((column.name for column in table.columns), table.totals, strict=True))
    first = Cell(show(table.totals[0], "word", page.language), is_number=False)
    adds_up = table.report in {"aging", "revenue"}
    rest = [
        _cell(table, page, column, record, {})
        if adds_up
        else Cell(show(record[column.name], column.kind, page.language), column.is_number)
        for column in table.columns[1:]
    ]
    return (first, *rest)
