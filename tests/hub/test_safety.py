"""Nobody sees or changes what is not theirs to see or change."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from pennybridge.hub.app import SECTIONS
from pennybridge.hub.doors import doors
from pennybridge.hub.gate import check_csrf, check_signed_in, check_user
from pennybridge.hub.own_pages import own
from tests.hub.conftest import PASSWORD, Browser, Time
from tests.hub.routes import filled, routes_of

OPEN = {"health", "set-up", "sign-in", "sign-out", "language", "metrics", "static", "api"}
"""Where addresses begin that need no session: `metrics` and `api` ask for a token and a key instead."""


def guarded(app: FastAPI, method: str) -> list[str]:
    """The pages that stand behind sign-in."""
    return [
        filled(path) for known, path in routes_of(app) if known == method and path.split("/")[1] not in OPEN
    ]


def test_every_section_stands_behind_both_gates(app: FastAPI) -> None:
    for section in SECTIONS:
        guards = {each.dependency for each in section.dependencies}
        assert {check_user, check_csrf} <= guards
    assert check_csrf in {each.dependency for each in doors.dependencies}
    assert {check_signed_in, check_csrf} == {each.dependency for each in own.dependencies}
    assert app.openapi_url is app.docs_url is None
    assert {path.split("/")[1] for _, path in routes_of(app)} >= OPEN
    assert {method for method, _ in routes_of(app)} == {"GET", "POST", "MOUNT"}


def test_no_page_without_sign_in(app: FastAPI, browser: Callable[[], Browser]) -> None:
    stranger = browser()
    for method in ("GET", "POST"):
        assert len(guarded(app, method)) > 15
        for path in guarded(app, method):
            answer = stranger.request(method, path, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?to={path}"), path
    assert stranger.get("/api/v1/connections").status_code == 401
    assert stranger.get("/metrics").status_code == 404


def test_a_change_without_the_csrf_field_is_refused(
    app: FastAPI, admin: Browser, browser: Callable[[], Browser]
) -> None:
    anothers = re.search(r'name="csrf" value="(\w+)"', browser().get("/sign-in").text)
    assert anothers
    for path in [*guarded(app, "POST"), "/sign-in", "/sign-out", "/language", "/set-up/1"]:
        for given in ({}, {"csrf": "0" * 64}, {"csrf": "é"}, {"csrf": anothers[1]}):
            assert admin.post(path, data=given).status_code == 403, path


def test_a_viewer_looks_but_does_not_change(app: FastAPI, viewer: Browser) -> None:
    assert viewer.get("/").status_code == 200
    paths = [path for path in guarded(app, "POST") if path != "/password"]
    for path in paths:
        assert "Viewers may look" in viewer.submit("/", path, token="x", name="eve", password=PASSWORD)
        assert viewer.answer.status_code == 403
    assert viewer.get("/people").status_code == 403
    assert [each.name for each in app.state.people.known()] == ["vera"]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\tx"])
def test_sign_in_leads_to_no_other_host(app: FastAPI, browser: Callable[[], Browser], target: str) -> None:
    app.state.people.add("Ada", PASSWORD, "admin")
    person = browser()
    person.follow_redirects = False

    person.submit("/sign-in", "/sign-in", name="ada", password=PASSWORD, to=target)

    assert person.answer.headers["location"] == "/"


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


def test_every_answer_forbids_foreign_scripts_and_frames_and_is_not_kept(
    app: FastAPI, admin: Browser
) -> None:
    others = (
        "/nowhere", "/people/", "/static/hub.css", "/static/none?v=1", "/health/ready", "/metrics",
        "/sign-in", "/api/v1/connections", "/api/v1/nowhere", "/?q=%00",
    )  # fmt: skip
    for path in (*guarded(app, "GET"), *others):
        headers = admin.get(path, follow_redirects=False).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'; connect-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert headers["cache-control"] == "no-store", path
    assert "immutable" in admin.get("/static/hub.css?v=1").headers["cache-control"]


@pytest.mark.parametrize(
    "headers",
    [{"content-length": "70000"}, {"content-length": "²"}, {"content-length": "-1"},
     {"content-length": "9" * 5_000}, {"transfer-encoding": "chunked"}],
)  # fmt: skip
def test_a_body_that_is_too_large_or_of_unknown_size_is_refused_unread(
    app: FastAPI, headers: dict[str, str]
) -> None:
    """Told by its headers alone; a body is never asked for."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": "/sign-in", "query_string": b"", "root_path": "",
        "scheme": "http", "headers": raw, "http_version": "1.1", "server": ("hub", 80), "client": None,
    }  # fmt: skip
    sent: list[Any] = []

    async def never() -> Any:
        raise AssertionError("the body was asked for")

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, never, send))

    assert sent[0]["status"] == 413


def test_only_administrators_hand_over_large_files(app: FastAPI, viewer: Browser) -> None:
    large = b"x" * 70_000
    _, key = app.state.keys.add("shop", "viewer", by="ada")

    assert viewer.post("/connections/1/outgoing", content=large).status_code == 413
    key_of_viewer = {"authorization": f"Bearer {key}"}
    assert (
        viewer.post("/api/v1/connections/1/outgoing", content=large, headers=key_of_viewer).status_code == 413
    )


def test_no_file_outside_the_static_ones_is_served(admin: Browser) -> None:
    for path in ("..%2fapp.py", "%2e%2e/app.py", "....//app.py", "/etc/passwd", "..%5capp.py", "", "."):
        answer = admin.get(f"/static/{path}")
        assert answer.status_code == 404, path


def test_no_redirect_goes_to_the_host_that_a_request_names(app: FastAPI, viewer: Browser) -> None:
    wrong = {"host": "evil.example", "referer": "https://evil.example/", "x-forwarded-host": "evil.example"}
    for path in [*guarded(app, "GET"), "/people/", "/%2Fevil.example/", "/api/v1/connections/"]:
        answer = viewer.get(path, headers=wrong, follow_redirects=False)
        assert "evil" not in answer.headers.get("location", ""), path
        assert "https://evil" not in answer.text, path
    stranger = Browser(app, follow_redirects=False)
    assert stranger.get("/%2Fevil.example/", headers=wrong).status_code == 404
    stranger.submit("/sign-in", "/language", language="fr", to="//evil.example/")
    assert stranger.answer.headers["location"] == "/"


def test_a_fault_of_ours_is_answered_without_its_text_and_logged_without_it(
    app: FastAPI, admin: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the token is sesame")

    _, key = app.state.keys.add("shop", "viewer", by="ada")
    app.state.connections.known = fail
    page = admin.get("/")
    told = admin.get("/api/v1/connections", headers={"authorization": f"Bearer {key}"})

    assert (page.status_code, told.status_code) == (500, 500)
    assert "Pennybridge made a mistake" in page.text
    assert "Pennybridge made a mistake" in told.json()["detail"]
    assert "sesame" not in page.text + told.text + caplog.text + str([vars(each) for each in caplog.records])
    assert [each.fields["kind"] for each in caplog.records] == ["RuntimeError"] * 2  # type: ignore[attr-defined]
    assert "content-security-policy" in page.headers


def test_the_set_up_link_works_once(app: FastAPI, browser: Callable[[], Browser]) -> None:
    link = f"/set-up/{app.state.set_up_link}"
    first = browser()
    assert browser().get("/set-up/guess").status_code == 404
    assert "at least 12" in first.submit(link, link, name="ada", password="short")

    assert '<span class="soft">ada</span>' in first.submit(link, link, name="Ada", password=PASSWORD)
    assert browser().get(link).status_code == 404
