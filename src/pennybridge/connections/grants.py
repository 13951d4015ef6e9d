"""Grants at work: which token to use now, and the next one when Pennylane no longer takes it.

Using a refresh token kills it and the access token before at once, and the answer with the new pair comes
only once (documented, https://pennylane.readme.io/docs/oauth-20-walkthrough). So a renewal has one lock per
connection, across threads, processes and machines; whoever gets it looks first whether another has renewed
the grant; that a renewal begins is written down before Pennylane is asked (`renewing_since`), and the new
pair before it is used. What a killed renewal leaves behind is tried once more: it goes on if Pennylane had
not carried it out, and else the connection is `unauthorized` and says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pennybridge.api.oauth import Application
from pennybridge.api.secret import Secret
from pennybridge.clock import Clock
from pennybridge.connections.states import WHY, Problem
from pennybridge.connections.tokens import Vault
from pennybridge.errors import ApiError, AuthenticationError, ConfigurationError, TransportError

if TYPE_CHECKING:
    from pennybridge.api.client import Client
    from pennybridge.connections.connection import Connection
    from pennybridge.store.state import StateDatabase

REFRESH_TOKEN_LASTS = timedelta(days=90)
"""Documented, as above; from the answer that brought it."""
KEEP_ALIVE_AFTER = timedelta(days=30)
"""A grant that nobody used for so long is renewed, so that it does not end."""


@dataclass(frozen=True)
class Grant:
    """What a company gave us: an API token, or a pair of OAuth tokens."""

    access_token: Secret
    refresh_token: Secret | None = None
    """None for API tokens, which last."""
    oauth_url: str = ""
    """Where the pair came from: it is renewed there and nowhere else."""


@dataclass(frozen=True)
class _Stored:
    """A connection's grant as the state holds it now."""

    grant: Grant
    sealed: bytes
    renewed_at: datetime | None
    renewing_since: datetime | None


