"""A company is connected, synced, paused and disconnected from the pages."""

import time
from pathlib import Path

from fastapi import FastAPI

from pennybridge.emulator.server import Emulator
from tests.hub.conftest import Browser


def wait_for_sync(admin: Browser) -> str:
    """The page once the sync is over; it is polled as the browser does."""
    until = time.monotonic() + 30
    while 'http-equiv="refresh"' in (page := admin.get("/connections/1").text):
        assert time.monotonic() < until
        time.sleep(0.05)
    return page


def test_a_company_is_connected_by_token_and_synced(
    admin: Browser, app: FastAPI, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.add_customer_invoice("120.00", customer=emulator.add_customer("Cap Horizon"))
    page = admin.submit("/", "/connections", token=emulator.token(1))
    assert "never" in page

    admin.submit("/connections/1", "/connections/1/sync")
    page = wait_for_sync(admin)

    assert "Latest sync: done" in page
    assert app.state.database.rows("select name from pennylane.customers") == [("Cap Horizon",)]
    assert emulator.token(1) not in page + admin.get("/").text + admin.get("/people").text
    assert emulator.token(1).encode() not in (tmp_path / "state.db").read_bytes()


def test_a_refused_token_is_said_and_nothing_is_stored(admin: Browser) -> None:
    page = admin.submit("/", "/connections", token="wrong-token")

    assert admin.answer.status_code == 422
    assert 'role="alert"' in page
    assert "wrong-token" not in page
    assert "No company is connected" in page


def test_a_token_revoked_later_fails_the_sync_and_marks_the_connection(
    admin: Browser, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    admin.submit("/", "/connections", token=emulator.token(1))
    emulator.revoke_token(emulator.token(1))
    admin.submit("/connections/1", "/connections/1/sync")

    page = wait_for_sync(admin)

    assert "Latest sync: failed" in page
    assert "Unauthorized" in page


def test_pausing_stops_syncs_and_disconnecting_erases_the_token(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    admin.submit("/", "/connections", token=emulator.token(1))

    assert "Resume" in admin.submit("/connections/1", "/connections/1/pause")
    assert "is paused" in admin.submit("/connections/1", "/connections/1/sync")
    assert "Sync now" in admin.submit("/connections/1", "/connections/1/resume")
    assert "Disconnected" in admin.submit("/connections/1", "/connections/1/disconnect")
    assert app.state.people._state.rows("select sealed_grant from connections") == [(None,)]
    trail = [(row["user_name"], row["action"]) for row in app.state.people.trail()]
    assert {("ada", "connect"), ("ada", "pause"), ("ada", "resume"), ("ada", "disconnect")} <= set(trail)


def test_names_are_shown_as_text_and_never_as_markup(admin: Browser, emulator: Emulator) -> None:
    number = emulator.add_company("<script>alert(1)</script>")
    page = admin.submit("/", "/connections", token=emulator.token(getattr(number, "number", 1)))

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
