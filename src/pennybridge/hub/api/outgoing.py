"""Outgoing invoices over the JSON API: hand a batch over, see the checks, send it, follow it."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from pennybridge.hub.api.answers import Answer, Asked
from pennybridge.hub.api.gate import Key, note
from pennybridge.hub.company import Company
from pennybridge.hub.outgoing.batches import Batch as KnownBatch
from pennybridge.hub.outgoing.batches import Options as KnownOptions
from pennybridge.hub.outgoing.work import Sending

router = APIRouter(tags=["outgoing invoices"])
FILE = "invoices.json"
MOST_INVOICES = 10_000


class Options(BaseModel):
    """What is wanted of a batch."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["", "draft", "final"] = Field(
        default="", description="What invoices are that do not say it themselves; empty refuses those."
    )
    create_customers: bool = False
    create_categories: bool = False
    email: bool = False
    paid: bool = False
    send_to_pa: bool = False


class NewBatch(BaseModel):
    """Invoices to create, in the shape of `pennybridge invoices create`."""

    model_config = ConfigDict(extra="forbid")

    invoices: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=MOST_INVOICES,
        description="As docs/reference/invoice-columns.md has them; a second run is known by `reference`.",
    )
    options: Options = Options()


class SendRequest(BaseModel):
    """Whether somebody meant it."""

    certain: bool = Field(default=False, description="Needed for final invoices, which cannot be undone.")
    reference: str | None = Field(default=None, description="Only this invoice of the batch.")


class Intended(Answer):
    """One invoice of a batch."""

    reference: str
    row: int | None
    outcome: str = Field(
        description="`ready`, `there`, `refused` before sending; after it what became of it."
    )
    is_final: bool
    invoice_id: int | None
    number: str | None
    customer: str | None
    date: str | None
    currency: str
    total_incl_tax_ccy: str | None
    problem: str | None
    done: list[str]
    waiting: list[str]


class Finding(Answer):
    """One problem that the checks found."""

    row: int | None
    field: str
    message: str
    mend: str
    severity: str
    rule: str | None


class Batch(Answer):
    """How far a batch is."""

    id: str
    stage: str = Field(description="`checking`, `checked`, `sending`, `done` or `failed`.")
    is_interrupted: bool = Field(description="Its process is gone: send it again, nothing is sent twice.")
    created_by: str
    created_at: datetime
    problem: str | None
    invoices: list[Intended]
    problems: list[Finding]


@router.post("/connections/{number}/outgoing", status_code=202)
def hand_over(request: Request, company: Company, key: Key, batch: NewBatch) -> Batch:
    """Keep invoices as a batch and begin to check it; nothing is sent before `send`."""
    hub = request.app.state
    sending: Sending = hub.sending
    hub.connections.to_sync([company.id])
    content = _written(batch.invoices)
    number, folder = sending.batches.new_folder()
    (folder / FILE).write_bytes(content)
    options = KnownOptions(**batch.options.model_dump())
    made = sending.batches.add(number, company.id, [FILE], options, by=f"key {key.name}")
    sending.check(made)
    note(request, "hand over invoices", f"{company.name}: {len(batch.invoices)} invoices")
    return _told(made)


@router.get("/connections/{number}/outgoing")
def list_batches(request: Request, company: Company) -> list[Batch]:
    """The latest batches, those of the pages too, newest first."""
    return [_told(each) for each in request.app.state.sending.batches.known(company.id)]


@router.get("/connections/{number}/outgoing/{batch_id}")
def show_batch(request: Request, company: Company, batch_id: str) -> Batch:
    """One batch: each invoice with its outcome, each problem with its mend."""
    return _told(_find(request, company, batch_id))


@router.post("/connections/{number}/outgoing/{batch_id}/send", status_code=202)
def send(request: Request, company: Company, batch_id: str, wanted: SendRequest) -> Asked:
    """Send what is ready, each invoice exactly once however often this is called."""
    hub = request.app.state
    found = _find(request, company, batch_id)
    if found.findings.final and not wanted.certain:
        raise HTTPException(422, "The batch has final invoices: say `certain`. Nothing was sent.")
    hub.connections.to_sync([company.id])
    begun = hub.sending.send(found, wanted.reference)
    if begun:
        note(request, "send invoices", f"{company.name}: batch {batch_id}")
    return Asked(begun=begun)


def _written(invoices: list[dict[str, Any]]) -> bytes:
    try:
        return msgspec.json.encode(invoices)
    except (OverflowError, RecursionError, UnicodeEncodeError) as error:
        raise HTTPException(
            422,
            "An invoice holds broken text, a number beyond 64 bits, or too many levels "
            f"({type(error).__name__}). Nothing was kept.",
        ) from None


def _find(request: Request, company: Company, batch_id: str) -> KnownBatch:
    sending: Sending = request.app.state.sending
    try:
        return sending.batches.find(company.id, batch_id)
    except LookupError:
        raise HTTPException(404, f"The connection has no batch {batch_id!r}.") from None


def _told(known: KnownBatch) -> Batch:
    return Batch(
        id=known.id,
        stage=known.stage,
        is_interrupted=known.is_interrupted,
        created_by=known.created_by,
        created_at=known.created_at,
        problem=known.problem,
        invoices=[Intended.model_validate(one) for one in known.findings.invoices],
        problems=[Finding.model_validate(one) for one in known.findings.problems],
    )
