"""From an HTTP answer to its body, or to the error that says what happened and what to do.

Error bodies come as `{error, status}` (observed), as `{error, message, details}` (documented,
https://pennylane.readme.io/docs/error-handling-status-codes), in six shapes of 400 (OpenAPI file of July
2026), as plain text (429), as nothing at all, and as HTML from what stands between us and Pennylane. All are
met here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from pennybridge.errors import (
    ApiError,
    AuthenticationError,
    NotFoundError,
    NotPennylaneError,
    RateLimitError,
    RejectedError,
    ScopeError,
    ServerError,
)

E = TypeVar("E", bound=ApiError)

_SCOPE = re.compile(r'scope\s+"?([a-z_]+(?::[a-z_]+)?)"?')
_BASE_URL = "Check the base URL; Pennylane's is https://app.pennylane.com/api/external/v2."


@dataclass(frozen=True)
class Answer:
    """What came back from one request."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    read_at: datetime
    """When the request was sent."""
    seconds: float = 0.0
    """How long the answer took, waiting for the rate limit not counted."""

    @property
    def request_id(self) -> str | None:
        """Pennylane's name for the request: its support asks for it."""
        return self.headers.get("x-request-id")

    @property
    def server_time(self) -> datetime | None:
        """Pennylane's clock when it answered, to the second (`Date`, RFC 9110); None when not said."""
        try:
            return parsedate_to_datetime(self.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError):
            return None

    @property
    def is_json(self) -> bool:
        """Whether it says that it is JSON."""
        return "json" in self.headers.get("content-type", "")

    @property
    def is_html(self) -> bool:
        """Whether it is a page for browsers: not from the API but from a proxy, or another site."""
        return "html" in self.headers.get("content-type", "") or self.body[:200].lstrip()[:1] == b"<"

    def json(self) -> Any:
        """The decoded body; None when it is empty, as after `mark_as_paid`.

        Raises:
            NotPennylaneError: The body is not JSON.
        """
        if not self.body:
            return None
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise self.error(
                NotPennylaneError, f"answered something that is not JSON. {_BASE_URL}"
            ) from error

    def error(self, kind: type[E], what: str) -> E:
        """An error of this kind about this answer; `what` continues "POST https://… "."""
        ending = f" [request {self.request_id}]" if self.request_id else ""
        return kind(
            f"{self.method} {self.url} {what}{ending}",
            method=self.method,
            url=self.url,
            status=self.status,
            request_id=self.request_id,
            body=self.body[:2000].decode(errors="replace"),
        )


def check(answer: Answer) -> Answer:
    """The answer, if it is one that Pennylane gives to a request it carried out.

    Raises:
        ApiError: Of the kind that its status means.
    """
    if 200 <= answer.status < 300:
        if answer.body and not answer.is_json and answer.is_html:
            raise answer.error(NotPennylaneError, f"answered a web page instead of data. {_BASE_URL}")
        return answer
    raise _error(answer)


def _error(answer: Answer) -> ApiError:
    status = answer.status
    if status == 429:
        return _rate_limited(answer)
    if status >= 500:
        return _server_error(answer)
    if status < 400:
        return answer.error(
            NotPennylaneError,
            f"was redirected ({status}) to {answer.headers.get('location', 'another place')}; the token "
            f"does not follow. {_BASE_URL}",
        )
    if answer.is_html and status != 413:
        return answer.error(
            NotPennylaneError,
            f"was answered with a web page ({status}), which Pennylane's API does not do: another site, or "
            f"a proxy or firewall on the way. Nothing was changed. {_BASE_URL}",
        )
    return _refusal(answer)


def _refusal(answer: Answer) -> ApiError:
    words = pennylanes_words(answer)
    if answer.status == 401:
        return answer.error(
            AuthenticationError,
            f"was refused (401): {words or 'no reason given'}. The token is wrong, expired or revoked; "
            "nothing was changed. Connect again with a token from Pennylane's settings.",
        )
    if answer.status == 403:
        return _missing_scope(answer, words)
    if answer.status == 404:
        if answer.body and not _is_pennylanes(answer):
            return answer.error(
                NotPennylaneError, f"does not exist (404), nor does Pennylane answer so. {_BASE_URL}"
            )
        return answer.error(
            NotFoundError,
            f"found nothing (404): {words or 'no reason given'}. There is no such record in this company; "
            "nothing was changed.",
        )
    return answer.error(
        RejectedError,
        f"was refused by Pennylane ({answer.status}): {words or 'no reason given'}. Nothing was changed.",
    )


def _missing_scope(answer: Answer, words: str) -> ScopeError:
    found = _SCOPE.search(words)
    scope = found[1] if found else None
    need = f'the scope "{scope}"' if scope else "a scope"
    error = answer.error(
        ScopeError,
        f"was refused (403): {words or 'no reason given'}. The token lacks {need}; nothing was changed. "
        "Grant it in Pennylane's settings, or connect with a token that has it.",
    )
    error.scope = scope
    return error


def _rate_limited(answer: Answer) -> RateLimitError:
    error = answer.error(
        RateLimitError,
        "was refused for pace (429): another program uses the same token. Nothing was changed. "
        "Try again in a few seconds, or give each program its own token.",
    )
    error.retry_after = seconds(answer.headers.get("retry-after")) or error.retry_after
    return error


def _server_error(answer: Answer) -> ServerError:
    words = "" if answer.is_html else pennylanes_words(answer)
    left = (
        "Nothing was changed; try again later."
        if answer.method == "GET"
        else "It may have been carried out nevertheless: look before sending it again."
    )
    error = answer.error(
        ServerError, f"failed at Pennylane ({answer.status}){f': {words}' if words else ''}. {left}"
    )
    error.retry_after = seconds(answer.headers.get("retry-after")) or 0.0
    return error


def seconds(text: str | None) -> float | None:
    """The seconds of a `retry-after` header; None when absent or not a number of seconds."""
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _is_pennylanes(answer: Answer) -> bool:
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return False
    return isinstance(body, dict) and ("error" in body or "message" in body)


def pennylanes_words(answer: Answer) -> str:
    """What Pennylane says in an error's body, word for word, on one line; empty when it says nothing."""
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return " ".join(answer.body[:500].decode(errors="replace").split())
    if not isinstance(body, dict):
        return str(body)[:500]
    message = body.get("message") or body.get("error") or body.get("errors") or ""
    details = [
        f"{name}: {_said(body[name])}" for name in ("code", "field", "payload", "details") if body.get(name)
    ]
    said = _said(message).rstrip(".")
    return f"{said} ({'; '.join(details)})"[:1000] if details else said[:1000]


def _said(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
