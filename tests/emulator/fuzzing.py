"""The contract as an OpenAPI document over some books, and requests that schemathesis invents from it.

Ids are drawn from what the books hold, so that requests get past "not found"; one unknown id is among them.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.generation import GenerationMode

from pennybridge.emulator.contract import PREFIX, Contract, Operation
from pennybridge.emulator.reads import READS
from pennybridge.emulator.resources import RESOURCES
from pennybridge.emulator.seed.small import seed_small
from pennybridge.emulator.server import Emulator
from pennybridge.emulator.writes import WRITES

UNKNOWN_ID = 4096
_IDS_OFFERED = 4
_NOWHERE = "http://127.0.0.1:9/"
_DAYS = ["2026-11-02", "2026-12-31"]
_LIKELY: dict[str, list[Any]] = {
    "date": _DAYS, "deadline": _DAYS[1:], "start": _DAYS, "debit": ["9", ""], "credit": ["9", ""],
    "amount": ["9", "-9.5"], "fee": ["1"], "raw_currency_unit_price": ["9", "-0.5"], "quantity": [1, 2.5, -1],
    "emails": [["a@b.fr"]], "recipients": [["a@b.fr"]], "weight": ["1", "0.5"], "section_rank": [0],
    "external_reference": ["REF", "OTHER"], "interval": [1, 2], "count": [1, 3], "day_of_month": [1, 31],
    "currency": ["EUR", "USD"], "vat_rate": ["FR_200", "exempt"], "label": ["A", "B"],
    "discount": [{"type": "relative", "value": "10"}], "currency_amount": ["120"],
    "currency_amount_before_tax": ["100"], "currency_tax": ["20"], "tax": ["20"],
}  # fmt: skip
"""Values without which requests would never get past the first rule; what is not allowed ignores them."""
_COLLECTIONS = {
    "company_customers": "customers", "individual_customers": "customers", "fecs": "exports",
    "matched_transactions": "transactions",
}  # fmt: skip
"""Collections in paths → the resource they hold, where the names differ."""
_LISTED = {
    "credit_notes": ["customer_invoices"], "credited_invoices": ["customer_invoices"],
    "quote_templates": ["customer_invoice_templates"], "ledger_entry_lines": ["ledger_entry_lines"],
    "invoice_lines": ["customer_invoice_lines", "quote_lines", "billing_subscription_lines"],
    "invoice_line_sections": ["customer_invoice_sections"],
}  # fmt: skip
"""Lists of requests, and ids by another name → the resources whose ids they may hold."""


def furnish(emulator: Emulator) -> None:
    """A small company that has something of every kind that requests can be about."""
    company = emulator.books.add_company("Atelier Numérique", fill=seed_small)
    emulator.books.touch(company.id)
    customer = emulator.add_customer("Cap Horizon", emails=["compta@cap-horizon.example"])
    emulator.add_customer(first_name="Ada", last_name="Martin")
    emulator.add_contact(customer)
    emulator.add_customer_invoice(customer=customer, draft=True)
    emulator.add_customer_invoice("-120.00", customer=customer)
    emulator.pay(emulator.add_customer_invoice(customer=customer), "20.00")
    emulator.add_category()
    emulator.add_billing_subscription(customer=customer)
    account, journal = (
        emulator.books.select(resource, company.id)[0]["id"] for resource in ("ledger_accounts", "journals")
    )
    line = {"label": "A", "quantity": 1, "raw_currency_unit_price": "9", "unit": "h", "vat_rate": "FR_200"}
    quote = {"customer_id": customer.id, "date": _DAYS[0], "deadline": _DAYS[0], "invoice_lines": [line]}
    sides = [{"ledger_account_id": account, "debit": a, "credit": b} for a, b in (("9", ""), ("", "9"))]
    entry = {"date": _DAYS[0], "label": "OD", "journal_id": journal, "ledger_entry_lines": sides}
    hook = {"callback_url": _NOWHERE, "events": ["dms_file.created"]}
    period = {"period_start": _DAYS[0], "period_end": _DAYS[1]}
    made = {
        "/quotes": quote,
        "/ledger_entries": entry,
        "/webhook_subscriptions": hook,
        "/exports/fecs": period,
    }
    headers = {"authorization": f"Bearer {emulator.token(1)}"}
    for path, body in made.items():
        answer = httpx2.post(emulator.base_url + path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
    emulator.settle()


def fuzz(emulator: Emulator, *, examples: int, number: int | None = None) -> Counter[int]:
    """Send invented requests to every operation that is emulated; gives how often each status came.

    Args:
        emulator: Holds every answer against the contract; its first company is asked.
        examples: Requests per operation and mode (what the contract allows, what it does not).
        number: The seed of a run that is to differ from the one that is always the same.

    Raises:
        AssertionError: A 5xx or an answer outside the contract, with the request that led to it.
    """
    document = openapi(emulator)
    schema = schemathesis.openapi.from_dict(document)
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # our document has no invalid operation
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
        for mode in modes if operation.body else modes[:1]:
            _fuzz_operation(emulator, operation, mode, statuses, examples=examples, number=number)
    return statuses


def _fuzz_operation(
    emulator: Emulator,
    operation: Any,
    mode: GenerationMode,
    statuses: Counter[int],
    *,
    examples: int,
    number: int | None,
) -> None:
    bounds = settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize=number is None,
    )  # fmt: skip
    headers = {"authorization": f"Bearer {emulator.token(1)}"}

    def ask(case: Any) -> None:
        answer = case.call(base_url=emulator.origin, headers=headers)
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text[-3000:]}"
        assert not emulator.defects, f"{case.as_curl_command()}\n{emulator.defects}"

    run = bounds(given(operation.as_strategy(generation_mode=mode))(ask))  # type: ignore[no-untyped-call]
    if number is not None:
        run = seed(number)(run)
    run()


def openapi(emulator: Emulator) -> dict[str, Any]:
    """The contract's operations that are emulated, as an OpenAPI 3.1 document."""
    contract = Contract()
    ids = {resource: _ids(emulator, resource) for resource in RESOURCES}
    paths: dict[str, Any] = {}
    for operation in contract.operations.values():
        if operation.name in READS or operation.name in WRITES:
            described = _described(operation, ids)
            paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = described
    source = json.loads(json.dumps({"components": {"schemas": contract._definitions}}))
    document = {"openapi": "3.1.0", "info": {"title": "Contract", "version": "2"}, "paths": paths, **source}
    return _narrowed(_moved_references(document), ids)  # type: ignore[no-any-return]


