"""What a request may do: signed in or not, which role, and whether a change was meant by our own page."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from pennybridge.hub.outgoing.uploads import LARGEST_UPLOAD
from pennybridge.hub.people import SESSION_LASTS, People, User

COOKIE = "pennybridge_session"
LARGEST_BODY = 64 * 1024
"""Bytes of the largest form; a token is far shorter."""
LARGEST_JSON = 16 * 1024 * 1024
"""Bytes of a batch of invoices as JSON: some 10,000 of them."""
UPLOADS = re.compile(r"(/api/v1)?/connections/\w+/outgoing")
"""The addresses that take files or batches."""
_SIZE = re.compile(r"[0-9]{1,15}")

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

KEEP_FOR_LONG = "public, max-age=31536000, immutable"
"""For files whose address changes with their content."""


class SignInNeededError(Exception):
    """Nobody is signed in; the application answers with the way to the sign-in page."""


async def protect(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Bound the body, refuse what no page understands, and put the security headers on every answer."""
    answer = await _refusal(request) or await go_on(request)
    if request.url.path.startswith("/static/") and request.url.query and answer.status_code == 200:
        answer.headers["cache-control"] = KEEP_FOR_LONG
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


async def _refusal(request: Request) -> Response | None:
    """An answer to a request that is not looked at further."""
    size = request.headers.get("content-length", "0")
    allowed = await run_in_threadpool(_largest_body, request)
    is_counted = "transfer-encoding" not in request.headers and _SIZE.fullmatch(size)
    if not is_counted or int(size) > allowed:
        return PlainTextResponse("The request is too large.", 413)
    if "\0" in request.url.path or "%00" in request.url.path or "%00" in request.url.query:
        return PlainTextResponse("The address holds a character that none of ours has.", 400)
    return None


def _largest_body(request: Request) -> int:
    """What a request may bring: files only from somebody who may hand them over."""
    if request.method != "POST" or not UPLOADS.fullmatch(request.url.path):
        return LARGEST_BODY
    if request.url.path.startswith("/api/"):
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        key = request.app.state.keys.opened_by(given)
        return LARGEST_JSON if key and key.role == "admin" else LARGEST_BODY
    people: People = request.app.state.people
    user = people.of_session(request.cookies.get(COOKIE, ""))
    return LARGEST_UPLOAD if user and user.role == "admin" else LARGEST_BODY


def csrf_token(cookie: str) -> str:
    """What a form must bring along: only who knows the cookie can make it."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


def cookie_of(request: Request) -> str:
    """The request's session cookie, or the one its answer will set."""
    if not hasattr(request.state, "cookie"):
        request.state.cookie = request.cookies.get(COOKIE) or secrets.token_urlsafe(32)
    cookie: str = request.state.cookie
    return cookie


def set_cookie(
    request: Request,
    answer: Response,
    cookie: str,
    *,
    name: str = COOKIE,
    lasts: timedelta = SESSION_LASTS,
) -> None:
    """Hand the session, or another secret, to the browser; only over TLS when we were reached so."""
    answer.set_cookie(
        name,
        cookie,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


async def check_csrf(request: Request) -> None:
    """Refuse a change that does not come from one of our own pages."""
    if request.method in {"GET", "HEAD"}:
        return
    form = await request.form()
    given = form.get("csrf", "")
    cookie = request.cookies.get(COOKIE, "")
    if not cookie or not isinstance(given, str) or not _same(given, csrf_token(cookie)):
        raise HTTPException(
            403, "The form is out of date, or was not ours. Nothing was changed. Load it again."
        )
    if any(isinstance(value, str) and "\0" in value for value in form.values()):
        raise HTTPException(422, "The form holds a character that no text has. Nothing was changed.")


def check_signed_in(request: Request) -> User:
    """The one who is signed in, whatever they may do."""
    people: People = request.app.state.people
    user = people.of_session(request.cookies.get(COOKIE, ""))
    if user is None:
        raise SignInNeededError
    request.state.user = user
    return user


def check_user(request: Request) -> User:
    """The one who is signed in; viewers get no further than looking."""
    user = check_signed_in(request)
    if user.role != "admin" and request.method not in {"GET", "HEAD"}:
        raise HTTPException(403, "Viewers may look, not change. Nothing was changed.")
    return user


def check_admin(request: Request) -> User:
    """The administrator who is signed in."""
    user = check_user(request)
    if user.role != "admin":
        raise HTTPException(403, "Only administrators see this page.")
    return user


Admin = Annotated[User, Depends(check_admin)]
"""A route's parameter that lets administrators in alone."""


def _same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())
