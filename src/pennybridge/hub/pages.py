"""The pages of connections, which viewers may look at."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.api.secret import Secret
from pennybridge.connections.connection import Connection, Connections
from pennybridge.errors import PennybridgeError
from pennybridge.hub.company import find_connection
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.gate import check_admin, check_csrf, check_user
from pennybridge.hub.people import User
from pennybridge.hub.view import show
from pennybridge.sync.status import company_status

pages = APIRouter(dependencies=[Depends(check_user), Depends(check_csrf)])
Admin = Annotated[User, Depends(check_admin)]


@pages.get("/")
def list_connections(request: Request) -> Response:
    """All connections with their state, and the form to add one."""
    return _list(request)


@pages.post("/connections")
def connect(request: Request, admin: Admin, token: Annotated[str, Form()] = "") -> Response:
    """Connect a company by its API token, which is checked and sealed."""
    hub = request.app.state
    try:
        connection, is_new = hub.connections.add(Secret(token.strip()), base_url=hub.base_url)
    except PennybridgeError as error:
        return _list(request, problem=str(error), status=422)
    hub.people.note(admin.name, "connect" if is_new else "connect again", connection.name)
    return RedirectResponse(f"/connections/{connection.id}", 303)


@pages.get("/connections/{number}")
def show_connection(request: Request, number: str) -> Response:
    """One connection: progress, and each resource's state."""
    return _detail(request, find_connection(request, number))


@pages.post("/connections/{number}/{action}")
def change_connection(request: Request, admin: Admin, number: str, action: str) -> Response:
    """Pause, resume, sync or disconnect."""
    connection = find_connection(request, number)
    connections: Connections = request.app.state.connections
    engine: Engine = request.app.state.engine
    try:
        if action == "sync":
            engine.ask(connections.to_sync([connection.id])[0].id)
        elif action in {"pause", "resume"}:
            getattr(connections, action)(connection)
        elif action == "disconnect":
            connections.remove(connection)
        else:
            raise HTTPException(404, "There is no such page.")
    except PennybridgeError as error:
        return _detail(request, connection, problem=str(error), status=422)
    request.app.state.people.note(admin.name, action, connection.name)
    return RedirectResponse(f"/connections/{number}", 303)


def _list(request: Request, *, problem: str = "", status: int = 200) -> Response:
    hub = request.app.state
    return show(
        request, "connections.html", status=status, problem=problem, connections=hub.connections.known()
    )


def _detail(request: Request, connection: Connection, *, problem: str = "", status: int = 200) -> Response:
    hub = request.app.state
    # The sync first: what it did to the connection before it ended is then seen as well.
    state = hub.engine.state(connection.id)
    return show(
        request,
        "connection.html",
        status=status,
        problem=problem,
        connection=find_connection(request, connection.id),
        sync=state,
        books=company_status(hub.database, connection.company_id, hub.clock),
    )
