"""Faults of ours: the log says where they struck; nobody is shown their text, which could hold a secret."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from pennybridge.hub.engine.logs import say_fault
from pennybridge.hub.view import show

SORRY = (
    "Pennybridge made a mistake, and the log says where. Look at what became of your change, then try again."
)


async def answer_faults(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer whatever nobody else answered; else the server would log it with its text."""
    try:
        return await go_on(request)
    except Exception as error:  # noqa: BLE001 - the last one to be asked
        # The route's pattern, not the address: that of the set-up page is a secret.
        say_fault(error, route=getattr(request.scope.get("route"), "path", ""))
        if request.url.path.startswith("/api/"):
            return JSONResponse({"detail": SORRY}, 500)
        return show(request, "problem.html", problem=SORRY, status=500)
