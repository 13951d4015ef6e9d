import datetime as dt
from decimal import Decimal
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pennybridge.invoicing.check import check_draft
from pennybridge.invoicing.drafts import (
    Address,
    Attachment,
    CategoryWeight,
    Customer,
    Discount,
    Draft,
    Period,
    Product,
    Section,
    Totals,
    TransactionReference,
)
from pennybridge.invoicing.fields import as_markdown
from pennybridge.invoicing.problems import Problem
from pennybridge.invoicing.read_csv import parse_csv
from pennybridge.invoicing.write_rows import template_csv, write_csv
from tests.invoicing.drafting import SOURCE, a_draft, a_line

FRENCH = (
    "Référence;Statut;Date de facture;Échéance;Client;SIRET;Désignation;Qté;PU HT;TVA;Remise\n"
    "A-1;brouillon;01/03/2026;31/03/2026;Atelier Martin;732 829 320 00074;Abonnement;2;1 234,50 €;20 %;10 %\n"
    "A-1;;;;;;Mise en service;1;99,00;5,5;\n"
    "A-2;finale;2026-03-02;2026-04-02;Café Ménard;;Conseil;-1;100;exonéré;\n"
)


def drafts_of(text: str) -> tuple[Draft, ...]:
    reading = parse_csv(text.encode(), "f.csv")
    assert reading.problems == ()
    return reading.drafts


def problems_of(text: str) -> list[Problem]:
    return list(parse_csv(text.encode(), "f.csv").problems)


def test_a_french_file_gives_its_invoices_with_their_lines() -> None:
    first, second = drafts_of(FRENCH)

    assert (first.reference, first.is_final, first.date) == ("A-1", False, dt.date(2026, 3, 1))
    assert first.customer.name == "Atelier Martin"
    assert first.customer.reg_no == "73282932000074"
    assert [(line.unit_price, line.quantity, line.vat_code) for line in first.lines] == [
        (Decimal("1234.50"), Decimal(2), "FR_200"),
        (Decimal("99.00"), Decimal(1), "FR_55"),
    ]
    assert first.lines[0].discount == Discount("relative", Decimal(10))
    assert [line.source.row for line in first.lines] == [2, 3]
    assert second.is_credit_note
    assert second.is_final


def test_encodings_are_read_and_a_guess_is_said() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        reading = parse_csv(FRENCH.encode(encoding), "f.csv")
        assert (reading.drafts[1].customer.name, reading.problems) == ("Café Ménard", ())

    latin = parse_csv(FRENCH.replace(" €", "").encode("latin-1"), "f.csv")

    assert latin.drafts[1].customer.name == "Café Ménard"
    assert [(p.severity, p.row) for p in latin.problems] == [("warning", 1)]


def test_commas_tabs_and_bars_separate_as_well() -> None:
    for delimiter in ",\t|":
        text = FRENCH.replace("1 234,50 €", "1234.50").replace("99,00", "99").replace("5,5", "5.5")
        assert len(drafts_of(text.replace(";", delimiter))) == 2


def test_every_bad_cell_is_named_with_what_to_write() -> None:
    text = (
        "reference,date,due_date,currency,label,unit_price,quantity,vat,customer_country\n"
        'A-1,2026-02-30,03/31/2026,EURO,"x\ny","1,234",two,FR_055,Atlantis\n'
        "A-2,46082,31.12.26,EUR,x,12.5.1,1,20,FR\n"
    )
    said = {(p.row, p.field): p.mend for p in problems_of(text)}

    assert said == {
        (2, "date"): "write it as 2026-03-31",
        (2, "due_date"): "write it as 2026-03-31",
        (2, "currency"): "write an ISO 4217 code, as EUR, USD, GBP",
        (2, "unit_price"): "write the one that is meant, with a decimal point",
        (2, "quantity"): "write digits with a decimal point, as 1234.50",
        (
            2,
            "vat",
        ): "write FR_55: rates have no leading zero (the tutorials' FR_055 is not in the API's list)",
        (2, "customer_country"): "write its two letters, as FR, DE, GB",
        (4, "date"): "write 2026-03-01",
        (4, "due_date"): "write it as 2026-03-31",
        (4, "unit_price"): "write digits with a decimal point, as 1234.50",
    }


def test_a_column_nobody_knows_is_a_warning_that_names_the_nearest() -> None:
    (problem,) = problems_of("reference,quantty,label\nA,2,x\n")

    assert (problem.severity, problem.field, problem.mend) == ("warning", "quantty", "did you mean quantity?")


def test_a_column_that_comes_twice_is_a_problem() -> None:
    (problem,) = problems_of("reference,label,libellé\nA,x,y\n")

    assert "two columns" in problem.message


def test_rows_of_one_invoice_may_not_contradict_each_other() -> None:
    (problem,) = problems_of("reference,date,label\nA,2026-03-01,x\nA,2026-03-02,y\n")

    assert (problem.row, problem.field) == (3, "date")
    assert "2026-03-01" in problem.message


