"""A report's table as text: for the terminal, CSV, JSON and Markdown."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pennybridge.reports.table import ReportTable, Row
from pennybridge.reports.text import Language

if TYPE_CHECKING:
    from rich.table import Table


def to_csv(table: ReportTable) -> str:
    """RFC 4180 with a header of column names: ISO dates, a point as decimal mark, null empty, no totals."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([plain(value) for value in row] for row in table.rows)
    return written.getvalue()


def to_json(table: ReportTable, behind: ReportTable | None = None, *, language: Language = "en") -> str:
    """One document; amounts are strings, so that no cent is lost, and rows are objects by column name.

    Args:
        table: The report.
        behind: The lines behind it, under the key `explained`.
        language: Of headings and notes.
    """
    document = as_data(table, language)
    if behind:
        document["explained"] = as_data(behind, language)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_text(table: ReportTable, language: Language = "en") -> str:
    """The table as the terminal shows it, for a file."""
    from rich.console import Console

    written = io.StringIO()
    written.write(f"{table.heading(language)}\n{table.subtitle(language)}\n")
    Console(file=written, width=10_000, highlight=False).print(to_terminal(table, language))
    written.writelines(f"{note.to(language)}\n" for note in table.notes)
    return written.getvalue()


def as_data(table: ReportTable, language: Language = "en") -> dict[str, Any]:
    """The table as JSON values."""
    names = [column.name for column in table.columns]
    return {
        "report": table.report,
        "title": table.heading(language),
        "company": table.company,
        "as_of": table.as_of.isoformat(),
        "currency": table.currency,
        "columns": [
            {"name": column.name, "kind": column.kind, "title": column.title(language)}
            for column in table.columns
        ],
        "rows": [_record(names, row) for row in table.rows],
        "totals": _record(names, table.totals) if table.totals else None,
        "notes": [note.to(language) for note in table.notes],
    }


def to_markdown(table: ReportTable, language: Language = "en") -> str:
    """A Markdown page: heading, table with totals, notes."""
    lines = [f"# {table.heading(language)}", "", table.subtitle(language), ""]
    titles = [column.title(language) for column in table.columns]
    lines.append(markdown_row(titles))
    lines.append(markdown_row(["---:" if column.is_number else "---" for column in table.columns]))
    lines += [markdown_row(table.shown(row, language)) for row in table.rows]
    if table.totals:
        lines.append(markdown_row([f"**{cell}**" if cell else "" for cell in _totals(table, language)]))
    lines += ["", *(f"- {note.to(language)}" for note in table.notes)]
    return "\n".join(lines) + "\n"


def to_terminal(table: ReportTable, language: Language = "en") -> "Table":
    """A Rich table; rows that may still change are dim."""
    from rich import box
    from rich.table import Table
    from rich.text import Text as RichText

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=bool(table.totals), footer_style="bold")
    footer = _totals(table, language) if table.totals else [""] * len(table.columns)
    for column, foot in zip(table.columns, footer, strict=True):
        drawn.add_column(
            column.title(language), RichText(foot), justify="right" if column.is_number else "left",
            overflow="fold",
        )  # fmt: skip
    for row, record in zip(table.rows, table.records(), strict=True):
        open_end = record.get("status") in {"provisional", "in_progress"}
        cells = table.shown(row, language)
        drawn.add_row(*(RichText(cell) for cell in cells), style="dim" if open_end else "")
    return drawn


WRITERS: dict[str, Callable[[ReportTable, Language], str]] = {
    "table": to_text,
    "csv": lambda table, _: to_csv(table),
    "json": lambda table, language: to_json(table, language=language),
    "md": to_markdown,
}
"""Each text format by name."""


def _totals(table: ReportTable, language: Language) -> list[str]:
    from pennybridge.reports.text import show

    first, *rest = table.totals or ()
    shown = [
        show(value, column.kind, language) for value, column in zip(rest, table.columns[1:], strict=True)
    ]
    return [show(first, "word", language), *shown]


def markdown_row(cells: list[str]) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _record(names: list[str], row: Row) -> dict[str, Any]:
    return {name: _json(value) for name, value in zip(names, row, strict=True)}


def _json(value: Any) -> Any:
    return plain(value) if isinstance(value, (Decimal, date)) else value


def plain(value: Any) -> Any:
    """A value for a machine: decimals without trailing zeros, ISO dates, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else value
