"""OAuth 2.0 as Pennylane offers it: a code for a consent, tokens for a code, one pair after another.

Documented (https://pennylane.readme.io/docs/oauth-20-walkthrough, 2026-06-10): the parameters, the token
answer, access tokens of 24 hours, refresh tokens of 90 days that work once and end the old access token at
once, revocation by either token. Assumed: codes live ten minutes and work once, redirect addresses must be
equal to a registered one, PKCE with S256, errors of RFC 6749 in the words of Doorkeeper, HTTP Basic for the
client; revoking one token of a pair ends both. All by the emulator's clock.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

from pennybridge.emulator.access import Tokens
from pennybridge.emulator.answers import Answer, json_answer
from pennybridge.emulator.books import Books
from pennybridge.emulator.request_log import Request

CODE_LIVES = timedelta(minutes=10)
ACCESS_TOKEN_LIVES = timedelta(hours=24)
REFRESH_TOKEN_LIVES = timedelta(days=90)

_SAID = {
    "invalid_client": "Client authentication failed due to unknown client, no client authentication"
    " included, or unsupported authentication method.",
    "invalid_grant": "The provided authorization grant is invalid, expired, revoked, does not match the"
    " redirection URI used in the authorization request, or was issued to another client.",
    "invalid_request": "The request is missing a required parameter, includes an unsupported parameter"
    " value, or is otherwise malformed.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "unsupported_response_type": "The authorization server does not support this response type.",
    "access_denied": "The resource owner or authorization server denied the request.",
}


class OAuthRefusal(Exception):  # noqa: N818 - not an error of ours: an answer that RFC 6749 names
    """A request is refused with an error of RFC 6749.

    Attributes:
        code: `invalid_grant` and its like.
        redirect_to: Where the browser is sent with the error; None where it must not be sent anywhere.
    """

    def __init__(self, code: str, *, redirect_to: str | None = None) -> None:
        super().__init__(_SAID[code])
        self.code = code
        self.redirect_to = redirect_to


@dataclass(frozen=True)
class OAuthClient:
    """An application that Pennylane knows; without `redirect_uris` any address will do."""

    id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...] = ()


DEFAULT_CLIENT = OAuthClient("pennybridge", "emulator-secret", "Pennybridge")


@dataclass(frozen=True)
class AuthorizationRequest:
    """What an application asks a person for."""

    client: OAuthClient
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    code_challenge: str | None


@dataclass(frozen=True)
class Grant:
    """The tokens of one consent that are in force."""

    client_id: str
    company_id: int
    scopes: tuple[str, ...]
    access_token: str
    refresh_token: str
    refresh_expires_at: datetime

    def answer(self) -> Answer:
        """What the token endpoint gives: neither company nor scopes are named (documented)."""
        return json_answer(
            {
                "access_token": self.access_token,
                "token_type": "Bearer",
                "expires_in": int(ACCESS_TOKEN_LIVES.total_seconds()),
                "refresh_token": self.refresh_token,
            }
        )


@dataclass(frozen=True)
class _Code:
    request: AuthorizationRequest
    company_id: int
    scopes: tuple[str, ...]
    expires_at: datetime


class OAuth:
    """Applications, consents and the tokens that came of them.

    Attributes:
        invalid_grant_status: 400 as in RFC 6749; 401 gives `{"error": "invalid_grant", "status": 401}`, which
            a third party claims of Pennylane.
        may_narrow: Whether the person may grant fewer scopes than were asked for (unknown of Pennylane).
    """

    def __init__(self, books: Books, tokens: Tokens) -> None:
        self.books = books
        self._tokens = tokens
        self._codes: dict[str, _Code] = {}
        self._grants: dict[str, Grant] = {}
        self.clients = {DEFAULT_CLIENT.id: DEFAULT_CLIENT}
        self.invalid_grant_status = 400
        self.may_narrow = False

    def add_client(self, client: OAuthClient) -> None:
        """Register an application, as Pennylane does by a form."""
        self.clients[client.id] = client

    # Consent

    def read_request(self, query: Mapping[str, str]) -> AuthorizationRequest:
        """What is asked for at the authorize endpoint.

        Raises:
            OAuthRefusal: Unknown client or redirect address (shown to the person), or something else
                (redirected to the application).
        """
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise OAuthRefusal("invalid_client")
        redirect_uri = query.get("redirect_uri", "")
        if not _is_allowed(redirect_uri, client):
            raise OAuthRefusal("invalid_request")
        scopes = tuple(dict.fromkeys(query.get("scope", "").split()))
        if problem := self._problem_of(query, scopes):
            raise OAuthRefusal(problem, redirect_to=_back(redirect_uri, query, error=problem))
        state, challenge = query.get("state"), query.get("code_challenge")
        return AuthorizationRequest(client, redirect_uri, scopes, state, challenge)

    def _problem_of(self, query: Mapping[str, str], scopes: Iterable[str]) -> str | None:
        if query.get("response_type") != "code":
            return "unsupported_response_type"
        if not scopes or not self._tokens.every_scope.issuperset(scopes):
            return "invalid_scope"
        if "code_challenge" in query and query.get("code_challenge_method") != "S256":
            return "invalid_request"
        return None

    def approve(
        self, request: AuthorizationRequest, company_id: int, scopes: Iterable[str] | None = None
    ) -> str:
        """The person says yes, for a company and perhaps fewer scopes; gives where the browser goes next."""
        code = secrets.token_urlsafe(32)
        wanted = request.scopes if scopes is None else set(scopes)
        granted = tuple(scope for scope in request.scopes if scope in wanted)
        self._codes[code] = _Code(request, company_id, granted, self.books.clock() + CODE_LIVES)
        return add_to_url(request.redirect_uri, code=code, state=request.state)

    def deny(self, request: AuthorizationRequest) -> str:
        """The person says no; gives where the browser goes next."""
        error, said = "access_denied", _SAID["access_denied"]
        return add_to_url(request.redirect_uri, error=error, error_description=said, state=request.state)

    # Tokens

    def token(self, request: Request) -> Answer:
        """The token endpoint: a code or a refresh token for a new pair."""
        try:
            form = dict(parse_qsl(request.body.decode(errors="replace")))
            return self._next_grant(self._client_of(request, form), form).answer()
        except OAuthRefusal as refusal:
            return self._refused(refusal.code)

    def revoke(self, request: Request) -> Answer:
        """The revocation endpoint: ends a pair by one of its tokens; 200 without a body, known or not."""
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        try:
            client = self._client_of(request, form)
        except OAuthRefusal as refusal:
            return self._refused(refusal.code)
        grant = self._grants.get(form.get("token", ""))
        if grant and grant.client_id == client.id:
            self._end(grant)
        return Answer(200)

    def grant(self, client_id: str, company_id: int, scopes: Iterable[str]) -> Grant:
        """A new pair of tokens in force."""
        now = self.books.clock()
        grant = Grant(
            client_id,
            company_id,
            tuple(scopes),
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(32),
            now + REFRESH_TOKEN_LIVES,
        )
        self._grants[grant.access_token] = self._grants[grant.refresh_token] = grant
        expires_at = now + ACCESS_TOKEN_LIVES
        self._tokens.give(grant.access_token, company_id, grant.scopes, expires_at=expires_at)
        return grant

    def _client_of(self, request: Request, form: Mapping[str, str]) -> OAuthClient:
        client_id, secret = _basic(request.token) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        client = self.clients.get(client_id)
        if client is None or not secrets.compare_digest(client.secret.encode(), secret.encode()):
            raise OAuthRefusal("invalid_client")
        return client

    def _next_grant(self, client: OAuthClient, form: Mapping[str, str]) -> Grant:
        grant_type = form.get("grant_type")
        if grant_type == "authorization_code":
            return self._exchange(client, form)
        if grant_type == "refresh_token":
            return self._refresh(client, form)
        raise OAuthRefusal("unsupported_grant_type" if grant_type else "invalid_request")

    def _exchange(self, client: OAuthClient, form: Mapping[str, str]) -> Grant:
        code = self._codes.pop(form.get("code", ""), None)  # a code works once, even if it then fails
        if code is None or code.request.client != client or code.expires_at <= self.books.clock():
            raise OAuthRefusal("invalid_grant")
        if form.get("redirect_uri") != code.request.redirect_uri:
            raise OAuthRefusal("invalid_grant")
        challenge = code.request.code_challenge
        if challenge and challenge != s256(form.get("code_verifier", "")):
            raise OAuthRefusal("invalid_grant")
        return self.grant(client.id, code.company_id, code.scopes)

    def _refresh(self, client: OAuthClient, form: Mapping[str, str]) -> Grant:
        token = form.get("refresh_token", "")
        grant = self._grants.get(token)
        if grant is None or grant.client_id != client.id or grant.refresh_token != token:
            raise OAuthRefusal("invalid_grant")
        self._end(grant)
        if grant.refresh_expires_at <= self.books.clock():
            raise OAuthRefusal("invalid_grant")
        return self.grant(client.id, grant.company_id, grant.scopes)

    def _end(self, grant: Grant) -> None:
        del self._grants[grant.access_token], self._grants[grant.refresh_token]
        self._tokens.revoke(grant.access_token)

    def _refused(self, code: str) -> Answer:
        if code == "invalid_grant" and self.invalid_grant_status == 401:
            return json_answer({"error": code, "status": 401}, 401)
        status = 401 if code == "invalid_client" else 400
        answer = json_answer({"error": code, "error_description": _SAID[code]}, status)
        if status == 401:
            answer.headers["www-authenticate"] = f'Bearer realm="Emulator", error="{code}"'
        return answer


def add_to_url(url: str, **parameters: str | None) -> str:
    """An address with further query parameters; those that are None are left out.

    >>> add_to_url("https://hub.example/callback?a=1", code="x y", state=None)
    'https://hub.example/callback?a=1&code=x+y'
    """
    parts = urlsplit(url)
    added = urlencode({name: value for name, value in parameters.items() if value is not None})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def s256(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636).

    >>> s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _is_allowed(redirect_uri: str, client: OAuthClient) -> bool:
    if client.redirect_uris:
        return redirect_uri in client.redirect_uris
    return redirect_uri.startswith(("https://", "http://"))


def _back(redirect_uri: str, query: Mapping[str, str], *, error: str) -> str:
    return add_to_url(redirect_uri, error=error, error_description=_SAID[error], state=query.get("state"))


def _basic(authorization: str) -> tuple[str, str] | None:
    """Client id and secret of an HTTP Basic header, if it is one."""
    kind, _, encoded = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)
