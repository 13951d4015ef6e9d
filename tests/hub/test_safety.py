"""Nobody sees or changes what is not theirs to see or change."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from pennybridge.hub.app import SECTIONS
from pennybridge.hub.doors import doors
from pennybridge.hub.gate import check_csrf, check_user
from tests.hub.conftest import PASSWORD, Browser, Time

ROUTES = [
    (method, re.sub(r"{\w+(:\w+)?}", "1", route.path))
    for section in SECTIONS
    for route in section.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


def test_every_section_stands_behind_both_gates(app: FastAPI) -> None:
    for section in SECTIONS:
        guards = {each.dependency for each in section.dependencies}
        assert {check_user, check_csrf} <= guards
    assert {route.path.split("/")[1] for route in doors.routes if isinstance(route, APIRoute)} == {
        "health", "set-up", "sign-in", "sign-out", "language",
    }  # fmt: skip
    assert app.openapi_url is app.docs_url is None


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_page_without_sign_in(browser: Callable[[], Browser], method: str, path: str) -> None:
    answer = browser().request(method, path, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] == "POST"])
def test_a_change_without_the_csrf_field_is_refused(admin: Browser, method: str, path: str) -> None:
    assert admin.request(method, path).status_code == 403
    assert admin.request(method, path, data={"csrf": "0" * 64}).status_code == 403


@pytest.mark.parametrize("path", ["/connections", "/connections/1/disconnect", "/people"])
def test_a_viewer_looks_but_does_not_change(viewer: Browser, path: str) -> None:
    assert viewer.get("/").status_code == 200
    assert "Viewers may look" in viewer.submit("/", path, token="x", name="eve", password=PASSWORD)
    assert viewer.answer.status_code == 403
    assert viewer.get("/people").status_code == 403


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\tx"])
def test_sign_in_leads_to_no_other_host(app: FastAPI, browser: Callable[[], Browser], target: str) -> None:
    app.state.people.add("Ada", PASSWORD, "admin")
    person = browser()
    person.follow_redirects = False

    person.submit("/sign-in", "/sign-in", name="ada", password=PASSWORD, to=target)

    assert person.answer.headers["location"] == "/"


def test_sign_in_stops_after_five_failures_and_opens_again(
    app: FastAPI, browser: Callable[[], Browser], time: Time
) -> None:
    app.state.people.add("Ada", PASSWORD, "admin")
    person = browser()
    for _ in range(5):
        assert "do not go together" in person.sign_in("ada", "wrong")

    assert "Too many" in person.sign_in("ada")
    assert person.answer.status_code == 429
    time.now += timedelta(minutes=16)
    assert "No company is connected" in person.sign_in("ada")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI, admin: Browser) -> None:
    admin.follow_redirects = False
    admin.sign_in("ada")
    over_tls = Browser(app, base_url="https://testserver", follow_redirects=False)
    over_tls.sign_in("ada")

    assert "HttpOnly" in admin.answer.headers["set-cookie"]
    assert "SameSite=lax" in admin.answer.headers["set-cookie"]
    assert "Secure" not in admin.answer.headers["set-cookie"]
    assert "Secure" in over_tls.answer.headers["set-cookie"]


def test_signing_out_ends_the_session_itself(admin: Browser) -> None:
    kept = dict(admin.cookies)
    admin.submit("/", "/sign-out")
    admin.cookies.update(kept)

    assert "Sign in" in admin.get("/").text


def test_a_session_ends_after_a_week(admin: Browser, time: Time) -> None:
    time.now += timedelta(days=7)

    assert "Sign in" in admin.get("/").text


def test_every_answer_forbids_foreign_scripts_and_frames(admin: Browser) -> None:
    for path in ("/", "/nowhere", "/static/hub.css", "/health/ready"):
        policy = admin.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'; connect-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_a_body_that_is_too_large_is_refused_unread(admin: Browser) -> None:
    assert admin.post("/sign-in", content=b"x" * 70_000).status_code == 413


def test_the_set_up_link_works_once(app: FastAPI, browser: Callable[[], Browser]) -> None:
    link = f"/set-up/{app.state.set_up_link}"
    first = browser()
    assert browser().get("/set-up/guess").status_code == 404
    assert "at least 12" in first.submit(link, link, name="ada", password="short")

    assert '<span class="soft">ada</span>' in first.submit(link, link, name="Ada", password=PASSWORD)
    assert browser().get(link).status_code == 404
