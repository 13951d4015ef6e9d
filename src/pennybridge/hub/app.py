"""The hub's application, put together from parts that are open already."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException

from pennybridge.clock import Clock
from pennybridge.connections.authorizations import Authorizations
from pennybridge.connections.connection import Connections
from pennybridge.hub import gate
from pennybridge.hub.accounts.customer_pages import pages as customer_pages
from pennybridge.hub.accounts.invoice_pages import pages as invoice_pages
from pennybridge.hub.api.app import create_api
from pennybridge.hub.api.keys import ApiKeys
from pennybridge.hub.api.pages import pages as api_pages
from pennybridge.hub.connecting.books import BooksStatus
from pennybridge.hub.connecting.changes import changes
from pennybridge.hub.connecting.choosing import choosing
from pennybridge.hub.connecting.consent import consent
from pennybridge.hub.connecting.look import Looks
from pennybridge.hub.connecting.routes import pages as connecting
from pennybridge.hub.doors import doors
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.faults import answer_faults
from pennybridge.hub.monitoring import monitoring
from pennybridge.hub.numbers.answers import Answers
from pennybridge.hub.numbers.pages import pages as number_pages
from pennybridge.hub.numbers.past_days import PastDays
from pennybridge.hub.outgoing.batches import Batches
from pennybridge.hub.outgoing.routes import pages as outgoing
from pennybridge.hub.outgoing.work import Sending
from pennybridge.hub.own_pages import own
from pennybridge.hub.people import People
from pennybridge.hub.people_pages import pages as people_pages
from pennybridge.hub.view import show
from pennybridge.store import Database
from pennybridge.store.state import StateDatabase

SECTIONS: tuple[APIRouter, ...] = (
    outgoing,
    connecting,
    consent,
    choosing,
    changes,
    people_pages,
    api_pages,
    customer_pages,
    invoice_pages,
    number_pages,
)
"""Everything behind sign-in, a router each; every one depends on `gate.check_user` and `gate.check_csrf`."""


def create_app(
    *,
    state: StateDatabase,
    database: Database,
    connections: Connections,
    authorizations: Authorizations,
    engine: Engine,
    base_url: str,
    uploads: Path,
    clock: Clock,
) -> FastAPI:
    """The application; `app.state.set_up_link` is the secret part of the set-up address.

    Args:
        state: Holds users and sessions.
        database: What pages read.
        connections: Those shown and changed.
        authorizations: Consents by OAuth, to go to Pennylane and back.
        engine: Asked for syncs; whether this process works for it is the caller's business.
        base_url: Pennylane's Company API, for new connections.
        uploads: The folder for files that are handed over to be sent.
        clock: Ends sessions and stamps the audit trail.
    """
    looks = Looks(connections)
    sending = Sending(Batches(state, uploads, clock), connections, state, clock)

    @asynccontextmanager
    async def until_closed(_: FastAPI) -> AsyncIterator[None]:
        yield
        sending.close()
        looks.close()
        parts.past_days.close()

    app = FastAPI(
        title="Pennybridge",
        lifespan=until_closed,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # such redirects name the host that the request claims
    )
    parts = app.state
    parts.people, parts.connections, parts.engine = People(state, clock), connections, engine
    parts.state_database, parts.sending = state, sending
    parts.authorizations, parts.looks = authorizations, looks
    parts.books_status = BooksStatus(database, clock)
    parts.keys = ApiKeys(state, clock)
    parts.answers, parts.past_days = Answers(), PastDays(database)
    parts.database, parts.base_url, parts.clock = database, base_url, clock
    parts.set_up_link = secrets.token_urlsafe(24)
    app.middleware("http")(answer_faults)
    app.middleware("http")(gate.protect)
    app.include_router(doors)
    app.include_router(own)
    app.include_router(monitoring)
    for section in SECTIONS:
        app.include_router(section)
    parts.api = create_api(parts)
    app.mount("/api/v1", parts.api)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.exception_handler(gate.SignInNeededError)(_to_sign_in)
    app.exception_handler(StarletteHTTPException)(_say)
    app.exception_handler(RequestValidationError)(_not_understood)
    return app


def _to_sign_in(request: Request, _: Exception) -> Response:
    return RedirectResponse(f"/sign-in?to={quote(request.url.path)}", 303)


def _say(request: Request, error: HTTPException) -> Response:
    said = "There is no such page." if error.detail == "Not Found" else error.detail
    return show(request, "problem.html", problem=said, status=error.status_code)


def _not_understood(request: Request, _: Exception) -> Response:
    said = "The address or the form holds something that this page does not understand. Nothing was changed."
    return show(request, "problem.html", problem=said, status=422)
