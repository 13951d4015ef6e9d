"""Other programs do with a key what the pages do."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from pennybridge.api.secret import Secret
from pennybridge.emulator.server import Emulator
from tests.hub.conftest import Browser


@pytest.fixture
def program(app: FastAPI, emulator: Emulator) -> Callable[[str], TestClient]:
    """Makes a client with a key of a role; a company is connected."""
    emulator.add_company("Atelier Martin")
    app.state.connections.add(Secret(emulator.token(1)), base_url=emulator.base_url)

    def make(role: str) -> TestClient:
        _, text = app.state.keys.add("shop", role, by="ada")
        return TestClient(app, headers={"authorization": f"Bearer {text}"})

    return make


def test_no_operation_without_a_key(app: FastAPI, admin: Browser) -> None:
    """Not even with a session: no other site can then make the browser of somebody signed in do it."""
    paths = {
        (method, re.sub(r"{\w+}", "1", route.path))
        for route in app.state.api.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    for method, path in paths:
        answer = admin.request(method, "/api/v1" + path, headers={"authorization": "Bearer pb_guess"})
        assert answer.status_code == 401, path
        assert admin.request(method, "/api/v1" + path).status_code == 401


def test_connections_are_told_and_paused(program: Callable[[str], TestClient]) -> None:
    shop = program("admin")

    (told,) = shop.get("/api/v1/connections").json()
    paused = shop.post(f"/api/v1/connections/{told['id']}/pause").json()

    assert (told["name"], told["state"], paused["state"]) == ("Atelier Martin", "active", "paused")
    assert shop.post("/api/v1/connections/1/sync").status_code == 422
    assert "There is no connection '9'" in shop.get("/api/v1/connections/9").json()["detail"]


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
