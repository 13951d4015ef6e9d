"""Keys of the JSON API: shown once when made, kept as digests, revoked for good."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pennybridge.api.secret import digest_of
from pennybridge.clock import Clock
from pennybridge.errors import ConfigurationError
from pennybridge.hub.people import Role
from pennybridge.store.state import StateDatabase

PREFIX = "pb_"
"""By which scanners for leaked secrets can know one."""
USE_IS_NOTED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret."""

    id: str
    name: str
    role: Role
    created_by: str
    created_at: datetime
    last_used_at: datetime | None
    """To ten minutes."""


_COLUMNS = "id, name, role, created_by, created_at, last_used_at"


class ApiKeys:
    """Every key that opens the JSON API."""

    def __init__(self, state: StateDatabase, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def known(self) -> list[ApiKey]:
        """The keys that still open it, oldest first."""
        rows = self._state.rows(
            f"select {_COLUMNS} from api_keys where revoked_at is null order by created_at, id"  # noqa: S608 - our own columns
        )
        return [ApiKey(*row) for row in rows]

    def add(self, name: str, role: Role, *, by: str) -> tuple[ApiKey, str]:
        """Make a key; the key, and the text that opens the API, which cannot be shown again.

        Raises:
            ConfigurationError: The name is empty or too long.
        """
        name = name.strip()
        if not name or len(name) > 200:
            raise ConfigurationError("Give the key a name, so that it can be told from others later.")
        text = PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(secrets.token_hex(4), name, role, by, self._clock(), None)
        with self._state.transaction() as transaction:
            transaction.execute(
                "insert into api_keys (id, name, role, digest, created_by, created_at) "
                "values (:id, :name, :role, :digest, :created_by, :created_at)",
                id=key.id, name=key.name, role=key.role, digest=digest_of(text), created_by=by,
                created_at=key.created_at,
            )  # fmt: skip
        return key, text

    def opened_by(self, text: str) -> ApiKey | None:
        """The key whose text this is, unless it was revoked; its use is noted."""
        rows = self._state.rows(
            f"select {_COLUMNS} from api_keys where digest = :digest and revoked_at is null",  # noqa: S608 - our own columns
            digest=digest_of(text),
        )
        if not rows:
            return None
        key, now = ApiKey(*rows[0]), self._clock()
        if key.last_used_at is None or now - key.last_used_at >= USE_IS_NOTED_EVERY:
            with self._state.transaction() as transaction:
                transaction.execute(
                    "update api_keys set last_used_at = :now where id = :id", now=now, id=key.id
                )
        return key

    def revoke(self, key_id: str) -> str | None:
        """Close the API to a key for good; its name, or nothing if there is no such key."""
        found = next((key.name for key in self.known() if key.id == key_id), None)
        with self._state.transaction() as transaction:
            transaction.execute(
                "update api_keys set revoked_at = :now where id = :id and revoked_at is null",
                now=self._clock(), id=key_id,
            )  # fmt: skip
        return found
