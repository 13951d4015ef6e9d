"""OAuth 2.0 over HTTP (documented: oauth-20-walkthrough; what is assumed is said in `oauth.py`)."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from pennybridge.emulator.oauth import s256
from pennybridge.emulator.server import Emulator

CALLBACK = "https://hub.example/callback"
CLIENT = {"client_id": "pennybridge", "client_secret": "emulator-secret"}
SCOPES = "customers:readonly customer_invoices:all"


@pytest.fixture(scope="module")
def browser(running_emulator: Emulator) -> Iterator[httpx2.Client]:
    """A client without a token that follows no redirect."""
    with httpx2.Client(base_url=running_emulator.origin, timeout=10) as client:
        yield client


@pytest.fixture(autouse=True)
def company(emulator: Emulator) -> None:
    """Two companies, so that one can be picked."""
    emulator.add_company("Delta Conseil")
    emulator.add_company("Cap <Horizon>")


def authorize_url(**changes: str | None) -> str:
    """The address an application sends the browser to."""
    asked = {
        "client_id": "pennybridge", "redirect_uri": CALLBACK, "response_type": "code", "scope": SCOPES,
        "state": "a b&c", **changes,
    }  # fmt: skip
    return "/oauth/authorize?" + urlencode({name: value for name, value in asked.items() if value})


def answered(location: str) -> dict[str, str]:
    """What an application reads from the address that the browser came back to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def send_form(browser: httpx2.Client, page: httpx2.Response, **choice: str | list[str]) -> httpx2.Response:
    """What a browser does when a person presses a button of the consent page."""
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    fields = {name: html.unescape(value) for name, value in hidden}
    return browser.post("/oauth/authorize", data={**fields, **choice})


def exchange(browser: httpx2.Client, code: str, **changes: str) -> httpx2.Response:
    """Ask for tokens with a code."""
    form = {**CLIENT, "code": code, "redirect_uri": CALLBACK, "grant_type": "authorization_code", **changes}
    return browser.post("/oauth/token", data=form)


def refresh(browser: httpx2.Client, token: str) -> httpx2.Response:
    """Ask for the next pair of tokens."""
    return browser.post(
        "/oauth/token", data={**CLIENT, "refresh_token": token, "grant_type": "refresh_token"}
    )


def code_for(emulator: Emulator, **changes: str) -> str:
    """A code that nobody has used."""
    return answered(emulator.approve(authorize_url(**changes)))["code"]


def me(browser: httpx2.Client, token: str) -> httpx2.Response:
    """Who a token is for."""
    return browser.get("/api/external/v2/me", headers={"authorization": f"Bearer {token}"})


def test_a_person_picks_a_company_and_the_application_gets_its_tokens(browser: httpx2.Client) -> None:
    page = browser.get(authorize_url())
    back = send_form(browser, page, company="2", decision="allow")
    told = answered(back.headers["location"])
    tokens = exchange(browser, told["code"]).json()
    about = me(browser, tokens["access_token"]).json()

    assert "Cap &lt;Horizon&gt;" in page.text
    assert "customer_invoices:all" in page.text
    assert back.status_code == 302
    assert back.headers["location"].startswith(CALLBACK + "?")
    assert told["state"] == "a b&c"
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 86400)
    assert about["company"]["name"] == "Cap <Horizon>"
    assert about["scopes"] == sorted(SCOPES.split())


def test_a_person_refuses(browser: httpx2.Client) -> None:
    back = send_form(browser, browser.get(authorize_url()), decision="deny")

    told = answered(back.headers["location"])
    assert (told["error"], told["state"]) == ("access_denied", "a b&c")


