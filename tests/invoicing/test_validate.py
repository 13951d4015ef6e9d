import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from pennybridge.invoicing.problems import errors
from pennybridge.invoicing.stylesheets import StylesheetRunner
from pennybridge.invoicing.validate import validate
from tests.invoicing.make_samples import loose
from tests.invoicing.sample_xml import cii, ubl, zugferd_1

SAMPLES = Path(__file__).parents[1] / "data/invoices"
GOOD = (
    "reference,status,date,due_date,customer,label,unit_price,vat\n"
    "A-1,draft,2026-03-01,2026-03-31,Martin,x,100,20\n"
)


def copied(folder: Path, *names: str) -> None:
    for name in names:
        shutil.copy(SAMPLES / name, folder)


def test_every_problem_of_every_file_is_said_at_once(tmp_path: Path, runner: StylesheetRunner) -> None:
    (tmp_path / "a.csv").write_text(GOOD + "A-2,draft,x,2026-03-31,Martin,x,100,FR_055\n")
    (tmp_path / "b.json").write_text('[{"reference": "A-1"}]')
    copied(tmp_path, "plain.pdf", "credit_380_negative.pdf")

    report = validate([tmp_path], runner=runner)

    said = [(Path(problem.file).name, problem.row, problem.field) for problem in errors(report.problems)]
    assert said == [
        ("a.csv", 3, "date"),
        ("a.csv", 3, "vat"),
        ("b.json", 1, "status"),
        ("b.json", 1, "lines"),
        ("b.json", 1, "date"),
        ("b.json", 1, "due_date"),
        ("b.json", 1, "customer"),
        ("b.json", 1, "reference"),
        ("plain.pdf", None, "file"),
    ]
    assert [draft.reference for draft in report.ready()] == ["A-1", "123456782-A-380"]
    assert not report.is_ready()


def test_the_report_can_be_read_by_machines_and_people(tmp_path: Path, runner: StylesheetRunner) -> None:
    (tmp_path / "a.csv").write_text(GOOD + "A-2,draft,x,2026-03-31,Martin,x,100,20\n")

    report = validate([tmp_path / "a.csv"], runner=runner)
    decoded = json.loads(report.to_json())

    assert [invoice["verdict"] for invoice in decoded["invoices"]] == ["ready", "refused"]
    assert decoded["invoices"][0]["totals"] == {
        "excl_tax_ccy": "100.00",
        "tax_ccy": "20.00",
        "incl_tax_ccy": "120.00",
    }
    assert decoded["problems"][0]["mend"] == "write it as 2026-03-31"
    assert report.as_text().splitlines()[-1] == "1 file, 2 invoices: 1 ready, 0 with warnings, 1 refused"
    assert "a.csv:3: error: date: 'x' is not a date → write it as 2026-03-31" in report.as_text()


def test_options_say_what_no_cell_says(tmp_path: Path, runner: StylesheetRunner) -> None:
    (tmp_path / "a.csv").write_text(
        "reference,date,due_date,customer,label,unit_price\nA,2026-03-01,2026-03-31,M,x,9\n"
    )
    defaults = {"status": "final", "vat": "10", "date": "2026-01-01"}

    report = validate([tmp_path / "a.csv"], defaults=defaults, runner=runner)

    (draft,) = report.drafts
    assert report.problems == ()
    assert (draft.is_final, draft.lines[0].vat_code, str(draft.date)) == (True, "FR_100", "2026-03-01")


def test_a_plain_pdf_takes_its_data_from_a_sidecar_that_names_it(
    tmp_path: Path, runner: StylesheetRunner
) -> None:
    copied(tmp_path, "plain.pdf")
    (tmp_path / "data.csv").write_text(
        "file,number,date,due_date,customer,vat,total_excl_tax,total_incl_tax\n"
        "plain.pdf,F-9,2026-03-01,2026-03-31,Martin,20,100.00,120.00\n"
    )

    report = validate([tmp_path], runner=runner)

    (draft,) = report.drafts
    (line,) = draft.lines
    assert report.problems == ()
    assert (draft.way, draft.reference) == ("import", "F-9")
    assert (line.unit_price, line.tax_ccy, line.amount_incl_tax_ccy) == (
        Decimal(100),
        Decimal(20),
        Decimal(120),
    )
    assert draft.attachment is not None
    assert len(draft.attachment.sha256) == 64


def test_a_table_of_the_same_name_is_a_sidecar_too(tmp_path: Path, runner: StylesheetRunner) -> None:
    copied(tmp_path, "plain.pdf")
    line = {"label": "Work", "unit_price": 100, "vat": 20}
    invoice = {
        "number": "F-9",
        "date": "2026-03-01",
        "due_date": "2026-03-31",
        "customer": "M",
        "lines": [line],
    }
    (tmp_path / "plain.json").write_text(json.dumps(invoice))

    report = validate([tmp_path / "plain.json"], runner=runner)

    assert report.problems == ()
    assert [draft.way for draft in report.drafts] == ["import"]


def test_a_plain_pdf_takes_its_data_from_options(runner: StylesheetRunner) -> None:
    defaults = {
        "number": "F-9", "date": "2026-03-01", "due_date": "2026-03-31", "customer_name": "Martin",
        "total_excl_tax": "100", "total_tax": "20", "vat": "FR_200",
    }  # fmt: skip

    report = validate([SAMPLES / "plain.pdf"], defaults=defaults, runner=runner)

    assert report.problems == ()
    assert report.drafts[0].totals is not None


