"""How fresh and how complete a company's landing tables are, from the database alone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pennybridge.clock import Clock
from pennybridge.store import Database, landing
from pennybridge.sync.bookmarks import read_bookmarks
from pennybridge.sync.resources import DETAILS, LISTS

STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class ResourceStatus:
    """One landing table of a company."""

    resource: str
    rows: int
    """Records that exist at Pennylane as far as we know."""
    deleted: int
    fresh_at: datetime | None
    """When it was last known to be up to date; for details, when the list of their parents was."""
    kind: str | None
    """Kind of the last load."""
    problem: str | None


@dataclass(frozen=True)
class DetailStatus:
    """How much is covered of what costs a request per parent."""

    resource: str
    covered: int
    wanted: int
    """Parents whose details are wanted, covered or not."""
    oldest: datetime | None
    """When the details read longest ago were read."""


@dataclass(frozen=True)
class CompanyStatus:
    """Freshness, coverage, and what needs attention."""

    company_id: int
    name: str
    resources: list[ResourceStatus] = field(default_factory=list)
    details: list[DetailStatus] = field(default_factory=list)
    attention: list[str] = field(default_factory=list)


def company_status(database: Database, company_id: int, clock: Clock) -> CompanyStatus:
    """The state of one company's landing tables; costs a handful of queries."""
    names = database.rows("select name from pennylane.companies where company_id = :id", id=company_id)
    counts = _counts(database, company_id)
    kinds = _last_kinds(database, company_id)
    bookmarks = read_bookmarks(database, company_id)
    resources = []
    for resource in (*LISTS, *DETAILS):
        mark = bookmarks.get(resource)
        listed = bookmarks.get(DETAILS.get(resource, resource))
        resources.append(
            ResourceStatus(
                resource,
                *counts[resource],
                fresh_at=listed.checked_at if listed else None,
                kind=kinds.get(resource),
                problem=mark.problem if mark else None,
            )
        )
    details = _details(database, company_id)
    unsound = _unsound_invoices(database, company_id)
    attention = [
        *_troubles(resources, clock()),
        *(
            f"{each.resource} of {each.wanted - each.covered:,} parents are still to be read: sync again"
            for each in details
            if each.covered < each.wanted
        ),
    ]
    if unsound:
        attention.append(
            f"The lines of {unsound:,} invoices do not add up; list them with: "  # noqa: S608 — a sentence
            'pennybridge query "select * from pennylane.unsound_invoices"'
        )
    return CompanyStatus(company_id, names[0][0] if names else "", resources, details, attention)


def _counts(database: Database, company_id: int) -> dict[str, tuple[int, int]]:
    """Live and deleted rows of every landing table."""
    live, deleted = "count(*) filter (where deleted_at is null)", "count(deleted_at)"
    parts = [
        f"select '{name}', {live}, {deleted} from pennylane.{name} where company_id = :company_id"  # noqa: S608 — ours
        for name in landing.TABLES
    ]
    rows = database.rows(" union all ".join(parts), company_id=company_id)
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _last_kinds(database: Database, company_id: int) -> dict[str, str]:
    rows = database.rows(
        """
        select resource, kind from (
            select resource, kind, row_number() over (partition by resource order by started_at desc) as place
            from pennylane.loads where company_id = :company_id
        ) as ranked where place = 1
        """,
        company_id=company_id,
    )
    return dict(rows)


def _details(database: Database, company_id: int) -> list[DetailStatus]:
    rows = database.rows(
        """
        select resource, count(*) filter (where basis is not distinct from read_basis), count(*), min(read_at)
        from pennylane.details where company_id = :company_id group by resource
        """,
        company_id=company_id,
    )
    found = {row[0]: DetailStatus(row[0], int(row[1]), int(row[2]), row[3]) for row in rows}
    return [found[name] for name in DETAILS if name in found]


def _unsound_invoices(database: Database, company_id: int) -> int:
    ((count,),) = database.rows(
        "select count(*) from pennylane.unsound_invoices where company_id = :company_id",
        company_id=company_id,
    )
    return int(count)


def _troubles(resources: list[ResourceStatus], now: datetime) -> list[str]:
    troubles = []
    for each in resources:
        if each.problem:
            troubles.append(f"{each.resource}: {each.problem}")
        elif each.resource in LISTS and each.fresh_at is None:
            troubles.append(f"{each.resource} has not been loaded yet")
        elif each.fresh_at and now - each.fresh_at > STALE_AFTER:
            troubles.append(f"{each.resource} was last up to date on {each.fresh_at:%Y-%m-%d %H:%M} UTC")
    return troubles
