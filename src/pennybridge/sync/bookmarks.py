"""Our saved position in each resource of a company; it lives beside the data that it speaks for."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pennybridge.store import Database, Transaction


class Crawl(msgspec.Struct, frozen=True):
    """An unfinished full load: which id ranges are left, and from when on the changelog must be followed."""

    started_at: datetime
    changes_from: datetime | None
    remaining: list[tuple[int, int | None]]
    """Ranges (after, before) of ids still to be read, bounds not included; None is open."""


@dataclass(frozen=True)
class Bookmark:
    """Where we are in one resource of one company."""

    company_id: int
    resource: str
    changes_from: datetime | None = None
    """The changelog has been applied up to this `processed_at` (Pennylane's time)."""
    recent: tuple[str, ...] = ()
    """Changes applied already that the overlap of the next read will show again."""
    crawl: Crawl | None = None
    full_load_at: datetime | None = None
    swept_at: datetime | None = None
    checked_at: datetime | None = None
    """When the resource was last known to be up to date (our time)."""
    load_id: str | None = None
    problem: str | None = None

    def save(self, transaction: "Transaction") -> None:
        """Write the bookmark inside the transaction that writes the rows it speaks for."""
        row = {
            "company_id": self.company_id,
            "resource": self.resource,
            "changes_from": self.changes_from,
            "recent": msgspec.json.encode(self.recent).decode() if self.recent else None,
            "crawl": msgspec.json.encode(self.crawl).decode() if self.crawl else None,
            "full_load_at": self.full_load_at,
            "swept_at": self.swept_at,
            "checked_at": self.checked_at,
            "load_id": self.load_id,
            "problem": self.problem,
        }
        # Not by `on conflict`, which DuckDB plans five times as long; the company's lock keeps others away.
        if not transaction.execute(_UPDATE, **row):
            transaction.execute(_INSERT, **row)

    def with_(self, **changes: object) -> "Bookmark":
        """The same bookmark with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


_UPDATE = """
    update pennylane.bookmarks set
        changes_from = :changes_from, recent = :recent, crawl = :crawl, full_load_at = :full_load_at,
        swept_at = :swept_at, checked_at = :checked_at, load_id = :load_id, problem = :problem
    where company_id = :company_id and resource = :resource
"""
_INSERT = """
    insert into pennylane.bookmarks
        (company_id, resource, changes_from, recent, crawl, full_load_at, swept_at, checked_at, load_id,
        problem)
    values (:company_id, :resource, :changes_from, :recent, :crawl, :full_load_at, :swept_at, :checked_at,
        :load_id, :problem)
"""


def read_bookmarks(database: "Database", company_id: int) -> dict[str, Bookmark]:
    """The company's bookmarks by resource; resources never loaded are absent."""
    rows = database.rows(
        """
        select resource, changes_from, recent, crawl, full_load_at, swept_at, checked_at, load_id, problem
        from pennylane.bookmarks where company_id = :company_id
        """,
        company_id=company_id,
    )
    return {
        resource: Bookmark(
            company_id,
            resource,
            changes_from,
            tuple(msgspec.json.decode(recent, type=list[str])) if recent else (),
            msgspec.json.decode(crawl, type=Crawl) if crawl else None,
            *rest,
        )
        for resource, changes_from, recent, crawl, *rest in rows
    }