def test_a_person_may_grant_fewer_scopes_when_the_switch_says_so(
    emulator: Emulator, browser: httpx2.Client
) -> None:
    """Unknown of Pennylane; whoever asks must compare `/me` with what it needs."""
    emulator.api.oauth.may_narrow = True

    page = browser.get(authorize_url())
    fewer = ["customers:readonly", "products:all"]
    back = send_form(browser, page, company="1", decision="allow", granted=fewer)
    tokens = exchange(browser, answered(back.headers["location"])["code"]).json()

    assert me(browser, tokens["access_token"]).json()["scopes"] == ["customers:readonly"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "customers:readonly everything"}, "invalid_scope"),
        ({"code_challenge": "abc", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_cannot_be_granted_goes_back_to_the_application(
    browser: httpx2.Client, changes: dict[str, str | None], error: str
) -> None:
    told = answered(browser.get(authorize_url(**changes)).headers["location"])

    assert (told["error"], told["state"]) == (error, "a b&c")


def test_a_browser_is_never_sent_to_an_address_that_is_not_registered(
    emulator: Emulator, browser: httpx2.Client
) -> None:
    emulator.add_oauth_client("strict", "s3cret", CALLBACK, name="Strict")

    stranger = browser.get(authorize_url(client_id="stranger"))
    elsewhere = browser.get(authorize_url(client_id="strict", redirect_uri=CALLBACK + "/"))
    script = browser.get(authorize_url(redirect_uri="javascript:alert(1)"))

    assert [page.status_code for page in (stranger, elsewhere, script)] == [400, 400, 400]
    assert not any("location" in page.headers for page in (stranger, elsewhere, script))
    assert browser.get(authorize_url(client_id="strict")).status_code == 200


def test_a_code_works_once_for_ten_minutes_at_its_own_address(
    emulator: Emulator, browser: httpx2.Client
) -> None:
    used, late, elsewhere = (code_for(emulator) for _ in range(3))

    statuses = [exchange(browser, used).status_code, exchange(browser, used).status_code]
    statuses.append(exchange(browser, elsewhere, redirect_uri=CALLBACK + "/").status_code)
    emulator.move_clock(minutes=10)
    refused = exchange(browser, late)

    assert [*statuses, refused.status_code] == [200, 400, 400, 400]
    assert refused.json()["error"] == "invalid_grant"


def test_a_code_is_only_for_the_application_that_asked(emulator: Emulator, browser: httpx2.Client) -> None:
    emulator.add_oauth_client("other", "s3cret")

    refused = exchange(browser, code_for(emulator), client_id="other", client_secret="s3cret")

    assert refused.json()["error"] == "invalid_grant"


def test_pkce_is_verified_when_it_is_used(emulator: Emulator, browser: httpx2.Client) -> None:
    challenge = {"code_challenge": s256("v" * 43), "code_challenge_method": "S256"}

    wrong = exchange(browser, code_for(emulator, **challenge), code_verifier="w" * 43)
    missing = exchange(browser, code_for(emulator, **challenge))
    right = exchange(browser, code_for(emulator, **challenge), code_verifier="v" * 43)

    assert [answer.status_code for answer in (wrong, missing, right)] == [400, 400, 200]


def test_an_access_token_lives_24_hours(emulator: Emulator, browser: httpx2.Client) -> None:
    grant = emulator.grant()

    emulator.move_clock(hours=23, minutes=59)
    before = me(browser, grant.access_token).status_code
    emulator.move_clock(minutes=1)
    after = me(browser, grant.access_token)

    assert (before, after.status_code) == (200, 401)
    assert after.json() == {"error": "The access token is invalid", "status": 401}


def test_a_refresh_ends_both_old_tokens_at_once(emulator: Emulator, browser: httpx2.Client) -> None:
    first = emulator.grant(2, ["products:readonly"])

    second = refresh(browser, first.refresh_token).json()
    again = refresh(browser, first.refresh_token)

    assert me(browser, first.access_token).status_code == 401
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert me(browser, second["access_token"]).json()["scopes"] == ["products:readonly"]


def test_a_refresh_token_lives_90_days(emulator: Emulator, browser: httpx2.Client) -> None:
    early, late = emulator.grant(), emulator.grant()

    emulator.clock.move(timedelta(days=90, seconds=-1))
    in_time = refresh(browser, early.refresh_token).status_code
    emulator.clock.move(timedelta(seconds=1))

    assert in_time == 200
    assert refresh(browser, late.refresh_token).json()["error"] == "invalid_grant"


def test_an_invalid_grant_may_read_as_401(emulator: Emulator, browser: httpx2.Client) -> None:
    """Claimed by a third party."""
    emulator.api.oauth.invalid_grant_status = 401

    refused = refresh(browser, "nonsense")

    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_grant", "status": 401})


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_grant(emulator: Emulator, browser: httpx2.Client, kind: str) -> None:
    grant = emulator.grant()

    revoked = browser.post("/oauth/revoke", data={**CLIENT, "token": getattr(grant, kind)})
    unknown = browser.post("/oauth/revoke", data={**CLIENT, "token": "nonsense"})

    assert (revoked.status_code, revoked.content, unknown.status_code) == (200, b"", 200)
    assert me(browser, grant.access_token).status_code == 401
    assert refresh(browser, grant.refresh_token).status_code == 400


def test_an_application_must_say_who_it_is(emulator: Emulator, browser: httpx2.Client) -> None:
    """In the form (documented) or by HTTP Basic (assumed)."""
    wrong = exchange(browser, code_for(emulator), client_secret="guess")
    revoke = browser.post("/oauth/revoke", data={"token": "x"})
    form = {"code": code_for(emulator), "redirect_uri": CALLBACK, "grant_type": "authorization_code"}
    basic = browser.post("/oauth/token", data=form, auth=("pennybridge", "emulator-secret"))

    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert (revoke.status_code, basic.status_code) == (401, 200)


def test_requests_that_make_no_sense_are_named(browser: httpx2.Client) -> None:
    unsupported = browser.post("/oauth/token", data={**CLIENT, "grant_type": "password"}).json()
    without = browser.post("/oauth/token", data=CLIENT).json()

    assert (unsupported["error"], without["error"]) == ("unsupported_grant_type", "invalid_request")
    assert browser.get("/oauth/token").status_code == 404


def test_a_lost_answer_of_a_refresh_leaves_the_application_without_a_token(
    emulator: Emulator, browser: httpx2.Client
) -> None:
    """Documented: whoever loses that answer must ask the person again."""
    grant = emulator.grant()
    emulator.fail_next("POST", "/oauth/token", "lost_answer")

    with pytest.raises(httpx2.RemoteProtocolError):
        refresh(browser, grant.refresh_token)

    assert me(browser, grant.access_token).status_code == 401
    assert refresh(browser, grant.refresh_token).json()["error"] == "invalid_grant"


def test_a_failing_token_endpoint_changes_nothing(emulator: Emulator, browser: httpx2.Client) -> None:
    grant = emulator.grant()
    emulator.fail_next("POST", "/oauth/token", "503")

    failed = refresh(browser, grant.refresh_token).status_code

    assert (failed, refresh(browser, grant.refresh_token).status_code) == (503, 200)
