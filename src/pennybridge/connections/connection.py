"""Connections: each a company's grant to us, with its state and settings, kept in the state database.

A company is connected once per base URL: connecting it again replaces the grant in the same row. A token
leaves the vault only for the client that `Connections.client` makes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from pennybridge.api.secret import Secret
from pennybridge.clock import Clock
from pennybridge.connections.tokens import Vault
from pennybridge.errors import AuthenticationError, ConfigurationError

if TYPE_CHECKING:
    from pennybridge.api.client import Client
    from pennybridge.store.state import StateDatabase

State = Literal["active", "paused", "unauthorized", "disconnected"]
"""`unauthorized`: Pennylane refused the token; `disconnected`: the grant was removed, the data stays."""


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


class Connections:
    """All connections of this installation."""

    def __init__(self, state: "StateDatabase", *, vault: Vault, clock: Clock, pace_folder: Path) -> None:
        """Put together what connections need.

        Args:
            state: Holds the connections.
            vault: Seals their grants.
            clock: Stamps what changes.
            pace_folder: Where the processes of this machine keep the common pace of a token.
        """
        self._state = state
        self._vault = vault
        self._clock = clock
        self._pace_folder = pace_folder

    def add(self, token: Secret, *, base_url: str, name: str | None = None) -> tuple[Connection, bool]:
        """Connect the company that an API token speaks for; the connection, and whether it is new.

        Raises:
            ConfigurationError: The text cannot be a token, or it is one of a firm rather than a company.
            ApiError: Pennylane refused the token or gave no answer. Nothing was stored in any of these
            cases.
        """
        url = _checked_url(base_url)
        company_id, company_name, scopes = self._identify(_checked_token(token), url)
        sealed = self._vault.seal({"access_token": token.reveal()})
        now = self._clock()
        before = next((c for c in self.known() if (c.company_id, c.base_url) == (company_id, url)), None)
        connection = Connection(
            id=before.id if before else self._next_id(),
            company_id=company_id,
            name=name or (before.name if before else company_name),
            base_url=url,
            kind="token",
            state="active",
            scopes=scopes,
            created_at=before.created_at if before else now,
            updated_at=now,
            settings=before.settings if before else {},
        )
        self._save(connection, sealed)
        return connection, before is None

    def known(self) -> list[Connection]:
        """Every connection, disconnected ones too, oldest first."""
        rows = self._state.rows(
            "select id, company_id, name, base_url, kind, state, scopes, created_at, updated_at, settings "
            "from connections order by created_at, id"
        )
        return [_from_row(row) for row in rows]

    def find(self, text: str) -> Connection:
        """The connection that a number, a company id or a name means, tried in this order.

        Raises:
            ConfigurationError: None is meant, or more than one.
        """
        known = self.known()
        text = text.strip()
        for matches in (
            [c for c in known if c.id == text],
            [c for c in known if str(c.company_id) == text],
            [c for c in known if c.name.casefold() == text.casefold()],
        ):
            if len(matches) == 1:
                return matches[0]
            if matches:
                numbers = ", ".join(c.id for c in matches)
                raise ConfigurationError(
                    f"Several connections are called {text!r}: use a number, one of {numbers}."
                )
        there_are = (
            ", ".join(f"{c.id} ({c.name})" for c in known) or "none yet; see `pennybridge connect --help`"
        )
        raise ConfigurationError(f"No connection is called {text!r}. Connections: {there_are}.")

    def chosen(self, texts: Sequence[str]) -> list[Connection]:
        """The connections named, or all that hold a grant when none is."""
        if texts:
            return [self.find(text) for text in texts]
        return [c for c in self.known() if c.state != "disconnected"]

    def to_sync(self, texts: Sequence[str]) -> list[Connection]:
        """The connections named, or all active ones when none is.

        Raises:
            ConfigurationError: There is none, or one that was named is not active.
        """
        chosen = [c for c in self.chosen(texts) if texts or c.state == "active"]
        if not chosen:
            raise ConfigurationError(
                "No company is connected and active, so there is nothing to sync. "
                "Run `pennybridge connect`, or `pennybridge connections` to see those that are not active."
            )
        for connection in chosen:
            if connection.state != "active":
                raise ConfigurationError(
                    f"{connection.name} is {connection.state}. {_WAY_BACK[connection.state]}"
                )
        return chosen

    def client(self, connection: Connection) -> "Client":
        """A client that speaks for the company.

        Raises:
            ConfigurationError: The grant was removed, or its seal cannot be opened.
        """
        return self._client(self._token(connection), connection.base_url)

    def check(self, connection: Connection) -> Connection:
        """Ask Pennylane whether the token works and what it may read; the connection brought up to date.

        The token is sealed again with the first key on the way.

        Raises:
            ApiError: It does not work; a refused token marks the connection as unauthorized.
        """
        token = self._token(connection)
        try:
            company_id, _, scopes = self._identify(token, connection.base_url)
        except AuthenticationError:
            self.mark_unauthorized(connection)
            raise
        if company_id != connection.company_id:
            raise ConfigurationError(
                f"The token of {connection.name} speaks for company {company_id}, not "
                f"{connection.company_id}. Nothing was changed. "
                "Run `pennybridge connect` with a token of the right company."
            )
        state: State = "active" if connection.state == "unauthorized" else connection.state
        checked = replace(connection, scopes=scopes, state=state, updated_at=self._clock())
        self._save(checked, self._vault.seal({"access_token": token.reveal()}))
        return checked

    def pause(self, connection: Connection) -> Connection:
        """Leave a company out of the syncs until it is resumed."""
        return self._move(connection, "paused")

    def resume(self, connection: Connection) -> Connection:
        """Take a paused company into the syncs again."""
        return self._move(connection, "active")

    def mark_unauthorized(self, connection: Connection) -> Connection:
        """Note that Pennylane refused the token, so that no sync tries it again until it is replaced."""
        return self._move(connection, "unauthorized")

    def remove(self, connection: Connection) -> Connection:
        """Erase a company's grant; the connection stays, marked as disconnected, and so does the data."""
        removed = replace(connection, state="disconnected", scopes=(), updated_at=self._clock())
        self._save(removed, None)
        return removed

    def _client(self, token: Secret, base_url: str) -> "Client":
        from pennybridge.api.client import Client
        from pennybridge.api.limiter import Limiter

        limiter = Limiter.shared(self._pace_folder, token, base_url=base_url)
        return Client(token, base_url=base_url, limiter=limiter, clock=self._clock)

    def _identify(self, token: Secret, base_url: str) -> tuple[int, str, tuple[str, ...]]:
        """The company that a token speaks for, its name, and the token's scopes."""
        with self._client(token, base_url) as client:
            me = client.me()
        return me.company.id, me.company.name, tuple(me.scopes)

    def _token(self, connection: Connection) -> Secret:
        rows = self._state.rows("select sealed_grant from connections where id = :id", id=connection.id)
        if not rows or rows[0][0] is None:
            raise ConfigurationError(f"{connection.name} is disconnected. {_WAY_BACK['disconnected']}")
        return self._vault.unseal(bytes(rows[0]["sealed_grant"]).decode())["access_token"]

    def _move(self, connection: Connection, state: State) -> Connection:
        """Change the state alone, unless the way to the new one leads through `connect`."""
        if connection.state == "disconnected" or (connection.state, state) == ("unauthorized", "active"):
            raise ConfigurationError(
                f"{connection.name} is {connection.state}. {_WAY_BACK[connection.state]}"
            )
        moved = replace(connection, state=state, updated_at=self._clock())
        with self._state.transaction() as transaction:
            transaction.execute(
                "update connections set state = :state, updated_at = :updated_at where id = :id",
                state=state,
                updated_at=moved.updated_at,
                id=connection.id,
            )
        return moved

    def _save(self, connection: Connection, sealed_grant: str | None) -> None:
        grant = None if sealed_grant is None else sealed_grant.encode()
        with self._state.transaction() as transaction:
            transaction.execute(_SAVE, sealed_grant=grant, **_to_row(connection))

    def _next_id(self) -> str:
        return str(1 + max((int(connection.id) for connection in self.known()), default=0))


