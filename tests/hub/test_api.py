"""Other programs do with a key what the pages do."""

import re
from collections.abc import Callable
from decimal import Decimal
from time import sleep
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pennybridge.api.secret import Secret
from pennybridge.emulator.server import Emulator
from pennybridge.models.build import build
from pennybridge.sync.run import sync
from tests.hub.conftest import Browser
from tests.hub.routes import filled, routes_of


@pytest.fixture
def program(app: FastAPI, emulator: Emulator) -> Callable[[str], TestClient]:
    """Makes a client with a key of a role; a company is connected."""
    emulator.add_company("Atelier Martin")
    app.state.connections.add(Secret(emulator.token(1)), base_url=emulator.base_url)

    def make(role: str) -> TestClient:
        _, text = app.state.keys.add("shop", role, by="ada")
        return TestClient(app, headers={"authorization": f"Bearer {text}"})

    return make


def read_books(app: FastAPI) -> None:
    """A sync of the only company."""
    known = app.state.connections.known()[0]
    with app.state.connections.client(known) as client:
        sync(
            company_id=known.company_id,
            client=client,
            database=app.state.database,
            scopes=known.scopes,
            clock=app.state.clock,
        )


def test_no_operation_without_a_key(app: FastAPI, admin: Browser) -> None:
    """Not even with a session: no other site can then make the browser of somebody signed in do it."""
    for method, path in ((method, filled(path)) for method, path in routes_of(app.state.api)):
        answer = admin.request(method, "/api/v1" + path, headers={"authorization": "Bearer pb_guess"})
        assert answer.status_code == 401, path
        assert admin.request(method, "/api/v1" + path).status_code == 401


def test_connections_are_told_and_paused(program: Callable[[str], TestClient]) -> None:
    shop = program("admin")

    (told,) = shop.get("/api/v1/connections").json()
    paused = shop.post(f"/api/v1/connections/{told['id']}/pause").json()

    assert (told["name"], told["state"], paused["state"]) == ("Atelier Martin", "active", "paused")
    assert shop.post("/api/v1/connections/1/sync").status_code == 422
    assert "There is no such connection." in shop.get("/api/v1/connections/9").json()["detail"]


def test_a_viewers_key_changes_nothing(program: Callable[[str], TestClient]) -> None:
    viewer = program("viewer")

    assert viewer.post("/api/v1/connections/1/pause").status_code == 403
    assert viewer.get("/api/v1/connections/1").json()["state"] == "active"


def test_a_key_is_shown_once_and_revoked_for_good(app: FastAPI, admin: Browser) -> None:
    page = admin.submit("/people", "/people/keys", name="shop", role="viewer")
    found = re.search(r"<code>(pb_[\w-]+)</code>", page)
    assert found
    shop = TestClient(app, headers={"authorization": f"Bearer {found[1]}"})
    assert shop.get("/api/v1/connections").json() == []
    assert found[1] not in admin.get("/people").text

    admin.submit("/people", f"/people/keys/{app.state.keys.known()[0].id}/revoke")

    assert shop.get("/api/v1/connections").status_code == 401
    assert "revoke key" in admin.get("/people").text


def test_the_document_and_its_page_name_every_operation(
    program: Callable[[str], TestClient], admin: Browser
) -> None:
    document = program("viewer").get("/api/v1/openapi.json").json()
    page = admin.get("/api-docs").text

    assert document["servers"] == [{"url": "/api/v1"}]
    for path in document["paths"]:
        assert path in page


