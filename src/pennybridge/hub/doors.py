"""The pages before sign-in: set-up, sign-in, sign-out, health."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from pennybridge.errors import ConfigurationError
from pennybridge.hub.attempts import BROWSER_IS_KNOWN_FOR, ThrottledError
from pennybridge.hub.engine.logs import say
from pennybridge.hub.gate import COOKIE, check_csrf, set_cookie
from pennybridge.hub.languages import COOKIE as LANGUAGE
from pennybridge.hub.people import People, User
from pennybridge.hub.view import show

BROWSER = "pennybridge_browser"
"""The cookie by which a browser is known, see `attempts.py`; it opens nothing."""

doors = APIRouter(dependencies=[Depends(check_csrf)])


def safe_target(text: str) -> str:
    """Where to go after sign-in: a page of ours, never another host."""
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_ours else "/"


@doors.get("/health/live")
def live() -> Response:
    """That the process answers."""
    return PlainTextResponse("ok")


@doors.get("/health/ready")
def ready(request: Request) -> Response:
    """That the state database answers too; a failure is a 500."""
    request.app.state.people.is_empty()
    return PlainTextResponse("ok")


@doors.get("/set-up/{link}")
def set_up_page(request: Request, link: str) -> Response:
    """The form for the first administrator."""
    _check_link(request, link)
    return show(request, "set_up.html")


@doors.post("/set-up/{link}")
def set_up(
    request: Request, link: str, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Make the first administrator and sign them in; the link is spent."""
    _check_link(request, link)
    people: People = request.app.state.people
    try:
        user = people.add(name, password, "admin", first=True)
    except ConfigurationError as error:
        return show(request, "set_up.html", problem=error, status=422)
    return _signed_in(request, user, "/", "set up")


@doors.get("/sign-in")
def sign_in_page(request: Request, to: str = "/") -> Response:
    """The form to sign in."""
    return show(request, "sign_in.html", to=safe_target(to))


@doors.post("/sign-in")
def sign_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "/",
) -> Response:
    """Open a session, or say that name and password do not go together."""
    people: People = request.app.state.people
    address = request.client.host if request.client else ""
    try:
        user = people.sign_in(name, password, address=address, browser=request.cookies.get(BROWSER, ""))
    except ThrottledError as error:
        return show(request, "sign_in.html", problem=error, to=safe_target(to), status=429)
    if user is None:
        say("sign-in failed", address=address)  # not the name, which may be a password in the wrong field
        problem = "Name and password do not go together."
        return show(request, "sign_in.html", problem=problem, to=safe_target(to), status=401)
    return _signed_in(request, user, safe_target(to), "sign in")


@doors.post("/language")
def choose_language(language: Annotated[str, Form()] = "en", to: Annotated[str, Form()] = "/") -> Response:
    """Show pages in another language from now on, in this browser."""
    answer = RedirectResponse(safe_target(to), 303)
    if language in {"en", "fr"}:
        answer.set_cookie(LANGUAGE, language, max_age=365 * 86400, httponly=True, samesite="lax")
    return answer


@doors.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    request.app.state.people.close_session(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _check_link(request: Request, link: str) -> None:
    right = secrets.compare_digest(link.encode(), request.app.state.set_up_link.encode())
    if not right or not request.app.state.people.is_empty():
        raise HTTPException(404, "There is no such page.")


def _signed_in(request: Request, user: User, target: str, action: str) -> Response:
    """A new session for a browser that is known from now on; whatever session it had before is over."""
    people: People = request.app.state.people
    people.note(user.name, action)
    people.close_session(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(target, 303)
    set_cookie(request, answer, people.open_session(user))
    if not people.attempts.is_known(request.cookies.get(BROWSER, ""), user.name):
        known = people.attempts.know(user.id)
        set_cookie(request, answer, known, name=BROWSER, lasts=BROWSER_IS_KNOWN_FOR)
    return answer
