"""Make `emulator/contract.json` from Pennylane's OpenAPI file: facts only, no prose.

    python scripts/contract.py [--check] [FOLDER]

FOLDER (default `../shared/pennylane` beside the checkout) holds `openapi-company-v2-2026-07.json`, from which
come the answers, and `requests-company-v2-2026-09.json`, from which come operations, parameters and request
bodies. What lists can filter and sort by, and the scopes, stand only in descriptions: they are read from
there, the sentences are dropped.
"""

import json
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
TARGET = CHECKOUT / "src/pennybridge/emulator/contract.json"
PREFIX = "/api/external/v2"

Json = dict[str, Any]

PROSE = {"description", "summary", "example", "examples", "title", "externalDocs", "deprecated", "nullable"}
LINE = 120
STRUCTURE = {"properties", "items", "schema", "request", "answers", "anyOf", "oneOf", "allOf"}
COMBINED = ("allOf", "anyOf", "oneOf")
HOISTED_FROM = 120
"""Shortest text, in characters, of a repeated schema that becomes a definition."""

BORROWED = {
    ("GET", "/customers/{customer_id}/contacts/{id}"): ("GET", "/customers/{customer_id}/contacts", "200"),
    ("POST", "/customers/{customer_id}/contacts"): ("GET", "/customers/{customer_id}/contacts", "201"),
    ("PUT", "/customers/{customer_id}/contacts/{id}"): ("GET", "/customers/{customer_id}/contacts", "200"),
    ("POST", "/category_groups"): ("GET", "/category_groups/{id}", "201"),
    ("PUT", "/category_groups/{id}"): ("GET", "/category_groups/{id}", "200"),
    ("POST", "/commercial_documents"): ("GET", "/commercial_documents/{id}", "201"),
    ("PUT", "/commercial_documents/{id}"): ("GET", "/commercial_documents/{id}", "200"),
}
"""Operations newer than the file with answers → whose answer they give (assumed), and with which status."""

NEWER_WITHOUT_ANSWER: dict[tuple[str, str], Json] = {
    ("DELETE", "/customers/{customer_id}/contacts/{id}"): {"204": {}}
}


def main() -> int:
    """Write the contract, or with `--check` say whether it is what the sources give."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    folder = Path(arguments[0]) if arguments else CHECKOUT.parent / "shared/pennylane"
    contract = build(
        json.loads((folder / "openapi-company-v2-2026-07.json").read_text()),
        json.loads((folder / "requests-company-v2-2026-09.json").read_text()),
    )
    text = written(contract) + "\n"
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.read_text() == text else 1
    TARGET.write_text(text)
    print(
        f"{TARGET.relative_to(CHECKOUT)}: {len(contract['operations'])} operations, {len(text):,} characters"
    )
    return 0


def build(answers: Json, requests: Json) -> Json:
    """The contract: operations by name, and the definitions they share."""
    july = {
        (method.upper(), path.removeprefix(PREFIX)): operation
        for path, methods in answers["paths"].items()
        for method, operation in methods.items()
    }
    answered = {key: answers_of(operation) for key, operation in july.items()}
    operations: Json = {}
    for endpoint in requests["endpoints"]:
        for method, operation in endpoint["methods"].items():
            key = (method.upper(), endpoint["path"].removeprefix(PREFIX))
            found = answered.get(key) or borrowed(key, answered)
            if found:
                operations[operation["operation_id"]] = {
                    "method": key[0],
                    "path": key[1],
                    "scopes": scopes_of(operation["description"]),
                    **parameters_of(operation["params"]),
                    **(request_of(operation, requests["schemas"]) or upload_of(july.get(key, {}))),
                    "answers": found,
                }
    return {"operations": operations, "definitions": hoist(operations)}


def borrowed(key: tuple[str, str], answered: dict[tuple[str, str], Json]) -> Json | None:
    """Answers of an operation that only the newer file knows."""
    if key not in BORROWED:
        return NEWER_WITHOUT_ANSWER.get(key)
    method, path, status = BORROWED[key]
    source = answered[method, path]
    schema = source["200"]
    items = schema.get("properties", {}).get("items")
    errors = {code: answer for code, answer in source.items() if code >= "400"}
    return {status: items["items"] if items else schema, **errors}


def answers_of(operation: Json) -> Json:
    """Status → JSON schema of the answer; empty where there is no body."""
    return {
        status: schema_of(answer["content"]["application/json"]["schema"]) if answer.get("content") else {}
        for status, answer in operation["responses"].items()
    }


def request_of(operation: Json, schemas: Json) -> Json:
    """How a request's body is encoded and what it may hold."""
    if not operation["body_schema"]:
        return {}
    return {
        "request": {
            "content_type": operation["body_content_type"],
            "required": operation["body_required"],
            "schema": schema_of(schemas[operation["body_schema"]]),
        }
    }


def upload_of(operation: Json) -> Json:
    """What a request with a file may hold: only the older file says it."""
    content = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if not content:
        return {}
    return {
        "request": {
            "content_type": "multipart/form-data",
            "required": True,
            "schema": schema_of(content["schema"]),
        }
    }


def scopes_of(description: str) -> list[str]:
    """Scopes of which one is needed, the read-only one first."""
    found = re.search(r"requires .*?scopes?: (.*)", description)
    return (
        sorted(re.findall(r"`([\w:]+)`", found[1]), key=lambda scope: scope.endswith(":all")) if found else []
    )


