"""The JSON API as an application of its own, mounted under `/api/v1`."""

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import State

from pennybridge.errors import AuthenticationError, ConfigurationError, ModelError, PennybridgeError
from pennybridge.hub.api.accounts import router as accounts
from pennybridge.hub.api.answers import Problem
from pennybridge.hub.api.connections import router as connections
from pennybridge.hub.api.gate import check_key
from pennybridge.hub.api.outgoing import router as outgoing
from pennybridge.hub.api.reports import router as reports
from pennybridge.hub.faults import answer_faults

_ABOUT = """
What the pages do, for other programs. Every request brings `Authorization: Bearer pb_…`, a key that an
administrator makes on the page *People*; a viewer's key reads, an administrator's changes as well.
Amounts are strings, days `YYYY-MM-DD`, instants UTC. Lists come in pages: follow `next` until it is null.
"""
_PROBLEMS: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 422)}


def create_api(hub: State) -> FastAPI:
    """The API over the parts that the hub's pages use."""
    api = FastAPI(
        title="Pennybridge",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(check_key)],
        responses=_PROBLEMS,
    )
    api.state = hub
    api.middleware("http")(answer_faults)
    for part in (connections, accounts, reports, outgoing):
        api.include_router(part)
    api.get("/openapi.json", include_in_schema=False)(_document)
    api.exception_handler(PennybridgeError)(_refused)
    api.exception_handler(RequestValidationError)(_not_understood)
    return api


def _document(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi() | {"servers": [{"url": request.scope["root_path"]}]})


async def _refused(_: Request, error: Exception) -> JSONResponse:
    """A sentence, under the status that fits its kind."""
    status = 422 if isinstance(error, ConfigurationError | ModelError) else 502
    if isinstance(error, AuthenticationError):
        status = 409
    return JSONResponse({"detail": str(error)}, status)


async def _not_understood(_: Request, error: RequestValidationError) -> JSONResponse:
    """What is wrong where; what was sent is not repeated, as it may be no text that can be sent back."""
    said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:20])
    detail = f"{said}. Nothing was changed."
    return JSONResponse({"detail": detail.encode("utf-8", "replace").decode()}, 422)
