"""The JSON API's reference as a page of the hub, made from its OpenAPI document."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from pennybridge.hub.gate import check_csrf, check_user
from pennybridge.hub.view import show

pages = APIRouter(dependencies=[Depends(check_user), Depends(check_csrf)])


@dataclass(frozen=True)
class Operation:
    """One thing the API does."""

    method: str
    path: str
    summary: str
    parameters: list[dict[str, Any]]
    answer: str
    """The name of the shape of a good answer, or nothing."""


@pages.get("/api-docs")
def show_reference(request: Request) -> Response:
    """Every operation with its parameters, and every shape with its fields."""
    document = request.app.state.api.openapi()
    return show(
        request,
        "api.html",
        about=document["info"]["description"],
        operations=operations(document),
        shapes=document["components"]["schemas"],
        prefix="/api/v1",
        type_name=type_name,
    )


def operations(document: dict[str, Any]) -> list[Operation]:
    """The operations of an OpenAPI document, in its order."""
    return [
        Operation(
            method=method.upper(),
            path=path,
            summary=about.get("description", ""),
            parameters=[each for each in about.get("parameters", ()) if each["in"] != "header"],
            answer=_answer(about["responses"]),
        )
        for path, methods in document["paths"].items()
        for method, about in methods.items()
    ]


def type_name(schema: dict[str, Any]) -> str:
    """A schema as a reader says it: `text`, `list of Connection`, `number or nothing`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(type_name(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    return str(
        schema.get("format") or {"null": "null"}.get(schema.get("type", ""), schema.get("type", "any"))
    )


def _answer(responses: dict[str, Any]) -> str:
    good: dict[str, Any] = next((each for status, each in responses.items() if status.startswith("2")), {})
    schema = good.get("content", {}).get("application/json", {}).get("schema", {})
    return type_name(schema) if schema else ""