def test_invoices_are_handed_over_checked_and_sent_once(
    app: FastAPI, emulator: Emulator, program: Callable[[str], TestClient]
) -> None:
    shop = program("admin")
    invoice = {
        "reference": "SHOP-1", "date": "2026-11-02", "due_date": "2026-12-02",
        "customer": {
            "name": "Atelier Martin", "address": "12 rue des Lilas", "postal_code": "69003", "city": "Lyon",
            "country": "FR",
        },
        "lines": [
            {"label": "Licence", "quantity": 1, "unit": "piece", "unit_price": "100.00", "vat": "FR_200"},
        ],
    }  # fmt: skip
    asked = {"invoices": [invoice], "options": {"status": "final", "create_customers": True}}
    home = "/api/v1/connections/1/outgoing"
    batch = f"{home}/{shop.post(home, json=asked).json()['id']}"
    assert settled(shop, batch)["invoices"][0]["outcome"] == "ready", shop.get(batch).json()

    assert shop.post(f"{batch}/send", json={}).status_code == 422
    assert shop.post(f"{batch}/send", json={"certain": True}).json() == {"begun": True}
    sent = settled(shop, batch)
    again = f"{home}/{shop.post(home, json=asked).json()['id']}"

    assert (sent["stage"], sent["invoices"][0]["outcome"]) == ("done", "created")
    assert settled(shop, again)["invoices"][0]["outcome"] == "there"
    assert emulator.books.count("customer_invoices", app.state.connections.known()[0].company_id) == 1


def test_customers_and_invoices_are_told_a_page_at_a_time(
    app: FastAPI, emulator: Emulator, program: Callable[[str], TestClient]
) -> None:
    customers = [emulator.add_customer(f"Client {number:02}") for number in range(51)]
    invoice = emulator.add_customer_invoice("120.00", customer=customers[0])
    shop = program("viewer")
    read_books(app)

    first = shop.get("/api/v1/connections/1/customers", params={"sort": "name"}).json()
    second = shop.get(first["next"]).json()
    found = shop.get(f"/api/v1/connections/1/invoices/{invoice.id}").json()

    assert [len(first["rows"]), len(second["rows"]), second["next"]] == [50, 1, None]
    assert first["totals"]["open_amount_eur"] == "120.00"
    assert Decimal(found["invoice"]["total_incl_tax_eur"]) == 120
    assert found["lines"]
    owing = shop.get("/api/v1/connections/1/customers", params={"only": "owes"}).json()
    assert [row["name"] for row in owing["rows"]] == ["Client 00"]
    account = shop.get(f"/api/v1/connections/1/customers/{owing['rows'][0]['id']}").json()
    assert Decimal(account["standing"]["open_amount_eur"]) == 120
    assert shop.get("/api/v1/connections/1/invoices/7").status_code == 404
    assert shop.get("/api/v1/connections/1/invoices", params={"state": "x"}).status_code == 422


def test_reports_and_what_is_behind_them_are_told(
    app: FastAPI, emulator: Emulator, program: Callable[[str], TestClient]
) -> None:
    shop = program("viewer")
    home = "/api/v1/connections/1"
    assert shop.get(f"{home}/reports/mrr").status_code == 409
    emulator.add_customer_invoice("120.00", customer=emulator.add_customer("Atelier Martin"))
    read_books(app)
    build(app.state.database, as_of=app.state.clock().date())

    aging = shop.get(f"{home}/reports/aging").json()
    revenue = shop.get(f"{home}/reports/revenue", params={"from": "2026-11", "by": "month"}).json()

    assert aging["rows"][0]["customer"] == "Atelier Martin"
    assert Decimal(aging["rows"][0]["open_amount"]) == 120
    assert Decimal(revenue["rows"][-1]["revenue"]) == 100, revenue
    assert shop.get(f"{home}/explain/revenue").json()["rows"][0]["customer"] == "Atelier Martin"
    assert shop.get(f"{home}/reports/mrr", params={"from": "never"}).status_code == 422
    assert shop.get(f"{home}/explain/luck").status_code == 404
    assert shop.get(f"{home}/explain/cohort").json()["rows"] == []
    refused = shop.get(f"{home}/explain/cohort", params={"from": "2024", "to": "2024", "age": "6"})
    assert (refused.status_code, "no cohort 2024" in refused.json()["detail"]) == (422, True), refused.text


def settled(shop: TestClient, batch: str) -> dict[str, Any]:
    """A batch once nothing of it is in hand."""
    for _ in range(1_000):
        told: dict[str, Any] = shop.get(batch).json()
        if told["stage"] not in {"checking", "sending"}:
            return told
        sleep(0.02)  # real threads have it in hand
    raise AssertionError(told)
