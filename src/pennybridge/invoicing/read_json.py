"""JSON and JSONL → drafts: the documented shape, nested; numbers keep the decimals they are written with."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from pennybridge.invoicing.fields import Level, find_field
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.read_csv import decode
from pennybridge.invoicing.rows import Reading, Row, build_drafts, match_columns

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_LINES = ("lines", "invoice_lines", "lignes")


def read_json(path: Path, defaults: Mapping[str, str] | None = None) -> Reading:
    """The drafts of a JSON file (one invoice, a list, `{"invoices": […]}`) or a JSONL file (one a line)."""
    lines = path.suffix.lower() in {".jsonl", ".ndjson"}
    return parse_json(path.read_bytes(), str(path), defaults, lines=lines)


def parse_json(
    content: bytes, file: str, defaults: Mapping[str, str] | None = None, *, lines: bool = False
) -> Reading:
    """As `read_json`, of bytes already read; `file` names them in problems, `lines` says it is JSONL."""
    reader = _JsonReader(Source(file))
    text, warnings = decode(content, reader.source)
    reader.problems.extend(warnings)
    rows = [
        row for place, invoice in reader.invoices(text, lines=lines) for row in reader.rows(invoice, place)
    ]
    if not rows and not reader.problems:
        reader.problems.append(
            reader.source.problem("file", "holds no invoice", "see the template for the shape")
        )
    reading = build_drafts(rows, defaults=defaults)
    return Reading(reading.drafts, (*reader.problems, *reading.problems))


class _JsonReader:
    """Takes one file apart; remembers which unknown names it has already spoken of."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._unknown: set[str] = set()

    def invoices(self, text: str, *, lines: bool) -> Iterator[tuple[Source, Any]]:
        """The invoices of the text, each with its place."""
        if lines:
            for number, line in enumerate(text.splitlines(), start=1):
                place = Source(self.source.file, number)
                if line.strip():
                    yield from ((place, found) for found in self._decoded(line, place))
            return
        for found in self._decoded(text, self.source):
            invoices = found.get("invoices", found) if isinstance(found, dict) else found
            many = invoices if isinstance(invoices, list) else [invoices]
            yield from ((Source(self.source.file, number), one) for number, one in enumerate(many, start=1))

    def _decoded(self, text: str, place: Source) -> list[Any]:
        try:
            return [_DECODER.decode(text)]
        except (msgspec.DecodeError, RecursionError) as error:
            self.problems.append(
                place.problem("file", f"is not JSON: {error}", "mend the syntax; see the template")
            )
            return []

    def rows(self, invoice: Any, place: Source) -> Iterator[Row]:
        """One row with what the invoice says of itself, and one for each line."""
        if not isinstance(invoice, dict):
            self.problems.append(
                place.problem("invoice", "is not a JSON object", 'write {"lines": [ … ], …}')
            )
            return
        head = {key: value for key, value in invoice.items() if key not in _LINES}
        yield Row(place, self._cells(head, place, "invoice"), group=place.row)
        lines: Any = next((invoice[key] for key in _LINES if key in invoice), [])
        if not isinstance(lines, list):
            self.problems.append(place.problem("lines", "is not a list", 'write [{"label": …}, …]'))
            lines = []
        for number, line in enumerate(lines, start=1):
            at = Source(place.file, place.row, f"lines[{number}].")
            if isinstance(line, dict):
                yield Row(at, self._cells(line, at, "line"), group=place.row)
            else:
                self.problems.append(at.problem("line", "is not a JSON object", 'write {"label": …, …}'))

    def _cells(self, record: dict[str, Any], place: Source, level: Level) -> dict[str, str]:
        flat = [(_name(path, level), value) for path, value in _flat(record, ())]
        columns, found = match_columns([name for name, _ in flat], place)
        for problem in found:
            if problem.field not in self._unknown:
                self.problems.append(problem)
            self._unknown.add(problem.field)
        return {column: text for column, (_, text) in zip(columns, flat, strict=True) if column is not None}


def _name(path: tuple[str, ...], level: Level) -> str:
    """The column that a nested key means; `discount` of a line is not `discount` of an invoice."""
    parts = [part for part in path if part not in {"billing_address", "billing"}]
    for nested in ("delivery_address", "delivery"):
        if nested in parts:
            parts = ["delivery", *parts[parts.index(nested) + 1 :]]
    name = "_".join(parts)
    own = f"{level}_{name}"
    return own if find_field(own) else name


def _flat(record: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for key, value in record.items():
        here = (*path, key)
        if isinstance(value, dict) and set(value) != {"type", "value"}:
            yield from _flat(value, here)
        elif value is not None:
            yield here, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):  # a discount in Pennylane's words
        return f"{value['value']} %" if value["type"] == "relative" else str(value["value"])
    if isinstance(value, list):
        if any(isinstance(part, dict) for part in value):
            return " | ".join(_category(part) for part in value)
        return ",".join(str(part) for part in value)
    plainly = isinstance(value, Decimal) and abs(value.adjusted()) < 40
    return f"{value:f}" if plainly else str(value)


def _category(part: Any) -> str:
    if not isinstance(part, dict):
        return str(part)
    name = str(part.get("id") or part.get("label") or "")
    group = f"{part['group']}/" if part.get("group") else ""
    return f"{group}{name}={part.get('weight', 1)}"
