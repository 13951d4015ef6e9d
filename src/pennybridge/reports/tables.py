"""A report's table as text: for the terminal, CSV, JSON and Markdown."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from pennybridge.reports.table import ReportTable, Row
from pennybridge.reports.text import Language, show

if TYPE_CHECKING:
    from rich.table import Table


_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def to_csv(table: ReportTable) -> str:
    """RFC 4180 with a header of column names: ISO dates, a point as decimal mark, null empty, no totals.

    Ids follow the columns, because names are not unique. Text that a spreadsheet would run as a formula gets
    an apostrophe before it.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    names, rows = table.with_ids()
    writer.writerow(names)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return written.getvalue()


def csv_cell(value: Any) -> Any:
    """A value for a CSV file: as `plain`, with an apostrophe before text that is a formula to a spreadsheet.

    Numbers stay numbers, negative ones too.

    Source:
        https://owasp.org/www-community/attacks/CSV_Injection

    >>> csv_cell("=1+1"), csv_cell("A=B"), csv_cell("-12.50"), csv_cell(Decimal("-12.50"))
    ("'=1+1", 'A=B', '-12.50', '-12.5')
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return plain(value)


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
    """The table as JSON values; rows also hold the ids of what they are about."""
    names = [column.name for column in table.columns]
    all_names, rows = table.with_ids()
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
        "rows": [_record(all_names, row) for row in rows],
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


_FIRST_TO_GO = (
    "line_id", "price_id", "customer_id", "evidence", "confidence", "lowest_month", "net_new_mrr",
    "quick_ratio", "arpa", "period_source", "score", "currency_effect", "gross_mrr_churn_rate",
    "net_mrr_churn_rate", "nrr_1", "grr_1", "arr", "invoiced", "credited", "usage", "sales_incl_tax",
    "total_incl_tax", "payment_rating", "oldest_days_late", "31_60", "61_90", "unapplied", "1_30",
    "start_mrr", "due_date", "invoice_date", "next_due_date", "days_late", "not_due", "status",
)  # fmt: skip
"""What a narrow terminal can do without, in this order; empty columns before, those on the right after."""
_LAST_TO_GO = ("mrr", "revenue", "overdue", "open_amount", "balance")
"""What a table is read for, wherever it stands; the last goes last."""
_WORDS_FOLD_AT = 16
"""Cells of words go over several lines before a number makes way for them."""


def fitting(table: ReportTable, width: int, language: Language = "en") -> tuple[ReportTable, list[str]]:
    """The table with as many columns as a width holds, and the headings of those left out."""
    widths = {column.name: _width(table, at, language) for at, column in enumerate(table.columns)}
    names = [column.name for column in table.columns]
    order = [name for at, name in enumerate(names) if at > 1 and all(row[at] is None for row in table.rows)]
    order += [name for name in _FIRST_TO_GO if name in names and name not in order]
    order += [name for name in reversed(names[2:]) if name not in order and name not in _LAST_TO_GO]
    order += [name for name in _LAST_TO_GO if name in names[2:]]
    gone: set[str] = set()
    for name in order:
        if sum(widths.values()) <= width:
            break
        gone.add(name)
        del widths[name]
    kept = [at for at, name in enumerate(names) if name not in gone]
    narrower = replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in table.rows),
        totals=tuple(table.totals[at] for at in kept) if table.totals else None,
    )
    return narrower, [column.title(language) for column in table.columns if column.name in gone]


def _width(table: ReportTable, at: int, language: Language) -> int:
    """What a column needs on a terminal, with the space beside it."""
    return _letters(table, at, language) + 3


def _letters(table: ReportTable, at: int, language: Language) -> int:
    """The longest cell or heading word of a column; its heading goes over several lines of so many."""
    column = table.columns[at]
    rows = [*table.rows, *([table.totals] if table.totals and at else [])]
    longest = max((len(show(row[at], column.kind, language)) for row in rows), default=0)
    if column.kind in {"text", "word"}:
        longest = min(longest, _WORDS_FOLD_AT)
    return max(longest, *map(len, column.title(language).split()))


def to_terminal(table: ReportTable, language: Language = "en", *, width: int = 10_000) -> "Table":
    """A Rich table; rows that may still change are dim, headings fold where the width asks for it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text as RichText

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=bool(table.totals), footer_style="bold")
    footer = _totals(table, language) if table.totals else [""] * len(table.columns)
    letters = [_letters(table, at, language) for at in range(len(table.columns))]
    titles = [column.title(language) for column in table.columns]
    if sum(max(cells, len(title)) + 3 for cells, title in zip(letters, titles, strict=True)) > width:
        # Rich breaks no heading of a column whose cells it must not break.
        titles = ["\n".join(wrap(title, cells)) for cells, title in zip(letters, titles, strict=True)]
    for column, title, foot in zip(table.columns, titles, footer, strict=True):
        drawn.add_column(
            title, RichText(foot), justify="right" if column.is_number else "left",
            overflow="fold", no_wrap=column.kind not in {"text", "word"},
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
