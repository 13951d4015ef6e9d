"""The samples in tests/data/invoices, one for each profile, syntax and damage (see make_samples.py)."""

from decimal import Decimal
from pathlib import Path

import pytest

from pennybridge.invoicing.drafts import DraftLine, Totals
from pennybridge.invoicing.problems import errors
from pennybridge.invoicing.report import Report
from pennybridge.invoicing.stylesheets import StylesheetRunner
from pennybridge.invoicing.validate import validate

SAMPLES = Path(__file__).parents[1] / "data/invoices"
TOTALS = Totals(Decimal("145.00"), Decimal("24.65"), Decimal("169.65"))


def check(name: str, runner: StylesheetRunner, *, strict: bool = False) -> Report:
    return validate([SAMPLES / name], strict=strict, runner=runner)


def figures(lines: tuple[DraftLine, ...]) -> list[tuple[object, ...]]:
    return [
        (line.label, line.quantity, line.unit_price, line.vat_code, line.tax_ccy, line.amount_incl_tax_ccy)
        for line in lines
    ]


@pytest.mark.parametrize("profile", ["basic", "en16931", "extended", "other_name", "zugferd_1"])
def test_a_profile_with_lines_gives_its_lines_allowances_and_charges(
    profile: str, runner: StylesheetRunner
) -> None:
    report = check(f"{profile}.pdf", runner)

    (draft,) = report.drafts
    assert errors(report.problems) == []
    assert figures(draft.lines) == [
        ("Abonnement", Decimal(2), Decimal(60), "FR_200", Decimal("24.00"), Decimal("144.00")),
        ("Guide", Decimal(3), Decimal(10), "FR_55", Decimal("1.65"), Decimal("31.65")),
        ("Remise", Decimal(1), Decimal(-10), "FR_200", Decimal("-2.00"), Decimal("-12.00")),
        ("Frais de port", Decimal(1), Decimal(5), "FR_200", Decimal("1.00"), Decimal("6.00")),
    ]
    assert [line.unit for line in draft.lines] == ["hour", "piece", "", ""]
    assert draft.totals == TOTALS
    assert draft.prepaid_ccy == Decimal("19.65")


def test_the_parties_dates_and_references_are_read(runner: StylesheetRunner) -> None:
    (draft,) = check("en16931.pdf", runner).drafts

    assert draft.customer.name == "Atelier Martin"
    assert (draft.customer.reg_no, draft.customer.vat_number) == ("987654324", "FR14987654324")
    assert draft.customer.billing_address.address == "12 rue des Lilas"
    assert draft.seller is not None
    assert (draft.seller.name, draft.reference) == ("Le Fournisseur", "123456782-F-en16931")
    assert (str(draft.date), str(draft.due_date), draft.currency) == ("2026-03-01", "2026-03-31", "EUR")
    assert draft.purchase_order == "PO-7"
    assert draft.lines[0].imputation is not None
    assert str(draft.lines[0].imputation.end) == "2026-03-31"


def test_basic_wl_gives_one_line_for_each_rate(runner: StylesheetRunner) -> None:
    (draft,) = check("basicwl.pdf", runner).drafts

    assert [(line.unit_price, line.vat_code, line.tax_ccy) for line in draft.lines] == [
        (Decimal("115.00"), "FR_200", Decimal("23.00")),
        (Decimal("30.00"), "FR_55", Decimal("1.65")),
    ]


def test_minimum_gives_one_line_and_says_what_it_cannot_know(runner: StylesheetRunner) -> None:
    report = check("minimum.pdf", runner)

    (draft,) = report.drafts
    assert [(line.unit_price, line.vat_code, line.tax_ccy) for line in draft.lines] == [
        (Decimal("145.00"), "mixed", Decimal("24.65"))
    ]
    assert [problem.field for problem in report.problems] == ["vat", "prepaid", "due_date"]


@pytest.mark.parametrize("style", ["381_positive", "380_negative", "384_negative"])
def test_a_credit_note_is_negative_whatever_its_style(style: str, runner: StylesheetRunner) -> None:
    report = check(f"credit_{style}.pdf", runner)

    (draft,) = report.drafts
    assert errors(report.problems) == []
    assert draft.is_credit_note
    assert draft.credits == "F-1"
    assert draft.totals == Totals(Decimal("-145.00"), Decimal("-24.65"), Decimal("-169.65"))
    assert [line.amount_incl_tax_ccy for line in draft.lines] == [
        Decimal("-144.00"),
        Decimal("-31.65"),
        Decimal("12.00"),
        Decimal("-6.00"),
    ]


@pytest.mark.parametrize(
    ("name", "contains", "total"),
    [
        ("invoice_ubl.xml", "UBL EN 16931", "175.65"),
        ("credit_note_ubl.xml", "UBL EN 16931", "-175.65"),
        ("xrechnung.xml", "Factur-X XRECHNUNG", "169.65"),
    ],
)
def test_an_xml_file_goes_through_the_e_invoice_import(
    name: str, contains: str, total: str, runner: StylesheetRunner
) -> None:
    report = check(name, runner)

    (draft,) = report.drafts
    assert (report.files[0].contains, draft.way) == (contains, "e_invoice")
    assert draft.totals is not None
    assert draft.totals.incl_tax_ccy == Decimal(total)
    assert report.is_ready()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("plain.pdf", "without an electronic invoice"),
        ("order_x.pdf", "is an order"),
        ("cdar.xml", "is a life-cycle message"),
        ("broken_xml.pdf", "is not well-formed XML"),
        ("password.pdf", "is protected by a password"),
        ("truncated.pdf", "is a broken PDF"),
        ("png_renamed.pdf", "is a PNG picture"),
        ("xml_renamed.pdf", "is XML under a .pdf name"),
        ("empty.pdf", "is empty"),
        ("text_renamed.pdf", "is neither a PDF nor XML"),
        ("absent.pdf", "cannot be read: No such file"),
        ("schema_invalid.xml", "IssuedDateTime"),
        ("totals_wrong.pdf", "145.00 + 24.65 makes another"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_its_reason(
    name: str, reason: str, runner: StylesheetRunner
) -> None:
    report = check(name, runner)

    assert report.files[0].verdict == "refused"
    assert any(reason in problem.message for problem in errors(report.problems))
    assert report.ready() == []


def test_more_than_pennylane_takes_is_refused_unread(tmp_path: Path, runner: StylesheetRunner) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(100 * 1024 * 1024 + 1)

    (problem,) = validate([large], runner=runner).problems

    assert "Pennylane takes 100 MB" in problem.message


def test_a_sound_file_passes_all_three_sets_of_rules(runner: StylesheetRunner) -> None:
    report = check("credit_380_negative.pdf", runner, strict=True)

    checks = report.files[0].checks
    assert (checks.xsd, checks.en16931, checks.french) == ("passed", "passed", "passed")
    assert report.problems == ()


def test_strictness_makes_shortcomings_errors(runner: StylesheetRunner) -> None:
    assert check("other_name.pdf", runner).files[0].verdict == "warnings"
    strict = check("other_name.pdf", runner, strict=True)

    assert [problem.rule for problem in errors(strict.problems)] == ["FX-NAME", "FX-AFRELATIONSHIP", "FX-AF"]
