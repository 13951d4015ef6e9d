"""Every file of the corpus is imported or refused as the manifest says; Pennylane then has its numbers."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.invoicing.check import missing_for_creation
from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.outcome import Result
from pennybridge.invoicing.problems import errors
from pennybridge.invoicing.report import Report
from tests.invoicing.desk import Desk, open_desk
from tests.invoicing.test_corpus import CORPUS, PAGE, manifest
from tests.invoicing.test_corpus import pytestmark as pytestmark  # noqa: PLC0414 - the same marks here

# The manifest held each XML file against the schema of its profile; these are sound CII beyond that profile.
BEYOND_ITS_PROFILE = {
    "CII-BR-CO-10-RoundingIssue.xml", "CII_business_example_02.xml", "CII_business_example_Z.xml",
    "CII_business_example_Z-bt30-X.xml", "CII_business_example_Z-bt31-DE37.xml",
    "CII_business_example_Z-bt46-X.xml", "CII_business_example_Z-dec-0.000.xml",
    "CII_business_example_Z-dec-0.001.xml", "CII_business_example_Z-iban-badcheck.xml",
    "CII_business_example_Z-type-381.xml", "ZUGFeRD2-invoice.xml", "ZUGFeRD2_COMFORT_Einfach.xml",
    "testContractReferencedDocument.xml", "FAIL_zugferd_2p1_MINIMUM_Rechnung_380.xml",
    "invalidV2Profile.xml", "valid_Avoir_FR_type380_minimum_factur-x.xml",
}  # fmt: skip
# Of due dates the manifest of XML files says nothing: these are 31 April.
NO_DUE_DATE = {"cii-date-20260431.xml", "CII_business_example_Z-date-20260431.xml"}


def entries() -> dict[str, dict[str, Any]]:
    found = (*manifest("manifest.json")["pdf"], *manifest("manifest_xml.json")["xml"])
    return {str(CORPUS / entry["file"]): entry for entry in found}


def is_day(text: str | None) -> bool:
    try:
        return bool(dt.datetime.strptime((text or "").partition("+")[0], "%Y-%m-%d"))  # noqa: DTZ007 - a day
    except ValueError:
        return False


def is_to_be_handed_over(entry: dict[str, Any]) -> bool:
    """Whether the manifest's facts make an XML file an invoice that Pennylane can read."""
    name = Path(entry["file"]).name
    return (
        not entry["syntax"].startswith(("other", "ZUGFeRD 1.0"))
        and bool(entry["number"])
        and is_day(entry["date"])
        and name not in NO_DUE_DATE
        and entry["type_code"] != "999"
        and (entry["xsd_valid"] or name in BEYOND_ITS_PROFILE)
    )


def accepted(report: Report, way: str) -> list[Draft]:
    """The drafts that nothing stops, but that another file of the corpus is the same invoice."""
    wrong = {found.file for found in errors(report.problems) if "is the same as that of" not in found.message}
    return [
        draft
        for draft in report.drafts
        if draft.way == way and draft.attachment and draft.attachment.path not in wrong
    ]


def rounds(drafts: list[Draft]) -> Iterator[list[Draft]]:
    """The corpus holds the same invoice in many profiles and folders: one company for each repetition."""
    left = drafts
    while left:
        chosen: list[Draft] = []
        taken: set[object] = set()
        for draft in left:
            keys = {draft.reference, draft.number, draft.attachment and draft.attachment.sha256}
            if not keys & taken:
                chosen.append(draft)
                taken |= keys
        places = {draft.source for draft in chosen}
        left = [draft for draft in left if draft.source not in places]
        yield chosen


def add_missing_customers(desk: Desk, drafts: list[Draft]) -> None:
    """Buyers without an address cannot be created by us: they are there already."""
    incomplete = {draft.customer for draft in drafts if missing_for_creation(draft.customer)}
    known: set[object] = set()
    for customer in incomplete:
        fields = {
            "reg_no": customer.reg_no,
            "vat_number": customer.vat_number,
            "emails": list(customer.emails),
        }
        given = {name: value for name, value in fields.items() if value}
        key = customer.reg_no or customer.vat_number or customer.full_name()
        if key not in known:
            desk.emulator.add_customer(customer.full_name() or "?", company=desk.company.number, **given)
        known.add(key)


