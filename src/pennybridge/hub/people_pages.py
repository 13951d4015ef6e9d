"""For administrators: users, keys of the JSON API, and the audit trail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.errors import PennybridgeError
from pennybridge.hub.api.keys import ApiKeys
from pennybridge.hub.gate import Admin, check_csrf, check_user
from pennybridge.hub.people import People, Role
from pennybridge.hub.problems import Problem
from pennybridge.hub.view import show

pages = APIRouter(dependencies=[Depends(check_user), Depends(check_csrf)])
Name = Annotated[str, Form()]


@pages.get("/people")
def list_people(request: Request, admin: Admin) -> Response:  # noqa: ARG001 - it guards the page
    """Users, keys, and the latest of the audit trail."""
    return _page(request)


@pages.post("/people")
def add_person(
    request: Request, admin: Admin, name: Name = "", password: Name = "", role: Name = "viewer"
) -> Response:
    """Let somebody in."""
    people: People = request.app.state.people
    try:
        user = people.add(name, password, _role(role))
    except PennybridgeError as error:
        return _page(request, problem=error, status=422)
    people.note(admin.name, f"add {user.role}", user.name)
    return RedirectResponse("/people", 303)


@pages.post("/people/{person_id}/remove")
def remove_person(request: Request, admin: Admin, person_id: str) -> Response:
    """Let somebody in no more; their sessions end, keys that they made stay."""
    people: People = request.app.state.people
    try:
        removed = people.remove(person_id)
    except PennybridgeError as error:
        return _page(request, problem=error, status=422)
    if removed is None:
        raise HTTPException(404, "There is no such user; they may be removed already.")
    people.note(admin.name, f"remove {removed.role}", removed.name)
    return RedirectResponse("/people", 303)


@pages.post("/people/keys")
def add_key(request: Request, admin: Admin, name: Name = "", role: Name = "viewer") -> Response:
    """Make a key of the JSON API; this answer alone shows it."""
    hub = request.app.state
    try:
        key, text = hub.keys.add(name, _role(role), by=admin.name)
    except PennybridgeError as error:
        return _page(request, problem=error, status=422)
    hub.people.note(admin.name, f"make {key.role} key", key.name)
    return _page(request, new_key=text)


@pages.post("/people/keys/{key_id}/revoke")
def revoke_key(request: Request, admin: Admin, key_id: str) -> Response:
    """Close the JSON API to a key."""
    keys: ApiKeys = request.app.state.keys
    name = keys.revoke(key_id)
    if name is None:
        raise HTTPException(404, "There is no such key; it may be revoked already.")
    request.app.state.people.note(admin.name, "revoke key", name)
    return RedirectResponse("/people", 303)


def _role(text: str) -> Role:
    return "admin" if text == "admin" else "viewer"


def _page(request: Request, *, problem: Problem = "", status: int = 200, new_key: str = "") -> Response:
    hub = request.app.state
    return show(
        request,
        "people.html",
        status=status,
        problem=problem,
        new_key=new_key,
        people=hub.people.known(),
        keys=hub.keys.known(),
        trail=hub.people.trail(),
    )
