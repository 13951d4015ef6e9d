"""Which loads are due: a pure function of bookmarks, an instant and what was asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pennybridge.sync.bookmarks import Bookmark
from pennybridge.sync.resources import LISTS, SyncedResource, missing_scope

Kind = Literal["full", "incremental", "sweep", "details", "skipped"]

SWEEP_EVERY = timedelta(hours=24)
"""Open invoices are read again this often, because the changelog may not tell of `upcoming → late` (api.md
§4, unknown)."""


@dataclass(frozen=True)
class PlannedLoad:
    """One load to do, and why."""

    resource: str
    kind: Kind
    reason: str


def plan(
    bookmarks: Mapping[str, Bookmark],
    *,
    now: datetime,
    scopes: Collection[str],
    full: Collection[str] = (),
) -> list[PlannedLoad]:
    """The loads that are due at an instant, in the order of `LISTS`.

    A resource never loaded, interrupted in a full load, or named in `full` gets a full load; one with a
    changelog follows it; one without is crawled whole. What is fresh enough is left out. A resource that the
    scopes do not cover is planned as `skipped` with the scope in its reason.
    """
    loads = []
    for resource in LISTS.values():
        scope = missing_scope(resource.name, scopes)
        if scope:
            loads.append(PlannedLoad(resource.name, "skipped", f'the token lacks the scope "{scope}"'))
        else:
            loads.extend(_due(resource, bookmarks.get(resource.name), now=now, asked=resource.name in full))
    return loads


def _due(
    resource: SyncedResource, bookmark: Bookmark | None, *, now: datetime, asked: bool
) -> list[PlannedLoad]:
    reason = _why_full(bookmark)
    if reason or asked or bookmark is None:
        return [PlannedLoad(resource.name, "full", reason or "asked for")]
    if bookmark.checked_at and bookmark.problem is None and now - bookmark.checked_at < resource.every:
        return []
    if not resource.has_changelog:
        return [PlannedLoad(resource.name, "full", "it has no changelog")]
    if bookmark.changes_from is None:
        return [PlannedLoad(resource.name, "full", "its position in the changelog is lost")]
    return [PlannedLoad(resource.name, "incremental", "its changelog")]


def _why_full(bookmark: Bookmark | None) -> str | None:
    if bookmark and bookmark.crawl:
        return "an earlier full load was interrupted"
    if bookmark is None or bookmark.full_load_at is None:
        return "never loaded"
    return None


def is_sweep_due(bookmark: Bookmark | None, now: datetime) -> bool:
    """Whether open invoices should be read again although no change was announced."""
    if bookmark is None or bookmark.full_load_at is None:
        return False
    last = bookmark.swept_at or bookmark.full_load_at
    return now - last >= SWEEP_EVERY
