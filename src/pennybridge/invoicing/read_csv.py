"""CSV → drafts: any common dialect, columns by their names, every bad cell named by file, row and field."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.rows import Reading, Row, build_drafts, match_columns

_DELIMITERS = ";,\t|"
_CELL_LIMIT = 1_000_000  # characters; the csv module's own limit of 131,072 is below nothing we accept


def read_csv(path: Path, defaults: Mapping[str, str] | None = None) -> Reading:
    """The drafts of a CSV file in the documented shape.

    UTF-8 (with or without BOM), UTF-16 with BOM, or Windows-1252, which earns a warning. The delimiter is the
    one of `; , tab |` that the heading has most of; with `;` a comma in a number is a decimal comma.
    """
    return parse_csv(path.read_bytes(), str(path), defaults)


def parse_csv(content: bytes, file: str, defaults: Mapping[str, str] | None = None) -> Reading:
    """As `read_csv`, of bytes already read; `file` names them in problems."""
    source = Source(file)
    text, problems = decode(content, source)
    if not text.strip():
        problem = source.problem(
            "file", "is empty", "give it a heading and one row for each line of an invoice"
        )
        return Reading(problems=(*problems, problem))
    heading = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    try:
        rows = list(_rows(text, delimiter, source, problems))
    except csv.Error as error:
        problem = source.problem("file", f"is not CSV: {error}", "save it again as CSV (UTF-8)")
        return Reading(problems=(*problems, problem))
    reading = build_drafts(rows, decimal_comma=delimiter == ";", defaults=defaults)
    if not rows:
        problems.append(source.problem("file", "has a heading but no rows", "add one row for each line"))
    return Reading(reading.drafts, (*problems, *reading.problems))


def decode(content: bytes, source: Source) -> tuple[str, list[Problem]]:
    """The text of a file, and a warning when its encoding had to be guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        warning = Source(source.file, row).warning(
            "file",
            "is not UTF-8; it was read as Windows-1252 (Latin-1)",
            "check the accents, or save it as UTF-8",
        )
        return content.decode("cp1252", "replace"), [warning]


def _rows(text: str, delimiter: str, source: Source, problems: list[Problem]) -> Iterator[Row]:
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str | None] | None = None
    line = 1
    for cells in reader:
        place, line = line, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns, found = match_columns(cells, Source(source.file, place))
            problems.extend(found)
            continue
        at = Source(source.file, place)
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            message = f"has {len(cells)} cells, the heading {len(columns)}"
            problems.append(
                at.problem("row", message, f"put cells that contain {delimiter!r} between double quotes")
            )
        yield Row(at, {name: cell for name, cell in zip(columns, cells, strict=False) if name is not None})
