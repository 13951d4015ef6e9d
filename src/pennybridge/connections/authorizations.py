"""Consents under way: a person leaves for Pennylane, picks a company, and comes back with a code.

The `state` that goes along is bound to the person's session, works once and for half an hour; only digests of
both are kept, and the PKCE verifier sealed.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from pennybridge.api import oauth
from pennybridge.api.oauth import Application, TokenPair
from pennybridge.api.secret import Secret, digest_of
from pennybridge.clock import Clock
from pennybridge.connections.connection import Connection, Connections
from pennybridge.connections.scopes import to_request
from pennybridge.connections.tokens import Vault
from pennybridge.errors import ApiError, AuthenticationError, ConfigurationError

if TYPE_CHECKING:
    from pennybridge.store.state import Row, StateDatabase

CONSENT_LASTS = timedelta(minutes=30)
"""From leaving for Pennylane to coming back; time to find the person who may consent."""

_NO = "Nothing was changed."
_AGAIN = f"{_NO} Begin again from the list of companies."


class Authorizations:
    """What begins a consent and what ends it."""

    def __init__(
        self,
        state: "StateDatabase",
        connections: Connections,
        *,
        vault: Vault,
        clock: Clock,
        application: Application | None,
        base_url: str,
        redirect_uri: str,
    ) -> None:
        """Put together what consents need.

        Args:
            state: Holds those under way.
            connections: Take the grants.
            vault: Seals verifiers.
            clock: Ends what takes too long.
            application: How Pennylane knows us; None when the settings do not say.
            base_url: Pennylane's Company API, for the connections that come of it.
            redirect_uri: Where browsers come back to, exactly as Pennylane has it registered.
        """
        self._state = state
        self._connections = connections
        self._vault = vault
        self._clock = clock
        self._application = application
        self._base_url = base_url
        self.redirect_uri = redirect_uri

    @property
    def is_possible(self) -> bool:
        """Whether the settings say how Pennylane knows us."""
        return self._application is not None

    def begin(self, session: str, connection: Connection | None = None) -> str:
        """Where to send a person's browser; `connection` is the one to authorize again.

        Raises:
            ConfigurationError: The settings do not say how Pennylane knows us, or the connection is of
                another base URL than theirs.
        """
        application = self._known()
        if connection is not None and connection.base_url != self._base_url:
            raise ConfigurationError(
                f"{connection.name} was connected at {connection.base_url}, and PENNYLANE_BASE_URL is "
                f"{self._base_url}. Nothing was changed. Set it back, or replace the grant by an API token."
            )
        state, verifier = secrets.token_urlsafe(32), Secret(secrets.token_urlsafe(48))
        now = self._clock()
        with self._state.transaction() as transaction:
            transaction.execute("delete from authorizations where expires_at < :now", now=now)
            transaction.execute(
                "insert into authorizations "
                "(state_digest, session_digest, connection_id, sealed_verifier, expires_at) "
                "values (:state, :session, :connection, :verifier, :expires_at)",
                state=digest_of(state),
                session=digest_of(session),
                connection=connection.id if connection else None,
                verifier=self._vault.seal({"verifier": verifier.reveal()}).encode(),
                expires_at=now + CONSENT_LASTS,
            )
        return oauth.authorize_url(
            application,
            redirect_uri=self.redirect_uri,
            scopes=to_request(),
            state=state,
            verifier=verifier,
        )

    def finish(self, session: str, answer: Mapping[str, str]) -> tuple[Connection, bool]:
        """The connection that a consent gave, and whether it came to pass just now.

        Args:
            session: Of the browser that came back.
            answer: What Pennylane put into the address: `code` and `state`, or `error`.

        Raises:
            ConfigurationError: There is no such consent, it was refused or spent, or it is of another
                company than the one to authorize again. No grant is kept.
            ApiError: Pennylane did not give the tokens.
        """
        application = self._known()
        digest = digest_of(answer.get("state", ""))
        consent = self._spend(digest, session)
        if consent["spent_at"] is not None:
            return self._result_of(consent), False
        if "error" in answer or not answer.get("code"):
            raise ConfigurationError(_refusal(answer.get("error", "")))
        verifier = self._vault.unseal(bytes(consent["sealed_verifier"]).decode())["verifier"]
        try:
            pair = oauth.exchange(
                application, Secret(answer["code"]), redirect_uri=self.redirect_uri, verifier=verifier
            )
        except AuthenticationError:
            raise ConfigurationError(
                f"Pennylane no longer takes this consent: it is too old. {_AGAIN}"
            ) from None
        connection = self._take(application, pair, consent["connection_id"])
        with self._state.transaction() as transaction:
            transaction.execute(
                "update authorizations set led_to = :id where state_digest = :digest",
                id=connection.id,
                digest=digest,
            )
        return connection, True

    def _take(self, application: Application, pair: TokenPair, instead_of: str | None) -> Connection:
        """Connect by a pair; one that is not wanted is revoked rather than forgotten alive."""
        try:
            connection, _ = self._connections.add_granted(
                pair,
                oauth_url=application.url,
                base_url=self._base_url,
                instead_of=self._connections.find(instead_of) if instead_of else None,
            )
        except (ApiError, ConfigurationError):
            _revoke(application, pair)
            raise
        return connection

    def _spend(self, digest: str, session: str) -> "Row":
        """The consent as it was before now; from here on it is spent."""
        whose = {"digest": digest, "session": digest_of(session)}
        with self._state.transaction() as transaction:
            rows = transaction.rows(
                "select connection_id, sealed_verifier, spent_at, led_to from authorizations "
                "where state_digest = :digest and session_digest = :session",
                **whose,
            )
            is_fresh = transaction.execute(
                "update authorizations set spent_at = :now where state_digest = :digest "
                "and session_digest = :session and spent_at is null and expires_at >= :now",
                now=self._clock(),
                **whose,
            )
        if not rows or (not is_fresh and rows[0]["spent_at"] is None):
            raise ConfigurationError(
                f"This consent was not begun in this browser, or more than half an hour ago. {_AGAIN}"
            )
        return rows[0]

    def _result_of(self, consent: "Row") -> Connection:
        """The connection of a consent that was spent before, as when a page is loaded again."""
        if consent["led_to"] is None:
            raise ConfigurationError(f"This consent was used already. {_AGAIN}")
        return self._connections.find(consent["led_to"])

    def _known(self) -> Application:
        if self._application is None:
            raise ConfigurationError(
                "Connecting by OAuth takes the settings PENNYLANE_CLIENT_ID and PENNYLANE_CLIENT_SECRET, "
                "which Pennylane gives to its partners. Connect with an API token instead."
            )
        return self._application


def _refusal(code: str) -> str:
    if code == "access_denied":
        return f"The consent was refused at Pennylane. {_NO}"
    if code == "invalid_scope":
        return (
            f"Pennylane does not let this application ask for what Pennybridge needs (invalid_scope). {_NO}"
        )
    said = f" ({code})" if code.isascii() and code.isidentifier() else ""
    return f"Pennylane came back without a consent{said}. {_AGAIN}"


def _revoke(application: Application, pair: TokenPair) -> None:
    try:
        oauth.revoke(application, pair.refresh_token)
    except (ApiError, ConfigurationError):
        return  # it is kept nowhere, and ends of itself
