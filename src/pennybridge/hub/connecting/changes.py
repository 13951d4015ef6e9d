"""The buttons of a connection; what cannot be undone asks on a page of its own first."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.api.secret import Secret
from pennybridge.connections.connection import Connection, Connections
from pennybridge.errors import ConfigurationError, PennybridgeError
from pennybridge.hub.company import Company
from pennybridge.hub.connecting.routes import INTERVALS, show_one
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.gate import Admin, check_csrf, check_user
from pennybridge.hub.problems import STALE, TOO_LATE
from pennybridge.hub.view import show
from pennybridge.sync.resources import LISTS, NAMES

changes = APIRouter(prefix="/connections/{number}", dependencies=[Depends(check_user), Depends(check_csrf)])


@changes.post("/sync")
def sync_now(request: Request, admin: Admin, company: Company) -> Response:
    """Sync soon."""
    try:
        is_asked = ask_for_sync(request, company)
    except ConfigurationError:
        return _say_stale(request, company)
    return _done(request, admin.name, "sync" if is_asked else "", company)


@changes.post("/pause")
def pause(request: Request, admin: Admin, company: Company) -> Response:
    """Leave the company out of the syncs until it is resumed."""
    try:
        request.app.state.connections.pause(company)
    except ConfigurationError:
        return _say_stale(request, company)
    return _done(request, admin.name, "pause" if company.state != "paused" else "", company)


@changes.post("/resume")
def resume(request: Request, admin: Admin, company: Company) -> Response:
    """Take a paused company into the syncs again."""
    try:
        request.app.state.connections.resume(company)
    except ConfigurationError:
        return _say_stale(request, company)
    return _done(request, admin.name, "resume" if company.state != "active" else "", company)


@changes.post("/interval")
def set_interval(
    request: Request, admin: Admin, company: Company, minutes: Annotated[str, Form()] = ""
) -> Response:
    """Sync the company this often; without minutes, as often as the installation says."""
    engine: Engine = request.app.state.engine
    if minutes and minutes not in {str(each) for each in INTERVALS}:
        return _say_stale(request, company)
    engine.set_interval(company.id, timedelta(minutes=int(minutes)) if minutes else None)
    return _done(request, admin.name, f"sync every {minutes or 'default'}", company)


@changes.get("/reload")
def ask_reload(request: Request, admin: Admin, company: Company, resource: str = "") -> Response:  # noqa: ARG001 - it guards the page
    """What reading everything again means, before it is done."""
    return show(
        request,
        "connecting/reload.html",
        connection=company,
        resource=resource if resource in NAMES else "",
    )


@changes.post("/reload")
def reload(
    request: Request, admin: Admin, company: Company, resource: Annotated[str, Form()] = ""
) -> Response:
    """Read one resource whole, or all of them."""
    if resource and resource not in NAMES:
        return _say_stale(request, company)
    wanted = [resource] if resource else list(LISTS)
    try:
        is_asked = ask_for_sync(request, company, wanted)
    except ConfigurationError:
        return _say_stale(request, company)
    if not is_asked and not _is_taken_up(request, company, wanted):
        return show_one(request, company, problem=TOO_LATE, status=409)
    return _done(request, admin.name, f"reload {resource or 'all'}" if is_asked else "", company)


@changes.post("/token")
def replace_token(
    request: Request, admin: Admin, company: Company, token: Annotated[str, Form()] = ""
) -> Response:
    """Put a new API token of the same company in place of a grant that ended."""
    try:
        request.app.state.connections.add(
            Secret(token.strip()), base_url=company.base_url, begin_as="new", instead_of=company
        )
    except PennybridgeError as error:
        return show_one(request, company, problem=error, status=422)
    return _done(request, admin.name, "authorize", company)


@changes.get("/disconnect")
def ask_disconnect(request: Request, admin: Admin, company: Company) -> Response:  # noqa: ARG001 - it guards the page
    """What disconnecting means, before it is done."""
    if company.state == "disconnected":
        return RedirectResponse(f"/connections/{company.id}", 303)
    return show(request, "connecting/disconnect.html", connection=company)


@changes.post("/disconnect")
def disconnect(request: Request, admin: Admin, company: Company) -> Response:
    """Revoke the grant where that can be done, and erase it; the data stays."""
    request.app.state.looks.forget(company)
    request.app.state.connections.remove(company)
    return _done(request, admin.name, "disconnect" if company.state != "disconnected" else "", company)


def ask_for_sync(request: Request, connection: Connection, full: Sequence[str] = ()) -> bool:
    """Let an active connection be synced soon; False when that is under way already.

    Raises:
        ConfigurationError: The connection is not active.
    """
    connections: Connections = request.app.state.connections
    engine: Engine = request.app.state.engine
    return engine.ask(connections.to_sync([connection.id])[0].id, full)


def _is_taken_up(request: Request, company: Connection, wanted: Sequence[str]) -> bool:
    """Whether the sync that waits or runs already reads these resources whole."""
    engine: Engine = request.app.state.engine
    sync = engine.state(company.id)
    return sync is not None and set(wanted) <= set(sync.full)


def _say_stale(request: Request, company: Connection) -> Response:
    """The page as it is now, with a word that it was not when the button was pressed."""
    return show_one(request, company, problem=STALE, status=422)


def _done(request: Request, who: str, what: str, company: Connection) -> Response:
    """Back to the page, with a note of what changed; a second press changes nothing and leaves none."""
    if what:
        request.app.state.people.note(who, what, company.name)
    return RedirectResponse(f"/connections/{company.id}", 303)
