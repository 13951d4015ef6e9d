"""One file to import → its draft: the invoice inside it, or what a sidecar says of a plain PDF."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from pennybridge.invoicing.check_einvoice import check_sums
from pennybridge.invoicing.check_facturx import Checked, check_facturx
from pennybridge.invoicing.drafts import Attachment, Customer, Draft, DraftLine, Way
from pennybridge.invoicing.einvoice import ElectronicInvoice, profile_of
from pennybridge.invoicing.map_einvoice import map_einvoice
from pennybridge.invoicing.problems import MISSING, Problem, Source
from pennybridge.invoicing.read_facturx import Document, read_document
from pennybridge.invoicing.references import file_digest
from pennybridge.invoicing.rows import Row, build_drafts
from pennybridge.invoicing.stylesheets import StylesheetRunner

_VALID = "ask the sender for a valid file"
_READ_BY_PENNYLANE = {"number", "date", "due_date", "currency", "totals"}
_FAMILIES = {"cii": "Factur-X", "zugferd1": "ZUGFeRD 1.0", "ubl": "UBL"}


class ImportReading(msgspec.Struct, frozen=True, kw_only=True):
    """What one file gave."""

    contains: str
    draft: Draft | None = None
    checked: Checked = Checked("none", "none", "none")
    problems: tuple[Problem, ...] = ()


def read_import(
    path: Path,
    runner: StylesheetRunner,
    *,
    sidecar: Draft | None = None,
    defaults: Mapping[str, str] | None = None,
) -> ImportReading:
    """The draft of a PDF or XML file, and everything wrong with it.

    Args:
        path: The file to upload.
        runner: Runs the stylesheets of the standards.
        sidecar: What a table says of this file; wins over the file where both speak.
        defaults: Cells by field name, the data of a plain PDF without a sidecar.
    """
    source = Source(str(path))
    document = read_document(path)
    if document.kind is None:
        return ImportReading(contains="nothing to import", problems=document.problems)
    attachment = Attachment(str(path), file_digest(path), path.stat().st_size)
    if document.invoice is None:
        return _plain(document, source, attachment, sidecar, defaults or {})
    checked = check_facturx(document.xml or b"", document.invoice, source, runner)
    way: Way = "import" if document.kind == "pdf" else "e_invoice"
    mapped = map_einvoice(document.invoice, source, way=way, attachment=attachment)
    sums = check_sums(document.invoice, source)
    problems: list[Problem] = [*document.problems, *checked.problems, *sums, *mapped.problems]
    if way == "e_invoice":
        problems = [_beyond_mending(problem) for problem in problems]
        problems += _not_taken(document.invoice, mapped.draft, sidecar)
    elif sidecar is not None:
        problems = [_answered(problem, sidecar) for problem in problems]
    return ImportReading(
        contains=describe(document.invoice),
        draft=overlay(mapped.draft, sidecar) if sidecar else mapped.draft,
        checked=checked,
        problems=tuple(problems),
    )


def _beyond_mending(problem: Problem) -> Problem:
    """A problem of a file that Pennylane reads itself: no sidecar can say what it does not say."""
    severity = "error" if problem.rule == "FORMAT" else problem.severity
    mend = _VALID if "sidecar" in problem.mend else problem.mend
    return msgspec.structs.replace(problem, severity=severity, mend=mend)


def _not_taken(invoice: ElectronicInvoice, read: Draft, sidecar: Draft | None) -> Iterator[Problem]:
    """Why Pennylane would not take a file, or not what a sidecar says beside it."""
    if invoice.syntax == "zugferd1":
        message = "is ZUGFeRD 1.0 on its own; Pennylane reads the XML of UBL and of CII (documented)"
        yield read.source.problem("file", message, "import the PDF that it belongs to")
    if invoice.date is None and not invoice.unreadable:
        yield read.source.problem("date", MISSING, _VALID)
    said = _said(sidecar, Draft(source=sidecar.source), leave_out=set()) if sidecar else {}
    for name in sorted(_READ_BY_PENNYLANE & said.keys()):
        if sidecar and said[name] != getattr(read, name):
            message = "cannot be said beside an XML invoice: Pennylane reads it from the file"
            yield sidecar.source.problem(name, message, "leave it out, or ask the sender for another file")


def _answered(problem: Problem, sidecar: Draft) -> Problem:
    """The problem as a warning, if the sidecar says what the file does not, or says wrongly."""
    said = {
        "xml": sidecar.lines,
        "number": sidecar.number,
        "total_incl_tax": sidecar.totals or sidecar.lines,
    }
    return msgspec.structs.replace(problem, severity="warning") if said.get(problem.field) else problem


def describe(invoice: ElectronicInvoice) -> str:
    """As `Factur-X EXTENDED`."""
    profile = profile_of(invoice.guideline, invoice.syntax) or "of unknown profile"
    return f"{_FAMILIES[invoice.syntax]} {profile}"


def _plain(
    document: Document,
    source: Source,
    attachment: Attachment,
    sidecar: Draft | None,
    defaults: Mapping[str, str],
) -> ImportReading:
    contains = "plain PDF" if document.xml is None else "PDF without a readable invoice inside"
    if document.kind == "xml":
        return ImportReading(contains="XML that is not an invoice", problems=document.problems)
    draft, problems = sidecar, list(document.problems)
    if draft is None and {"date", "unit_price", "total_excl_tax", "total_incl_tax"} & set(defaults):
        reading = build_drafts([Row(source, {**defaults, "file": attachment.path})])
        draft = reading.drafts[0]
        problems += reading.problems
    if draft is None and problems:
        return ImportReading(contains=contains, problems=tuple(problems))
    if draft is None:
        message = "is a PDF without an electronic invoice inside; nothing is guessed from its text"
        mend = "give its data in a sidecar (a CSV or JSON with a file column), or with options"
        return ImportReading(contains=contains, problems=(*problems, source.problem("file", message, mend)))
    draft = fill_from_totals(msgspec.structs.replace(draft, attachment=attachment))
    softened = [
        msgspec.structs.replace(problem, severity="warning") for problem in problems if problem.field == "xml"
    ]
    rest = [problem for problem in problems if problem.field != "xml"]
    return ImportReading(contains=contains, draft=draft, problems=(*softened, *rest))


def fill_from_totals(draft: Draft) -> Draft:
    """The draft with its one line taken from its totals, if the line says no price."""
    if (
        draft.totals is None
        or len(draft.lines) > 1
        or any(line.unit_price is not None for line in draft.lines)
    ):
        return draft
    line = draft.lines[0] if draft.lines else DraftLine(source=draft.source, quantity=Decimal(1))
    filled = msgspec.structs.replace(
        line,
        label=line.label or draft.subject or f"Invoice {draft.number or draft.reference}",
        unit_price=draft.totals.excl_tax_ccy / (line.quantity or 1),
        tax_ccy=draft.totals.tax_ccy,
        amount_incl_tax_ccy=draft.totals.incl_tax_ccy,
    )
    return msgspec.structs.replace(draft, lines=(filled,))


def overlay(read: Draft, sidecar: Draft) -> Draft:
    """What the file says, where the sidecar does not say otherwise."""
    said = _said(sidecar, Draft(source=sidecar.source), leave_out={"source", "way", "attachment", "customer"})
    if sidecar.lines:
        said["lines"] = sidecar.lines
    customer = _said(sidecar.customer, Customer(), leave_out=set())
    if customer:
        said["customer"] = msgspec.structs.replace(read.customer, **customer)
    return msgspec.structs.replace(read, source=sidecar.source, **said)


def _said(record: msgspec.Struct, empty: msgspec.Struct, *, leave_out: set[str]) -> dict[str, Any]:
    values = msgspec.structs.asdict(record)
    return {
        name: value
        for name, value in values.items()
        if name not in leave_out and value != getattr(empty, name)
    }
