"""Filters: fields and operators per list, as the API's descriptions list them (documented)."""

from decimal import Decimal

import httpx2
import pytest

from pennybridge.emulator.contract import Contract
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import condition, ids


def test_ids_and_customers_filter_with_every_comparison(emulator: Emulator, http: httpx2.Client) -> None:
    """Ids come as text in the API's own links (observed) and as numbers."""
    customer = emulator.add_customer()
    a, b, c = (emulator.add_customer_invoice(customer=customer).id for _ in range(3))
    other = emulator.add_customer_invoice().id

    def found(field: str, operator: str, value: object) -> list[int]:
        query = {"filter": condition(field, operator, value), "sort": "id"}
        return ids(http.get("/customer_invoices", params=query))

    assert found("customer_id", "eq", str(customer.id)) == [a, b, c]
    assert found("customer_id", "not_eq", customer.id) == [other]
    assert found("id", "gt", a) == [b, c, other]
    assert found("id", "lteq", str(b)) == [a, b]
    assert found("id", "in", [a, str(c)]) == [a, c]
    assert found("id", "not_in", [a, c]) == [b, other]
    assert found("date", "gteq", "2026-11-02") == [a, b, c, other]
    assert found("date", "lt", "2026-11-02") == []


def test_drafts_and_credit_notes_are_told_apart_by_filters(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: booleans that appear as text. A credit note of zero shows only here."""
    invoice = emulator.add_customer_invoice("120.00")
    note = emulator.credit(invoice)
    draft = emulator.add_customer_invoice(draft=True)
    nothing = emulator.add("customer_invoices", {"amount": "0.0", "draft": False, "_credit_note": True})

    def found(field: str, value: object) -> list[int]:
        return ids(http.get("/customer_invoices", params={"filter": condition(field, "eq", value)}))

    assert found("draft", "true") == [draft.id]
    assert found("draft", False) == [nothing.id, note.id, invoice.id]
    assert found("credit_note", "true") == [nothing.id, note.id]
    assert found("credit_note", "false") == [draft.id, invoice.id]


def test_documents_are_found_by_number_reference_and_category(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Documented; `external_reference eq` observed to work."""
    invoice = emulator.add_customer_invoice(external_reference="boutique-7")
    emulator.add_customer_invoice()
    category = emulator.add_category()
    emulator.categorize(invoice, (category, "1.0"))
    number = invoice["invoice_number"]

    for one in (
        condition("external_reference", "eq", "boutique-7"),
        condition("invoice_number", "in", [number, "nowhere"]),
        condition("category_id", "in", [category.id]),
    ):
        assert ids(http.get("/customer_invoices", params={"filter": one})) == [invoice.id]


def test_customers_are_found_by_the_beginning_of_their_name_and_by_mail(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Documented: `start_with` ignores case; claimed by a third party: `emails in` does too."""
    ecluse = emulator.add_customer("Écluse SARL", emails=["Compta@Ecluse.fr"], reg_no="732829320")
    emulator.add_customer("Boreal 100%", emails=["a@boreal.fr"])
    person = emulator.add_customer(first_name="Zoé", last_name="Martin")

    def found(field: str, operator: str, value: object) -> list[int]:
        return ids(http.get("/customers", params={"filter": condition(field, operator, value)}))

    assert found("name", "start_with", "éc") == [ecluse.id]
    assert found("name", "start_with", "%") == []
    assert found("emails", "in", ["COMPTA@ecluse.fr"]) == [ecluse.id]
    assert found("reg_no", "eq", "732829320") == [ecluse.id]
    assert found("customer_type", "eq", "individual") == [person.id]


def test_all_conditions_must_hold(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: AND only."""
    emulator.add_product("A", reference="1")
    both = emulator.add_product("A", reference="2")
    conditions = condition("label", "eq", "A")[:-1] + ", " + condition("reference", "in", ["2"])[1:]

    assert ids(http.get("/products", params={"filter": conditions})) == [both.id]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/customer_invoices", condition("status", "eq", "paid")),
        ("/customer_invoices", condition("external_reference", "in", ["a"])),
        ("/customer_invoices", condition("id", "eq", "many")),
        ("/customer_invoices", condition("date", "gt", "yesterday")),
        ("/customer_invoices", condition("draft", "eq", "perhaps")),
        ("/customer_invoices", condition("id", "in", 7)),
        ("/customers", "not json"),
        ("/customers", '{"field": "id"}'),
    ],
)
def test_what_a_list_does_not_offer_is_refused(
    emulator: Emulator, http: httpx2.Client, path: str, text: str
) -> None:
    """Assumed: unknown of Pennylane, and 400 is the answer from which one learns most."""
    emulator.add_company()

    assert http.get(path, params={"filter": text}).status_code == 400


CONTRACT = Contract()
FILTERED = [
    name
    for name, operation in CONTRACT.operations.items()
    if operation.filter and "{" not in operation.path and not operation.path.startswith("/pro_account")
]


@pytest.mark.parametrize("name", FILTERED)
def test_every_filter_that_the_contract_lists_works(
    emulator: Emulator, http: httpx2.Client, name: str
) -> None:
    """Documented field by field; none may be an error."""
    emulator.add_company()
    operation = CONTRACT.operations[name]
    values = dict.fromkeys(("date", "start"), "2026-01-01") | dict.fromkeys(
        ("draft", "credit_note", "enabled"), "true"
    )

    for field, operators in operation.filter.items():
        for operator in operators:
            value = values.get(field, "7")
            operand = [value] if operator in ("in", "not_in") else value
            answer = http.get(operation.path, params={"filter": condition(field, operator, operand)})
            assert answer.status_code == 200, (field, operator, answer.text)


def test_subscriptions_are_found_by_state_and_customer(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented."""
    subscription = emulator.add_billing_subscription(str(Decimal(50)))
    emulator.move_clock(days=1)

    one = condition("customer_id", "eq", subscription["customer"]["id"])

    assert ids(http.get("/billing_subscriptions", params={"filter": one})) == [subscription.id]
    assert (
        ids(http.get("/billing_subscriptions", params={"filter": condition("status", "eq", "stopped")})) == []
    )
