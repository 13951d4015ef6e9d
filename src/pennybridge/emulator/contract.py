"""What Pennylane's API promises, as data: operations, their parameters, the shapes of requests and answers.

`contract.json` beside this file is made by `scripts/contract.py` from the OpenAPI file; nothing in it is
written by hand.
"""

import functools
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

PREFIX = "/api/external/v2"

SEPTEMBER_2026: dict[str, Any] = {
    "installments": {"type": ["object", "null"]},
    "payment_method_ledger_account": {"type": ["object", "null"]},
    "purchase_order_reference": {"type": ["string", "null"]},
    "sales_order_reference": {"type": ["string", "null"]},
}
"""Fields of a customer invoice that came in September 2026, after the contract's answers (documented)."""

COUNTS_NO_LONGER_KEPT = ("total_pages", "current_page", "per_page", "total_items")
"""Keys that some lists still answer, always null (observed)."""


KEEPS_COUNTS = frozenset(
    {"getJournals", "getLedgerAccounts", "getLedgerEntries", "company-fiscal-years", "getTrialBalance"}
)
"""The operations that do."""


class Operation(msgspec.Struct, frozen=True):
    """One thing the API can do: `GET /customers/{id}`."""

    method: str
    path: str
    scopes: list[str]
    answers: dict[str, dict[str, Any]]
    name: str = ""
    limit: int | None = None
    """Most items per page; None if it is no list."""
    sort: list[str] = []
    filter: dict[str, list[str]] = {}
    """Field → operators that the list offers."""
    include: list[str] = []
    query: dict[str, bool] = {}
    """Other query parameters → whether they are required."""
    request: dict[str, Any] | None = None


class ContractError(AssertionError):
    """The emulator was about to answer something that the contract does not allow: a defect of ours."""


class Contract:
    """Finds the operation of a request, and checks what is sent against its schemas."""

    def __init__(self) -> None:
        source = msgspec.json.decode(Path(__file__).with_name("contract.json").read_bytes())
        _allow_what_is_newer(source["definitions"])
        self.operations = {
            name: msgspec.convert({**operation, "name": name}, Operation)
            for name, operation in source["operations"].items()
        }
        self._definitions = source["definitions"]
        for name in KEEPS_COUNTS:
            properties = self.operations[name].answers["200"]["properties"]
            properties.update({count: {"type": "null"} for count in COUNTS_NO_LONGER_KEPT})
        self._by_segments: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
        for operation in self.operations.values():
            segments = operation.path.split("/")
            self._by_segments.setdefault((operation.method, len(segments)), []).append((segments, operation))
        for found in self._by_segments.values():
            found.sort(key=lambda pair: sum(segment.startswith("{") for segment in pair[0]))
        self._validator = functools.cache(self._compile)

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a path (without `/api/external/v2`) asks for, and the values in the path."""
        asked = path.split("/")
        for segments, operation in self._by_segments.get((method, len(asked)), ()):
            pairs = list(zip(segments, asked, strict=True))
            if all(segment == value or segment.startswith("{") for segment, value in pairs):
                return operation, {
                    segment[1:-1]: value for segment, value in pairs if segment.startswith("{")
                }
        return None

    def check_answer(self, operation: Operation, status: int, body: bytes) -> None:
        """Say whether an answer is one the contract allows.

        Raises:
            ContractError: It is not; the text names the operation, the place and the value.
        """
        if str(status) not in operation.answers:
            raise ContractError(f"{operation.name}: status {status} is not in the contract")
        if not operation.answers[str(status)]:
            if body:
                raise ContractError(f"{operation.name}: {status} has no body in the contract")
            return
        answer = msgspec.json.decode(body)
        for problem in self._validator(operation.name, str(status)).iter_errors(answer):
            place = "/".join(str(step) for step in problem.instance_path)
            raise ContractError(f"{operation.name} {status} at {place or 'top'}: {problem.message}"[:2000])

    def _compile(self, name: str, status: str) -> jsonschema_rs.Validator:
        schema = {**self.operations[name].answers[status], "definitions": self._definitions}
        return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


def _allow_what_is_newer(definitions: dict[str, Any]) -> None:
    for definition in definitions.values():
        if {"e_invoicing", "credited_invoice"} <= set(definition.get("properties", ())):
            definition["properties"].update(SEPTEMBER_2026)
