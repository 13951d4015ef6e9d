import datetime as dt
from decimal import Decimal

import pytest

from pennybridge.invoicing.check import check_batch, check_draft, missing_for_creation
from pennybridge.invoicing.drafts import (
    Address,
    Attachment,
    CategoryWeight,
    Customer,
    Discount,
    Draft,
    Period,
    Product,
    Totals,
    TransactionReference,
)
from pennybridge.invoicing.problems import Source, without_echoes
from pennybridge.invoicing.read_csv import parse_csv
from tests.invoicing.drafting import a_draft, a_line, an_import

MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
STRIPE = TransactionReference("stripe", "payment_id", "pi_1")


def totals(excl: str, tax: str, incl: str) -> Totals:
    return Totals(Decimal(excl), Decimal(tax), Decimal(incl))


@pytest.mark.parametrize(
    "draft",
    [
        a_draft(),
        a_draft(is_final=True, transaction=STRIPE, lines=(a_line(imputation=MARCH),)),
        a_draft(lines=(a_line(product=Product(id=4096), label=None, unit_price=None, vat_code=None),)),
        a_draft(totals=totals("100", "20", "120")),
        a_draft(lines=(a_line(quantity=Decimal(-1)),), credits="F-1"),
        an_import(),
        an_import(transaction=STRIPE, lines=(a_line(imputation=MARCH),)),
        an_import(convert_to_e_invoice=True, discount=Discount("relative", Decimal(5))),
        a_draft(categories=(CategoryWeight(label="A"), CategoryWeight(label="B"))),
        a_draft(way="e_invoice", is_final=None, lines=(), date=None, attachment=Attachment("a.xml")),
    ],
)
def test_nothing_is_wrong_with(draft: Draft) -> None:
    assert check_draft(draft) == []


@pytest.mark.parametrize(
    ("draft", "severity", "field"),
    [
        (a_draft(is_final=None), "error", "status"),
        (a_draft(date=None), "error", "date"),
        (a_draft(due_date=None), "error", "due_date"),
        (a_draft(due_date=dt.date(2026, 2, 1)), "error", "due_date"),
        (an_import(due_date=dt.date(2026, 2, 1)), "warning", "due_date"),
        (a_draft(customer=Customer()), "error", "customer"),
        (a_draft(customer=Customer(reg_no="732829321")), "warning", "customer_reg_no"),
        (a_draft(customer=Customer(vat_number="FR00732829320")), "warning", "customer_vat_number"),
        (
            a_draft(customer=Customer(name="A", iban="FR7630006000011234567890180")),
            "warning",
            "customer_iban",
        ),
        (a_draft(lines=()), "error", "lines"),
        (a_draft(lines=(a_line(label=None),)), "error", "label"),
        (a_draft(lines=(a_line(unit_price=None),)), "error", "unit_price"),
        (a_draft(lines=(a_line(unit_price=Decimal("0.1234567")),)), "error", "unit_price"),
        (a_draft(lines=(a_line(vat_code=None),)), "error", "vat"),
        (a_draft(lines=(a_line(quantity=Decimal(0)),)), "error", "quantity"),
        (a_draft(lines=(a_line(imputation=MARCH),)), "error", "imputation_start"),
        (
            a_draft(is_final=True, lines=(a_line(imputation=Period(None, MARCH.end)),)),
            "error",
            "imputation_start",
        ),
        (
            a_draft(is_final=True, lines=(a_line(imputation=Period(MARCH.end, MARCH.start)),)),
            "error",
            "imputation_end",
        ),
        (a_draft(transaction=STRIPE), "error", "transaction_provider"),
        (
            an_import(transaction=TransactionReference("paypal", "label", "x")),
            "error",
            "transaction_provider",
        ),
        (an_import(transaction=TransactionReference("bank", "label", "")), "error", "transaction_value"),
        (a_draft(purchase_order="x" * 51), "error", "purchase_order"),
        (a_draft(description="x" * 5001), "error", "description"),
        (a_draft(totals=totals("100", "20", "121")), "error", "total_incl_tax"),
        (a_draft(lines=(a_line(tax_ccy=Decimal(20)),)), "warning", "line_tax"),
        (a_draft(credits="F-1"), "error", "credits"),
        (a_draft(convert_to_e_invoice=True, number="F1"), "error", "convert_to_e_invoice"),
        (an_import(convert_to_e_invoice=True, number="F 1"), "error", "number"),
        (an_import(number=None), "warning", "number"),
        (an_import(attachment=None), "error", "file"),
        (an_import(discount=Discount("relative", Decimal(5))), "error", "invoice_discount"),
        (a_draft(discount=Discount("relative", Decimal(101))), "error", "invoice_discount"),
        (an_import(totals=totals("100", "20", "120.01")), "warning", "total_incl_tax"),
        (an_import(totals=totals("99.99", "19.99", "120.01")), "error", "total_incl_tax"),
        (an_import(lines=(a_line(tax_ccy=Decimal(20)),)), "error", "line_total_incl_tax"),
        (
            an_import(lines=(a_line(tax_ccy=Decimal(19), amount_incl_tax_ccy=Decimal(119)),)),
            "warning",
            "line_tax",
        ),
        (
            an_import(lines=(a_line(tax_ccy=Decimal(22), amount_incl_tax_ccy=Decimal(132)),)),
            "warning",
            "line_total_incl_tax",
        ),
        (
            an_import(lines=(a_line(tax_ccy=Decimal("20.001"), amount_incl_tax_ccy=Decimal(120)),)),
            "warning",
            "line_tax",
        ),
        (an_import(lines=(a_line(vat_code="mixed"),)), "error", "line_tax"),
        (
            a_draft(categories=(CategoryWeight(label="A", group="G", weight=Decimal("0.9")),)),
            "error",
            "categories",
        ),
        (a_draft(categories=(CategoryWeight(label="A", weight=Decimal("0.9")),)), "error", "categories"),
        (a_draft(categories=(CategoryWeight(label="A", weight=Decimal(2)),)), "error", "categories"),
        (a_draft(categories=(CategoryWeight(label="A"), CategoryWeight(label="A"))), "error", "categories"),
    ],
)
def test_one_thing_is_wrong_and_named(draft: Draft, severity: str, field: str) -> None:
    assert [(problem.severity, problem.field) for problem in check_draft(draft)] == [(severity, field)]


