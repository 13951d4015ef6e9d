"""Connections over the JSON API: see them, pause, resume, sync, leave customers out."""

from fastapi import APIRouter, Request

from pennybridge.connections import exclusions
from pennybridge.hub.api.answers import Asked, Connection, ConnectionDetail, Exclusion, Resource
from pennybridge.hub.api.gate import note
from pennybridge.hub.company import Company
from pennybridge.sync.status import company_status

router = APIRouter(tags=["connections"])


@router.get("/connections")
def list_connections(request: Request) -> list[Connection]:
    """Every connection, disconnected ones too."""
    return [Connection.model_validate(known) for known in request.app.state.connections.known()]


@router.get("/connections/{number}")
def show_connection(request: Request, company: Company) -> ConnectionDetail:
    """One connection, with the state of each resource."""
    hub = request.app.state
    books = company_status(hub.database, company.company_id, hub.clock)
    return ConnectionDetail(
        **Connection.model_validate(company).model_dump(),
        resources=[Resource.model_validate(each) for each in books.resources],
        attention=books.attention,
    )


@router.post("/connections/{number}/sync", status_code=202)
def sync_now(request: Request, company: Company) -> Asked:
    """Sync soon, before scheduled work."""
    hub = request.app.state
    known = hub.connections.to_sync([company.id])[0]
    begun = hub.engine.ask(known.id)
    note(request, "sync", company.name)
    return Asked(begun=begun)


@router.post("/connections/{number}/pause")
def pause(request: Request, company: Company) -> Connection:
    """Leave a company out of the schedule until it is resumed."""
    paused = request.app.state.connections.pause(company)
    note(request, "pause", company.name)
    return Connection.model_validate(paused)


@router.post("/connections/{number}/resume")
def resume(request: Request, company: Company) -> Connection:
    """Take a company into the schedule again."""
    resumed = request.app.state.connections.resume(company)
    note(request, "resume", company.name)
    return Connection.model_validate(resumed)


@router.get("/connections/{number}/exclusions")
def list_exclusions(request: Request, company: Company) -> list[Exclusion]:
    """The customers that the company leaves out."""
    left_out = exclusions.excluded_customers(request.app.state.database, company.company_id)
    return [Exclusion(customer_id=each, excluded=True) for each in sorted(left_out)]


@router.put("/connections/{number}/exclusions/{customer_id}")
def exclude(request: Request, company: Company, customer_id: int) -> Exclusion:
    """Leave a customer out from now on; what is there stays."""
    hub = request.app.state
    customer = exclusions.find_customer(hub.database, company.company_id, str(customer_id))
    exclusions.exclude(hub.database, company.company_id, [customer.id], at=hub.clock())
    note(request, "exclude", f"{company.name}: {customer.name}")
    return Exclusion(customer_id=customer.id, excluded=True)


@router.delete("/connections/{number}/exclusions/{customer_id}")
def include(request: Request, company: Company, customer_id: int) -> Exclusion:
    """Take a customer in again; the next sync catches up."""
    hub = request.app.state
    customer = exclusions.find_customer(hub.database, company.company_id, str(customer_id))
    exclusions.include(hub.database, company.company_id, [customer.id])
    note(request, "include", f"{company.name}: {customer.name}")
    return Exclusion(customer_id=customer.id, excluded=False)
