"""The page for people at `/_emulator/`."""

from collections.abc import Iterator

import httpx2
import pytest

from pennybridge.emulator.server import Emulator


@pytest.fixture(scope="module")
def browser(running_emulator: Emulator) -> Iterator[httpx2.Client]:
    """A client that follows redirects, as browsers do."""
    address = f"{running_emulator.origin}/_emulator/"
    with httpx2.Client(base_url=address, timeout=10, follow_redirects=True) as client:
        yield client


def test_the_page_shows_what_the_emulator_holds(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_customer_invoice(company=2)
    grant = emulator.grant(2, ["quotes:all"])
    emulator.fail_next("GET", "/customers*", "503")
    httpx2.get(f"{emulator.base_url}/products?limit=7", headers={"authorization": "Bearer nonsense"})

    page = browser.get("")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count("Atelier Numérique") >= 2
    for shown in ("emulator-company-2", grant.access_token, "GET /customers*", "/products?limit=7", "401"):
        assert shown in page.text
    assert "2026-11-02 09:00:0" in page.text


def test_the_newest_mail_stands_first(emulator: Emulator, browser: httpx2.Client) -> None:
    headers = {"authorization": f"Bearer {emulator.token(1)}"}
    for name in ("Cap Horizon", "Delta"):
        customer = emulator.add_customer(name, emails=["compta@example.org"])
        invoice = emulator.add_customer_invoice(customer=customer)
        path = f"{emulator.base_url}/customer_invoices/{invoice.id}/send_by_email"
        assert httpx2.post(path, headers=headers, json={}).status_code == 204

    page = browser.get("").text

    first, second = (mail.subject for mail in emulator.outbox)
    assert page.index(second) < page.index(first)


def test_an_origin_leads_to_the_page(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_company()

    assert "Pennylane emulator" in browser.get(emulator.origin).text


def test_what_people_and_clients_wrote_is_escaped(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_company("<script>alert(1)</script>")
    httpx2.get(f"{emulator.base_url}/me", headers={"authorization": "Bearer <b>token</b>"})

    page = browser.get("", params={"problem": "<i>"}).text

    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page


def test_the_clock_is_moved_by_a_form(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_billing_subscription()

    moved = browser.post("forms/clock", data={"do": "move", "count": "31", "unit": "days"})

    assert moved.url.path == "/_emulator/"
    assert "2026-12-03" in moved.text
    assert emulator.books.count("customer_invoices") == 2
    browser.post("forms/clock", data={"do": "set", "instant": "2027-01-02T10:00"})
    assert emulator.now.isoformat() == "2027-01-02T10:00:00+00:00"


def test_the_clock_is_started_stopped_and_settled(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_company()

    assert "running" in browser.post("forms/clock", data={"do": "run"}).text
    assert "standing still" in browser.post("forms/clock", data={"do": "freeze"}).text
    assert browser.post("forms/clock", data={"do": "settle"}).status_code == 200


def test_faults_are_scripted_and_cleared_by_forms(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_company()
    fault = {"method": "*", "path": "/customers*", "kind": "lost_answer", "times": ""}

    browser.post("forms/fault", data=fault)
    [scripted] = emulator.api.faults.scripted
    browser.post("forms/clear-faults")

    assert (scripted.kind, scripted.times) == ("lost_answer", None)
    assert emulator.api.faults.scripted == []


def test_what_a_form_cannot_do_is_said(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_company()

    page = browser.post("forms/fault", data={"method": "*", "path": "*", "kind": "meteorite", "times": ""})
    far = browser.post("forms/clock", data={"do": "move", "count": "1e12", "unit": "weeks"})

    assert "meteorite" in page.text
    assert far.status_code == 200
    assert "could not be done" in far.text


def test_tokens_are_revoked_and_requests_forgotten_by_forms(
    emulator: Emulator, browser: httpx2.Client
) -> None:
    emulator.add_company()
    token = emulator.grant().access_token

    page = browser.post("forms/revoke", data={"token": token}).text
    browser.post("forms/clear-requests")

    assert token not in page
    assert emulator.requests == []


def test_looking_at_the_page_fills_no_company(emulator: Emulator, browser: httpx2.Client) -> None:
    """A thousand companies cost nothing until somebody asks for them."""
    filled = []
    for number in range(60):
        emulator.books.add_company(f"Company {number}", fill=lambda *_: filled.append(1))

    page = browser.get("").text

    assert filled == []
    assert "10 more" in page
