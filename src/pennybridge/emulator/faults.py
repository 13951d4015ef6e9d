"""Faults that tests and demos script: what goes wrong with the next requests that fit.

Instead of an answer: `409` (the file is not ready yet), `429`, `500`, `503`, `html` (an error page of the
network in front), `cut` (connection closed without an answer), `timeout` (nothing, until the client gives
up), `revoked` (401, and from then on, until the token is given again). After the request was carried out:
`slow`, `cut_body` (closed in the middle), `lost_answer` (closed before the first byte), `timeout_after`
(nothing, until the client gives up), `500_after`, `503_after`, `html_after`,
`empty_page` (no items, `has_more` true, and a cursor to what the page should have held), `unknown_field`,
`unknown_enum_value`, `retyped_field` (in every item), `duplicate_events` (every event of a page twice).
"""

import base64
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from pennybridge.emulator.answers import Answer, Refusal, decode, encode
from pennybridge.emulator.lists import cursor_after
from pennybridge.emulator.rate_limit import too_many
from pennybridge.emulator.request_log import Request

Kind = Literal[
    "409", "429", "500", "503", "html", "cut", "timeout", "revoked",
    "slow", "cut_body", "lost_answer", "timeout_after", "500_after", "503_after", "html_after",
    "empty_page", "unknown_field", "unknown_enum_value", "retyped_field", "duplicate_events",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
_SPOILS_BODY = ("empty_page", "unknown_field", "unknown_enum_value", "retyped_field", "duplicate_events")

_HTML = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>502 Bad gateway</h1></body></html>"
_INSTEAD: dict[str, Answer] = {
    "409": Refusal(409, "The file is not available yet. Please retry in a few seconds.").answer(),
    "429": too_many(1),
    "500": Refusal(500, "Internal Server Error").answer(),
    "503": Refusal(503, "Service Unavailable").answer(),
    "html": Answer(502, _HTML, "text/html; charset=UTF-8"),
}


@dataclass
class Fault:
    """One scripted failure.

    Attributes:
        method: HTTP method it strikes, `*` for any.
        path: Path without `/api/external/v2`, with `*` wildcards: `/customer_invoices*`.
        kind: What goes wrong.
        times: How many requests it strikes; None for all.
        skip: How many fitting requests pass before.
        seconds: How long `slow` takes.
        field: Which field `unknown_enum_value` and `retyped_field` spoil.
    """

    method: str
    path: str
    kind: Kind
    times: int | None = 1
    skip: int = 0
    seconds: float = 1.0
    field: str = "status"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of fault; there are {', '.join(KINDS)}")

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is one it may strike."""
        return self.method in ("*", method) and fnmatchcase(path, self.path)


class Faults:
    """The faults still to come, in the order in which they were scripted."""

    def __init__(self) -> None:
        self.scripted: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Script one more."""
        self.scripted.append(fault)

    def clear(self) -> None:
        """Forget them all."""
        self.scripted.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, used up by it."""
        for fault in self.scripted:
            if not fault.fits(method, path):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self.scripted.remove(fault)
            return fault
        return None


def instead(fault: Fault) -> Answer | None:
    """The answer that comes in place of the API's, if the fault is of that kind."""
    return _INSTEAD.get(fault.kind)


def spoil(fault: Fault, answer: Answer, request: Request) -> Answer:
    """The answer after the fault has been at it."""
    if fault.kind in ("500_after", "503_after", "html_after"):
        return _INSTEAD[fault.kind.removesuffix("_after")]
    if fault.kind not in _SPOILS_BODY or answer.status >= 300:  # only what was answered well can be spoiled
        return answer
    body = decode(answer.body)
    if fault.kind == "empty_page":
        body |= {"items": [], "has_more": True, "next_cursor": _cursor_before(request)}
    else:
        body = _spoiled(fault, body)
    return replace(answer, body=encode(body))


def _cursor_before(request: Request) -> str:
    """A cursor after which the page asked for begins."""
    if "cursor" in request.query:
        return request.query["cursor"]
    if request.path.startswith("/changelogs/"):
        return base64.b64encode(request.query.get("start_date", "1970-01-01T00:00:00Z").encode()).decode()
    sort = request.query.get("sort", "-id")
    extreme = ("9999-12-31", 2**53) if sort.startswith("-") else ("", 0)
    return cursor_after(extreme[1:] if sort.endswith("id") else extreme, sort)


def _spoiled(fault: Fault, body: Any) -> Any:
    if fault.kind == "duplicate_events":
        return {**body, "items": [item for item in body["items"] for _ in range(2)]}
    if "items" in body:
        return {**body, "items": [_spoiled(fault, item) for item in body["items"]]}
    if fault.kind == "unknown_field":
        return {**body, "brand_new_field": {"nested": ["value"]}}
    if fault.kind == "unknown_enum_value":
        return {**body, fault.field: "brand_new_value"}
    return {**body, fault.field: {"retyped": True}}
