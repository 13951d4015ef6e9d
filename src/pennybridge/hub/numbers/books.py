"""Which models a page reads: the built ones or those of a past day; and whether the data has moved on."""

import hashlib
from dataclasses import dataclass
from datetime import date

from fastapi import Request

from pennybridge.connections.connection import Connection
from pennybridge.hub.numbers.past_days import PastDay, PastDays
from pennybridge.models.changes import WATCHED
from pennybridge.reports.built import Built, Reader, build_state, open_built

# In one statement, since every page asks: what the build has seen of the company's loads, which customers
# are left out, and when the last load ended that it has not seen and that changed rows which models read.
_STATE = """
    select known, seen, seen_at, left_out, left_out_ids, came_at
    from (
        select
            count(seen.load_id) as seen,
            max(case when seen.load_id is not null then loads.finished_at end) as seen_at,
            max(case when seen.load_id is null and loads.inserted + loads.updated + loads.deleted > 0
                and loads.resource in ({resources}) then loads.finished_at end) as came_at
        from pennylane.loads as loads
        left join build.seen_loads as seen on seen.load_id = loads.load_id
        where loads.company_id = :company_id
    ) as loads
    cross join (
        select
            count(*) as known,
            count(case when excluded then 1 end) as left_out,
            sum(case when excluded then cast(original_id as bigint) end) as left_out_ids
        from billing.customers
        where company_id = :company_id
    ) as customers
""".format(resources=", ".join(f"'{name}'" for name in WATCHED))  # noqa: S608 — names of ours


@dataclass(frozen=True)
class Figures:
    """The models that a page reads."""

    built: Built
    version: str
    """Another one whenever a build has changed a figure."""
    is_past: bool
    is_behind: bool
    """Whether data came, or a day passed, since the present models were built."""


def today(request: Request) -> date:
    """The day it is for the people of this machine."""
    now: date = request.app.state.clock().astimezone().date()
    return now


def open_present(request: Request, company: Connection) -> Figures | None:
    """The built models; None when no build has seen this company."""
    reader: Reader = request.app.state.database
    company_id = company.company_id
    state = build_state(reader)
    if state is None:
        return None
    ((customers, *seen, came_at),) = reader.rows(_STATE, company_id=company_id)
    if not customers:
        return None
    version = hashlib.sha256(repr((company_id, *seen, sorted(state.items()))).encode()).hexdigest()[:12]
    as_of, seen_at = date.fromisoformat(state["as_of"]), seen[1]
    is_behind = as_of < today(request) or bool(seen_at and came_at and came_at > seen_at)
    return Figures(open_built(reader, company_id, as_of), version, is_past=False, is_behind=is_behind)


def open_past(found: PastDay) -> Figures | None:
    """The models of a past day, once they are ready."""
    if found.database is None:
        return None
    version = f"{found.version}-{found.day:%Y%m%d}"
    return Figures(open_built(found.database, found.company_id), version, is_past=True, is_behind=False)


def past_days(request: Request) -> PastDays:
    """Those of this application, made with the first that is asked for."""
    days: PastDays = request.app.state.past_days
    return days
