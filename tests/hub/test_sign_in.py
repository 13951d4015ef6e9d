"""Passwords are not guessed, nobody is locked out by others, and who is removed is out at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from pennybridge.errors import ConfigurationError
from pennybridge.hub.attempts import ThrottledError
from pennybridge.hub.doors import BROWSER
from pennybridge.hub.gate import COOKIE
from pennybridge.hub.people import People
from pennybridge.store import open_state
from tests.hub.conftest import PASSWORD, Browser, Time

OTHER = "another long password"


@pytest.fixture(params=["sqlite", "postgresql"])
def people(request: pytest.FixtureRequest, tmp_path: Path, time: Time) -> Iterator[People]:
    """Ada, in a state on each engine."""
    url = f"sqlite:///{tmp_path}/people.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    with open_state(url, clock=time) as state:
        found = People(state, time)
        found.add("Ada", PASSWORD, "admin")
        yield found


def attempt(people: People, name: str, address: str = "", browser: str = "", *, right: bool = False) -> bool:
    """Whether a password would be looked at; what sign-in does around that, without its slow part."""
    limits = people.attempts.limits(name, address, browser)
    try:
        number = people.attempts.begin(limits)
    except ThrottledError:
        return False
    if right:
        people.attempts.succeeded(number, limits)
    return True


def guesses(people: People, times: int, address: str = "") -> None:
    for number in range(times):
        assert attempt(people, f"guess {number}", address)


def test_a_name_is_closed_after_five_failures_and_opens_again(people: People, time: Time) -> None:
    for _ in range(5):
        assert people.sign_in("ada", "wrong") is None

    with pytest.raises(ThrottledError, match="Too many"):
        people.sign_in(" ADA", PASSWORD)
    time.now += timedelta(minutes=14)
    with pytest.raises(ThrottledError):
        people.sign_in("ada", PASSWORD)
    time.now += timedelta(minutes=2)
    assert people.sign_in("ada", PASSWORD)


def test_an_address_is_closed_after_twenty_failures_whatever_the_names(people: People) -> None:
    for number in range(20):
        assert attempt(people, f"guess {number}", f"2001:db8::{number + 1:x}")  # one network of 64 bits

    assert not attempt(people, "ada", "2001:db8::ffff")
    assert attempt(people, "ada", "2001:db9::1")


def test_a_right_password_in_between_opens_no_address_to_more_guesses(people: People) -> None:
    """Somebody with an account of their own cannot go on for ever."""
    for number in range(20):
        assert attempt(people, f"guess {number}", "203.0.113.7")
        assert number == 19 or attempt(people, "mallory", "203.0.113.7", right=True)

    assert not attempt(people, "another", "203.0.113.7")


def test_who_signed_in_here_before_is_not_shut_out_by_others(people: People) -> None:
    """Neither by failures under their name, nor by those behind a proxy that hides addresses."""
    (ada,) = people.known()
    browser = people.attempts.know(ada.id)
    for _ in range(5):
        assert attempt(people, "ada", "proxy")
    guesses(people, 15, "proxy")
    assert not attempt(people, "somebody", "proxy")

    assert people.sign_in("ada", PASSWORD, address="proxy", browser=browser)
    for _ in range(5):
        assert attempt(people, "ada", "proxy", browser)
    assert not attempt(people, "ada", "elsewhere", browser)


def test_a_known_browser_helps_only_its_own_user(people: People) -> None:
    mallory = people.add("Mallory", PASSWORD, "viewer")
    browser = people.attempts.know(mallory.id)
    for _ in range(5):
        assert attempt(people, "ada", browser=browser)

    assert not attempt(people, "ada", browser=browser)


def test_guesses_side_by_side_are_counted_each(people: People) -> None:
    with ThreadPoolExecutor(12) as threads:
        looked_at = list(threads.map(lambda _: attempt(people, "ada"), range(12)))

    assert sum(looked_at) <= 5


def test_who_is_removed_is_out_at_once_and_may_not_come_back(people: People) -> None:
    vera = people.add("Vera", PASSWORD, "viewer")
    session, browser = people.open_session(vera), people.attempts.know(vera.id)

    assert people.remove(vera.id) == vera

    assert people.of_session(session) is None
    assert not people.attempts.is_known(browser, "vera")
    assert people.sign_in("vera", PASSWORD) is None
    assert people.remove(vera.id) is None


def test_the_last_administrator_stays(people: People) -> None:
    people.add("Vera", PASSWORD, "viewer")
    (ada,) = [each for each in people.known() if each.name == "ada"]
    with pytest.raises(ConfigurationError, match="only administrator"):
        people.remove(ada.id)
    bob = people.add("Bob", PASSWORD, "admin")

    with ThreadPoolExecutor(2) as threads:
        results = [threads.submit(people.remove, each.id) for each in (ada, bob)]
        refused = [done.exception() for done in results]

    assert sum(isinstance(each, ConfigurationError) for each in refused) == 1
    assert [each.role for each in people.known()].count("admin") == 1


def test_an_administrator_removes_somebody_on_the_page(
    app: FastAPI, admin: Browser, browser: Callable[[], Browser]
) -> None:
    vera = app.state.people.add("Vera", PASSWORD, "viewer")
    person = browser()
    assert "Companies" in person.sign_in("vera")

    page = admin.submit("/people", f"/people/{vera.id}/remove")

    assert "remove viewer" in page
    assert person.get("/").url.path == "/sign-in"
    assert "There is no such user" in admin.submit("/people", f"/people/{vera.id}/remove")
    (ada,) = app.state.people.known()
    assert "only administrator" in admin.submit("/people", f"/people/{ada.id}/remove")


def test_a_viewer_changes_their_own_password_and_is_signed_out_elsewhere(
    viewer: Browser, browser: Callable[[], Browser]
) -> None:
    elsewhere = browser()
    elsewhere.sign_in("vera")
    assert "at least 12" in viewer.submit("/password", "/password", current=PASSWORD, new="short")
    assert "not right" in viewer.submit("/password", "/password", current="wrong", new=OTHER)

    assert "Companies" in viewer.submit("/password", "/password", current=PASSWORD, new=OTHER)

    assert viewer.get("/").url.path == "/"
    assert elsewhere.get("/").url.path == "/sign-in"
    assert "do not go together" in browser().sign_in("vera", PASSWORD)
    assert "Companies" in browser().sign_in("vera", OTHER)


def test_an_open_session_does_not_help_to_guess_the_password(viewer: Browser) -> None:
    for _ in range(5):
        viewer.submit("/password", "/password", current="wrong", new=OTHER)

    assert "Too many" in viewer.submit("/password", "/password", current=PASSWORD, new=OTHER)
    assert viewer.answer.status_code == 429


def test_signing_in_opens_a_new_session_and_ends_the_one_before(app: FastAPI, admin: Browser) -> None:
    before = admin.cookies[COOKIE]
    known = admin.cookies[BROWSER]
    admin.sign_in("ada")
    victim = Browser(app, follow_redirects=False)
    for name in (COOKIE, BROWSER):
        victim.cookies.set(name, "planted", domain="testserver.local")
    victim.sign_in("ada")

    assert victim.answer.headers["location"] == "/"
    assert "planted" not in {victim.cookies[COOKIE], victim.cookies[BROWSER]}
    assert app.state.people.of_session("planted") is None
    assert admin.cookies[COOKIE] != before
    assert admin.cookies[BROWSER] == known
    assert app.state.people.of_session(before) is None


def test_five_failures_on_the_page_are_answered_and_logged_without_the_name(
    app: FastAPI, browser: Callable[[], Browser], caplog: pytest.LogCaptureFixture
) -> None:
    app.state.people.add("Ada", PASSWORD, "admin")
    caplog.set_level("INFO", "pennybridge.engine")
    person = browser()
    for _ in range(5):
        assert "do not go together" in person.sign_in("ada", "wrong")
        assert person.answer.status_code == 401

    assert "Too many" in person.sign_in("ada")
    assert person.answer.status_code == 429
    logged = [vars(each).get("fields") for each in caplog.records if each.message == "sign-in failed"]
    assert logged == [{"address": "testclient"}] * 5


def behind_proxy(app: FastAPI, caller: str) -> TestClient:
    """The hub as `pennybridge serve` has uvicorn serve it, called from an address."""
    config = uvicorn.Config(app, log_config=None)
    config.load()
    return TestClient(config.loaded_app, client=(caller, 5000), follow_redirects=False)


def test_a_proxy_on_this_machine_tells_of_tls_and_addresses_and_nobody_else_does(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    caplog.set_level("INFO", "pennybridge.engine")
    said = {"x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.1, 203.0.113.9"}
    told = {}
    for caller in ("127.0.0.1", "192.0.2.4"):
        person = behind_proxy(app, caller)
        page = person.get("/sign-in", headers=said)
        told[caller] = "Secure" in page.headers["set-cookie"]
        csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        cookie = page.headers["set-cookie"].partition(";")[0]
        person.post("/sign-in", data={"csrf": csrf, "name": "x"}, headers={**said, "cookie": cookie})

    assert told == {"127.0.0.1": True, "192.0.2.4": False}
    logged = [vars(each)["fields"]["address"] for each in caplog.records if each.message == "sign-in failed"]
    assert logged == ["203.0.113.9", "192.0.2.4"]
