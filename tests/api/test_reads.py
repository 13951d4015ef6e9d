"""Records as a person wants them, from the emulator over real HTTP."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pennybridge.api.client import Client
from pennybridge.emulator.server import Emulator
from pennybridge.errors import ConfigurationError, NotFoundError, PayloadError
from tests.api.conftest import ClientFor


@pytest.fixture
def client(emulator: Emulator, client_for: ClientFor) -> Client:
    """A client of the emulator's first company."""
    emulator.add_company("Atelier Numérique")
    return client_for(emulator.base_url, emulator.token())


def test_a_token_tells_whose_books_it_opens(client: Client) -> None:
    me = client.me()

    assert me.company.name == "Atelier Numérique"
    assert "customer_invoices:all" in me.scopes
    assert me.user
    assert "@" in (me.user.email or "")


def test_an_invoice_has_decimal_amounts_days_and_instants(client: Client, emulator: Emulator) -> None:
    added = emulator.add_customer_invoice("119.99")

    invoice = client.customer_invoices.get(added.id)

    assert invoice.currency_amount == Decimal("119.99")
    assert isinstance(invoice.currency_tax, Decimal)
    assert invoice.date == emulator.now.date()
    assert isinstance(invoice.created_at, datetime)
    assert invoice.created_at.tzinfo == UTC
    assert invoice.customer
    assert invoice.customer.id == added["customer"]["id"]
    assert invoice.invoice_number == added["invoice_number"]


def test_everything_that_came_is_kept(client: Client, emulator: Emulator) -> None:
    added = emulator.add_customer_invoice()
    emulator.fail_next("GET", "/customer_invoices/*", "unknown_field")

    invoice = client.customer_invoices.get(added.id)

    assert invoice.raw["brand_new_field"] == {"nested": ["value"]}
    assert invoice.raw["id"] == added.id


def test_an_unknown_status_is_read_as_it_is(client: Client, emulator: Emulator) -> None:
    added = emulator.add_customer_invoice()
    emulator.fail_next("GET", "/customer_invoices/*", "unknown_enum_value")

    assert client.customer_invoices.get(added.id).status == "brand_new_value"


def test_a_retyped_field_is_named(client: Client, emulator: Emulator) -> None:
    added = emulator.add_customer_invoice()
    emulator.fail_next("GET", "/customer_invoices/*", "retyped_field", field="invoice_number")

    with pytest.raises(PayloadError, match=r"CustomerInvoice.*invoice_number"):
        client.customer_invoices.get(added.id)


def test_a_record_shows_what_matters_in_a_shell(client: Client, emulator: Emulator) -> None:
    invoice = client.customer_invoices.get(emulator.add_customer_invoice("120.00").id)

    shown = repr(invoice)

    assert shown.startswith(f"CustomerInvoice(id={invoice.id}, invoice_number='")
    assert "currency_amount=120.0" in shown
    assert f"date={invoice.date}" in shown
    assert "received" not in shown
    assert "None" not in shown
    assert ("id", invoice.id, None) in list(invoice.__rich_repr__())


def test_what_is_not_there_is_not_found(client: Client) -> None:
    with pytest.raises(NotFoundError, match="no such record"):
        client.customers.get(4096)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["Delta", "Écluse", "Cap", "Cap"]),
        ({"name__start_with": "Cap"}, ["Cap", "Cap"]),
        ({"name": "Delta"}, ["Delta"]),
        ({"external_reference__in": ["one", "two", "none"]}, ["Cap", "Cap"]),
        ({"emails__in": ["D@example.com"]}, ["Delta"]),
        ({"sort": "id", "limit": 3}, ["Cap", "Cap", "Écluse"]),
        ({"limit": 0}, []),
        ({"customer_type": "individual"}, []),
    ],
)
def test_lists_are_filtered_sorted_and_cut(
    client: Client, emulator: Emulator, filters: dict[str, Any], found: list[str]
) -> None:
    emulator.add_customer("Cap", external_reference="one")
    emulator.add_customer("Cap", external_reference="two")
    emulator.add_customer("Écluse")
    emulator.add_customer("Delta", emails=["d@example.com"])

    assert [customer.name for customer in client.customers.list(**filters)] == found