def _described(operation: Operation, ids: Mapping[str, list[int]]) -> dict[str, Any]:
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"enum": _candidates(name, operation.path, ids)},
        }
        for name in (step[1:-1] for step in operation.path.split("/") if step.startswith("{"))
    ]
    parameters += [
        {"name": name, "in": "query", "required": operation.query.get(name, False), "schema": schema}
        for name, schema in _query(operation)
    ]
    described: dict[str, Any] = {
        "operationId": operation.name,
        "parameters": parameters,
        "responses": {status: {"description": ""} for status in operation.answers},
    }
    if operation.request:
        content = {operation.request["content_type"]: {"schema": operation.request["schema"]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _query(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in operation.query:
        yield name, {"type": "string", "format": "date"} if "period" in name else {"type": "string"}
    if operation.limit:
        yield "limit", {"type": "integer", "minimum": -1, "maximum": operation.limit + 1}
        yield "cursor", {"type": "string"}
    if operation.sort:
        yield "sort", {"enum": [*operation.sort, "nonsense"]}
    if operation.include:
        yield "include", {"enum": operation.include}
    filters = [
        json.dumps([{"field": field, "operator": operator, "value": value}])
        for field, operators in operation.filter.items()
        for operator in operators
        for value in ([UNKNOWN_ID, "x"] if operator in ("in", "not_in") else "2026-01-01", UNKNOWN_ID)
    ]
    if filters:
        yield "filter", {"anyOf": [{"enum": [*filters, "[]", "{"]}, {"type": "string"}]}


def _ids(emulator: Emulator, resource: str) -> list[int]:
    company = emulator.books.company(1)
    assert company is not None
    return [record["id"] for record in emulator.books.select(resource, company.id)[-_IDS_OFFERED:]]


def _candidates(name: str, path: str, ids: Mapping[str, list[int]]) -> list[int]:
    """Ids that a path parameter may take: those of the collection before it, and one that is unknown."""
    before = path.split("{" + name, maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1]
    resource = _COLLECTIONS.get(before, before)
    return [*ids.get(resource, ()), UNKNOWN_ID]


def _moved_references(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: value.replace("#/definitions/", "#/components/schemas/")
            if key == "$ref"
            else _moved_references(value)
            for key, value in node.items()
        }
    return [_moved_references(value) for value in node] if isinstance(node, list) else node


def _narrowed(node: Any, ids: Mapping[str, list[int]], within: str = "") -> Any:
    """The document with ids from the books, likely days and sums, and no address that leads elsewhere."""
    if isinstance(node, list):
        return [_narrowed(value, ids, within) for value in node]
    if not isinstance(node, dict):
        return node
    narrowed = {key: _narrowed(value, ids, within) for key, value in node.items() if key != "properties"}
    if "properties" in node:
        narrowed["properties"] = {
            name: _narrowed_property(name, schema, ids, within) for name, schema in node["properties"].items()
        }
    return narrowed


def _narrowed_property(name: str, schema: Any, ids: Mapping[str, list[int]], within: str) -> Any:
    if name == "callback_url":
        return {"enum": [_NOWHERE]}
    if name in _LIKELY:
        return {"enum": _LIKELY[name]}
    if name == "id" and within:
        return {"enum": _offered(within, ids)}
    if name.endswith("_id") and "integer" in str(schema.get("type")):
        return {"enum": _offered(name.removesuffix("_id"), ids)}
    return _narrowed(schema, ids, name.removesuffix("s") if name in _LISTED else within)


def _offered(stem: str, ids: Mapping[str, list[int]]) -> list[int]:
    names = _LISTED.get(f"{stem}s") or [f"{stem[:-1]}ies" if stem.endswith("y") else f"{stem}s"]
    return [*(key for name in names for key in ids.get(name, ())), UNKNOWN_ID]
