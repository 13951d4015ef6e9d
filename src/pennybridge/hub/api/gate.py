"""Who may use the JSON API: a bearer key, and never a cookie."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from pennybridge.hub.api.keys import ApiKey, ApiKeys
from pennybridge.hub.people import People

_BEARER = HTTPBearer(auto_error=False, description="A key that an administrator made on the page *People*.")


def check_key(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> ApiKey:
    """The key that came with the request; keys of viewers get no further than looking.

    Raises:
        HTTPException: 401 without a key that opens, 403 when a viewer's key would change something.
    """
    keys: ApiKeys = request.app.state.keys
    key = keys.opened_by(given.credentials) if given else None
    if key is None:
        raise HTTPException(
            401,
            "No key, or one that does not open. Send `Authorization: Bearer pb_…`, made on the page People.",
            {"www-authenticate": "Bearer"},
        )
    if key.role != "admin" and request.method not in {"GET", "HEAD"}:
        raise HTTPException(403, "This key may look, not change. Nothing was changed.")
    request.state.key = key
    return key


Key = Annotated[ApiKey, Depends(check_key)]


def note(request: Request, action: str, subject: str) -> None:
    """Write into the audit trail what a key did."""
    people: People = request.app.state.people
    key: ApiKey = request.state.key
    people.note(f"key {key.name}", action, subject)