class Grants:
    """The sealed grants of all connections."""

    def __init__(
        self,
        state: "StateDatabase",
        *,
        vault: Vault,
        clock: Clock,
        pace_folder: Path,
        application: Application | None,
    ) -> None:
        self._state = state
        self._vault = vault
        self._clock = clock
        self._pace_folder = pace_folder
        self._application = application

    def seal(self, grant: Grant) -> bytes:
        """The grant as the state may hold it."""
        texts = {"access_token": grant.access_token.reveal()}
        if grant.refresh_token is not None:
            texts |= {"refresh_token": grant.refresh_token.reveal(), "oauth_url": grant.oauth_url}
        return self._vault.seal(texts).encode()

    def client(self, connection: "Connection", *, is_awaited: bool = False) -> "Client":
        """A client that speaks for the company, and goes on when its token is renewed, here or elsewhere.

        Args:
            connection: The company's.
            is_awaited: A person waits for the answer: give up after seconds rather than minutes.
        """
        token = self._stored(connection).grant.access_token
        # The pace follows the connection, whose token changes; an API token may be used beside us.
        paced_by = Secret(f"connection {connection.id}") if connection.kind == "oauth" else token
        return self.client_of(
            token,
            connection.base_url,
            paced_by,
            renew_token=partial(self.replacement, connection),
            is_awaited=is_awaited,
        )

    def client_of(
        self,
        token: Secret,
        base_url: str,
        paced_by: Secret | None = None,
        renew_token: Callable[[Secret], Secret | None] | None = None,
        *,
        is_awaited: bool = False,
    ) -> "Client":
        """A client for any token."""
        from pennybridge.api.client import Client
        from pennybridge.api.limiter import Limiter
        from pennybridge.api.retries import Retries

        return Client(
            token,
            base_url=base_url,
            limiter=Limiter.shared(self._pace_folder, paced_by or token, base_url=base_url),
            clock=self._clock,
            renew_token=renew_token,
            background=not is_awaited,
            timeout=10.0 if is_awaited else 60.0,
            retries=Retries(attempts=2, total=5.0) if is_awaited else Retries(),
        )

    def replacement(self, connection: "Connection", refused: Secret) -> Secret | None:
        """The token to use instead of one that Pennylane refused; None when there is no other.

        Without another the connection is `unauthorized` from then on, so that no sync tries it again until it
        is authorized. One that was given another grant meanwhile goes on with that.

        Raises:
            AuthenticationError: The grant has ended; the connection says why.
            ApiError: Pennylane gave no new pair; what it gave before may still work later.
        """
        with self._state.lock(_lock_of(connection)):
            stored = self._stored(connection)
            if stored.grant.access_token != refused:
                return stored.grant.access_token
            if stored.grant.refresh_token is None:
                self._mark(connection, stored, "token_refused")
                return None
            return self._renew(connection, stored)

    def renew_if_idle(self, connection: "Connection", since: datetime) -> bool:
        """Renew a grant unless that was done after `since`; whether it was renewed now. Errors as above."""
        with self._state.lock(_lock_of(connection)):
            stored = self._stored(connection)
            if stored.grant.refresh_token is None or (stored.renewed_at and stored.renewed_at > since):
                return False
            self._renew(connection, stored)
            return True

    def seal_again(self, connection: "Connection") -> None:
        """Seal a grant with the first key, whichever sealed it before."""
        with self._state.lock(_lock_of(connection)):
            sealed = self.seal(self._stored(connection).grant)
            self._write(connection, "sealed_grant = :new", new=sealed)

    def end(self, connection: "Connection") -> Problem | None:
        """Revoke a grant at Pennylane as far as that can be done, and erase it here."""
        with self._state.lock(_lock_of(connection)):
            problem = self.revoke(connection)
            self._write(
                connection,
                "sealed_grant = null, state = 'disconnected', state_before = null, scopes = '', "
                "renewing_since = null, problem = :problem",
                problem=problem,
            )
            return problem

    def revoke(self, connection: "Connection") -> Problem | None:
        """Revoke an OAuth grant at Pennylane; `not_revoked` if that could not be done."""
        from pennybridge.api import oauth

        try:
            grant = self._stored(connection).grant
            if grant.refresh_token is not None:
                oauth.revoke(self._application_at(grant.oauth_url), grant.refresh_token)
        except (ApiError, ConfigurationError):  # no way to Pennylane, or no key to the grant
            return "not_revoked" if connection.kind == "oauth" else None
        return None

    def _renew(self, connection: "Connection", stored: _Stored) -> Secret:
        """The next access token, already written down; the lock is held."""
        from pennybridge.api import oauth

        application = self._application_at(stored.grant.oauth_url)
        assert stored.grant.refresh_token is not None  # noqa: S101 - for the type checker
        self._write(
            connection,
            "renewing_since = coalesce(renewing_since, :now)",
            now=self._clock(),
            sealed=stored.sealed,
        )
        try:
            pair = oauth.refresh(application, stored.grant.refresh_token)
        except AuthenticationError:
            return self._ended(connection, stored)
        except (ConfigurationError, TransportError) as error:
            if not getattr(error, "sent", False):  # the pair is as it was
                self._write(connection, "renewing_since = null", sealed=stored.sealed)
            raise
        return self._keep(connection, stored, pair.access_token, pair.refresh_token)

    def _keep(self, connection: "Connection", stored: _Stored, access: Secret, refresh: Secret) -> Secret:
        """Write a new pair down, unless the company was authorized again meanwhile."""
        kept = self._write(
            connection,
            "sealed_grant = :new, renewed_at = :now, renewing_since = null",
            new=self.seal(Grant(access, refresh, stored.grant.oauth_url)),
            now=self._clock(),
            sealed=stored.sealed,
        )
        return access if kept else self._stored(connection).grant.access_token

    def _ended(self, connection: "Connection", stored: _Stored) -> Secret:
        """Mark the connection as unauthorized and say why, unless it has another grant by now."""
        problem: Problem = "revoked"
        if stored.renewing_since:
            problem = "answer_lost"
        elif stored.renewed_at and self._clock() - stored.renewed_at >= REFRESH_TOKEN_LASTS:
            problem = "expired"
        if not self._mark(connection, stored, problem):
            return self._stored(connection).grant.access_token
        raise AuthenticationError(
            f"{connection.name}: {WHY[problem]} What was read before stays.", status=401
        )

    def _mark(self, connection: "Connection", stored: _Stored, problem: Problem) -> bool:
        """Note why Pennylane no longer takes a grant; False if the connection has another by now."""
        return self._write(
            connection,
            "state_before = case when state = 'unauthorized' then state_before else state end, "
            "state = 'unauthorized', problem = coalesce(problem, :problem), renewing_since = null",
            problem=problem,
            sealed=stored.sealed,
        )

    def _write(
        self, connection: "Connection", change: str, *, sealed: bytes | None = None, **values: object
    ) -> bool:
        """Change a connection's row, if its grant is still the one sealed so; whether it was."""
        condition = "" if sealed is None else "and sealed_grant = :sealed"
        if sealed is not None:
            values["sealed"] = sealed
        with self._state.transaction() as transaction:
            changed = transaction.execute(
                f"update connections set {change}, updated_at = :at where id = :id {condition}",  # noqa: S608 - ours
                at=self._clock(),
                id=connection.id,
                **values,
            )
        return changed > 0

    def _stored(self, connection: "Connection") -> _Stored:
        rows = self._state.rows(
            "select sealed_grant, renewed_at, renewing_since from connections where id = :id",
            id=connection.id,
        )
        if not rows or rows[0]["sealed_grant"] is None:
            raise ConfigurationError(
                f"{connection.name} is disconnected, so nothing can be asked of Pennylane. Its data stayed. "
                "Connect the company again."
            )
        sealed = bytes(rows[0]["sealed_grant"])
        texts = self._vault.unseal(sealed.decode())
        url = texts.get("oauth_url")
        grant = Grant(texts["access_token"], texts.get("refresh_token"), url.reveal() if url else "")
        return _Stored(grant, sealed, rows[0]["renewed_at"], rows[0]["renewing_since"])

    def _application_at(self, oauth_url: str) -> Application:
        if self._application is None:
            raise ConfigurationError(
                "The grant of a company connected in the hub must be renewed or revoked, and that takes "
                "PENNYLANE_CLIENT_ID and PENNYLANE_CLIENT_SECRET. Set them as the hub has them."
            )
        return Application(self._application.client_id, self._application.client_secret, oauth_url)


def _lock_of(connection: "Connection") -> str:
    return f"grant-{connection.id}"
