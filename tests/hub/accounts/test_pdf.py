"""The PDF of an invoice is asked for when it is wanted, and a refusal is told in words."""

import httpx2
import pytest
from fastapi import FastAPI

from pennybridge.emulator.server import Emulator
from tests.conftest import START
from tests.hub.accounts.story import Story
from tests.hub.conftest import Browser

_LAND = """
    insert into pennylane.customer_invoices (company_id, id, invoice_number, payload, read_at, load_id)
    values (400001, :id, 'F-1', '{}', :at, 'load')
"""


@pytest.fixture
def address(app: FastAPI, emulator: Emulator) -> str:
    """The page of an invoice that Pennylane has as well."""
    invoice = emulator.add_customer_invoice()
    with app.state.database.transaction() as transaction:
        transaction.execute(_LAND, id=invoice.id, at=START)
    return f"/connections/1/invoices/{invoice.id}"


@pytest.fixture
def story_invoice(story: Story) -> str:
    """The page of an invoice that this test's Pennylane never had."""
    return f"/connections/1/invoices/{story.late_invoice}"


def test_the_browser_is_led_to_the_file_by_an_address_asked_for_now(
    admin: Browser, emulator: Emulator, address: str
) -> None:
    admin.follow_redirects = False
    before = len(emulator.requests)

    answers = [admin.get(f"{address}/pdf") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(emulator.requests) - before == 2
    assert httpx2.get(answers[0].headers["location"]).content.startswith(b"%PDF")


def test_an_invoice_that_pennylane_no_longer_has_is_told(admin: Browser, story_invoice: str) -> None:
    answer = admin.get(f"{story_invoice}/pdf")

    assert answer.status_code == 502
    assert 'role="alert"' in answer.text
    assert "F-2026-000001" in answer.text


def test_a_refused_token_is_told_and_marks_the_connection(
    admin: Browser, app: FastAPI, emulator: Emulator, address: str
) -> None:
    emulator.revoke_token(emulator.token(1))

    answer = admin.get(f"{address}/pdf")

    assert answer.status_code == 502
    assert 'role="alert"' in answer.text
    assert app.state.connections.find("1").state == "unauthorized"


def test_a_disconnected_company_offers_no_pdf(
    admin: Browser, app: FastAPI, emulator: Emulator, address: str
) -> None:
    app.state.connections.remove(app.state.connections.find("1"))
    before = len(emulator.requests)

    assert "connect the company again to open it" in admin.get(address).text
    assert admin.get(f"{address}/pdf").status_code == 409
    assert len(emulator.requests) == before
