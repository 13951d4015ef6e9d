"""What machines ask that watch the hub: `/metrics`, for a scraper that brings the token of the settings.

A check of the caller's address would not do: behind a proxy on the same machine everybody comes from it.
"""

import secrets

from fastapi import APIRouter, HTTPException, Request, Response

from pennybridge.hub.engine.metrics import CONTENT_TYPE, metrics_text

monitoring = APIRouter()


@monitoring.get("/metrics")
def show_metrics(request: Request) -> Response:
    """The engine's metrics; there is no such page unless `PENNYBRIDGE_METRICS_TOKEN` is set."""
    token: str | None = getattr(request.app.state, "metrics_token", None)
    if not token:
        raise HTTPException(404, "There is no such page.")
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), token.encode()):
        raise HTTPException(401, "The token for metrics is missing or wrong.")
    return Response(metrics_text(request.app.state.engine), media_type=CONTENT_TYPE)
