"""Whether a request is one the contract allows; what it is told if not.

Source:
    Requests are validated against the OpenAPI file before anything else, by the Ruby library openapi_parser;
    its class names are the codes of a 400: documented in the contract. The texts are that library's. Of
    several problems the deepest is told, then unknown fields, then missing ones, as that library does;
    assumed: which of the documented shapes is used when, and what is said of a date, a length or a form.
    In brackets, our own addition: which branch of several came nearest, and why it failed.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import jsonschema_rs
import msgspec

from pennybridge.emulator.answers import Answer, Refusal, encode
from pennybridge.emulator.contract import Contract, Operation
from pennybridge.emulator.request_log import Request
from pennybridge.emulator.uploads import Upload

_plain = msgspec.json.Decoder()
_INT64 = range(-(2**63), 2**63)
_RUBY = {str: "String", int: "Integer", float: "Float", bool: "Boolean", dict: "Hash", list: "Array"}
_FORMATS = {
    "date": "InvalidDateFormat", "date-time": "InvalidDateTimeFormat", "email": "InvalidEmailFormat",
    "uuid": "InvalidUUIDFormat",
}  # fmt: skip
_BOUNDS = {
    "Minimum": ("LessThanMinimum", "is less than minimum value"),
    "Maximum": ("MoreThanMaximum", "is more than maximum value"),
    "ExclusiveMinimum": (
        "LessThanExclusiveMinimum",
        "cannot be less than or equal to exclusive minimum value",
    ),
    "ExclusiveMaximum": (
        "MoreThanExclusiveMaximum",
        "cannot be more than or equal to exclusive maximum value",
    ),
    "MinLength": ("LessThanMinLength", "is shorter than min length"),
    "MaxLength": ("MoreThanMaxLength", "is longer than max length"),
    "MinItems": ("LessThanMinItems", "contains fewer than min items"),
    "MaxItems": ("MoreThanMaxItems", "contains more than max items"),
}


class InvalidRequest(Refusal):
    """400 in the shape `{"message", "code"}`, with `field` and `payload` where there are such."""

    def __init__(self, code: str, message: str, *, field: str = "", payload: str = "") -> None:
        super().__init__(400, message)
        named = {"field": field, "payload": payload}
        self._about = {"message": message, "code": code} | {
            name: text for name, text in named.items() if text
        }

    def answer(self) -> Answer:
        """What the client reads."""
        return Answer(400, encode(self._about))


def check_request(
    contract: Contract, operation: Operation, request: Request, values: Mapping[str, str]
) -> Any:
    """The body of a request, once path and body are what the contract allows.

    Returns:
        JSON with `Decimal` for numbers with a fraction; of a form its fields, files as `Upload`; None where
        the operation takes no body.

    Raises:
        Refusal: 400, in one of the documented shapes.
    """
    for name, value in values.items():
        check_id(name, value)
    if operation.request is None:
        return None
    place = _place(operation)
    if operation.request["content_type"] == "multipart/form-data":
        read, plain = _form(operation, request, place)
    else:
        read, plain = _json(request, place)
    _check_integers(plain, place)
    problems = sorted(contract.request_problems(operation, plain), key=_order)
    if problems:
        raise _refusal(problems[0], place)
    return read


def check_id(name: str, value: str) -> int:
    """An id in a path, or 400 (assumed)."""
    if value.isascii() and value.isdecimal() and int(value) in _INT64:
        return int(value)
    raise InvalidRequest(
        "ValidateError", f"{value} class is String but it's not valid integer in {name}", field=name
    )


def _place(operation: Operation) -> str:
    path = operation.path.replace("/", "~1")
    kind = (operation.request or {})["content_type"].replace("/", "~1")
    return f"#/paths/{path}/{operation.method.lower()}/requestBody/content/{kind}/schema"


def _json(request: Request, place: str) -> tuple[Any, Any]:
    if not request.body:
        return {}, {}
    if request.form is not None or "json" not in (request.content_type or "json"):
        raise InvalidRequest(
            "NotExistContentTypeDefinition", f"content type application/json is required in {place}"
        )
    try:
        from_text = msgspec.json.Decoder(float_hook=Decimal).decode(request.body)
        return from_text, _plain.decode(request.body)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise Refusal(400, f"There was a problem in the JSON you submitted: {problem}") from problem


def _form(operation: Operation, request: Request, place: str) -> tuple[Any, Any]:
    if isinstance(request.form, Refusal):
        raise request.form
    if request.form is None:
        code = "NotExistContentTypeDefinition"
        raise InvalidRequest(code, f"content type multipart/form-data is required in {place}")
    fields = (operation.request or {})["schema"].get("properties", {})
    if isinstance(request.form.get("file"), str):
        raise InvalidRequest("NotAMultipartFile", f"file is not a multipart file in {place}", field="file")
    read = {name: _typed(value, fields.get(name, {})) for name, value in request.form.items()}
    return read, {
        name: value.filename if isinstance(value, Upload) else value for name, value in read.items()
    }


def _typed(value: str | Upload, schema: Mapping[str, Any]) -> Any:
    """The value of a form's field; what should be no text is read as JSON."""
    if isinstance(value, Upload) or schema.get("type", "string") == "string":
        return value
    try:
        return _plain.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value


