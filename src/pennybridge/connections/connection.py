"""Connections: each a company's grant to us, with its state and settings, kept in the state database.

A company is connected once per base URL: connecting it again replaces the grant in the same row. Grants
themselves are the business of `grants.py`.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from pennybridge.api.oauth import Application, TokenPair
from pennybridge.api.secret import Secret
from pennybridge.clock import Clock
from pennybridge.connections.grants import KEEP_ALIVE_AFTER, Grant, Grants
from pennybridge.connections.record import COLUMNS, SAVE, WORKS, Connection, from_row, state_after, to_row
from pennybridge.connections.states import MOVES, WAY_BACK, State
from pennybridge.connections.tokens import Vault
from pennybridge.errors import ApiError, ConfigurationError

if TYPE_CHECKING:
    from pennybridge.api.client import Client
    from pennybridge.api.payloads import Me
    from pennybridge.store.state import StateDatabase

__all__ = ["Connection", "Connections"]


class Connections:
    """All connections of this installation."""

    def __init__(
        self,
        state: "StateDatabase",
        *,
        vault: Vault,
        clock: Clock,
        pace_folder: Path,
        application: Application | None = None,
    ) -> None:
        """Put together what connections need.

        Args:
            state: Holds the connections.
            vault: Seals their grants.
            clock: Stamps what changes.
            pace_folder: Where the processes of this machine keep the common pace of a token.
            application: How Pennylane knows us; needed for grants by OAuth only.
        """
        self._state = state
        self._clock = clock
        self._grants = Grants(
            state, vault=vault, clock=clock, pace_folder=pace_folder, application=application
        )

    def add(
        self,
        token: Secret,
        *,
        base_url: str,
        name: str | None = None,
        begin_as: State = "active",
        instead_of: Connection | None = None,
    ) -> tuple[Connection, bool]:
        """Connect the company that an API token speaks for; the connection, and whether it is new.

        Args:
            token: Checked, then sealed.
            base_url: Pennylane's Company API.
            name: By default the company's own.
            begin_as: `active`, whatever it was before; or `new`: nothing is read until it is activated, and
                a company that was active or paused stays so.
            instead_of: The connection to authorize again: a token of another company is refused.

        Raises:
            ConfigurationError: The text cannot be a token, or it is one of a firm rather than a company.
            ApiError: Pennylane refused the token or gave no answer. Nothing was stored in any of these
            cases.
        """
        return self._connect(Grant(token), base_url, name=name, begin_as=begin_as, instead_of=instead_of)

    def add_granted(
        self, pair: TokenPair, *, oauth_url: str, base_url: str, instead_of: Connection | None = None
    ) -> tuple[Connection, bool]:
        """Connect the company whose consent gave a pair of tokens; it begins as `new`. Errors as for `add`.

        Args:
            pair: Just come.
            oauth_url: Where from.
            base_url: Pennylane's Company API.
            instead_of: As for `add`.
        """
        grant = Grant(pair.access_token, pair.refresh_token, oauth_url)
        return self._connect(grant, base_url, begin_as="new", instead_of=instead_of)

    def known(self) -> list[Connection]:
        """Every connection, disconnected ones too, oldest first."""
        rows = self._state.rows(f"select {COLUMNS} from connections order by created_at, id")  # noqa: S608 - ours
        return [from_row(row) for row in rows]

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
                raise _not_active(connection)
        return chosen

    def client(self, connection: Connection, *, is_awaited: bool = False) -> "Client":
        """A client that speaks for the company, and goes on when its token is renewed, here or elsewhere.

        Where Pennylane refuses the grant, the connection is `unauthorized` from then on.

        Args:
            connection: The company's.
            is_awaited: A person waits for the answer: give up after seconds rather than minutes.

        Raises:
            ConfigurationError: The grant was removed, or its seal cannot be opened.
        """
        return self._grants.client(connection, is_awaited=is_awaited)

    def keep_alive(self, *, idle: timedelta = KEEP_ALIVE_AFTER, most: int = 20) -> dict[str, str]:
        """Renew OAuth grants that nobody renewed for so long, before they end of themselves.

        Args:
            idle: At least; Pennylane's last 90 days.
            most: Grants renewed in one call, those idle longest first.

        Returns:
            What went wrong, by connection; a grant that has ended marks its connection as unauthorized.
        """
        since = self._clock() - idle
        rows = self._state.rows(
            "select id from connections where kind = 'oauth' and sealed_grant is not null "
            "and state <> 'unauthorized' and renewed_at <= :since order by renewed_at limit :most",
            since=since,
            most=most,
        )
        idle_ones = {row["id"] for row in rows}
        problems = {}
        for connection in self.known():
            if connection.id in idle_ones:
                try:
                    self._grants.renew_if_idle(connection, since)
                except (ApiError, ConfigurationError) as error:
                    problems[connection.id] = str(error)
        return problems

    def check(self, connection: Connection) -> Connection:
        """Ask Pennylane whether the grant works and what it may read; the connection brought up to date.

        The grant is sealed again with the first key on the way.

        Raises:
            ApiError: It does not work; a refused grant marks the connection as unauthorized.
        """
        with self.client(connection) as client:
            me = client.me()
        if me.company.id != connection.company_id:
            raise ConfigurationError(
                f"The token of {connection.name} speaks for company {me.company.id}, not "
                f"{connection.company_id}. Nothing was changed. "
                "Run `pennybridge connect` with a token of the right company."
            )
        self._grants.seal_again(connection)
        with self._state.transaction() as transaction:
            transaction.execute(WORKS, scopes=" ".join(me.scopes), now=self._clock(), id=connection.id)
        return self.find(connection.id)

    def pause(self, connection: Connection) -> Connection:
        """Leave a company out of the syncs until it is resumed."""
        return self._move(connection, "paused")

    def resume(self, connection: Connection) -> Connection:
        """Take a paused company into the syncs again, or a new one for the first time."""
        return self._move(connection, "active")

    def remove(self, connection: Connection) -> Connection:
        """Revoke a grant at Pennylane, where OAuth allows it, and erase it; the data stays.

        The connection stays, marked as disconnected. That it could not be revoked is its `problem`.
        """
        if self.find(connection.id).state != "disconnected":
            self._grants.end(connection)
        return self.find(connection.id)

    def _connect(
        self,
        grant: Grant,
        base_url: str,
        *,
        begin_as: State,
        name: str | None = None,
        instead_of: Connection | None = None,
    ) -> tuple[Connection, bool]:
        url = _checked_url(base_url)
        me = self._identify(grant.access_token, url)
        if instead_of and me.company.id != instead_of.company_id:
            raise ConfigurationError(
                "This grant is of {granted}, but the connection is of {expected}. Nothing was changed. "
                "Authorize it again for {expected}, or connect {granted} as a company of its own.",
                granted=me.company.name,
                expected=instead_of.name,
            )
        with self._state.lock("connect"):  # else two at once would take the same number
            before = self._find_company(me.company.id, url)
            if before and before.kind == "oauth" and grant.refresh_token is None:
                self._grants.revoke(before)
            self._save(grant, me, before, url, name=name, state=state_after(before, begin_as))
        connection = self._find_company(me.company.id, url)
        assert connection is not None  # noqa: S101 - for the type checker: it was just written
        return connection, before is None

    def _save(
        self, grant: Grant, me: "Me", before: Connection | None, url: str, *, name: str | None, state: State
    ) -> None:
        """Write a company's grant into its row, or into a new one."""
        now = self._clock()
        connection = Connection(
            id=before.id if before else self._next_id(),
            company_id=me.company.id,
            name=name or (before.name if before else me.company.name),
            base_url=url,
            kind="oauth" if grant.refresh_token else "token",
            state=state,
            scopes=tuple(me.scopes),
            created_at=before.created_at if before else now,
            updated_at=now,
            settings=before.settings if before else {},
        )
        sealed = self._grants.seal(grant)
        with self._state.transaction() as transaction:
            transaction.execute(SAVE, sealed_grant=sealed, **to_row(connection))

    def _identify(self, token: Secret, base_url: str) -> "Me":
        with self._grants.client_of(token, base_url, is_awaited=True) as client:
            return client.me()

    def _move(self, connection: Connection, state: State) -> Connection:
        """Change the state alone, unless the way to the new one leads through a new grant."""
        now = self.find(connection.id)
        if (now.state, state) not in MOVES:
            raise _not_active(now)
        with self._state.transaction() as transaction:
            transaction.execute(
                "update connections set state = :state, updated_at = :updated_at "
                "where id = :id and state = :before",
                state=state,
                before=now.state,
                updated_at=self._clock(),
                id=connection.id,
            )
        return self.find(connection.id)

    def _find_company(self, company_id: int, base_url: str) -> Connection | None:
        return next((c for c in self.known() if (c.company_id, c.base_url) == (company_id, base_url)), None)

    def _next_id(self) -> str:
        return str(1 + max((int(connection.id) for connection in self.known()), default=0))


def _not_active(connection: Connection) -> ConfigurationError:
    """What keeps a company from being synced or moved, with the way back."""
    sentence = f"{{name}} is {connection.state}. {WAY_BACK[connection.state]}"
    return ConfigurationError(sentence, name=connection.name)


def _checked_url(text: str) -> str:
    """The base URL in one spelling, so that a company is recognised when it is connected again."""
    parts = urlsplit(text.strip())
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), "", ""))
