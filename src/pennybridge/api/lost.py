"""Requests that no answer came to: why, whether they were sent, and what to do."""

import ssl
from typing import TYPE_CHECKING

from pennybridge.errors import ApiError, NotPennylaneError, TransportError

if TYPE_CHECKING:
    import httpx2


def lost_answer(error: "httpx2.HTTPError", *, method: str, url: str) -> ApiError:
    """The error to raise when the HTTP library gives up on a request.

    `TransportError.sent` is False only when the request surely never left this machine.
    """
    import httpx2

    certificate = _certificate_problem(error) if isinstance(error, httpx2.ConnectError) else None
    if certificate:
        return NotPennylaneError(
            f"{method} {url} was not sent: the server's certificate is not valid ({certificate}). Check "
            "the base URL, this machine's clock, and any proxy on the way.",
            method=method,
            url=url,
        )
    if isinstance(
        error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol | httpx2.ProxyError
    ):
        lost = TransportError(
            f"{method} {url} was not sent: no connection ({_reason(error)}). Check the base URL and the "
            "network.",
            method=method,
            url=url,
        )
        lost.sent = False
        return lost
    left = (
        "Nothing was changed; try again."
        if method == "GET"
        else "It may have been carried out: look before sending it again."
    )
    return TransportError(f"{method} {url} got no answer ({_reason(error)}). {left}", method=method, url=url)


def _reason(error: "httpx2.HTTPError") -> str:
    import httpx2

    if isinstance(error, httpx2.TimeoutException):
        return "timed out"
    return str(error) or type(error).__name__


def _certificate_problem(error: BaseException | None) -> str | None:
    """What is wrong with the certificate, when that is why the connection failed."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        if isinstance(error, ssl.SSLError):
            return error.reason or "no TLS there"
        error = error.__cause__ or error.__context__
    return None
