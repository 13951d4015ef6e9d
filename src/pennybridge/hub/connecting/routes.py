"""All connections, and one: its state, its syncs, and each of its resources."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.api.secret import Secret
from pennybridge.connections.connection import Connection
from pennybridge.connections.scopes import missing
from pennybridge.connections.states import WHY
from pennybridge.errors import PennybridgeError
from pennybridge.hub.company import Company, find_connection
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.gate import Admin, check_csrf, check_user
from pennybridge.hub.problems import Problem
from pennybridge.hub.view import show
from pennybridge.store import Database

pages = APIRouter(dependencies=[Depends(check_user), Depends(check_csrf)])

INTERVALS = (5, 15, 30, 60, 360, 1440)
"""Minutes between syncs that the page offers."""

_LOAD = (
    "started_at", "resource", "kind", "status", "problem", "records_read", "inserted", "updated", "deleted",
    "requests", "seconds",
)  # fmt: skip
_LOADS = f"""
    select {", ".join(_LOAD)} from pennylane.loads
    where company_id = :company_id order by started_at desc, resource limit 100
"""  # noqa: S608 - names of ours


@pages.get("/")
def list_connections(request: Request) -> Response:
    """All connections with their state, and the ways to add one."""
    return show_list(request)


@pages.post("/connections")
def connect(request: Request, admin: Admin, token: Annotated[str, Form()] = "") -> Response:
    """Connect a company by its API token, which is checked and sealed."""
    hub = request.app.state
    try:
        connection, is_new = hub.connections.add(Secret(token.strip()), base_url=hub.base_url, begin_as="new")
    except PennybridgeError as error:
        return show_list(request, problem=error, status=422)
    hub.people.note(admin.name, "connect" if is_new else "connect again", connection.name)
    return RedirectResponse(f"/connections/{connection.id}", 303)


@pages.get("/connections/{number}")
def show_connection(request: Request, company: Company) -> Response:
    """One connection; one that was never activated shows whom to leave out first."""
    if company.state == "new":
        return RedirectResponse(f"/connections/{company.id}/choose", 303)
    return show_one(request, company)


@pages.get("/connections/{number}/status")
def show_status(request: Request, company: Company) -> Response:
    """The live part of the page: state, progress and resources."""
    if request.headers.get("hx-request") != "true":
        return RedirectResponse(f"/connections/{company.id}", 303)
    return show_one(request, company, "connecting/_status.html")


@pages.get("/connections/{number}/loads")
def show_loads(request: Request, company: Company) -> Response:
    """The latest loads of each resource, newest first."""
    database: Database = request.app.state.database
    rows = database.rows(_LOADS, company_id=company.company_id)
    return show(request, "connecting/loads.html", loads=[dict(zip(_LOAD, row, strict=True)) for row in rows])


def show_list(request: Request, *, problem: Problem = "", status: int = 200) -> Response:
    """The page of all connections."""
    hub = request.app.state
    return show(
        request,
        "connecting/list.html",
        status=status,
        problem=problem,
        connections=hub.connections.known(),
        freshness={each.connection_id: each for each in hub.engine.freshness()},
        queue=hub.engine.queue(),
        why=WHY,
        with_oauth=hub.authorizations.is_possible,
    )


def show_one(
    request: Request,
    connection: Connection,
    template: str = "connecting/one.html",
    *,
    problem: Problem = "",
    status: int = 200,
) -> Response:
    """The page of one connection, or its live part."""
    hub = request.app.state
    engine: Engine = hub.engine
    # The sync first: what it did to the connection before it ended is then seen as well.
    sync = engine.state(connection.id)
    connection = find_connection(request, connection.id)
    return show(
        request,
        template,
        status=status,
        problem=problem,
        connection=connection,
        sync=sync,
        every=engine.interval(connection.id),
        intervals=INTERVALS,
        books=hub.books_status.of(connection.company_id),
        missing=missing(connection.scopes),
        why=WHY,
        with_oauth=hub.authorizations.is_possible,
    )
