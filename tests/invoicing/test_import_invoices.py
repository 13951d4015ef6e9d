"""Pennylane's tutorial "import a customer invoice", step by step over HTTP, and what can go wrong."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from pennybridge.emulator.files import one_page_pdf
from pennybridge.invoicing.drafts import Attachment, CategoryWeight, Customer, Draft
from pennybridge.invoicing.follow_up import FollowUp
from pennybridge.invoicing.references import file_digest
from tests.invoicing.desk import Desk
from tests.invoicing.drafting import a_line, an_import

SAMPLES = Path(__file__).parents[1] / "data/invoices"


def a_file(folder: Path, text: str = "Invoice 1") -> Attachment:
    path = folder / f"{text}.pdf"
    path.write_bytes(one_page_pdf(text))
    return Attachment(str(path), file_digest(path), path.stat().st_size)


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return an_import(attachment=a_file(tmp_path), reference="OLD-1")


def test_a_pdf_is_uploaded_imported_and_verified(desk: Desk, draft: Draft) -> None:
    report = desk.import_([draft], create_customers=True)

    assert [result.outcome for result in report.results] == ["imported"], report
    invoice = desk.invoices["OLD-1"]
    assert (invoice["invoice_number"], invoice["currency_amount"]) == ("F-2026-1", "120.0")
    (file,) = desk.records("file_attachments")
    assert file["filename"] == "Invoice 1.pdf"
    assert desk.submission("OLD-1").state == "verified"


def test_categories_with_weights_and_payment_follow(desk: Desk, draft: Draft) -> None:
    shares = (
        CategoryWeight(group="Activité", label="Conseil", weight=Decimal("0.6")),
        CategoryWeight(group="Activité", label="Vente", weight=Decimal("0.4")),
    )
    weighted = msgspec.structs.replace(draft, categories=shares)

    report = desk.import_(
        [weighted], create_customers=True, after=FollowUp(paid=True, create_categories=True)
    )

    assert set(report.results[0].steps) == {"categorized", "paid"}
    with desk.client() as client:
        weights = {
            one.label: one.weight for one in client.customer_invoices.categories(desk.invoices["OLD-1"]["id"])
        }
    assert weights == {"Conseil": Decimal("0.6"), "Vente": Decimal("0.4")}


def test_a_second_run_uploads_and_imports_nothing(desk: Desk, draft: Draft) -> None:
    desk.import_([draft], create_customers=True)
    before = len(desk.requests())

    report = desk.import_([draft], create_customers=True)

    assert report.results[0].outcome == "already_sent"
    assert desk.requests(before) == []


def test_the_same_invoice_imported_by_somebody_else_is_found_by_its_number(desk: Desk, draft: Draft) -> None:
    desk.import_([draft], create_customers=True)
    before = len(desk.requests())

    report = desk.import_([msgspec.structs.replace(draft, reference="MINE")], create_customers=True)

    assert report.results[0].outcome == "found"
    assert desk.writes(before) == []


def test_the_same_file_is_recognised_by_pennylanes_refusal(desk: Desk, draft: Draft) -> None:
    """Without a number nothing can be looked up before: 409 tells, and what it names is compared."""
    unnumbered = msgspec.structs.replace(draft, number=None)
    desk.import_([unnumbered], create_customers=True)

    report = desk.import_([msgspec.structs.replace(unnumbered, reference="MINE")], create_customers=True)

    assert report.results[0].outcome == "found"
    assert desk.submission("MINE").invoice_id == desk.invoices["OLD-1"]["id"]
    assert len(desk.invoices) == 1


def test_a_file_that_another_document_has_is_not_taken_for_ours(desk: Desk, draft: Draft) -> None:
    desk.import_([msgspec.structs.replace(draft, number=None)], create_customers=True)
    other = msgspec.structs.replace(
        draft,
        reference="OTHER",
        number=None,
        lines=(a_line(tax_ccy=Decimal(40), amount_incl_tax_ccy=Decimal(240), unit_price=Decimal(200)),),
    )

    report = desk.import_([other], create_customers=True)

    (result,) = report.results
    assert result.outcome == "failed"
    assert "already exists with such attachment" in (result.problem or "")


def test_a_number_that_another_invoice_has_is_said_before_anything_is_sent(
    desk: Desk, draft: Draft, tmp_path: Path
) -> None:
    desk.import_([draft], create_customers=True)
    before = len(desk.requests())
    other = msgspec.structs.replace(
        draft, reference="OTHER", date=dt.date(2026, 3, 2), attachment=a_file(tmp_path, "Invoice 2")
    )

    report = desk.import_([other], create_customers=True)

    assert "'F-2026-1' is that of another invoice at Pennylane" in str(report.problems[0])
    assert report.results[0].outcome == "refused"
    assert desk.writes(before) == []


def test_a_file_that_is_not_ready_is_waited_for(desk: Desk, draft: Draft) -> None:
    desk.emulator.fail_next("POST", "/customer_invoices/import", "409", times=2)

    report = desk.import_([draft], create_customers=True)

    assert report.results[0].outcome == "imported"
    assert len(desk.records("file_attachments")) == 1


def test_a_file_is_uploaded_once_though_its_import_failed_before(desk: Desk, draft: Draft) -> None:
    desk.emulator.fail_next("POST", "/customer_invoices/import", "500", times=3)
    first = desk.import_([draft], create_customers=True)

    second = desk.import_([draft], create_customers=True)

    assert [first.results[0].outcome, second.results[0].outcome] == ["unknown", "imported"]
    assert len(desk.records("file_attachments")) == 1


def test_a_credit_note_is_imported_with_its_invoice_named(desk: Desk, draft: Draft, tmp_path: Path) -> None:
    note = msgspec.structs.replace(
        draft,
        reference="OLD-2",
        number="A-2026-1",
        attachment=a_file(tmp_path, "Credit note"),
        credits="F-2026-1",
        lines=(a_line(quantity=Decimal(-1), tax_ccy=Decimal(-20), amount_incl_tax_ccy=Decimal(-120)),),
    )

    report = desk.import_([note, draft], create_customers=True)

    assert not report.failed, report
    assert desk.invoices["OLD-2"]["credited_invoice"]["id"] == desk.invoices["OLD-1"]["id"]


def test_files_and_sidecars_of_a_folder_are_imported(desk: Desk, tmp_path: Path) -> None:
    a_file(tmp_path, "plain")
    (tmp_path / "plain.json").write_text(
        '{"number": "F-9", "date": "2026-03-01", "due_date": "2026-03-31", "total_excl_tax": "100.00", '
        '"total_tax": "20.00", "total_incl_tax": "120.00", "customer": {"name": "Cap Horizon"}, '
        '"lines": [{"label": "Conseil", "vat": "FR_200"}]}'
    )
    desk.emulator.add_customer("Cap Horizon")

    report = desk.import_([tmp_path])

    assert [result.outcome for result in report.results] == ["imported"], report
    (invoice,) = desk.invoices.values()
    assert (invoice["invoice_number"], invoice["currency_amount"]) == ("F-9", "120.0")


def test_what_is_no_invoice_is_refused_and_the_rest_imported(desk: Desk, tmp_path: Path) -> None:
    a_file(tmp_path)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    (tmp_path / "sheet.csv").write_text("reference;file;number;date;due_date;customer;label;unit_price;vat\n"
        "OLD-1;Invoice 1.pdf;F-1;2026-03-01;2026-03-31;Cap Horizon;Conseil;100;20\n")  # fmt: skip
    desk.emulator.add_customer("Cap Horizon")

    report = desk.import_([tmp_path])

    assert [result.outcome for result in report.results] == ["imported"]
    assert any("is a broken PDF" in problem.message for problem in report.problems)


def test_invoices_to_create_are_not_imported(desk: Desk, draft: Draft) -> None:
    created = msgspec.structs.replace(draft, way="create", attachment=None, is_final=False)

    report = desk.import_([created], create_customers=True)

    assert report.results[0].outcome == "refused"
    assert desk.writes() == []


def test_our_own_samples_are_imported_as_they_say(desk: Desk) -> None:
    files = sorted(SAMPLES.glob("*.pdf"))
    report = desk.import_(files, create_customers=True)

    imported = [result for result in report.results if result.outcome == "imported"]
    assert imported
    assert {result.outcome for result in report.results} <= {"imported", "refused"}, report.results
    again = len(desk.requests())
    desk.import_(files, create_customers=True)
    assert desk.writes(again) == []


def test_a_customer_is_not_guessed_from_an_e_mail_that_is_anothers(desk: Desk, draft: Draft) -> None:
    desk.emulator.add_customer("Cabinet Durand", emails=["compta@durand.example"])
    mailed = msgspec.structs.replace(
        draft, customer=Customer(name="Atelier Martin", emails=("compta@durand.example",))
    )

    report = desk.import_([mailed], create_customers=True)

    assert "the e-mail is that of 'Cabinet Durand'" in str(report.problems[0])


def test_xml_invoices_are_handed_over_once_for_pennylane_to_read(desk: Desk) -> None:
    files = [SAMPLES / name for name in ("invoice_ubl.xml", "xrechnung.xml")]

    first = desk.import_(files, create_customers=True)
    before = len(desk.requests())
    second = desk.import_(files, create_customers=True)

    assert [result.outcome for result in first.results] == ["imported", "imported"], first
    assert {result.outcome for result in second.results} == {"already_sent"}
    assert desk.writes(before) == []
    assert len(desk.records("customer_invoices")) == 2


def test_an_xml_invoice_with_a_lost_answer_is_found_by_its_number_and_not_sent_again(desk: Desk) -> None:
    desk.emulator.fail_next("POST", "/customer_invoices/e_invoices/imports", "lost_answer")

    report = desk.import_([SAMPLES / "invoice_ubl.xml"], create_customers=True)

    assert report.results[0].outcome == "imported", report
    assert len(desk.records("customer_invoices")) == 1


def test_a_credit_note_in_xml_is_linked_to_the_invoice_that_it_names(desk: Desk) -> None:
    """The e-invoice import has no field for the link: it is made afterwards."""
    report = desk.import_(
        [SAMPLES / "credit_note_ubl.xml", SAMPLES / "invoice_ubl.xml"], create_customers=True
    )

    assert {result.outcome for result in report.results} == {"imported"}
    (invoice,) = [one for one in desk.records("customer_invoices") if one["invoice_number"] == "U-1"]
    (note,) = [one for one in desk.records("customer_invoices") if one["invoice_number"] == "U-2"]
    assert note["credited_invoice"]["id"] == invoice["id"]


def test_a_document_of_another_seller_is_warned_of(desk: Desk) -> None:
    """A folder of PDFs may hold invoices that the company received."""
    desk.company = desk.emulator.books.add_company("Maison Lumière", reg_no="732829320")

    report = desk.import_([SAMPLES / "basic.pdf"], create_customers=True)

    (problem,) = [found for found in report.problems if found.field == "seller"]
    assert "(123456782), and the books are those of Maison Lumière (732829320)" in problem.message
    assert report.results[0].outcome == "imported"


def test_a_file_that_was_sent_under_another_number_is_said_before_it_is_uploaded(
    desk: Desk, draft: Draft
) -> None:
    desk.import_([draft], create_customers=True)
    before = len(desk.requests())

    report = desk.import_([msgspec.structs.replace(draft, number="F-2", reference="OTHER")])

    (problem,) = report.problems
    assert "is the file of F-2026-1" in problem.message
    assert desk.requests(before) == []
