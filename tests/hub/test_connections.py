"""A company is connected, activated, watched, paused and disconnected from the pages."""

import time as machine
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI

from pennybridge.api.secret import Secret
from pennybridge.emulator.server import Emulator
from pennybridge.errors import AuthenticationError
from tests.hub.conftest import Browser, Time


def wait_for_sync(admin: Browser) -> str:
    """The page once the sync is over; its live part is asked for as the browser does."""
    until = machine.monotonic() + 30
    while 'hx-trigger="every 2s"' in admin.get("/connections/1/status", headers={"hx-request": "true"}).text:
        assert machine.monotonic() < until
        machine.sleep(0.05)
    return admin.get("/connections/1").text


def connect(admin: Browser, emulator: Emulator) -> None:
    """A company connected by token and active, nothing read yet."""
    emulator.add_company("Maison Lumière")
    admin.submit("/", "/connections", token=emulator.token(1))
    activate(admin)


def activate(admin: Browser) -> None:
    """Past the choice of customers, without a first sync."""
    hub = admin.app.state  # type: ignore[attr-defined]
    look, until = hub.looks.of(hub.connections.find("1")), machine.monotonic() + 30
    while not look.is_over:
        assert machine.monotonic() < until
        machine.sleep(0.01)
    hub.connections.resume(hub.connections.find("1"))


def done(app: FastAPI, action: str) -> int:
    """How often the audit trail says that something was done."""
    return [row["action"] for row in app.state.people.trail()].count(action)


