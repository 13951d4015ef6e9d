"""The OAuth endpoints, and the page on which a person picks the company and says yes or no."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from pennybridge.emulator.answers import Answer
from pennybridge.emulator.books import Company
from pennybridge.emulator.oauth import OAuth, OAuthRefusal
from pennybridge.emulator.pages import html_answer
from pennybridge.emulator.request_log import Request


def answer_oauth(oauth: OAuth, request: Request) -> Answer:
    """What an OAuth endpoint answers; the state of the grants changes with it."""
    with oauth.books.lock:
        answer = _ENDPOINTS.get((request.method, request.path), _not_found)(oauth, request)
    answer.headers |= {"cache-control": "no-store", "pragma": "no-cache"}  # RFC 6749, section 5.1
    return answer


def _not_found(_: OAuth, request: Request) -> Answer:
    return html_answer("refused.html", 404, what="Nothing here", why=f"{request.method} {request.path}")


def _ask(oauth: OAuth, request: Request) -> Answer:
    try:
        asked = oauth.read_request(request.query)
    except OAuthRefusal as refusal:
        return _turned_away(refusal)
    return html_answer(
        "consent.html",
        asked=asked,
        query=request.query,
        companies=list(oauth.books.companies.values()),
        may_narrow=oauth.may_narrow,
    )


def _decide(oauth: OAuth, request: Request) -> Answer:
    """The form of the page comes back, with the query it was shown for."""
    pairs = parse_qsl(request.body.decode(errors="replace"))
    form = dict(pairs)
    try:
        asked = oauth.read_request(form)
    except OAuthRefusal as refusal:
        return _turned_away(refusal)
    if form.get("decision") != "allow":
        return _redirect(oauth.deny(asked))
    company = _company(oauth, form.get("company", ""))
    if company is None:
        return html_answer("refused.html", 400, what="No such company", why="Pick one of the list.")
    granted = {value for name, value in pairs if name == "granted"} if oauth.may_narrow else None
    return _redirect(oauth.approve(asked, company.id, granted))


def approve_url(oauth: OAuth, url: str, company_id: int, scopes: tuple[str, ...] | None = None) -> str:
    """Say yes to an authorize address without a browser; gives the address the browser would be sent to.

    Raises:
        OAuthRefusal: The address asks for something that is refused.
    """
    asked = oauth.read_request(dict(parse_qsl(url.partition("?")[2])))
    with oauth.books.lock:
        return oauth.approve(asked, company_id, scopes)


def _company(oauth: OAuth, number: str) -> Company | None:
    return oauth.books.company(int(number)) if number.isdecimal() else None


def _turned_away(refusal: OAuthRefusal) -> Answer:
    if refusal.redirect_to:
        return _redirect(refusal.redirect_to)
    return html_answer("refused.html", 400, what=refusal.code, why=str(refusal))


def _redirect(url: str) -> Answer:
    return Answer(302, b"", "text/html; charset=utf-8", {"location": url})


_ENDPOINTS: dict[tuple[str, str], Callable[[OAuth, Request], Answer]] = {
    ("GET", "/oauth/authorize"): _ask,
    ("POST", "/oauth/authorize"): _decide,
    ("POST", "/oauth/token"): lambda oauth, request: oauth.token(request),
    ("POST", "/oauth/revoke"): lambda oauth, request: oauth.revoke(request),
}
