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

WEBHOOK_EVENTS = [
    "customer_invoice.e_invoicing_status_updated",
    "dms_file.created",
    "supplier_invoice.e_invoicing_received",
]
"""The events that exist; the last came in August 2026, after the contract's answers (documented)."""

COUNTS_NO_LONGER_KEPT = ("total_pages", "current_page", "per_page", "total_items")
"""Keys that some lists still answer, always null (observed)."""


KEEPS_COUNTS = frozenset(
    {"getJournals", "getLedgerAccounts", "getLedgerEntries", "company-fiscal-years", "getTrialBalance"}
)
"""The operations that do."""


_NEWER_VALUES = {
    "de_DE": ("es_ES",),
    "AED": ("VES",),
    "FR_200": ("ES_isp_sales", "ES_intracom_sales_goods", "ES_intracom_sales_services"),
}
"""A value of an enum → those that requests may have since September 2026, so that answers may too."""

_REFUSAL: dict[str, Any] = {"$ref": "#/definitions/error_2"}
_REFUSALS = {
    "400": {"$ref": "#/definitions/error"}, **dict.fromkeys(("401", "403", "404", "422"), _REFUSAL),
}  # fmt: skip
"""How any write may be refused, also those whose answers are not in the OpenAPI file (assumed)."""


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
        _allow_what_is_newer(source)
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
        self._request_validator = functools.cache(self._compile_request)

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

    def request_problems(self, operation: Operation, body: Any) -> list[jsonschema_rs.ValidationError]:
        """What is wrong with the body of a request; nothing if the contract allows it."""
        return list(self._request_validator(operation.name).iter_errors(body))

    def _compile_request(self, name: str) -> jsonschema_rs.Validator:
        schema = {**(self.operations[name].request or {})["schema"], "definitions": self._definitions}
        # Draft 4, as OpenAPI 3.0 has it: there 1.0 is no integer.
        return jsonschema_rs.Draft4Validator(schema, validate_formats=True)

    def _compile(self, name: str, status: str) -> jsonschema_rs.Validator:
        schema = {**self.operations[name].answers[status], "definitions": self._definitions}
        return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


@functools.cache
def currencies() -> frozenset[str]:
    """The codes of the currencies that a document may have."""
    source = msgspec.json.decode(Path(__file__).with_name("contract.json").read_bytes())
    enums = (definition.get("enum", ()) for definition in source["definitions"].values())
    return max((frozenset(enum) for enum in enums if "EUR" in enum), key=len)


def _allow_what_is_newer(source: dict[str, Any]) -> None:
    """Widen the answers by what came after July 2026, and say how every write may be refused."""
    for definition in source["definitions"].values():
        if {"e_invoicing", "credited_invoice"} <= set(definition.get("properties", ())):
            definition["properties"].update(SEPTEMBER_2026)
        if definition.get("items", {}).get("enum", ())[:2] == WEBHOOK_EVENTS[:2]:
            definition["items"]["enum"] = WEBHOOK_EVENTS
    _widen_enums(
        [source["definitions"], [operation["answers"] for operation in source["operations"].values()]]
    )
    for operation in source["operations"].values():
        if operation["method"] != "GET":
            for status, shape in _REFUSALS.items():
                operation["answers"].setdefault(status, shape)
    source["operations"]["sendToPaCustomerInvoice"]["answers"]["409"] = _REFUSAL


def _widen_enums(schema: Any) -> None:
    if isinstance(schema, list):
        for inner in schema:
            _widen_enums(inner)
    elif isinstance(schema, dict):
        if isinstance(schema.get("enum"), list):
            added = next((more for known, more in _NEWER_VALUES.items() if known in schema["enum"]), ())
            schema["enum"] = [*schema["enum"], *(value for value in added if value not in schema["enum"])]
        _widen_enums(list(schema.values()))