def test_a_company_is_connected_by_token_and_synced_once_it_is_activated(
    admin: Browser, app: FastAPI, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.add_customer_invoice("120.00", customer=emulator.add_customer("Cap Horizon"))
    page = admin.submit("/", "/connections", token=emulator.token(1))
    assert "nothing of it has been stored yet" in page
    assert app.state.engine.state("1") is None

    admin.submit("/connections/1/choose", "/connections/1/activate")
    page = wait_for_sync(admin)

    assert '<span class="badge good">went well</span>' in page
    assert app.state.database.rows("select name from pennylane.customers") == [("Cap Horizon",)]
    assert emulator.token(1) not in page + admin.get("/").text + admin.get("/people").text
    assert emulator.token(1).encode() not in (tmp_path / "state.db").read_bytes()
    assert done(app, "connect") == done(app, "activate") == 1


def test_a_refused_token_is_said_and_nothing_is_stored(admin: Browser) -> None:
    page = admin.submit("/", "/connections", token="wrong-token")

    assert admin.answer.status_code == 422
    assert 'role="alert"' in page
    assert "wrong-token" not in page
    assert "No company is connected" in page


def test_a_token_revoked_later_fails_the_sync_and_a_new_one_mends_it(
    admin: Browser, emulator: Emulator
) -> None:
    connect(admin, emulator)
    emulator.revoke_token(emulator.token(1))
    admin.submit("/connections/1", "/connections/1/sync")

    page = wait_for_sync(admin)
    assert "to authorize again" in page
    assert "Pennylane refuses its API token" in page

    emulator.add_company("Maison Ombre")
    emulator.give_token("of-another", 2)
    page = admin.submit("/connections/1", "/connections/1/token", token="of-another")
    assert admin.answer.status_code == 422
    assert "This grant is of Maison Ombre" in page
    emulator.give_token("second", 1)
    page = admin.submit("/connections/1", "/connections/1/token", token="second")
    assert "Sync now" in page
    assert "Pennylane refuses" not in page


def test_pausing_stops_syncs_and_pressing_twice_changes_nothing(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    connect(admin, emulator)

    for _ in range(2):
        assert "Resume" in admin.submit("/connections/1", "/connections/1/pause")
    assert "This page was out of date" in admin.submit("/connections/1", "/connections/1/sync")
    assert admin.answer.status_code == 422
    for _ in range(2):
        assert "Sync now" in admin.submit("/connections/1", "/connections/1/resume")
    assert done(app, "pause") == done(app, "resume") == 1


def test_disconnecting_asks_first_and_erases_the_token(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    connect(admin, emulator)
    page = admin.get("/connections/1/disconnect").text
    assert "Disconnect Maison Lumière?" in page
    assert "Delete it at Pennylane as well" in page
    assert app.state.connections.find("1").state == "active"

    for _ in range(2):  # the second from a tab left open
        page = admin.submit("/", "/connections/1/disconnect")

    assert "Disconnected: the grant was erased here" in page
    assert app.state.people._state.rows("select sealed_grant from connections") == [(None,)]
    assert "Disconnected" in admin.submit("/", "/connections/1/pause")
    assert admin.answer.status_code == 422
    assert done(app, "disconnect") == 1


def test_reading_again_asks_first_and_reads_what_was_named(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    connect(admin, emulator)
    assert (
        "All records of products are read again" in admin.get("/connections/1/reload?resource=products").text
    )
    assert "All records of all resources" in admin.get("/connections/1/reload?resource=nonsense").text
    assert "This page was out of date" in admin.submit("/", "/connections/1/reload", resource="nonsense")
    assert app.state.engine.state("1") is None

    admin.submit("/connections/1/reload", "/connections/1/reload", resource="products")
    wait_for_sync(admin)
    admin.submit("/connections/1/reload", "/connections/1/reload")
    wait_for_sync(admin)

    page = admin.get("/connections/1/loads").text
    assert page.count("<td>whole</td>") >= 2
    kinds = "select kind from pennylane.loads where resource = 'products' order by started_at"
    assert app.state.database.rows(kinds) == [("full",), ("full",)]
    assert done(app, "reload products") == done(app, "reload all") == 1


def test_reading_again_while_a_sync_runs_says_that_it_is_too_late(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    connect(admin, emulator)
    board = app.state.engine.board
    board.ask("1", "asked", ["products"])
    board.begin("1", "a worker elsewhere")

    page = admin.submit("/connections/1/reload", "/connections/1/reload", resource="quotes")
    assert admin.answer.status_code == 409
    assert "Ask again when it has ended." in page
    admin.submit("/connections/1/reload", "/connections/1/reload", resource="products")
    assert admin.answer.status_code == 200
    assert done(app, "reload quotes") == done(app, "reload products") == 0


def test_what_went_wrong_is_said_in_the_reader_s_language(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    connect(admin, emulator)
    emulator.add_company("Maison Ombre")
    emulator.revoke_token(emulator.token(1))
    with pytest.raises(AuthenticationError):
        app.state.connections.check(app.state.connections.find("1"))
    admin.headers["accept-language"] = "fr"

    assert "Pennylane refuse cet accès" in admin.submit("/", "/connections", token="wrong-token")
    assert "Cet accès est celui de Maison Ombre" in admin.submit(
        "/connections/1", "/connections/1/token", token=emulator.token(2)
    )
    assert "Cette page n’était plus à jour" in admin.submit("/connections/1", "/connections/1/sync")
    assert "n’a pas été commencé dans ce navigateur" in admin.get("/oauth/callback?state=x&code=y").text


def test_names_are_shown_as_text_and_never_as_markup(admin: Browser, emulator: Emulator) -> None:
    emulator.add_company("<script>alert(1)</script>")
    page = admin.submit("/", "/connections", token=emulator.token(1))

    assert "<script>alert" not in page + admin.get("/").text
    assert "&lt;script&gt;" in page


def consent(admin: Browser, emulator: Emulator, query: str = "", **options: object) -> str:
    """Go to Pennylane and say yes there; the page that comes back."""
    leaving = admin.get(f"/oauth/authorize{query}", follow_redirects=False).headers["location"]
    assert leaving.startswith(f"{emulator.origin}/oauth/authorize?")
    return admin.get(emulator.approve(leaving, **options)).text  # type: ignore[arg-type]


def test_a_company_is_connected_through_pennylane(
    admin: Browser, app: FastAPI, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.add_company("Maison Lumière")
    assert 'href="/oauth/authorize"' in admin.get("/").text

    page = consent(admin, emulator)

    assert "Maison Lumière is connected" in page
    found = app.state.connections.find("1")
    assert (found.kind, found.state) == ("oauth", "new")
    stored = (tmp_path / "state.db").read_bytes() + page.encode()
    for token in emulator.api.oauth._grants:
        assert token.encode() not in stored
    assert done(app, "authorize") == 1


def test_the_answer_loaded_again_leads_to_the_same_connection(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    leaving = admin.get("/oauth/authorize", follow_redirects=False).headers["location"]
    back = emulator.approve(leaving)
    admin.get(back)

    page = admin.get(back).text

    assert "Maison Lumière is connected" in page
    assert [request.path for request in emulator.requests].count("/oauth/token") == 1
    assert done(app, "authorize") == 1


def test_an_answer_of_another_browser_or_too_late_connects_nothing(
    admin: Browser, browser: Callable[[], Browser], app: FastAPI, emulator: Emulator, time: Time
) -> None:
    """Otherwise somebody could make an administrator connect the company of the attacker."""
    emulator.add_company("Maison Lumière")
    back = emulator.approve(admin.get("/oauth/authorize", follow_redirects=False).headers["location"])
    other = browser()
    other.sign_in("ada")

    assert "was not begun in this browser" in other.get(back).text
    assert "Sign in" in browser().get(back).text
    time.now += timedelta(minutes=31)
    assert "was not begun in this browser, or more than half an hour ago" in admin.get(back).text
    assert "was not begun" in admin.get("/oauth/callback?code=x").text
    assert app.state.connections.known() == []
    assert [request.path for request in emulator.requests].count("/oauth/token") == 0


def test_a_refused_consent_is_said(admin: Browser, app: FastAPI, emulator: Emulator) -> None:
    emulator.add_company("Maison Lumière")
    leaving = admin.get("/oauth/authorize", follow_redirects=False).headers["location"]
    oauth = emulator.api.oauth

    page = admin.get(oauth.deny(oauth.read_request(dict(parse_qsl(urlsplit(leaving).query))))).text

    assert "The consent was refused at Pennylane. Nothing was changed." in page
    assert app.state.connections.known() == []


def test_scopes_that_were_not_granted_are_said_with_what_does_not_work(
    admin: Browser, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")

    page = consent(admin, emulator, scopes=["customers:all", "customer_invoices:all"])

    assert "Products are not synced." in page
    assert "Customers and their contacts are not synced." not in page


def test_authorizing_again_keeps_the_company_and_its_state(
    admin: Browser, app: FastAPI, emulator: Emulator
) -> None:
    emulator.add_company("Maison Lumière")
    emulator.add_company("Maison Ombre")
    consent(admin, emulator)
    app.state.connections.resume(app.state.connections.find("1"))
    app.state.connections.pause(app.state.connections.find("1"))

    page = consent(admin, emulator, "?connection=1", company=2)
    assert "This grant is of Maison Ombre, but the connection is of Maison Lumière" in page
    companies = {access.company_id for access in emulator.api.tokens.in_force().values()}
    assert len(companies) == 1  # the one that was not wanted was revoked
    page = consent(admin, emulator, "?connection=1", company=1)

    assert "Resume" in page
    assert [c.state for c in app.state.connections.known()] == ["paused"]


def test_disconnecting_revokes_the_grant_at_pennylane(admin: Browser, emulator: Emulator) -> None:
    emulator.add_company("Maison Lumière")
    consent(admin, emulator)
    assert "The grant is revoked at Pennylane" in admin.get("/connections/1/disconnect").text

    admin.submit("/connections/1/disconnect", "/connections/1/disconnect")

    assert emulator.api.tokens.in_force() == {}
    page = consent(admin, emulator, "?connection=1")
    assert "Maison Lumière is connected" in page
    emulator.fail_next("POST", "/oauth/revoke", "503")
    page = admin.submit("/connections/1/disconnect", "/connections/1/disconnect")
    assert "could not be revoked at Pennylane" in page


@pytest.mark.parametrize(
    ("ending", "said", "in_french"),
    [
        ("withdrawn", "probably withdrawn there", "probablement été retirée"),
        ("unused", "not used for 90 days", "pas servi pendant 90 jours"),
        ("lost", "renewal of its tokens was cut off", "renouvellement de ses jetons a été interrompu"),
    ],
)
def test_a_grant_that_ended_says_why_and_what_to_do(
    admin: Browser, emulator: Emulator, time: Time, *, ending: str, said: str, in_french: str
) -> None:
    emulator.add_company("Maison Lumière")
    consent(admin, emulator)
    activate(admin)
    time.now += timedelta(days=91 if ending == "unused" else 2)
    emulator.set_clock(time.now)
    admin.sign_in("ada")
    if ending == "withdrawn":
        emulator.api.oauth._grants.clear()
    if ending == "lost":
        emulator.fail_next("POST", "/oauth/token", "lost_answer")

    admin.submit("/connections/1", "/connections/1/sync")
    page = wait_for_sync(admin)

    assert said in page
    assert 'href="/oauth/authorize?connection=1"' in page
    assert said in admin.get("/").text
    admin.headers["accept-language"] = "fr"
    assert in_french in admin.get("/connections/1").text
    del admin.headers["accept-language"]
    page = consent(admin, emulator, "?connection=1")
    assert "Sync now" in page
    assert 'role="alert"' not in page


def test_a_company_s_interval_is_set_on_its_page(app: FastAPI, admin: Browser, emulator: Emulator) -> None:
    emulator.add_company("Maison Lumière")
    app.state.connections.add(Secret(emulator.token(1)), base_url=emulator.base_url)

    admin.submit("/connections/1", "/connections/1/interval", minutes="60")

    assert app.state.engine.interval("1") == timedelta(hours=1)
    assert admin.submit("/connections/1", "/connections/1/interval", minutes="7")
    assert admin.answer.status_code == 422
    admin.submit("/connections/1", "/connections/1/interval", minutes="")
    assert app.state.engine.interval("1") == app.state.engine.every
    assert "Workers alive: 0" in admin.get("/").text
