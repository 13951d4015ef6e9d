"""A credit controller's first day: connect, leave somebody out, watch the first sync, follow what changes."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pennybridge.emulator.server import Emulator
from tests.journeys.conftest import Hub, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def books(emulator: Emulator) -> dict[str, Any]:
    """A small company: three customers, an invoice each."""
    emulator.add_company("Maison Lumière")
    customers = {
        name: emulator.add_customer(name) for name in ("Atelier Martin", "Bistro Léon", "Cousin SARL")
    }
    invoices = {
        name: emulator.add_customer_invoice("1200.00", customer=customers[name]) for name in customers
    }
    emulator.settle()
    return {"customers": customers, "invoices": invoices}


def activate(visitor: Visitor) -> None:
    """From the page on whom to leave out: leave out one of the list, one by id, and begin."""
    page = visitor.page
    expect(page.get_by_role("cell", name="1,200.00").first).to_be_visible()
    visitor.look("choose")
    page.get_by_label("Cousin SARL").check()
    page.get_by_role("button", name="Leave out those ticked").click()
    expect(page.get_by_role("button", name="Activate without 1 customer")).to_be_visible()
    page.get_by_role("button", name="Activate without 1 customer").click()
    expect(page.get_by_role("heading", name="Latest sync")).to_be_visible()


def wait_for_sync(page: Page) -> None:
    """Until the connection's page says that the latest sync is over."""
    expect(page.get_by_text("went well", exact=True)).to_be_visible(timeout=60_000)


def sync_again(visitor: Visitor, emulator: Emulator) -> None:
    emulator.settle()
    page = visitor.page
    page.get_by_role("link", name="Connection", exact=True).click()
    page.get_by_role("button", name="Sync now").click()
    wait_for_sync(page)


def test_connect_by_oauth_leave_out_sync_and_follow_until_disconnected(
    emulator: Emulator, books: dict[str, Any], serve: Callable[[], Hub], visitor: Visitor
) -> None:
    page = visitor.page
    hub = serve()
    visitor.set_up(hub)
    visitor.look("companies-none")

    page.get_by_role("link", name="Connect through Pennylane").click()
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    page.get_by_role("button", name="Allow").click()
    activate(visitor)
    wait_for_sync(page)
    visitor.look("connection")

    page.get_by_role("link", name="Customers", exact=True).click()
    expect(page.get_by_role("link", name="Atelier Martin")).to_be_visible()
    visitor.look("customers")
    page.get_by_role("link", name="Bistro Léon").click()
    visitor.look("customer")
    page.get_by_role("link", name="Exclude").click()
    visitor.look("exclude")
    page.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("excluded").first).to_be_visible()

    late = emulator.add_customer_invoice("360.00", customer=books["customers"]["Atelier Martin"])
    emulator.add_customer_invoice("999.00", customer=books["customers"]["Bistro Léon"])
    sync_again(visitor, emulator)
    page.get_by_role("link", name="Invoices", exact=True).click()
    expect(page.get_by_role("cell", name="360.00").first).to_be_visible()
    expect(page.get_by_text("999.00")).to_have_count(0)
    visitor.look("invoices")

    emulator.pay(late)
    sync_again(visitor, emulator)
    page.get_by_role("link", name="Invoices", exact=True).click()
    row = page.get_by_role("row").filter(has_text="360.00")
    expect(row.get_by_text("paid", exact=True)).to_be_visible()
    row.get_by_role("link").first.click()
    visitor.look("invoice")

    page.get_by_role("link", name="Connection", exact=True).click()
    page.get_by_role("link", name="Disconnect").click()
    visitor.look("disconnect")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("disconnected", exact=True)).to_be_visible()
    page.get_by_role("link", name="Customers", exact=True).click()
    expect(page.get_by_role("link", name="Atelier Martin")).to_be_visible()
    page.get_by_role("link", name="People").click()
    expect(page.get_by_role("cell", name="disconnect").first).to_be_visible()
    visitor.look("people")


def test_connect_by_token_in_french(
    emulator: Emulator, books: dict[str, Any], serve: Callable[[], Hub], visitor: Visitor
) -> None:
    page = visitor.page
    hub = serve()
    visitor.set_up(hub)
    page.get_by_label("API token").fill(emulator.token(1))
    page.get_by_role("button", name="Connect by token").click()
    activate(visitor)
    wait_for_sync(page)

    page.get_by_role("button", name="Français").click()
    page.get_by_role("link", name="Factures", exact=True).click()
    expect(page.get_by_role("cell", name="1 200,00").first).to_be_visible()
    visitor.look("invoices-fr")
    page.get_by_role("link", name="Chiffres").click()
    visitor.look("figures-fr")
    expect(page.get_by_text(emulator.token(1))).to_have_count(0)
    assert len(books["invoices"]) == 3
