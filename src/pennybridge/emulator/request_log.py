"""Requests as they came in, and what is remembered of them."""

from collections import Counter, deque
from dataclasses import dataclass, field

from pennybridge.emulator.answers import Refusal
from pennybridge.emulator.uploads import Form

_KEPT = 100_000


@dataclass(frozen=True)
class Request:
    """What came over HTTP; `path` is what follows `/api/external/v2`."""

    method: str
    path: str
    query: dict[str, str]
    token: str
    origin: str
    body: bytes = b""
    content_type: str = ""
    form: Form | Refusal | None = None
    """What a multipart body holds, or why it could not be read; None for other bodies."""


@dataclass(frozen=True)
class LoggedRequest:
    """One request that was answered, or was not: `status` 0 says that the connection was cut."""

    method: str
    path: str
    query: dict[str, str]
    token: str
    status: int


@dataclass
class RequestLog:
    """What was asked and how it ended; the last hundred thousand, and counts of all."""

    recent: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=_KEPT))
    counts: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    """(token, method, path with `{id}`, status) → how many."""

    def add(self, request: Request, path: str, status: int) -> None:
        """Note one."""
        self.recent.append(LoggedRequest(request.method, request.path, request.query, request.token, status))
        self.counts[request.token, request.method, path, status] += 1

    def clear(self) -> None:
        """Forget all."""
        self.recent.clear()
        self.counts.clear()
