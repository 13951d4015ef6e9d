import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from pennybridge.errors import DraftError
from pennybridge.invoicing.bodies import Found, categories_body, create_body, customer_body, import_body
from pennybridge.invoicing.drafts import (
    Address,
    Customer,
    Discount,
    Draft,
    Period,
    Product,
    Section,
    Totals,
    TransactionReference,
)
from tests.invoicing.drafting import a_draft, a_line, an_import

REQUESTS = Path(__file__).parents[3] / "shared/pennylane/requests-company-v2-2026-09.json"
MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
STRIPE = TransactionReference("stripe", "payment_id", "pi_1")
FULL = {
    "currency": "USD",
    "subject": "March",
    "description": "Work",
    "free_text": "Anne",
    "special_mention": "None",
    "ledger_label": "Sales",
    "purchase_order": "PO-1",
    "sales_order": "SO-1",
    "language": "en_GB",
    "template_id": 7,
    "transaction": STRIPE,
    "discount": Discount("relative", Decimal("5.0")),
    "sections": (Section("One", "first"), Section("Two")),
    "lines": (
        a_line(section=1, imputation=MARCH, ledger_account_id=706, discount=Discount("absolute", Decimal(2))),
        a_line(
            section=2, product=Product(id=4096), label=None, unit_price=None, unit=None, vat_code=None,
            quantity=Decimal("2.5"), substance="services",
        ),
    ),
}  # fmt: skip
FOUND = Found(customer_id=4096)


def check_against_contract(schema_name: str, body: object) -> None:
    if not REQUESTS.exists():
        pytest.skip("the dossier is not beside the checkout")
    schema = json.loads(REQUESTS.read_text())["schemas"][schema_name]
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(json.loads(msgspec.json.encode(body)))


@pytest.mark.shared
@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("given", [{}, FULL], ids=["least", "everything"])
def test_a_created_invoice_fits_the_contract(final: bool, given: dict[str, Any]) -> None:
    check_against_contract("postCustomerInvoices", create_body(a_draft(is_final=final, **given), FOUND))


@pytest.mark.shared
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"transaction": STRIPE, "lines": (a_line(imputation=MARCH, ledger_account_id=706),)},
        {"convert_to_e_invoice": True, "discount": Discount("relative", Decimal(5)), "currency": "USD"},
    ],
)
def test_an_import_fits_the_contract(given: dict[str, Any]) -> None:
    found = Found(customer_id=4096, file_attachment_id=8192, credited_invoice_id=12288, product_ids=(4096,))

    check_against_contract("importCustomerInvoices", import_body(an_import(**given), found))


@pytest.mark.shared
def test_customers_and_categories_fit_the_contract() -> None:
    address = Address(address="12 rue des Lilas", postal_code="69003", city="Lyon", country="FR")
    shared: dict[str, Any] = {
        "billing_address": address, "delivery_address": address, "emails": ("a@example.com",),
        "phone": "0102030405", "external_reference": "C-1", "recipient": "Anne", "language": "fr_FR",
        "payment_conditions": "30_days", "iban": "FR7630006000011234567890189", "reference": "x",
    }  # fmt: skip
    company = Customer(name="Atelier Martin", reg_no="732829320", vat_number="FR44732829320", **shared)
    person = Customer(kind="individual", first_name="Anne", last_name="Martin", **shared)

    for customer, path, schema in (
        (company, "/company_customers", "postCompanyCustomer"),
        (person, "/individual_customers", "postIndividualCustomer"),
    ):
        where, body = customer_body(customer)
        assert where == path
        check_against_contract(schema, body)
    weights = categories_body([(1, Decimal("0.25")), (2, Decimal("0.75"))])
    check_against_contract("putCustomerInvoiceCategories", weights)


def test_a_draft_never_carries_what_only_final_invoices_may() -> None:
    draft = create_body(a_draft(is_final=False, **FULL), FOUND)
    final = create_body(a_draft(is_final=True, **FULL), FOUND)

    assert (draft["draft"], final["draft"]) == (True, False)
    assert "transaction_reference" not in draft
    assert "imputation_dates" not in draft["invoice_lines"][0]
    assert final["transaction_reference"]["banking_provider"] == "stripe"
    assert final["invoice_lines"][0]["imputation_dates"] == {
        "start_date": "2026-03-01",
        "end_date": "2026-03-31",
    }


def test_decimals_travel_as_text_and_quantities_as_numbers() -> None:
    line = create_body(
        a_draft(lines=(a_line(unit_price=Decimal("833.333333"), quantity=Decimal("2.5")),)), FOUND
    )

    assert line["invoice_lines"] == [
        {
            "label": "Consulting",
            "quantity": 2.5,
            "raw_currency_unit_price": "833.333333",
            "unit": "day",
            "vat_rate": "FR_200",
        }
    ]


def test_an_import_states_every_amount() -> None:
    stated = Totals(Decimal("100.00"), Decimal("20.01"), Decimal("120.01"))

    body = import_body(an_import(totals=stated), Found(customer_id=1, file_attachment_id=2))

    assert {name: body[name] for name in body if name.startswith("currency_")} == {
        "currency_amount_before_tax": "100.0",
        "currency_tax": "20.01",
        "currency_amount": "120.01",
    }
    assert (body["invoice_lines"][0]["currency_amount"], body["invoice_lines"][0]["currency_tax"]) == (
        "120.0",
        "20.0",
    )


@pytest.mark.parametrize("draft", [a_draft(is_final=None), a_draft(date=None)])
def test_an_unchecked_draft_is_not_turned_into_something_else(draft: Draft) -> None:
    with pytest.raises(DraftError, match="nothing was sent"):
        create_body(draft, FOUND)


@pytest.mark.parametrize("draft", [an_import(), an_import(lines=(a_line(vat_code=None),))])
def test_an_import_without_file_or_amounts_is_refused(draft: Draft) -> None:
    with pytest.raises(DraftError, match="nothing was sent"):
        import_body(draft, FOUND)


def test_a_customer_without_an_address_is_not_created() -> None:
    with pytest.raises(DraftError, match="nothing was created"):
        customer_body(Customer(name="Atelier Martin"))
