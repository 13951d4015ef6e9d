"""Before the first sync: choose customers to leave out, then activate.

Each choice is stored at once (`pennylane.exclusions`), so that a second tab, a step back or a press too many
changes nothing that was chosen.
"""

from copy import copy
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from pennybridge.connections import exclusions
from pennybridge.connections.connection import Connection, Connections
from pennybridge.connections.scopes import missing
from pennybridge.errors import PennybridgeError
from pennybridge.hub.company import Company
from pennybridge.hub.connecting.changes import ask_for_sync
from pennybridge.hub.connecting.look import Looks, Seen
from pennybridge.hub.connecting.pasted import match_pasted
from pennybridge.hub.gate import Admin, check_csrf, check_user
from pennybridge.hub.view import show

choosing = APIRouter(prefix="/connections/{number}", dependencies=[Depends(check_user), Depends(check_csrf)])

ROWS = 50
Ticked = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]] | None, Form()]
"""Ids of customers; Pennylane's fit 64 bits."""


@choosing.get("/choose")
def choose(request: Request, company: Company, q: str = "", page: int = 1) -> Response:
    """Customers with what they carry, to be left out or not."""
    if company.state != "new":
        return RedirectResponse(f"/connections/{company.id}", 303)
    return _show(request, company, q=q, page=page)


@choosing.get("/choose/customers")
def show_customers(request: Request, company: Company, q: str = "", page: int = 1) -> Response:
    """The list alone, as it fills."""
    if request.headers.get("hx-request") != "true" or company.state != "new":
        return RedirectResponse(f"/connections/{company.id}", 303)
    return _show(request, company, "connecting/_customers.html", q=q, page=page)


@choosing.post("/leave-out")
def leave_out(
    request: Request,
    admin: Admin,
    company: Company,
    *,
    pasted: Annotated[str, Form()] = "",
    customer: Ticked = None,
    back: Annotated[str, Form()] = "",
) -> Response:
    """Leave customers out: those pasted, those ticked."""
    connections: Connections = request.app.state.connections
    ids, unknown = set(customer or ()), list[str]()
    try:
        if pasted.strip():
            with connections.client(company, is_awaited=True) as client:
                matched = match_pasted(client, pasted)
            ids |= {each.id for each in matched.customers}
            unknown = matched.unknown
    except PennybridgeError as error:
        return _show(request, company, problem=error, status=422, pasted=pasted)
    hub = request.app.state
    added = exclusions.exclude(hub.database, company.company_id, sorted(ids), at=hub.clock())
    if added:
        hub.people.note(admin.name, f"leave out {added} customers", company.name)
    if unknown:
        return _show(request, company, unknown=unknown, added=added, pasted="\n".join(unknown), status=422)
    return RedirectResponse(f"/connections/{company.id}/choose{_query(back)}", 303)


@choosing.post("/take-in")
def take_in(
    request: Request,
    admin: Admin,
    company: Company,
    customer: Ticked = None,
    back: Annotated[str, Form()] = "",
) -> Response:
    """Take customers in again."""
    hub = request.app.state
    undone = exclusions.include(hub.database, company.company_id, sorted(set(customer or ())))
    if undone:
        hub.people.note(admin.name, f"take in {undone} customers", company.name)
    return RedirectResponse(f"/connections/{company.id}/choose{_query(back)}", 303)


@choosing.post("/look")
def look_again(request: Request, admin: Admin, company: Company) -> Response:  # noqa: ARG001 - it guards the page
    """Look at Pennylane once more."""
    looks: Looks = request.app.state.looks
    looks.of(company, again=True)
    return RedirectResponse(f"/connections/{company.id}/choose", 303)


@choosing.post("/activate")
def activate(request: Request, admin: Admin, company: Company) -> Response:
    """Let the first sync begin; pressed twice, it begins once."""
    hub = request.app.state
    try:
        if company.state == "new":
            hub.connections.resume(company)
            hub.people.note(admin.name, "activate", company.name)
            hub.looks.forget(company)
            ask_for_sync(request, company)
    except PennybridgeError as error:
        return _show(request, company, problem=error, status=422)
    return RedirectResponse(f"/connections/{company.id}", 303)


def _show(
    request: Request,
    company: Connection,
    template: str = "connecting/choose.html",
    *,
    status: int = 200,
    q: str = "",
    page: int = 1,
    **values: object,
) -> Response:
    hub = request.app.state
    looks: Looks = hub.looks
    # As it is now: the thread goes on while the page is made, and a page that says "over" is loaded no more.
    look = copy(looks.of(company))
    left_out = exclusions.excluded_customers(hub.database, company.company_id)
    found = look.matching(q)
    pages = max(1, -(-len(found) // ROWS))
    page = min(max(page, 1), pages)
    return show(
        request,
        template,
        status=status,
        **{
            "look": look,
            "q": q,
            "page": page,
            "pages": pages,
            "matching": len(found),
            "customers": found[(page - 1) * ROWS : page * ROWS],
            "left_out": left_out,
            "chosen": [look.customers.get(id_) or Seen(id_, str(id_), None) for id_ in sorted(left_out)],
            "missing": missing(company.scopes),
            "pasted": "",
            "unknown": [],
            "added": 0,
            **values,
        },
    )


def _query(back: str) -> str:
    """The search and page to go back to; nothing that leads elsewhere."""
    return f"?{back}" if back.isascii() and back.isprintable() and "#" not in back else ""