def parameters_of(parameters: list[Json]) -> Json:
    """Query parameters; for lists, how many at once, and what they sort, filter and include."""
    by_name = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
    found: Json = {}
    if "limit" in by_name:
        ceilings = re.findall(r"between 1 and (\d+)", by_name["limit"]["description"] or "")
        found["limit"] = int(ceilings[0]) if ceilings else 100
    if "sort" in by_name:
        fields = re.findall(r"`(\w+)`", by_name["sort"]["description"].split("Available fields")[1])
        found["sort"] = fields
    if "filter" in by_name:
        found["filter"] = filters_of(by_name["filter"]["description"])
    if "include" in by_name:
        found["include"] = re.findall(
            r"`(\w+)`", by_name["include"]["description"].split("Available includes")[1]
        )
    others = sorted(set(by_name) - {"cursor", "limit", "sort", "filter", "include"})
    return {**found, **({"query": {name: by_name[name]["required"] for name in others}} if others else {})}


def filters_of(description: str) -> dict[str, list[str]]:
    """Field → operators, from the list or the two lines that a description gives."""
    if "Available operators" in description:
        fields, operators = description.split("Available fields")[1].split("Available operators")
        return dict.fromkeys(re.findall(r"`(\w+)`", fields), re.findall(r"`(\w+)`", operators))
    found: dict[str, list[str]] = {}
    for line in re.findall(r"^- (`.*)$", description, flags=re.MULTILINE):
        fields, _, operators = line.partition(":")
        found |= dict.fromkeys(re.findall(r"`(\w+)`", fields), re.findall(r"`(\w+)`", operators))
    return found


def schema_of(source: Json) -> Json:
    """A JSON schema that says the same as an OpenAPI one, prose left out, `nullable` as the type null."""
    schema = {key: value for key, value in source.items() if key not in PROSE and not key.startswith("x-")}
    if "properties" in schema:
        schema["properties"] = {name: schema_of(value) for name, value in schema["properties"].items()}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            schema[key] = schema_of(schema[key])
    for key in COMBINED:
        if key in schema:
            schema[key] = [schema_of(value) for value in schema[key]]
    if set(COMBINED) & set(schema) and "properties" not in schema:
        # Pennylane's validator looks at nothing beside these; a strict one would then allow no field at all.
        schema.pop("additionalProperties", None)
    return with_null(schema) if source.get("nullable") else schema


def with_null(schema: Json) -> Json:
    """The schema that also allows null."""
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    if {"allOf", "anyOf", "oneOf"} & set(schema):
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


def hoist(operations: Json) -> Json:
    """Replace, in place, long schemas that occur more than once by references; gives what they refer to."""
    uses = Counter(
        text_of(schema) for _, schema in places(operations, "") if len(text_of(schema)) >= HOISTED_FROM
    )
    names: dict[str, str] = {}
    definitions: Json = {}
    for name, schema in list(places(operations, "")):
        text = text_of(schema)
        if uses[text] > 1 and text not in names:
            names[text] = unused(name, definitions)
            definitions[names[text]] = schema
    replaced = {name: replace_inner(schema, names) for name, schema in definitions.items()}
    for operation in operations.values():
        operation["answers"] = {code: replace(schema, names) for code, schema in operation["answers"].items()}
        if "request" in operation:
            operation["request"]["schema"] = replace(operation["request"]["schema"], names)
    return replaced


def places(node: Any, name: str, *, is_schema: bool = True) -> Iterator[tuple[str, Json]]:
    """Every schema under a node, outer ones first, each with the name nearest to it."""
    if isinstance(node, list):
        for value in node:
            yield from places(value, name)
    elif isinstance(node, dict):
        if is_schema and {"type", "anyOf", "oneOf", "allOf"} & set(node):
            yield name, node
        for key, value in node.items():
            structural = (is_schema and key in STRUCTURE) or key.isdecimal()
            nearest = "error" if key.isdecimal() and key >= "400" else name if structural else key
            yield from places(value, nearest, is_schema=key != "properties" or not is_schema)


def replace(node: Any, names: dict[str, str]) -> Any:
    """The node with each schema that has a name replaced by a reference to it."""
    if isinstance(node, dict) and text_of(node) in names:
        return {"$ref": f"#/definitions/{names[text_of(node)]}"}
    return replace_inner(node, names)


def replace_inner(node: Any, names: dict[str, str]) -> Any:
    """The node itself, with what is inside it replaced."""
    if isinstance(node, dict):
        return {key: replace(value, names) for key, value in node.items()}
    return [replace(value, names) for value in node] if isinstance(node, list) else node


def written(node: Any, indent: str = "") -> str:
    """JSON with sorted keys, on few lines: what fits on one line stands on one."""
    short = json.dumps(node, ensure_ascii=False, sort_keys=True)
    if len(indent) + len(short) <= LINE or not isinstance(node, dict | list):
        return short
    inner = indent + " "
    if isinstance(node, dict):
        lines = [f"{inner}{json.dumps(key)}: {written(node[key], inner)}" for key in sorted(node)]
    elif all(isinstance(value, str | None) for value in node):
        return textwrap.fill(
            short, LINE, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False
        )
    else:
        lines = [inner + written(value, inner) for value in node]
    brackets = "{}" if isinstance(node, dict) else "[]"
    return f"{brackets[0]}\n" + ",\n".join(lines) + f"\n{indent}{brackets[1]}"


def text_of(schema: Any) -> str:
    """One text per content, whatever the order of keys."""
    return json.dumps(schema, sort_keys=True, separators=(",", ":"))


def unused(name: str, taken: Json) -> str:
    """The name, or the name with a number."""
    return next(
        candidate for n in range(1, 1000) if (candidate := name if n == 1 else f"{name}_{n}") not in taken
    )


if __name__ == "__main__":
    sys.exit(main())
