"""Which models a page reads: the built ones or those of a past day; and whether the data has moved on."""

import hashlib
from dataclasses import dataclass
from datetime import date

from fastapi import Request

from pennybridge.connections.connection import Connection
from pennybridge.hub.numbers.past_days import PastDay, PastDays
from pennybridge.models.changes import WATCHED
from pennybridge.reports.built import Built, Reader, built_as_of, open_built

_IS_IN_BUILD = "select 1 from billing.customers where company_id = :company_id limit 1"
_SEEN = """
    select count(*), max(loads.finished_at)
    from build.seen_loads as seen
    join pennylane.loads as loads on loads.load_id = seen.load_id
    where loads.company_id = :company_id
"""
_LEFT_OUT = """
    select count(*), sum(cast(original_id as bigint))
    from billing.customers
    where company_id = :company_id and excluded
"""
# A load that ended after all that the build has seen, and changed rows that models read.
_CAME_SINCE = """
    select 1
    from pennylane.loads as loads
    where loads.company_id = :company_id and loads.inserted + loads.updated + loads.deleted > 0
      and loads.resource in ({resources}) and loads.finished_at > :seen
      and loads.load_id not in (select load_id from build.seen_loads)
    limit 1
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
    as_of = built_as_of(reader)
    if as_of is None or not reader.rows(_IS_IN_BUILD, company_id=company_id):
        return None
    ((loads, seen),) = reader.rows(_SEEN, company_id=company_id)
    state = reader.rows("select name, value from build.state order by name")
    left_out = reader.rows(_LEFT_OUT, company_id=company_id)
    version = hashlib.sha256(repr((company_id, loads, seen, state, left_out)).encode()).hexdigest()[:12]
    is_behind = as_of < today(request) or bool(
        seen and reader.rows(_CAME_SINCE, company_id=company_id, seen=seen)
    )
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
