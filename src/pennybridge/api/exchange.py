"""One request and its answer: paced by the limiter, sent again only where that is safe."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

from pennybridge import __version__
from pennybridge.api.answers import Answer, check
from pennybridge.api.limiter import Limiter
from pennybridge.api.lost import lost_answer
from pennybridge.api.retries import Retries
from pennybridge.api.secret import Secret
from pennybridge.clock import Clock
from pennybridge.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    RateLimitError,
    TransportError,
)

if TYPE_CHECKING:
    import ssl

    import httpx2

_CONNECTIONS = 32
_IDLE_SECONDS = 30.0
"""Longer than a window, so that a burst finds the connections of the one before."""


@dataclass(frozen=True)
class Upload:
    """A file to send as multipart form data."""

    file: BinaryIO
    filename: str
    content_type: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Call:
    """A request before it is sent."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    body: bytes | None = None
    upload: Upload | None = None

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing at Pennylane."""
        return self.method == "GET"


class Exchange:
    """Sends calls with one token to one base URL. Safe to share between threads."""

    def __init__(
        self,
        token: Secret,
        base_url: str,
        *,
        limiter: Limiter,
        retries: Retries,
        clock: Clock,
        timeout: float,
        background: bool,
        renew_token: Callable[[Secret], Secret | None] | None,
    ) -> None:
        _check_token(token)
        _check_base_url(base_url)
        self._token = token
        self.base_url = base_url.rstrip("/")
        self._limiter = limiter
        self._retries = retries
        self._clock = clock
        self._background = background
        self._renew_token = renew_token
        self._renewing = threading.Lock()
        self._http = _http_client(timeout)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def give_up(self) -> None:
        """Let requests that wait for their turn, and all that follow, end with a `SyncStoppedError`."""
        self._limiter.give_up()

    def send(self, call: Call) -> Answer:
        """The answer to a call that Pennylane carried out.

        Raises:
            ApiError: It did not, or no answer came; a write was not sent again unless it surely was not
            processed.
        """
        attempt, failed_at = 0, 0.0
        while True:
            try:
                return self._once_with_live_token(call)
            except ApiError as error:
                failed_at = failed_at or time.monotonic()
                attempt += not isinstance(error, RateLimitError)
                waited = time.monotonic() - failed_at
                delay = self._retries.delay(error, is_read=call.is_read, attempt=attempt, waited=waited)
                if delay is None:
                    raise
            self._retries.sleep(delay)

    def _once_with_live_token(self, call: Call) -> Answer:
        token = self._token
        try:
            return self._once(call, token)
        except AuthenticationError:
            # Another process may have renewed the grant, which kills the token we hold. A 401 was not
            # processed.
            fresh = self._renewed(token)
            if fresh == token:
                raise
        return self._once(call, fresh)

    def _renewed(self, refused: Secret) -> Secret:
        """The token to use instead of a refused one; asked for once, however many threads were refused."""
        with self._renewing:
            if self._token == refused and self._renew_token:
                self._token = self._renew_token(refused) or refused
            return self._token

    def _once(self, call: Call, token: Secret) -> Answer:
        import httpx2

        url = f"{self.base_url}{call.path}"
        request = self._request(call, token)
        ticket = self._limiter.acquire(background=self._background)
        sent_at, begun = self._clock(), time.monotonic()
        try:
            response = self._http.send(request, stream=True)
            self._limiter.settle(ticket, response.status_code, response.headers)
            body = response.read()
        except httpx2.HTTPError as error:
            lost = lost_answer(error, method=call.method, url=url)
            if not (isinstance(lost, TransportError) and lost.sent):
                self._limiter.cancel(ticket)
            raise lost from error
        if response.status_code >= 400:
            # What stands in between may quote the request; the token must not come back in an error's text.
            body = body.replace(token.reveal().encode(), b"***")
        return check(
            Answer(
                call.method,
                url,
                response.status_code,
                response.headers,
                body,
                sent_at,
                time.monotonic() - begun,
            )
        )

    def _request(self, call: Call, token: Secret) -> "httpx2.Request":
        import httpx2

        headers = {"Authorization": f"Bearer {token.reveal()}"}
        files = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.upload is not None:
            call.upload.file.seek(0)
            files = {"file": (call.upload.filename, call.upload.file, call.upload.content_type)}
        url = f"{self.base_url}{call.path}"
        if call.params:  # given to the client, they would have it parse every address twice
            url = f"{url}?{httpx2.QueryParams(dict(call.params))}"
        return self._http.build_request(
            call.method,
            url,
            content=call.body,
            files=files,
            data=dict(call.upload.fields) if call.upload else None,
            headers=headers,
        )


def _check_token(token: Secret) -> None:
    text = token.reveal()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError(
            "That is no token: it is empty, or holds spaces, line breaks or other characters that a token "
            "never has. Nothing was sent. Copy the token again from Pennylane."
        )


def _check_base_url(base_url: str) -> None:
    import httpx2

    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL as error:
        raise ConfigurationError(f"The base URL is not a URL: {error}. Nothing was sent.") from error
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment or url.userinfo:
        # It is not repeated here: what does not belong in it may be a secret.
        raise ConfigurationError(
            "The base URL must be like https://app.pennylane.com/api/external/v2, with nothing before the "
            "host and nothing after the path. Nothing was sent."
        )


def _http_client(timeout: float) -> "httpx2.Client":
    import httpx2

    return httpx2.Client(
        headers={"User-Agent": f"pennybridge/{__version__}", "Accept": "application/json"},
        timeout=httpx2.Timeout(timeout, connect=min(timeout, 10.0), pool=None),
        limits=httpx2.Limits(
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
        ),
        follow_redirects=False,
        verify=_trust(),
    )


@cache
def _trust() -> "ssl.SSLContext":
    """Whom TLS trusts; reading the certificates costs 30 ms, a fifth of a sync with nothing new."""
    import httpx2

    return httpx2.create_ssl_context()