def _check_integers(value: Any, place: str) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_integers(inner, f"{place}/properties/{name}")
    elif isinstance(value, list):
        for inner in value:
            _check_integers(inner, f"{place}/items")
    elif isinstance(value, int) and value not in _INT64:
        raise InvalidRequest("ValidateError", f"{value} class is Integer but it's not valid int64 in {place}")


def _order(problem: jsonschema_rs.ValidationError) -> tuple[int, int]:
    last = {"AdditionalProperties": 1, "Required": 2}
    return -len(problem.instance_path), last.get(type(problem.kind).__name__, 0)


def _refusal(problem: jsonschema_rs.ValidationError, place: str) -> InvalidRequest:
    steps = problem.instance_path
    place += "".join("/items" if isinstance(step, int) else f"/properties/{step}" for step in steps)
    field = next((step for step in reversed(steps) if isinstance(step, str)), "")
    kind, value = problem.kind, problem.instance
    shown = _shown(value)
    name = type(kind).__name__
    match kind:
        case jsonschema_rs.ValidationErrorKind.Required(missing):
            message = f"required parameters {missing} not exist in {place}"
            return InvalidRequest("NotExistRequiredKey", message, field=missing)
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unknown):
            message = f"properties {', '.join(unknown)} are not defined in {place}"
            return InvalidRequest("NotExistPropertyDefinition", message, field=unknown[0])
        case _ if name in _SAID:
            return _SAID[name](kind, value, place, field)
    if name in _BOUNDS:
        code, words = _BOUNDS[name]
        return InvalidRequest(code, f"{place} {shown} {words}", field=field, payload=shown)
    return InvalidRequest("ValidateError", f"{place} {shown} is not valid", field=field, payload=shown)


def _type(kind: Any, value: Any, place: str, field: str) -> InvalidRequest:
    if value is None:
        return InvalidRequest("NotNullError", f"{place} don't allow null", field=field)
    wanted = next((name for name in kind.types if name != "null"), "null")
    message = (
        f"{_shown(value)} class is {_RUBY.get(type(value), 'Hash')} but it's not valid {wanted} in {place}"
    )
    return InvalidRequest("ValidateError", message, field=field, payload=_shown(value))


def _enum(_: Any, value: Any, place: str, field: str) -> InvalidRequest:
    message = f"{_shown(value)} isn't include enum in {place}"
    return InvalidRequest("NotEnumInclude", message, field=field, payload=_shown(value))


def _pattern(kind: Any, value: Any, place: str, field: str) -> InvalidRequest:
    message = f"{_shown(value)} isn't match {kind.pattern} in {place}"
    return InvalidRequest("InvalidPattern", message, field=field, payload=_shown(value))


def _format(kind: Any, value: Any, place: str, field: str) -> InvalidRequest:
    message = f"{place} {kind.format} format is not valid: {_shown(value)}"
    return InvalidRequest(
        _FORMATS.get(kind.format, "ValidateError"), message, field=field, payload=_shown(value)
    )


def _of_several(kind: Any, value: Any, place: str, field: str) -> InvalidRequest:
    code, word = ("NotAnyOf", "any") if type(kind).__name__ == "AnyOf" else ("NotOneOf", "one")
    branches = [sorted(branch, key=_order) for branch in kind.context if branch]
    # A draft is meant by `draft: true`: a branch that refuses the discriminating value is not the nearest.
    nearest = min(branches, key=lambda branch: (any(map(_is_enum, branch)), len(branch)), default=[])
    # Problems of a branch are told from the same place: their paths begin at the top.
    why = f" ({_refusal(nearest[0], place.partition('/schema')[0] + '/schema').message})" if nearest else ""
    return InvalidRequest(code, f"{_shown(value)} isn't {word} of in {place}{why}", field=field)


def _is_enum(problem: jsonschema_rs.ValidationError) -> bool:
    return isinstance(problem.kind, jsonschema_rs.ValidationErrorKind.Enum) and problem.instance_path == [
        "draft"
    ]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else encode(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}…"


_SAID: dict[str, Callable[[Any, Any, str, str], InvalidRequest]] = {
    "Type": _type, "Enum": _enum, "Pattern": _pattern, "Format": _format, "AnyOf": _of_several,
    "OneOfNotValid": _of_several, "OneOfMultipleValid": _of_several,
}  # fmt: skip
