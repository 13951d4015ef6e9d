"""The hub's application, put together from parts that are open already."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException

from pennybridge.clock import Clock
from pennybridge.connections.connection import Connections
from pennybridge.hub import gate
from pennybridge.hub.api.app import create_api
from pennybridge.hub.api.keys import ApiKeys
from pennybridge.hub.api.pages import pages as api_pages
from pennybridge.hub.doors import doors
from pennybridge.hub.pages import pages
from pennybridge.hub.people import People
from pennybridge.hub.people_pages import pages as people_pages
from pennybridge.hub.syncing import Syncing
from pennybridge.hub.view import show
from pennybridge.store import Database
from pennybridge.store.state import StateDatabase

SECTIONS: tuple[APIRouter, ...] = (pages, people_pages, api_pages)
"""Everything behind sign-in, a router each; every one depends on `gate.check_user` and `gate.check_csrf`."""


def create_app(
    *, state: StateDatabase, database: Database, connections: Connections, base_url: str, clock: Clock
) -> FastAPI:
    """The application; `app.state.set_up_link` is the secret part of the set-up address.

    Args:
        state: Holds users and sessions.
        database: Opened for writing; syncs write to it.
        connections: Those shown and changed.
        base_url: Pennylane's Company API, for new connections.
        clock: Ends sessions and stamps the audit trail.
    """
    syncing = Syncing(connections, database, clock)

    @asynccontextmanager
    async def until_closed(_: FastAPI) -> AsyncIterator[None]:
        yield
        syncing.close()

    app = FastAPI(title="Pennybridge", lifespan=until_closed, docs_url=None, redoc_url=None, openapi_url=None)
    parts = app.state
    parts.people, parts.connections, parts.syncing = People(state, clock), connections, syncing
    parts.keys = ApiKeys(state, clock)
    parts.database, parts.base_url, parts.clock = database, base_url, clock
    parts.set_up_link = secrets.token_urlsafe(24)
    app.middleware("http")(gate.protect)
    app.include_router(doors)
    for section in SECTIONS:
        app.include_router(section)
    parts.api = create_api(parts)
    app.mount("/api/v1", parts.api)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.exception_handler(gate.SignInNeededError)(_to_sign_in)
    app.exception_handler(StarletteHTTPException)(_say)
    return app


def _to_sign_in(request: Request, _: Exception) -> Response:
    return RedirectResponse(f"/sign-in?to={quote(request.url.path)}", 303)


def _say(request: Request, error: HTTPException) -> Response:
    return show(request, "problem.html", problem=error.detail, status=error.status_code)
