"""Validate invoices without a connection: every file, every row, every problem, at once.

    report = validate([Path("march.csv"), Path("pdfs")])
    print(report.as_text())

CSV, JSON and JSONL hold invoices to create, or, with a `file` column, the data of PDFs to import (sidecars).
A table that carries a PDF's name (`a.json` beside `a.pdf`) is its sidecar as well. A PDF with an electronic
invoice inside brings its own data, which a sidecar may correct; a plain PDF needs a sidecar or `defaults`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from pennybridge.invoicing.check import check_batch, check_draft
from pennybridge.invoicing.drafts import Attachment, Draft
from pennybridge.invoicing.problems import Problem, Source, without_echoes
from pennybridge.invoicing.read_csv import read_csv
from pennybridge.invoicing.read_import import ImportReading, read_import
from pennybridge.invoicing.read_json import read_json
from pennybridge.invoicing.references import external_reference
from pennybridge.invoicing.report import Checks, FileReport, Report, verdict
from pennybridge.invoicing.rows import Reading
from pennybridge.invoicing.stylesheets import StylesheetRunner

_TABLES = {".csv": read_csv, ".tsv": read_csv, ".json": read_json, ".jsonl": read_json, ".ndjson": read_json}
_DOCUMENTS = (".pdf", ".xml")


def validate(
    paths: Sequence[Path],
    *,
    strict: bool = False,
    defaults: Mapping[str, str] | None = None,
    runner: StylesheetRunner | None = None,
) -> Report:
    """What the files hold and what is wrong with it; nothing is sent, a bad file raises nothing.

    Args:
        paths: Files and folders; of a folder, the tables, PDFs and XML files in it and below.
        strict: Make the warnings that a standard's rule gives (EN 16931, BR-FR, PDF/A) errors.
        defaults: Cells by field name for what no cell says, as `{"status": "draft"}`.
        runner: Runs the stylesheets; given by callers that validate often, else one of its own.
    """
    if runner is None:
        with StylesheetRunner() as own:
            return validate(paths, strict=strict, defaults=defaults, runner=own)
    batch = _Batch(runner, dict(defaults or {}))
    files = _files(paths)
    for path in paths:
        if path.is_dir() and not any(path in file.parents for file in files):
            batch.read_nothing(path)
    for path in files:
        if path.suffix.lower() in _TABLES:
            batch.read_table(path)
    for path in files:
        if path.suffix.lower() not in _TABLES:
            batch.read_document(path)
    return batch.report(strict=strict)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files meant, each once, in order; a file that is named is meant whatever its kind."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        for inside in sorted(path.rglob("*")):
            if inside.is_file() and inside.suffix.lower() in {*_TABLES, *_DOCUMENTS}:
                found[inside] = None
    return list(found)


class _Read(msgspec.Struct, frozen=True):
    """One file as read, before strictness is applied."""

    file: str
    contains: str
    checks: Checks = Checks()


class _Batch:
    """Collects what the files give, in the order they are read."""

    def __init__(self, runner: StylesheetRunner, defaults: dict[str, str]) -> None:
        self._runner = runner
        self._defaults = defaults
        self._files: list[_Read] = []
        self._drafts: list[Draft] = []
        self._problems: list[Problem] = []
        self._uploaded: set[Path] = set()

    def read_table(self, path: Path) -> None:
        """Read the invoices of a table, and the PDFs it speaks of."""
        try:
            reading = _TABLES[path.suffix.lower()](path, self._defaults)
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
            problem = Source(str(path)).problem("file", message, "check its name and your rights to it")
            reading = Reading(problems=(problem,))
        self._files.append(_Read(str(path), f"{len(reading.drafts)} invoices"))
        self._problems.extend(reading.problems)
        beside = path.with_suffix(".pdf")
        for draft in reading.drafts:
            is_sidecar = len(reading.drafts) == 1 and beside.is_file()
            if draft.attachment is not None:
                self._read(path.parent / draft.attachment.path, draft)
            elif is_sidecar:
                self._read(
                    beside, msgspec.structs.replace(draft, way="import", attachment=Attachment(str(beside)))
                )
            else:
                self._drafts.append(draft)

    def read_nothing(self, folder: Path) -> None:
        """Say of a folder that it holds no file we know."""
        message = "holds no CSV, TSV, JSON, JSONL, PDF or XML file"
        self._files.append(_Read(str(folder), "nothing to send"))
        self._problems.append(Source(str(folder)).problem("file", message, "check which folder is meant"))

    def read_document(self, path: Path) -> None:
        """Read a PDF or XML file, unless a table spoke of it already."""
        if path.resolve() not in self._uploaded:
            self._read(path, None)

    def _read(self, path: Path, sidecar: Draft | None) -> None:
        self._uploaded.add(path.resolve())
        reading = read_import(path, self._runner, sidecar=sidecar, defaults=self._defaults)
        checked = reading.checked
        checks = Checks(checked.xsd, checked.en16931, checked.french)
        self._files.append(_Read(str(path), reading.contains, checks))
        self._problems.extend(reading.problems)
        if reading.draft is not None:
            self._drafts.append(reading.draft)
        elif sidecar is not None:
            self._problems.append(_unusable(sidecar, reading))

    def report(self, *, strict: bool) -> Report:
        """Check the drafts, each alone and against each other, and sum up."""
        drafts = [
            msgspec.structs.replace(draft, reference=external_reference(draft)) for draft in self._drafts
        ]
        problems = [*self._problems, *(found for draft in drafts for found in check_draft(draft))]
        problems = without_echoes([*problems, *check_batch(drafts)])
        if strict:
            problems = [_stricter(problem) for problem in problems]
        places = {read.file: place for place, read in enumerate(self._files)}
        problems.sort(key=lambda problem: (places.get(problem.file, -1), problem.row or 0))
        files = tuple(
            FileReport(
                file=read.file,
                verdict=verdict([found for found in problems if found.file == read.file]),
                contains=read.contains,
                checks=read.checks,
            )
            for read in self._files
        )
        return Report(files, tuple(drafts), tuple(problems))


def _unusable(sidecar: Draft, reading: ImportReading) -> Problem:
    name = sidecar.attachment.path if sidecar.attachment else ""
    return sidecar.source.problem(
        "file", f"{name} cannot be imported: {reading.contains}", "see that file's problems"
    )


def _stricter(problem: Problem) -> Problem:
    return msgspec.structs.replace(problem, severity="error") if problem.rule else problem