def import_in_rounds(emulator: Emulator, folder: Path, drafts: list[Draft]) -> Iterator[tuple[Desk, Result]]:
    """Each draft's result with the company it went to."""
    for number, some in enumerate(rounds(drafts)):
        (folder / str(number)).mkdir()
        desk = open_desk(emulator, folder / str(number))
        with desk.state:
            if some[0].way == "import":
                add_missing_customers(desk, some)
            run = desk.import_(some, create_customers=True)
            yield from ((desk, result) for result in run.results)
            if number == 0:
                assert_second_run_sends_nothing(desk, some)


def assert_second_run_sends_nothing(desk: Desk, drafts: list[Draft]) -> None:
    before = len(desk.requests())
    again = desk.import_(drafts, create_customers=True)
    assert {result.outcome for result in again.results} == {"already_sent"}
    assert desk.writes(before) == []


def test_every_pdf_that_the_checks_accept_is_imported_with_its_numbers(
    corpus_report: Report, emulator: Emulator, tmp_path: Path
) -> None:
    drafts = accepted(corpus_report, "import")

    differing: list[Any] = []
    for desk, result in import_in_rounds(emulator, tmp_path, drafts):
        differing += differences(entries()[result.file], result, desk)

    assert differing == []
    assert len(drafts) > 120


def test_every_xml_invoice_is_handed_over_with_its_numbers_or_refused_as_the_manifest_says(
    corpus_report: Report, emulator: Emulator, tmp_path: Path
) -> None:
    wanted = {path for path, entry in entries().items() if "xml/" in path and is_to_be_handed_over(entry)}

    imported: set[str] = set()
    differing: list[Any] = []
    for desk, result in import_in_rounds(emulator, tmp_path, accepted(corpus_report, "e_invoice")):
        imported.add(result.file)
        differing += differences(entries()[result.file], result, desk)

    assert imported == wanted
    assert differing == []
    assert len(imported) > 220


def differences(entry: dict[str, Any], result: Result, desk: Desk) -> Iterator[tuple[object, ...]]:
    """Where the invoice in the emulator's books is not the one of the manifest."""
    invoice = desk.emulator.books.get("customer_invoices", result.invoice_id or 0)
    if result.outcome != "imported" or invoice is None:
        yield entry["file"], result.outcome, result.problem
        return
    sign = -1 if entry["credit_note"] and Decimal(entry["grand_total"]) > 0 else 1
    pairs = [
        ("number", entry["number"], invoice["invoice_number"]),
        ("date", entry["date"].partition("+")[0], invoice["date"]),
        ("currency", entry["currency"] or "EUR", invoice["currency"]),
        ("total", sign * Decimal(entry["grand_total"]), Decimal(invoice["currency_amount"])),
    ]
    for field, stated in (("currency_amount_before_tax", "tax_basis_total"), ("currency_tax", "tax_total")):
        if entry[stated] is not None:
            pairs.append((field, sign * Decimal(entry[stated]), Decimal(invoice[field])))
    if "/xml/" in result.file:
        lines = desk.emulator.books.select("customer_invoice_lines", parent_id=result.invoice_id)
        pairs.append(("lines", entry["lines"] or 1, len(lines)))
    yield from ((entry["file"], field, meant, found) for field, meant, found in pairs if meant != found)


def test_importing_the_whole_folder_does_what_validating_it_said(corpus_report: Report, desk: Desk) -> None:
    """As a person would: the folder, one company; the same invoice in another profile is refused as such."""
    add_missing_customers(desk, accepted(corpus_report, "import"))
    ready = {draft.source for draft in corpus_report.ready()}
    said = {draft.source.file: draft.source in ready for draft in corpus_report.drafts}

    run = desk.import_([CORPUS / "pdf", CORPUS / "xml"], create_customers=True)

    assert {result.file: result.outcome == "imported" for result in run.results} == said
    assert len(desk.records("customer_invoices")) == run.sent == len(ready)
    assert not [result for result in run.results if result.outcome not in {"imported", "refused"}]


@pytest.mark.parametrize("names", [BEYOND_ITS_PROFILE, NO_DUE_DATE])
def test_every_difference_is_explained_in_the_docs(names: set[str]) -> None:
    page = PAGE.read_text()

    assert [name for name in names if name not in page] == []