_WAY_BACK: dict[State, str] = {
    "paused": "Resume it with `pennybridge connections resume`; its data stays meanwhile.",
    "unauthorized": "Pennylane refused its token: make a new one, then run `pennybridge connect` with it.",
    "disconnected": "Run `pennybridge connect` with a token to connect it again; its data stayed.",
}

_SAVE = """
    insert into connections (
        id, company_id, name, base_url, kind, state, sealed_grant, scopes, created_at, updated_at, settings
    )
    values (
        :id, :company_id, :name, :base_url, :kind, :state, :sealed_grant, :scopes, :created_at, :updated_at,
        :settings
    )
    on conflict (company_id, base_url) do update set
        name = excluded.name,
        kind = excluded.kind,
        state = excluded.state,
        sealed_grant = excluded.sealed_grant,
        scopes = excluded.scopes,
        updated_at = excluded.updated_at,
        settings = excluded.settings
"""


def _checked_token(token: Secret) -> Secret:
    text = token.reveal()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError(
            "That is no API token: it is empty, or holds spaces, line breaks or other characters that a "
            "token never has. Nothing was sent or stored. Copy the token again from Pennylane."
        )
    return token


def _checked_url(text: str) -> str:
    """The base URL in one spelling, so that a company is recognised when it is connected again."""
    parts = urlsplit(text.strip())
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), "", ""))


def _to_row(connection: Connection) -> dict[str, object]:
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


def _from_row(row: Sequence[Any]) -> Connection:
    known = Connection(*row)
    return replace(known, scopes=tuple((row[6] or "").split()), settings=json.loads(row[9] or "{}"))
