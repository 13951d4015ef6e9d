"""A connection as a value, and as a row of the state database."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pennybridge.connections.states import Problem, State


@dataclass(frozen=True)
class Connection:
    """One company's grant to us; it holds no secret."""

    id: str
    company_id: int
    name: str
    base_url: str
    kind: Literal["token", "oauth"]
    state: State
    scopes: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    """Why it is unauthorized, or what its disconnecting left undone."""
    state_before: State | None = None
    """What it becomes again when an unauthorized connection is authorized."""


COLUMNS = (
    "id, company_id, name, base_url, kind, state, scopes, created_at, updated_at, settings, problem, "
    "state_before"
)
"""What `from_row` takes, in its order."""

SAVE = """
    insert into connections (
        id, company_id, name, base_url, kind, state, sealed_grant, scopes, created_at, updated_at, settings,
        renewed_at
    )
    values (
        :id, :company_id, :name, :base_url, :kind, :state, :sealed_grant, :scopes, :created_at, :updated_at,
        :settings, :updated_at
    )
    on conflict (company_id, base_url) do update set
        name = excluded.name,
        kind = excluded.kind,
        state = excluded.state,
        sealed_grant = excluded.sealed_grant,
        scopes = excluded.scopes,
        updated_at = excluded.updated_at,
        settings = excluded.settings,
        renewed_at = excluded.renewed_at,
        problem = null,
        state_before = null,
        renewing_since = null
"""
"""Makes a row, or replaces the grant in the row that the company has."""

WORKS = """
    update connections
    set scopes = :scopes,
        updated_at = :now,
        renewing_since = null,
        problem = null,
        state = case when state = 'unauthorized' then coalesce(state_before, 'active') else state end,
        state_before = null
    where id = :id and state <> 'disconnected'
"""
"""Notes that a grant works, and what it covers."""


def to_row(connection: Connection) -> dict[str, object]:
    """What `SAVE` takes, but for the grant."""
    return {
        "id": connection.id,
        "company_id": connection.company_id,
        "name": connection.name,
        "base_url": connection.base_url,
        "kind": connection.kind,
        "state": connection.state,
        "scopes": " ".join(connection.scopes),
        "created_at": connection.created_at,
        "updated_at": connection.updated_at,
        "settings": json.dumps(dict(connection.settings)),
    }


def from_row(row: Sequence[Any]) -> Connection:
    """The connection of a row of `COLUMNS`."""
    known = Connection(*row)
    return replace(known, scopes=tuple((row[6] or "").split()), settings=json.loads(row[9] or "{}"))


def state_after(before: Connection | None, begin_as: State) -> State:
    """The state that a company takes with a new grant."""
    if before is None or before.state == "disconnected" or begin_as == "active":
        return begin_as
    return (before.state_before or "active") if before.state == "unauthorized" else before.state
