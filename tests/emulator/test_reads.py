"""Single records and lists under a parent, each held against the contract by the fixture."""

import re
from datetime import timedelta

import httpx2
import pytest

from pennybridge.emulator.contract import Contract
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import ids

READS = [operation for operation in Contract().operations.values() if operation.method == "GET"]


@pytest.mark.parametrize("name", [operation.name for operation in READS])
def test_every_read_of_the_contract_is_answered(emulator: Emulator, http: httpx2.Client, name: str) -> None:
    """An empty company gives valid lists, and 404 for what is under an unknown record."""
    emulator.add_company()
    operation = emulator.api.contract.operations[name]
    query = dict.fromkeys((name for name, required in operation.query.items() if required), "2026-01-01")

    answer = http.get(re.sub("{.*?}", "4096", operation.path), params=query)

    has_no_account = operation.path.startswith("/pro_account")
    assert answer.status_code == (404 if "{" in operation.path or has_no_account else 200), answer.text


def test_a_customer_shows_its_type_where_both_are(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: a single-type GET has no `customer_type`; the other type's is not found."""
    company = emulator.add_customer()
    person = emulator.add_customer(first_name="Zoé", last_name="Martin")

    assert http.get(f"/customers/{person.id}").json()["customer_type"] == "individual"
    assert "customer_type" not in http.get(f"/individual_customers/{person.id}").json()
    assert "customer_type" not in http.get(f"/company_customers/{company.id}").json()
    assert http.get(f"/company_customers/{person.id}").status_code == 404


def test_a_fresh_draft_looks_as_observed(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: empty number, null remaining amounts, a ledger entry with the invoice's own id."""
    draft = emulator.add_customer_invoice("120.00", draft=True)

    shown = http.get(f"/customer_invoices/{draft.id}").json()

    assert shown["status"] == "draft"
    assert shown["invoice_number"] == ""
    assert shown["remaining_amount_with_tax"] is None
    assert shown["ledger_entry"] == {"id": draft.id}
    assert shown["amount"] == "120.0"
    assert re.fullmatch("[A-Z0-9]{10}", shown["external_reference"])
    assert draft.id % 4096 == 0


def test_the_pdf_is_named_a_second_later(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: `filename` is null, then `Facture-….pdf`; `Avoir-….pdf` on a credit note."""
    customer = emulator.add_customer("Écluse SARL")
    made = emulator.books.insert(
        "customer_invoices", 400_001, {"customer": {"id": customer.id}, "amount": "-12.0"}
    )
    path = f"/customer_invoices/{made['id']}"

    at_once = http.get(path).json()["filename"]
    emulator.move_clock(seconds=1)

    assert at_once is None
    assert http.get(path).json()["filename"].startswith("Avoir-Écluse SARL")


def test_links_lead_back_to_the_emulator(emulator: Emulator, http: httpx2.Client) -> None:
    """The real ones lead to Pennylane; following them here must stay here."""
    invoice = emulator.add_customer_invoice()
    shown = http.get(f"/customer_invoices/{invoice.id}").json()

    for field in (
        "customer",
        "invoice_lines",
        "payments",
        "matched_transactions",
        "categories",
        "appendices",
    ):
        assert http.get(shown[field]["url"]).status_code == 200


def test_a_mandates_link_carries_a_filter_that_works(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: the link holds the customer's id as text in a filter."""
    customer = emulator.add_customer()

    assert ids(http.get(http.get(f"/customers/{customer.id}").json()["mandates"]["url"])) == []


def test_a_file_address_works_for_half_an_hour(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: `public_file_url` expires after about 30 minutes; the status then is assumed."""
    invoice = emulator.add_customer_invoice()
    address = http.get(f"/customer_invoices/{invoice.id}").json()["public_file_url"]

    pdf = http.get(address)
    emulator.move_clock(minutes=31)

    assert pdf.content.startswith(b"%PDF-")
    assert http.get(address).status_code == 403
    assert http.get(f"{emulator.origin}/public/invoice/pdf?encrypted_id=xxxx").status_code == 404


def test_the_fields_of_september_2026_can_be_left_out(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: four fields were added without a new version of the API."""
    invoice = emulator.add_customer_invoice()
    path = f"/customer_invoices/{invoice.id}"

    with_them = http.get(path).json()
    emulator.api.september_2026 = False
    without = http.get(path).json()
    emulator.api.september_2026 = True

    assert set(with_them) - set(without) == {
        "installments", "payment_method_ledger_account", "purchase_order_reference", "sales_order_reference",
    }  # fmt: skip


def test_what_is_under_an_invoice_is_listed_there(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: lines, transactions, categories with weights; empty lists where there is nothing."""
    invoice = emulator.add_customer_invoice("120.00")
    transaction = emulator.pay(invoice)
    category = emulator.add_category()
    emulator.categorize(invoice, (category, "0.5"))

    def under(name: str) -> httpx2.Response:
        return http.get(f"/customer_invoices/{invoice.id}/{name}")

    assert ids(under("matched_transactions")) == [transaction.id]
    assert ids(http.get(f"/transactions/{transaction.id}/matched_invoices")) == [invoice.id]
    assert under("categories").json()["items"][0]["weight"] == "0.5"
    assert [line["amount"] for line in under("invoice_lines").json()["items"]] == ["120.0"]
    for name in ("payments", "invoice_line_sections", "custom_header_fields", "appendices"):
        assert ids(under(name)) == []


def test_a_draft_has_no_payments_and_no_transactions(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: empty lists, not errors."""
    draft = emulator.add_customer_invoice(draft=True)

    assert ids(http.get(f"/customer_invoices/{draft.id}/payments")) == []
    assert ids(http.get(f"/customer_invoices/{draft.id}/matched_transactions")) == []


def test_categories_of_a_group_do_not_name_it(emulator: Emulator, http: httpx2.Client) -> None:
    """Contract."""
    category = emulator.add_category("Paris", "Agences")
    group = category["category_group"]["id"]

    (shown,) = http.get(f"/category_groups/{group}/categories").json()["items"]

    assert shown["id"] == category.id
    assert "category_group" not in shown


def test_a_contact_is_found_under_its_customer_only(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented since September 2026."""
    customer, other = emulator.add_customer(), emulator.add_customer("Boreal")
    contact = emulator.add_contact(customer)

    assert http.get(f"/customers/{customer.id}/contacts/{contact.id}").json()["email"] == contact["email"]
    assert http.get(f"/customers/{other.id}/contacts/{contact.id}").status_code == 404
    assert ids(http.get(f"/customers/{customer.id}/contacts")) == [contact.id]


def test_deleting_a_customer_takes_its_contacts(emulator: Emulator, http: httpx2.Client) -> None:
    customer = emulator.add_customer()
    emulator.add_contact(customer)

    emulator.delete(customer)

    assert http.get(f"/customers/{customer.id}").status_code == 404
    assert emulator.books.count("contacts") == 0


def test_a_required_parameter_is_asked_for(emulator: Emulator, http: httpx2.Client) -> None:
    """The trial balance needs a period (documented); the text is that of the validator Pennylane uses."""
    emulator.add_company()

    refused = http.get("/trial_balance")

    assert refused.status_code == 400
    assert "required parameters" in refused.json()["error"]


def test_what_is_not_emulated_says_so(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()

    assert http.delete("/supplier_invoices/1/matched_transactions/1").status_code == 501


def test_what_happens_while_time_passes_is_played_when_a_company_is_asked(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Subscriptions bill and invoices become late even if only the clock was set."""
    emulator.add_billing_subscription("100.00", start=emulator.now.date() + timedelta(days=1))

    emulator.clock.move(timedelta(days=40))

    assert len(ids(http.get("/customer_invoices"))) == 2


def test_every_answer_carries_the_headers_that_were_observed(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: request id, weak etag, an empty version expiry, private caching."""
    emulator.add_company()

    first, second = http.get("/me").headers, http.get("/me").headers

    assert first["x-request-id"] != second["x-request-id"]
    assert first["etag"].startswith('W/"')
    assert first["api-version-expires-at"] == ""
    assert first["cache-control"] == "max-age=0, private, must-revalidate"
    assert first["content-type"] == "application/json; charset=utf-8"
