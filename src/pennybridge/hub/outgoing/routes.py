"""The pages of outgoing invoices."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from starlette.datastructures import UploadFile

from pennybridge.connections.connection import Connection
from pennybridge.errors import PennybridgeError
from pennybridge.hub.company import Company
from pennybridge.hub.gate import Admin, check_csrf, check_user
from pennybridge.hub.outgoing.batches import Batch, Options
from pennybridge.hub.outgoing.uploads import keep
from pennybridge.hub.outgoing.work import Sending
from pennybridge.hub.problems import Problem
from pennybridge.hub.view import show
from pennybridge.invoicing.submissions import Submission, Submissions

pages = APIRouter(dependencies=[Depends(check_user), Depends(check_csrf)])
Ticked = Annotated[bool, Form()]
_SHOWN = 200
"""Submissions on a page, and rows of a batch."""


async def uploaded(request: Request, admin: Admin) -> AsyncIterator[list[UploadFile]]:  # noqa: ARG001 - nothing is read for others
    """The files of the form, while the request lasts; read for administrators only."""
    form = await request.form()
    try:
        yield [one for one in form.getlist("files") if not isinstance(one, str)]
    finally:
        await form.close()


async def chosen(request: Request, admin: Admin) -> Options:  # noqa: ARG001 - as for `uploaded`
    """What was ticked in the form."""
    form = await request.form()
    status = str(form.get("status", ""))
    return Options(
        status="final" if status == "final" else "draft" if status == "draft" else "",
        create_customers="create_customers" in form,
        create_categories="create_categories" in form,
        email="email" in form,
        paid="paid" in form,
        send_to_pa="send_to_pa" in form,
    )


@pages.get("/connections/{number}/outgoing")
def list_outgoing(request: Request, company: Company, state: str = "") -> Response:
    """The form to hand files over, the latest batches, and the journal of submissions."""
    return _list(request, company, state=state)


@pages.post("/connections/{number}/outgoing")
def hand_over(
    request: Request,
    company: Company,
    admin: Admin,
    files: Annotated[list[UploadFile], Depends(uploaded)],
    options: Annotated[Options, Depends(chosen)],
) -> Response:
    """Keep the files as a batch, and begin to check it."""
    sending: Sending = request.app.state.sending
    try:
        request.app.state.connections.to_sync([company.id])
        number, folder = sending.batches.new_folder()
        names = keep(files, folder)
    except PennybridgeError as error:
        return _list(request, company, problem=error, status=422)
    batch = sending.batches.add(number, company.id, names, options, by=admin.name)
    sending.check(batch)
    request.app.state.people.note(admin.name, "hand over invoices", f"{company.name}: {', '.join(names[:5])}")
    return RedirectResponse(f"/connections/{company.id}/outgoing/{number}", 303)


@pages.get("/connections/{number}/outgoing/template.csv")
def template_file(company: Company) -> Response:  # noqa: ARG001 - the address names a company that exists
    """A table with every column, to fill in."""
    from pennybridge.invoicing.write_rows import template_csv

    return Response(
        template_csv(), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="invoices.csv"'},
    )  # fmt: skip


@pages.get("/connections/{number}/outgoing/{batch_id}")
def show_batch(request: Request, company: Company, batch_id: str) -> Response:
    """What the checks found, what sending would do or did."""
    return _batch(request, company, batch_id)


@pages.get("/connections/{number}/outgoing/{batch_id}/state")
def show_batch_state(request: Request, company: Company, batch_id: str) -> Response:
    """The part of the page that changes while the batch is in hand."""
    return _batch(request, company, batch_id, template="outgoing/_state.html")


@pages.get("/connections/{number}/outgoing/{batch_id}/requests.json")
def show_requests(request: Request, company: Company, batch_id: str) -> Response:
    """The exact requests that sending would make."""
    sending: Sending = request.app.state.sending
    try:
        return JSONResponse(_plain(sending.requests(_find(request, company, batch_id))))
    except PennybridgeError as error:
        return _batch(request, company, batch_id, problem=error, status=422)


@pages.get("/connections/{number}/outgoing/{batch_id}/files/{place}")
def show_file(request: Request, company: Company, batch_id: str, place: int) -> Response:
    """One of the files as it was handed over, to be saved."""
    batch = _find(request, company, batch_id)
    if not 0 < place <= len(batch.files):
        raise HTTPException(404, "There is no such file.")
    name = batch.files[place - 1]
    return FileResponse(request.app.state.sending.batches.folder(batch.id) / name, filename=name)


@pages.post("/connections/{number}/outgoing/{batch_id}/{action}")
def change_batch(
    request: Request,
    company: Company,
    admin: Admin,
    batch_id: str,
    *,
    action: Literal["check", "send", "retry"],
    certain: Ticked = False,
    reference: Annotated[str, Form()] = "",
) -> Response:
    """Check again, send what is ready, or try one invoice again."""
    batch = _find(request, company, batch_id)
    sending: Sending = request.app.state.sending
    if action == "send" and batch.findings.final and not certain:
        problem = "Final invoices cannot be undone: tick the box to send them. Nothing was sent."
        return _batch(request, company, batch_id, problem=problem, status=422)
    try:
        request.app.state.connections.to_sync([company.id])
    except PennybridgeError as error:
        return _batch(request, company, batch_id, problem=error, status=422)
    begun = sending.check_again(batch) if action == "check" else sending.send(batch, reference or None)
    if begun:
        subject = f"{company.name}: {reference or ', '.join(batch.files[:5])}"
        request.app.state.people.note(admin.name, f"{action} invoices", subject)
    return RedirectResponse(f"/connections/{company.id}/outgoing/{batch_id}", 303)


def _find(request: Request, company: Connection, batch_id: str) -> Batch:
    sending: Sending = request.app.state.sending
    try:
        return sending.batches.find(company.id, batch_id)
    except LookupError:
        raise HTTPException(404, "There is no such batch.") from None


def _list(
    request: Request, company: Connection, *, state: str = "", problem: Problem = "", status: int = 200
) -> Response:
    hub = request.app.state
    journal = Submissions(hub.state_database, company.company_id, clock=hub.clock)
    known: list[Submission] = list(reversed(journal.known().values()))
    found = [one for one in known if not state or one.state == state]
    return show(
        request,
        "outgoing/list.html",
        status=status,
        problem=problem,
        batches=hub.sending.batches.known(company.id),
        submissions=found[:_SHOWN],
        total=len(found),
        states=sorted({one.state for one in known}),
        state=state,
    )


def _batch(
    request: Request,
    company: Connection,
    batch_id: str,
    *,
    template: str = "outgoing/batch.html",
    problem: Problem = "",
    status: int = 200,
) -> Response:
    batch = _find(request, company, batch_id)
    return show(request, template, status=status, problem=problem, batch=batch, shown=_SHOWN)


def _plain(requests: list[dict[str, object]]) -> object:
    """Requests as JSON values; amounts and days are text."""
    import msgspec

    return msgspec.to_builtins(requests, builtin_types=())
