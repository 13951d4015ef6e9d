"""OAuth 2.0 with Pennylane: the consent's address, a code for a pair of tokens, one pair after another.

Documented (https://pennylane.readme.io/docs/oauth-20-walkthrough, 2026-06-10): addresses, parameters, access
tokens of 24 hours, refresh tokens of 90 days that work once and end the old access token at once, revocation
by either token, client id and secret in the body. Messages are Authlib's, which speaks through httpx2.

Assumed: PKCE (RFC 7636) is sent always. The walkthrough does not name it; a server that does not know it
ignores its parameters (RFC 6749 sections 3.1 and 3.2), one that does is held to it. What a refused refresh
token gives is not documented: `invalid_grant` with 400 (RFC 6749) or 401 (claimed by a third party) read the
same here.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pennybridge import __version__
from pennybridge.api.answers import seconds
from pennybridge.api.lost import lost_answer
from pennybridge.api.secret import Secret
from pennybridge.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    NotPennylaneError,
    RejectedError,
    ServerError,
)

if TYPE_CHECKING:
    import httpx2
    from authlib.integrations.httpx_client import OAuth2Client

T = TypeVar("T")

TIMEOUT = 30.0
"""Seconds to wait for an answer."""
_IN_THE_BODY = "client_secret_post"


@dataclass(frozen=True)
class Application:
    """How Pennylane knows this installation: what its partnership form gave us."""

    client_id: str
    client_secret: Secret
    url: str
    """Of the OAuth endpoints, as `https://app.pennylane.com/oauth`."""


@dataclass(frozen=True)
class TokenPair:
    """An access token and the refresh token that gives the next pair."""

    access_token: Secret
    refresh_token: Secret


def authorize_url(
    application: Application, *, redirect_uri: str, scopes: Collection[str], state: str, verifier: Secret
) -> str:
    """Where a person picks the company and says yes.

    Args:
        application: Ours.
        redirect_uri: Where the browser comes back to; exactly one that Pennylane has registered.
        scopes: What is asked for.
        state: Comes back with the answer.
        verifier: 43 to 128 characters, handed to `exchange` later; only its digest is in the address.
    """
    with _client(application) as client:
        url, _ = client.create_authorization_url(
            f"{application.url}/authorize",
            state=state,
            code_verifier=verifier.reveal(),
            redirect_uri=redirect_uri,
            scope=" ".join(scopes),
        )
    return str(url)


def exchange(application: Application, code: Secret, *, redirect_uri: str, verifier: Secret) -> TokenPair:
    """The tokens for a code; a code works once.

    Raises:
        AuthenticationError: The code is spent, too old, or not ours.
        ConfigurationError: Client id and secret are not right.
        ApiError: No such answer came.
    """
    with _client(application) as client:
        return _pair(
            application,
            lambda url: client.fetch_token(
                url,
                grant_type="authorization_code",
                code=code.reveal(),
                redirect_uri=redirect_uri,
                code_verifier=verifier.reveal(),
            ),
        )


def refresh(application: Application, refresh_token: Secret) -> TokenPair:
    """The next pair; the one before is dead from then on, whether or not the answer arrives.

    Raises:
        AuthenticationError: The refresh token is spent, expired or revoked.
        ConfigurationError: Client id and secret are not right; the refresh token still works.
        TransportError: No answer came: only when `sent` is False does the old pair surely still work.
        ApiError: Something else came; whether the old pair still works is not known.
    """
    with _client(application) as client:
        return _pair(application, lambda url: client.refresh_token(url, refresh_token=refresh_token.reveal()))


def revoke(application: Application, refresh_token: Secret) -> None:
    """End a pair at Pennylane; one that is dead already is no error.

    Raises:
        ConfigurationError: Client id and secret are not right.
        ApiError: It may live on.
    """
    url = f"{application.url}/revoke"
    with _client(application) as client:
        _answered(url, lambda: client.revoke_token(url, token=refresh_token.reveal()).raise_for_status())


def _client(application: Application) -> "OAuth2Client":
    from authlib.integrations.httpx_client import OAuth2Client

    return OAuth2Client(
        application.client_id,
        application.client_secret.reveal(),
        token_endpoint_auth_method=_IN_THE_BODY,
        revocation_endpoint_auth_method=_IN_THE_BODY,
        code_challenge_method="S256",
        timeout=TIMEOUT,
        headers={"User-Agent": f"pennybridge/{__version__}"},
    )


def _pair(application: Application, ask: Callable[[str], dict[str, str]]) -> TokenPair:
    url = f"{application.url}/token"
    token = _answered(url, lambda: ask(url))
    try:
        return TokenPair(Secret(token["access_token"]), Secret(token["refresh_token"]))
    except KeyError as error:
        raise NotPennylaneError(
            f"POST {url} answered without {error}. {_LOOK}", method="POST", url=url
        ) from None


def _answered(url: str, ask: Callable[[], T]) -> T:
    """The answer, or the error that says what happened; the library's own text never comes along."""
    import httpx2
    from authlib.integrations.base_client import OAuthError

    try:
        return ask()
    except OAuthError as error:
        raise _refusal(url, str(error.error)) from None
    except httpx2.HTTPStatusError as error:
        raise _status_error(url, error.response) from None
    except httpx2.HTTPError as error:
        raise lost_answer(error, method="POST", url=url) from error
    except ValueError:
        raise NotPennylaneError(f"POST {url} answered no JSON. {_LOOK}", method="POST", url=url) from None


def _refusal(url: str, code: str) -> ApiError | ConfigurationError:
    if code == "invalid_grant":
        return AuthenticationError(
            f"POST {url} was refused: the code or refresh token is spent, expired or revoked. "
            "Authorize the company again.",
            method="POST",
            url=url,
        )
    if code in {"invalid_client", "unauthorized_client"}:
        return ConfigurationError(
            f"Pennylane does not know this application ({code} from {url}). Nothing was changed. "
            "Check PENNYLANE_CLIENT_ID and PENNYLANE_CLIENT_SECRET."
        )
    return RejectedError(
        f"POST {url} was refused by Pennylane: {code[:100]}. Nothing was changed.", method="POST", url=url
    )


def _status_error(url: str, response: "httpx2.Response") -> ApiError:
    status = response.status_code
    # 429 too: no limit of requests is documented here, so waiting as after a server's error is all we can do.
    if status >= 500 or status == 429:
        failed = ServerError(
            f"POST {url} failed at Pennylane ({status}). Try again later.",
            method="POST",
            url=url,
            status=status,
        )
        failed.retry_after = seconds(response.headers.get("retry-after")) or 0.0
        return failed
    return NotPennylaneError(
        f"POST {url} was answered with {status}, not as an OAuth server answers. {_LOOK}",
        method="POST",
        url=url,
        status=status,
    )


_LOOK = "Check PENNYLANE_OAUTH_URL; Pennylane's is https://app.pennylane.com/oauth."
