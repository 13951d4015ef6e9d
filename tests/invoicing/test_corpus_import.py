"""Every PDF of the corpus that the checks let pass is imported, with the manifest's numbers."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from pennybridge.emulator.server import Emulator
from pennybridge.invoicing.check import missing_for_creation
from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.problems import errors
from pennybridge.invoicing.report import Report
from tests.invoicing.desk import Desk, open_desk
from tests.invoicing.test_corpus import CORPUS, manifest
from tests.invoicing.test_corpus import pytestmark as pytestmark  # noqa: PLC0414 - the same marks here


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


def test_every_pdf_that_the_checks_accept_is_imported_with_its_numbers(
    corpus_report: Report, emulator: Emulator, tmp_path: Path
) -> None:
    entries = {str(CORPUS / entry["file"]): entry for entry in manifest("manifest.json")["pdf"]}
    wrong_ones = {
        problem.file
        for problem in errors(corpus_report.problems)
        if "would be sent twice" not in problem.message
    }
    drafts = [
        draft
        for draft in corpus_report.drafts
        if draft.way == "import" and draft.attachment and draft.attachment.path not in wrong_ones
    ]
    differing: list[Any] = []
    imported = 0
    for number, some in enumerate(rounds(drafts)):
        folder = tmp_path / str(number)
        folder.mkdir()
        desk = open_desk(emulator, folder)
        with desk.state:
            add_missing_customers(desk, some)
            run = desk.import_(some, create_customers=True)
            for result in run.results:
                imported += result.outcome == "imported"
                if result.outcome != "imported":
                    differing.append((result.file, result.outcome, result.problem))
                    continue
                entry = entries[result.file]
                differing += differences(entry, desk.invoices[result.reference])
    assert differing == []
    assert imported > 120


def differences(entry: dict[str, Any], invoice: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    sign = -1 if entry["credit_note"] and Decimal(entry["grand_total"]) > 0 else 1
    pairs = [
        ("number", entry["number"], invoice["invoice_number"]),
        ("date", entry["date"], invoice["date"]),
        ("currency", entry["currency"] or "EUR", invoice["currency"]),
        ("total", sign * Decimal(entry["grand_total"]), Decimal(invoice["currency_amount"])),
    ]
    for field, stated in (("currency_amount_before_tax", "tax_basis_total"), ("currency_tax", "tax_total")):
        if entry[stated] is not None:
            pairs.append((field, sign * Decimal(entry[stated]), Decimal(invoice[field])))
    yield from ((entry["file"], field, meant, found) for field, meant, found in pairs if meant != found)