def test_a_row_longer_than_its_heading_is_a_problem() -> None:
    (problem,) = problems_of("reference,label\nA,x,y\n")

    assert "has 3 cells, the heading 2" in problem.message


def test_files_without_invoices_say_so() -> None:
    assert problems_of("")[0].message == "is empty"
    assert problems_of("reference,label\n")[0].message == "has a heading but no rows"
    assert "is not CSV" in problems_of('reference,label\n"A,x\n')[0].message


def test_payment_conditions_give_the_due_date() -> None:
    (draft,) = drafts_of("reference,date,payment terms,label\nA,2026-01-31,30_days_end_of_month,x\n")

    assert draft.due_date == dt.date(2026, 3, 31)


def test_rows_without_reference_or_number_are_invoices_of_their_own() -> None:
    assert len(drafts_of("date,label\n2026-01-31,x\n2026-01-31,y\n")) == 2


def test_the_template_can_be_read_and_has_nothing_wrong() -> None:
    (draft,) = drafts_of(template_csv())

    assert check_draft(draft) == []


texts = (
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
amounts = st.decimals(min_value=-99_999, max_value=99_999, places=6)
days = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))
some_lines = st.builds(
    a_line,
    label=texts,
    description=st.none() | texts,
    unit_price=amounts,
    quantity=amounts,
    vat_code=st.sampled_from(["FR_200", "FR_09", "exempt", "mixed", "DE_190"]),
    discount=st.none() | st.builds(Discount, st.sampled_from(["absolute", "relative"]), amounts),
    imputation=st.none() | st.builds(Period, days, days),
    section=st.sampled_from([None, 1]),
)
some_drafts = st.builds(
    a_draft,
    reference=st.uuids().map(str),
    is_final=st.sampled_from([True, False, None]),
    date=days,
    due_date=days,
    lines=st.lists(some_lines, min_size=1, max_size=4).map(tuple),
    subject=st.none() | texts,
    categories=st.just(()) | st.just((CategoryWeight(label="France", group="Zone", weight=Decimal("0.25")),)),
)


@given(st.lists(some_drafts, min_size=1, max_size=4))
def test_what_is_written_as_csv_reads_as_the_same_drafts(drafts: list[Draft]) -> None:
    written = [with_section(draft) for draft in drafts]

    reading = parse_csv(write_csv(written).encode(), "f.csv")

    assert reading.problems == ()
    assert [without_places(draft) for draft in reading.drafts] == [without_places(draft) for draft in written]


def with_section(draft: Draft) -> Draft:
    used = any(line.section for line in draft.lines)
    return msgspec.structs.replace(draft, sections=(Section("Part A"),) if used else ())


def without_places(draft: Draft) -> Draft:
    lines = tuple(msgspec.structs.replace(line, source=SOURCE) for line in draft.lines)
    return msgspec.structs.replace(draft, source=SOURCE, lines=lines, is_credit_note=False)


def test_the_reference_page_lists_every_column() -> None:
    page = Path(__file__).parents[2] / "docs/reference/invoice-columns.md"

    assert as_markdown() in page.read_text(encoding="utf-8"), "write fields.as_markdown() into the page again"


def test_everything_a_draft_can_hold_survives_being_written() -> None:
    customer = Customer(
        id=4096,
        external_reference="C-1",
        reg_no="732829320",
        vat_number="FR44732829320",
        emails=("a@example.com", "b@example.com"),
        name="Atelier Martin",
        billing_address=Address(address="12 rue des Lilas", postal_code="69003", city="Lyon", country="FR"),
        delivery_address=Address(city="Villeurbanne", country="FR"),
        phone="0102030405",
        recipient="Anne",
        payment_conditions="30_days",
        language="fr_FR",
        iban="FR7630006000011234567890189",
    )
    product = Product(id=1, reference="R", external_reference="E", label="P")
    line = a_line(product=product, ledger_account="706", ledger_account_id=9, substance="services", section=1)
    draft = a_draft(
        customer=customer,
        number="F-1",
        discount=Discount("absolute", Decimal("2.50")),
        transaction=TransactionReference("stripe", "payment_id", "pi_1"),
        totals=Totals(Decimal(100), Decimal(20), Decimal(120)),
        sections=(Section("Part A", "first"),),
        categories=(CategoryWeight(id=7), CategoryWeight(label="France", group="Zone")),
        attachment=Attachment("a.pdf"),
        way="import",
        convert_to_e_invoice=True,
        template_id=3,
        language="en_GB",
        lines=(line, a_line(tax_ccy=Decimal(20), amount_incl_tax_ccy=Decimal(120))),
    )

    (read,) = drafts_of(write_csv([draft]))

    assert without_places(read) == without_places(draft)


def test_lines_of_an_invoice_without_a_key_stay_together_when_written() -> None:
    (read,) = drafts_of(write_csv([a_draft(reference="", lines=(a_line(), a_line()))]))

    assert len(read.lines) == 2
