"""To Pennylane and back: a person picks a company there and consents."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.connections.authorizations import Authorizations
from pennybridge.errors import PennybridgeError
from pennybridge.hub.company import find_connection
from pennybridge.hub.connecting.routes import show_list
from pennybridge.hub.gate import Admin, check_csrf, check_user, cookie_of

consent = APIRouter(dependencies=[Depends(check_user), Depends(check_csrf)])


@consent.get("/oauth/authorize")
def leave(request: Request, admin: Admin, connection: str = "") -> Response:  # noqa: ARG001 - it guards the page
    """Send the browser to Pennylane's consent page.

    A link and not a form: browsers hold a form's redirect to another host against the page's `form-action`.
    Nothing is connected before the person consents there, in the session that left.
    """
    authorizations: Authorizations = request.app.state.authorizations
    again = find_connection(request, connection) if connection else None
    try:
        return RedirectResponse(authorizations.begin(cookie_of(request), again), 303)
    except PennybridgeError as error:
        return show_list(request, problem=error, status=422)


@consent.get("/oauth/callback")
def come_back(request: Request, admin: Admin) -> Response:
    """Take the grant, and go on to whom to leave out."""
    authorizations: Authorizations = request.app.state.authorizations
    try:
        connection, is_fresh = authorizations.finish(cookie_of(request), dict(request.query_params))
    except PennybridgeError as error:
        return show_list(request, problem=error, status=422)
    if is_fresh:
        request.app.state.people.note(admin.name, "authorize", connection.name)
    return RedirectResponse(f"/connections/{connection.id}", 303)
