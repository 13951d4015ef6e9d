"""Faults that tests and demos script: what goes wrong with the next requests that fit.

Instead of an answer: `429`, `500`, `503`, `html` (an error page of the network in front), `cut` (connection
closed without an answer), `timeout` (nothing, until the client gives up). After the request was carried out:
`slow`, `cut_body` (closed in the middle), `lost_answer` (closed before the first byte), `500_after`,
`empty_page` (no items, `has_more` true, and a cursor that begins again), `unknown_field`,
`unknown_enum_value`, `retyped_field` (in every item), `duplicate_events` (every event of a page twice).
"""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from pennybridge.emulator.answers import Answer, Refusal, decode, encode
from pennybridge.emulator.rate_limit import too_many

Kind = Literal[
    "429", "500", "503", "html", "cut", "timeout", "slow", "cut_body", "lost_answer", "500_after",
    "empty_page", "unknown_field", "unknown_enum_value", "retyped_field", "duplicate_events",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)

_HTML = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>502 Bad gateway</h1></body></html>"
_INSTEAD: dict[Kind, Answer] = {
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


def spoil(fault: Fault, answer: Answer) -> Answer:
    """The answer after the fault has been at it."""
    if fault.kind == "500_after":
        return _INSTEAD["500"]
    if fault.kind in (
        "empty_page",
        "unknown_field",
        "unknown_enum_value",
        "retyped_field",
        "duplicate_events",
    ):
        if answer.status >= 300:  # only what was answered well can be spoiled
            return answer
        return replace(answer, body=encode(_spoiled(fault, decode(answer.body))))
    return answer


def _spoiled(fault: Fault, body: Any) -> Any:
    if fault.kind == "empty_page":
        return {**body, "items": [], "has_more": True, "next_cursor": body.get("next_cursor")}
    if fault.kind == "duplicate_events":
        return {**body, "items": [item for item in body["items"] for _ in range(2)]}
    if "items" in body:
        return {**body, "items": [_spoiled_record(fault, item) for item in body["items"]]}
    return _spoiled_record(fault, body)


def _spoiled_record(fault: Fault, record: dict[str, Any]) -> dict[str, Any]:
    if fault.kind == "unknown_field":
        return {**record, "brand_new_field": {"nested": ["value"]}}
    if fault.kind == "unknown_enum_value":
        return {**record, fault.field: "brand_new_value"}
    return {**record, fault.field: {"retyped": True}}
