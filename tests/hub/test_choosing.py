"""Before the first sync, customers are looked at, left out by id or from a list, and taken in again."""

import time as machine

import pytest
from fastapi import FastAPI

from pennybridge.connections.scopes import NEEDS, to_request
from pennybridge.connections.states import WHY
from pennybridge.emulator.additions import Kept
from pennybridge.emulator.server import Emulator
from pennybridge.hub.languages import french
from pennybridge.sync.resources import NAMES, missing_scopes
from tests.hub.conftest import Browser

HERE = "/connections/1"


@pytest.fixture
def customers(admin: Browser, emulator: Emulator) -> list[Kept]:
    """Four customers of a company just connected: the first carries most."""
    emulator.add_company("Maison Lumière")
    found = [
        emulator.add_customer("Cap Horizon", external_reference="cap-1"),
        emulator.add_customer("Café de la Gare"),
        emulator.add_customer("Studio Nord"),
        emulator.add_customer("Sans Facture"),
    ]
    emulator.add_customer_invoice("1200.00", customer=found[0])
    emulator.add_customer_invoice("800.50", customer=found[0])
    emulator.add_customer_invoice("120.00", customer=found[1])
    emulator.add_customer_invoice("60.00", customer=found[2])
    admin.submit("/", "/connections", token=emulator.token(1))
    return found


def seen(admin: Browser, query: str = "") -> str:
    """The page once the look at Pennylane is over."""
    until = machine.monotonic() + 30
    while 'hx-trigger="every 1s"' in (page := admin.get(f"{HERE}/choose{query}").text):
        assert machine.monotonic() < until
        machine.sleep(0.02)
    return page


def left_out(app: FastAPI) -> set[int]:
    return {row[0] for row in app.state.database.rows("select customer_id from pennylane.exclusions")}


def test_customers_are_listed_with_what_they_carry(admin: Browser, customers: list[Kept]) -> None:
    page = seen(admin)

    assert (
        page.index("Cap Horizon")
        < page.index("Café de la Gare")
        < page.index("Studio Nord")
        < page.index("Sans")
    )
    assert "2,000.50" in page
    found = seen(admin, "?q=CAFÉ")
    assert "Café de la Gare" in found
    assert "Studio Nord" not in found
    assert "No customer matches." in seen(admin, "?q=nobody")
    assert str(customers[2]["id"]) in seen(admin, f"?q={customers[2]['id']}")


def test_customers_left_out_by_id_or_from_the_list_are_not_read(
    admin: Browser, app: FastAPI, customers: list[Kept]
) -> None:
    cap, cafe, nord, last = (each["id"] for each in customers)
    address = f"https://app.pennylane.com/companies/22/clients/customers/{cafe}?tab=1"

    page = admin.submit(f"{HERE}/choose", f"{HERE}/leave-out", pasted=f"cap-1, {address}\n {nord} 424242")
    assert admin.answer.status_code == 422
    assert "answers to: 424242" in page
    assert left_out(app) == {cap, cafe, nord}

    admin.submit(f"{HERE}/choose", f"{HERE}/leave-out", customer=str(last), back="q=sans&page=1")
    assert str(admin.answer.url).endswith("/choose?q=sans&page=1")
    admin.submit(f"{HERE}/choose", f"{HERE}/take-in", customer=str(nord))
    assert left_out(app) == {cap, cafe, last}
    assert "Activate without 3 customers" in seen(admin)

    for _ in range(2):  # pressed twice
        page = admin.submit("/", f"{HERE}/activate")
    until = machine.monotonic() + 30
    while app.state.engine.state("1").is_busy:
        assert machine.monotonic() < until
        machine.sleep(0.02)

    assert app.state.database.rows("select customer_id from pennylane.customer_invoices") == [(nord,)]
    trail = [row["action"] for row in app.state.people.trail()]
    assert trail.count("activate") == 1
    assert {"leave out 3 customers", "leave out 1 customers", "take in 1 customers"} <= set(trail)


def test_the_step_is_over_once_the_company_is_activated(
    admin: Browser, app: FastAPI, customers: list[Kept]
) -> None:
    """The back button then leads on instead of back."""
    assert len(customers) == 4
    app.state.connections.resume(app.state.connections.find("1"))

    assert "Sync now" in admin.get(f"{HERE}/choose").text
    assert "Sync now" in admin.submit("/", f"{HERE}/activate")


def test_a_look_that_failed_says_why_and_can_be_taken_again(
    admin: Browser, emulator: Emulator, customers: list[Kept]
) -> None:
    seen(admin)
    emulator.revoke_token(emulator.token(1))
    admin.submit(f"{HERE}/choose", f"{HERE}/look")
    until = machine.monotonic() + 30
    while "Pennylane refuses its API token" not in admin.get("/").text:
        assert machine.monotonic() < until
        machine.sleep(0.02)

    assert "to authorize again" in admin.get(HERE).text
    emulator.give_token("second", 1)
    page = admin.submit(HERE, f"{HERE}/token", token="second")
    assert "nothing of it has been stored yet" in page
    admin.submit(f"{HERE}/choose", f"{HERE}/look")
    assert customers[0]["name"] in seen(admin)


def test_a_viewer_sees_the_list_and_cannot_choose(
    viewer: Browser, app: FastAPI, customers: list[Kept]
) -> None:
    page = seen(viewer)

    assert customers[0]["name"] in page
    assert 'type="checkbox"' not in page
    assert "Activate" not in page
    viewer.submit(f"{HERE}/choose", f"{HERE}/leave-out", customer=str(customers[0]["id"]))
    assert viewer.answer.status_code == 403
    assert left_out(app) == set()


def test_what_python_says_on_these_pages_has_its_french() -> None:
    said = {*WHY.values(), *(need.without for need in NEEDS), *(name.replace("_", " ") for name in NAMES)}

    assert said - french().keys() == set()


def test_what_is_asked_for_covers_every_resource_that_is_synced() -> None:
    assert missing_scopes(to_request()) == []
