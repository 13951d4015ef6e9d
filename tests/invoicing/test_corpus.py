"""Every file of the corpus beside the checkout, held against what its manifest says of it.

Where we differ on purpose, DIFFERENCES says so, and docs/explanation/invoice-corpus.md says why; the test
fails when a difference is gone or a new one appears.
"""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.einvoice import ElectronicInvoice
from pennybridge.invoicing.problems import Problem
from pennybridge.invoicing.read_facturx import read_document
from pennybridge.invoicing.report import FileReport, Report
from pennybridge.invoicing.stylesheets import StylesheetRunner
from pennybridge.invoicing.totals import sum_of_lines, tolerance
from pennybridge.invoicing.validate import validate

CORPUS = Path(__file__).parents[3] / "shared/data/invoices"
PAGE = Path(__file__).parents[2] / "docs/explanation/invoice-corpus.md"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CORPUS.exists(), reason="the invoice corpus is not beside the checkout"),
]

# (file, field): why the number we read is not the manifest's.
DIFFERENCES = {
    ("XRechnung-O.xml", "date"): "not a day",
    ("ubl-date-2026-02-31.xml", "date"): "not a day",
    ("CII_business_example_Z-date-20151399.xml", "date"): "not a day",
    ("CII_business_example_Z-date-20260231.xml", "date"): "not a day",
    ("ubl-tc434-creditnote1-date-2026-02-31.xml", "date"): "not a day",
    ("cii-date-suffix.xml", "date"): "not a day",
    ("01.01a-INVOICE_ubl.xml", "date"): "time zone",
    ("CII_business_example_Z-dec-sci.xml", "grand_total"): "exponent",
    ("invalidV1TooMinimal.xml", "lines"): "no lines",
    ("fail1.pdf", "line_items"): "exponent",
}
MAY_IMPORT, MUST_WARN, MUST_REFUSE = {"ready", "warnings"}, {"warnings", "refused"}, {"refused"}
OUTCOMES = {
    "import": MAY_IMPORT,
    "import only with a visible warning": MUST_WARN,
    "readable but schema-invalid": MUST_WARN,
    "mandatory field missing": MUST_WARN,
    "no structured data": MUST_REFUSE,
    "embedded XML unreadable": MUST_REFUSE,
    "not an invoice": MUST_REFUSE,
    "refuse": MUST_REFUSE,
    "per the corpus: acceptation": MAY_IMPORT,
    "per the corpus: avertissement": {"warnings"},
    "per the corpus: rejet": MUST_WARN,  # the default only warns of broken rules; see the strict test
}


@cache
def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CORPUS / name).read_text())
    return found


def readable() -> Iterator[tuple[dict[str, Any], ElectronicInvoice]]:
    for entry in (*manifest("manifest.json")["pdf"], *manifest("manifest_xml.json")["xml"]):
        invoice = read_document(CORPUS / entry["file"]).invoice
        if invoice is not None:
            yield entry, invoice


@pytest.fixture
def report(corpus_report: Report) -> Report:
    return corpus_report


@pytest.fixture(scope="module")
def strict_report(runner: StylesheetRunner) -> Report:
    return validate([CORPUS / "pdf/cas_limites"], strict=True, runner=runner)


def by_name(report: Report) -> dict[str, FileReport]:
    return {str(Path(found.file).relative_to(CORPUS)): found for found in report.files}


def own_problems(report: Report, entry: dict[str, Any]) -> list[Problem]:
    """Problems of one file by itself: the corpus holds the same invoice in many profiles."""
    path = str(CORPUS / entry["file"])
    return [p for p in report.problems if p.file == path and "is the same as that of" not in p.message]


def verdict(report: Report, entry: dict[str, Any]) -> str:
    problems = own_problems(report, entry)
    if any(problem.severity == "error" for problem in problems):
        return "refused"
    return "warnings" if problems else "ready"


def number(text: str | None) -> object:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return text


def test_every_number_read_is_the_manifests() -> None:
    differing: set[tuple[str, str]] = set()
    for entry, invoice in readable():
        name = Path(entry["file"]).name
        differing |= {(name, field) for field, read, stated in fields(entry, invoice) if read != stated}

    assert differing == set(DIFFERENCES)


def fields(entry: dict[str, Any], invoice: ElectronicInvoice) -> Iterator[tuple[str, object, object]]:
    totals = invoice.totals
    yield "seller", invoice.seller.name, entry["seller"]
    yield "buyer", invoice.buyer.name, entry["buyer"]
    yield "number", invoice.number, entry["number"]
    yield "date", invoice.date and invoice.date.isoformat(), entry["date"]
    yield "currency", invoice.currency, entry["currency"]
    yield "type_code", invoice.type_code, entry["type_code"]
    yield "lines", len(invoice.items), entry["lines"]
    for field in ("tax_basis_total", "tax_total", "grand_total", "due_payable"):
        yield field, getattr(totals, field), number(entry[field])
    if "due_date" in entry:
        yield "due_date", invoice.due_date and invoice.due_date.isoformat(), entry["due_date"]
    detail = entry.get("detail", {})
    for field, text in detail.get("totals", {}).items():
        yield field, getattr(totals, field), number(text)
    yield from details(detail, invoice)


