"""Filters of a list: from Python's words to the JSON that Pennylane reads.

Source: the `filter` parameters of the OpenAPI file of July 2026, and the links in real answers, which pass
ids and booleans as text (observed, July 2026). A field or operator that a list does not offer is refused
here, because Pennylane's own behaviour in that case is not documented.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from pennybridge.api.resources import Resource
from pennybridge.clock import format_instant
from pennybridge.errors import ConfigurationError

Scalar = str | int | bool | Decimal | date
FilterValue = Scalar | Iterable[Scalar]
Filter = tuple[str, str, FilterValue]
"""A field, an operator, a value (a collection for `in` and `not_in`); several are joined by "and"."""

_SHORTCUTS = {"date_from": ("date", "gteq"), "date_to": ("date", "lteq")}


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def encode_filters(resource: Resource, filters: Sequence[Filter]) -> str:
    """The `filter` parameter.

    >>> from pennybridge.api.resources import RESOURCES
    >>> encode_filters(RESOURCES["customers"], [("id", "in", [4096, 8192])])
    '[{"field":"id","operator":"in","value":["4096","8192"]}]'

    Raises:
        ConfigurationError: The list does not offer the field or the operator.
    """
    encoded = []
    for name, operator, value in filters:
        _check(resource, name, operator)
        if operator in {"in", "not_in"}:
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise ConfigurationError(
                    f"{name} {operator} takes a collection, not {value!r}. Nothing was sent."
                )
            encoded.append({"field": name, "operator": operator, "value": [_text(one) for one in value]})
        elif isinstance(value, Iterable) and not isinstance(value, str):
            raise ConfigurationError(
                f"{name} {operator} takes one value, not a collection. Nothing was sent."
            )
        else:
            encoded.append({"field": name, "operator": operator, "value": _text(value)})
    return msgspec.json.encode(encoded).decode()


def _check(resource: Resource, name: str, operator: str) -> None:
    offered = resource.filters.get(name)
    if offered is None:
        fields = ", ".join(resource.filters) or "none"
        raise ConfigurationError(
            f"The list of {resource.name} cannot be filtered by {name!r}; its filters are: {fields}. "
            "Nothing was sent."
        )
    if operator not in offered:
        raise ConfigurationError(
            f"The list of {resource.name} cannot be filtered by {name} with {operator!r}; "
            f"{name} offers: {', '.join(offered)}. Nothing was sent."
        )


def filters_from_words(words: dict[str, FilterValue | None]) -> list[Filter]:
    """Filters from keyword arguments: `name__start_with="A"`, `customer_id=42`, `date_from=…`.

    None says nothing.

    >>> filters_from_words({"customer_id": 42, "name__start_with": "A", "draft": None})
    [('customer_id', 'eq', 42), ('name', 'start_with', 'A')]
    """
    filters: list[Filter] = []
    for word, value in words.items():
        if value is None:
            continue
        name, _, operator = word.partition("__")
        name, operator = _SHORTCUTS.get(word, (name, operator or "eq"))
        filters.append((name, operator, value))
    return filters