def test_invoices_are_found_by_what_people_ask_for(client: Client, emulator: Emulator) -> None:
    invoice = emulator.add_customer_invoice("120.00", external_reference="shop-1")
    note = emulator.credit(invoice)
    emulator.move_clock(days=40)
    late = emulator.add_customer_invoice("60.00", draft=True)
    day = late["date"]

    def ids(**filters: Any) -> list[int]:
        return [found.id for found in client.customer_invoices.list(**filters)]

    assert ids(external_reference="shop-1") == [invoice.id]
    assert ids(credit_note=True) == [note.id]
    assert ids(draft=True) == [late.id]
    assert ids(draft=False, credit_note=False) == [invoice.id]
    assert ids(date_from=date.fromisoformat(day)) == [late.id]
    assert ids(date_to=date.fromisoformat(day) - timedelta(days=1), sort="id") == [invoice.id, note.id]
    assert ids(customer_id=invoice["customer"]["id"], sort="id") == [invoice.id, note.id]
    assert ids(invoice_number__in=[invoice["invoice_number"]]) == [invoice.id]


def test_lines_come_with_their_invoices_all_of_them(client: Client, emulator: Emulator) -> None:
    terms = [{"label": f"Line {number}", "unit_price": Decimal(number)} for number in range(1, 131)]
    long = emulator.add_customer_invoice(lines=terms)
    short = emulator.add_customer_invoice("120.00")

    by_id = {found.id: found for found in client.customer_invoices.list(include_lines=True)}

    assert [line.label for line in by_id[long.id].lines or []] == [line["label"] for line in terms]
    assert sum((line.currency_amount_before_tax or 0) for line in by_id[long.id].lines or []) == sum(
        range(1, 131)
    )
    assert len(by_id[short.id].lines or []) == 1
    assert client.customer_invoices.get(long.id).lines is None
    assert len(client.customer_invoices.lines(long.id).all()) == 130


def test_what_hangs_on_a_record_is_listed_by_its_id(client: Client, emulator: Emulator) -> None:
    customer = emulator.add_customer()
    contact = emulator.add_contact(customer, "a@example.com")
    invoice = emulator.add_customer_invoice("120.00", customer=customer)
    transaction = emulator.pay(invoice, "50.00")
    category = emulator.add_category()
    emulator.categorize(invoice, (category, "1.0"))
    subscription = emulator.add_billing_subscription(customer=customer)

    assert [found.email for found in client.customers.contacts(customer.id)] == ["a@example.com"]
    assert client.customers.contacts(customer.id).first().id == contact.id  # type: ignore[union-attr]
    assert client.customers.categories(customer.id).all() == []
    assert [found.id for found in client.customer_invoices.matched_transactions(invoice.id)] == [
        transaction.id
    ]
    assert client.customer_invoices.payments(invoice.id).all() == []
    weights = [(found.id, found.weight) for found in client.customer_invoices.categories(invoice.id)]
    assert weights == [(category.id, Decimal(1))]
    assert len(client.billing_subscriptions.lines(subscription.id).all()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "customers", "products", "customer_invoices", "billing_subscriptions", "quotes", "categories",
        "category_groups", "ledger_accounts", "transactions", "bank_accounts", "journals",
        "customer_invoice_templates",
    ],
)  # fmt: skip
def test_every_collection_can_be_listed(client: Client, emulator: Emulator, name: str) -> None:
    invoice = emulator.add_customer_invoice()
    emulator.pay(invoice)
    emulator.add_product()
    emulator.add_billing_subscription()
    emulator.add_category()
    collection = getattr(client, name)

    records = collection.list().all()

    assert all(record.raw["id"] == record.id for record in records)
    assert collection.list().first() == (records[0] if records else None)
    assert repr(records).count("(id=") == len(records)
    assert name in repr(collection.list())
    assert name in repr(collection)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"status": "paid"}, "cannot be filtered by 'status'; its filters are: id, date"),
        ({"draft__in": [True]}, "offers: eq"),
        ({"id__in": 7}, "takes a collection"),
        ({"id": [7]}, "takes one value"),
        ({"id__in": "7"}, "takes a collection"),
    ],
)
def test_a_filter_that_the_list_does_not_offer_is_refused_before_it_is_sent(
    client: Client, emulator: Emulator, filters: dict[str, Any], words: str
) -> None:
    """Pennylane may ignore it and give the whole list."""
    with pytest.raises(ConfigurationError, match="Nothing was sent") as caught:
        client.customer_invoices.list(**filters).all()

    assert words in str(caught.value)
    assert not emulator.requests


def test_listing_twice_reads_twice(client: Client, emulator: Emulator) -> None:
    listing = client.customers.list()

    assert listing.all() == []
    emulator.add_customer()
    assert len(listing.all()) == 1