def test_a_sidecar_corrects_what_an_electronic_invoice_says(tmp_path: Path, runner: StylesheetRunner) -> None:
    copied(tmp_path, "minimum.pdf")
    (tmp_path / "data.csv").write_text("file,due_date,customer_id\nminimum.pdf,2026-04-30,4096\n")

    (draft,) = validate([tmp_path], runner=runner).drafts

    assert (str(draft.due_date), draft.customer.id, draft.customer.name) == (
        "2026-04-30",
        4096,
        "Atelier Martin",
    )
    assert (draft.number, len(draft.lines)) == ("F-minimum", 1)


def test_a_sidecar_replaces_an_unreadable_attachment(tmp_path: Path, runner: StylesheetRunner) -> None:
    copied(tmp_path, "broken_xml.pdf")
    (tmp_path / "d.csv").write_text(
        "file,number,date,due_date,customer,label,unit_price,vat\nbroken_xml.pdf,F,2026-03-01,2026-03-31,M,x,1,20\n"
    )

    report = validate([tmp_path], runner=runner)

    assert report.is_ready()
    assert [problem.field for problem in report.problems if problem.field == "xml"] == ["xml"]


def test_a_sidecar_that_names_no_file_says_so(tmp_path: Path, runner: StylesheetRunner) -> None:
    (tmp_path / "d.csv").write_text("file,number,label\nabsent.pdf,F,x\n")

    problems = errors(validate([tmp_path], runner=runner).problems)

    assert [(Path(problem.file).name, problem.field) for problem in problems] == [
        ("d.csv", "file"),
        ("absent.pdf", "file"),
    ]


def test_the_same_file_twice_would_be_sent_twice(tmp_path: Path, runner: StylesheetRunner) -> None:
    copied(tmp_path, "credit_380_negative.pdf")
    shutil.copy(tmp_path / "credit_380_negative.pdf", tmp_path / "other.pdf")

    (problem,) = validate([tmp_path], runner=runner).problems

    assert "would be sent twice" in problem.message
    assert Path(problem.file).name == "other.pdf"


def test_a_runner_of_its_own_is_ended(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD)

    assert validate([tmp_path]).is_ready()


def test_an_absent_table_is_said_not_raised(tmp_path: Path, runner: StylesheetRunner) -> None:
    (problem,) = validate([tmp_path / "none.csv"], runner=runner).problems

    assert problem.message == "cannot be read: No such file or directory"


def test_a_sidecar_with_lines_makes_up_for_xml_that_its_schema_forbids(
    tmp_path: Path, runner: StylesheetRunner
) -> None:
    xml = cii("basic", number="F-bad").replace(b"ram:IssueDateTime>", b"ram:IssuedDateTime>")
    (tmp_path / "a.pdf").write_bytes(loose(xml, "factur-x.xml"))
    said = {
        "date": "2026-03-01",
        "due_date": "2026-03-31",
        "lines": [{"label": "x", "unit_price": 1, "vat": 20}],
    }
    alone = validate([tmp_path], runner=runner)

    (tmp_path / "a.json").write_text(json.dumps(said | {"total_excl_tax": "1", "total_incl_tax": "1.20"}))
    report = validate([tmp_path], runner=runner)

    assert "xml" in {problem.field for problem in errors(alone.problems)}
    assert errors(report.problems) == []
    assert "xml" in {problem.field for problem in report.problems}


def test_what_pennylane_reads_from_an_xml_invoice_cannot_be_said_beside_it(
    tmp_path: Path, runner: StylesheetRunner
) -> None:
    copied(tmp_path, "invoice_ubl.xml")
    (tmp_path / "d.csv").write_text("file,date,customer_id\ninvoice_ubl.xml,2026-04-01,4096\n")

    report = validate([tmp_path], runner=runner)

    assert [problem.field for problem in errors(report.problems)] == ["date"]
    assert report.drafts[0].customer.id == 4096


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (zugferd_1(), "is ZUGFeRD 1.0 on its own"),
        (cii("en16931", number="F").replace(b">20260331<", b">20260431<"), "'20260431' cannot be read"),
    ],
)
def test_xml_that_pennylane_could_not_read_is_refused_with_a_mend_that_helps(
    tmp_path: Path, runner: StylesheetRunner, xml: bytes, message: str
) -> None:
    (tmp_path / "a.xml").write_bytes(xml)

    report = validate([tmp_path], runner=runner)

    assert [problem.message for problem in errors(report.problems) if message in problem.message]
    assert not [problem for problem in report.problems if "sidecar" in problem.mend]


def test_a_number_is_taken_once_though_the_sellers_differ(tmp_path: Path, runner: StylesheetRunner) -> None:
    (tmp_path / "a.xml").write_bytes(cii("en16931", number="F-1"))
    other = ubl("Invoice", number="F-1").replace(b"Le Fournisseur", b"Un Autre")
    (tmp_path / "b.xml").write_bytes(other.replace(b"123456782", b"732829320"))

    (problem,) = errors(validate([tmp_path], runner=runner).problems)

    assert (problem.field, "Pennylane takes a number once" in problem.message) == ("number", True)