def details(detail: dict[str, Any], invoice: ElectronicInvoice) -> Iterator[tuple[str, object, object]]:
    if "line_items" in detail:
        stated = [
            (i["name"], *(number(i[key]) for key in ("qty", "price", "total", "rate")))
            for i in detail["line_items"]
        ]
        yield "line_items", [(i.name, i.quantity, i.price, i.total, i.rate) for i in invoice.items], stated
    if "vat" in detail:
        entries = [
            (v["category"], *(number(v[key]) for key in ("rate", "basis", "amount"))) for v in detail["vat"]
        ]
        yield "vat", [(tax.category, tax.rate, tax.basis, tax.amount) for tax in invoice.taxes], entries


def test_the_outcome_of_every_pdf_is_what_the_manifest_suggests(report: Report) -> None:
    wrong = []
    for entry in manifest("manifest.json")["pdf"]:
        suggested = entry["suggested_outcome"]
        known = max((words for words in OUTCOMES if suggested.startswith(words)), key=len)
        found = verdict(report, entry)
        if found not in OUTCOMES[known]:
            wrong.append((entry["file"], suggested, found))

    assert wrong == []


def test_what_the_standards_reject_is_refused_when_strict(strict_report: Report) -> None:
    accepted = {
        Path(entry["file"]).stem
        for entry in manifest("manifest.json")["pdf"]
        if entry["suggested_outcome"].startswith("per the corpus: rejet")
        and verdict(strict_report, entry) != "refused"
    }

    assert accepted == set()


def test_totals_that_do_not_add_up_are_never_silent(report: Report) -> None:
    entries = (*manifest("manifest.json")["pdf"], *manifest("manifest_xml.json")["xml"])
    silent = [e["file"] for e in entries if e["totals_consistent"] is False and not own_problems(report, e)]

    assert silent == []


def test_mutants_and_documents_that_are_no_invoices_are_not_ready(report: Report) -> None:
    found = {"mutants_en16931": MUST_WARN, "fr_lifecycle_cdar": MUST_REFUSE}
    wrong = [
        (entry["file"], verdict(report, entry))
        for entry in manifest("manifest_xml.json")["xml"]
        for folder, wanted in found.items()
        if folder in entry["file"] and verdict(report, entry) not in wanted
    ]

    assert wrong == []


def test_credit_notes_are_negative_in_all_their_styles(report: Report) -> None:
    drafts = {draft.attachment.path: draft for draft in report.drafts if draft.attachment}
    wrong = [
        entry["file"]
        for entry in manifest("manifest.json")["pdf"]
        if (draft := drafts.get(str(CORPUS / entry["file"]))) is not None
        and draft.is_credit_note != entry["credit_note"]
    ]

    assert wrong == []


def test_imported_lines_come_to_the_totals_of_the_document(report: Report) -> None:
    wrong = [draft.number for draft in report.ready() if draft.way == "import" and not adds_up(draft)]

    assert wrong == []
    assert sum(draft.way == "import" for draft in report.drafts) > 130


def adds_up(draft: Draft) -> bool:
    made = sum_of_lines(draft.lines)
    if made is None or draft.totals is None:
        return False
    off = max(abs(made.tax_ccy - draft.totals.tax_ccy), abs(made.incl_tax_ccy - draft.totals.incl_tax_ccy))
    return off <= tolerance(len(draft.lines))


def test_no_set_of_rules_was_skipped_in_silence(report: Report) -> None:
    files = by_name(report)
    for name, found in files.items():
        path = str(CORPUS / name)
        unchecked = "unchecked" in {found.checks.en16931, found.checks.french}
        said = any(problem.rule == "UNCHECKED" for problem in report.problems if problem.file == path)
        assert unchecked == said, name
    assert sum(found.checks.en16931 in {"passed", "failed"} for found in files.values()) > 350
    assert sum(found.checks.french in {"passed", "failed"} for found in files.values()) > 100


def test_files_that_are_not_pdfs_are_refused(runner: StylesheetRunner) -> None:
    entries = manifest("manifest.json")["not_pdf"]
    report = validate([CORPUS / entry["file"] for entry in entries], runner=runner)

    assert [found.verdict for found in report.files] == ["refused"] * len(entries)
    assert report.drafts == ()


def test_every_difference_is_explained_in_the_docs() -> None:
    page = PAGE.read_text()

    assert [name for name, _ in DIFFERENCES if name not in page] == []