def test_all_problems_of_a_draft_are_said_at_once() -> None:
    draft = a_draft(
        date=None, is_final=None, customer=Customer(), lines=(a_line(vat_code=None), a_line(label=None))
    )

    assert [problem.field for problem in check_draft(draft)] == ["status", "date", "customer", "vat", "label"]


def test_an_unreadable_cell_is_not_also_reported_as_missing() -> None:
    reading = parse_csv(
        b"reference,status,date,due_date,customer,label,unit_price,vat\nA,draft,x,2026-03-31,M,l,1,FR_055\n",
        "f",
    )

    problems = without_echoes([*reading.problems, *check_draft(reading.drafts[0])])

    assert [(problem.field, problem.message) for problem in problems] == [
        ("date", "'x' is not a date"),
        ("vat", "'FR_055' is not one of Pennylane's VAT codes"),
    ]


def test_the_same_invoice_twice_in_a_batch_is_a_problem() -> None:
    other = Source("others.csv", 9)
    first = an_import()

    for again, field in (
        (an_import(source=other, attachment=Attachment("b.pdf", "1" * 64)), "reference"),
        (an_import(source=other, reference="B", attachment=Attachment("b.pdf", "1" * 64)), "number"),
        (an_import(source=other, reference="B", number="F-2"), "file"),
    ):
        (problem,) = check_batch([first, again])
        assert (problem.file, problem.row, problem.field) == ("others.csv", 9, field)
        assert "invoices.csv:2" in problem.message


def test_what_a_customer_lacks_to_be_created_is_named() -> None:
    martin = Customer(kind="individual", first_name="Anne", billing_address=Address(city="Lyon"))

    assert missing_for_creation(martin) == [
        "customer_last_name",
        "customer_address",
        "customer_postal_code",
        "customer_country",
    ]
    assert missing_for_creation(a_draft().customer) == []
