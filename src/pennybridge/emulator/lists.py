"""Lists: how many, in which order, which ones, and where the next page begins.

Documented: `limit` 1 to 100 (some lists 1000), default 20, else 400; `sort` field or `-field`, default `-id`;
`filter` as a JSON array of `{field, operator, value}`, all of which must hold; a cursor that is opaque and
refused with 400 if bad. Observed: a cursor is base64 of `{"cursor_attributes": [last values], "sort":
"-id"}`, so a page begins after the last item and knows nothing of the filter; ids in filters come as text;
`page` and `per_page` are refused with 400; unknown parameters are ignored. Assumed: 400 for a field, operator
or value a list does not offer, and for a cursor made under another `sort`.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from pennybridge.emulator.answers import Refusal, encode
from pennybridge.emulator.contract import Operation

DEFAULT_LIMIT = 20
_ALL = 1_000_000
"""Items of a list that has no pages."""

_COMPARISONS = {"eq": "=", "not_eq": "<>", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_BOOLEANS = {"draft", "credit_note", "enabled"}
_DATES = {"date", "start"}
_TEXT_IDS = {"flow_id"}


@dataclass(frozen=True)
class Condition:
    """A piece of SQL and the values it compares with."""

    sql: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True)
class ListQuery:
    """What a client asked of a list."""

    limit: int
    sort: str
    conditions: tuple[Condition, ...] = ()
    after: tuple[object, ...] | None = None

    @property
    def column(self) -> str:
        """The column it is sorted by; the id decides between equals."""
        return self.sort.removeprefix("-")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose last values make the cursor."""
        return ("id",) if self.column == "id" else (self.column, "id")

    def page_sql(self, table: str, owner: Condition) -> tuple[str, list[object]]:
        """SQL, with its values, of one page and one row more; rows are cursor columns and body."""
        conditions = [owner, *self.conditions]
        if self.after is not None:
            sign = "<" if self.sort.startswith("-") else ">"
            names, marks = ", ".join(self.columns), ", ".join("?" * len(self.columns))
            conditions.append(Condition(f"({names}) {sign} ({marks})", self.after))
        direction = " desc" if self.sort.startswith("-") else ""
        order = ", ".join(name + direction for name in self.columns)
        where = " and ".join(condition.sql for condition in conditions)
        sql = (
            f"select {', '.join(self.columns)}, body from {table} "  # noqa: S608 - names come from the contract
            f"where {where} order by {order} limit {self.limit + 1}"
        )
        return sql, [value for condition in conditions for value in condition.values]


def read_list_query(operation: Operation, query: Mapping[str, str]) -> ListQuery:
    """What the query string of a list asks for.

    Raises:
        Refusal: 400, for what the list does not offer.
    """
    for name in ("page", "per_page"):
        if name in query:
            raise Refusal(400, f"{name} is no longer supported: use cursor and limit")
    sort = query.get("sort") or "-id"
    if sort.removeprefix("-") not in (operation.sort or ["id"]):
        raise Refusal(400, f"sort by {sort} is not available: {', '.join(operation.sort)}")
    return ListQuery(
        limit=read_limit(operation, query),
        sort=sort,
        conditions=_read_filter(operation, query["filter"])
        if query.get("filter") and operation.filter
        else (),
        after=_read_cursor(query["cursor"], sort) if query.get("cursor") else None,
    )


def read_limit(operation: Operation, query: Mapping[str, str]) -> int:
    """How many items a page may have."""
    if operation.limit is None:
        return _ALL
    text = query.get("limit") or str(DEFAULT_LIMIT)
    most = operation.limit
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(400, f"limit must be between 1 and {most}")
    return int(text)


def cursor_after(values: tuple[object, ...], sort: str) -> str:
    """The cursor of the page that begins after these values."""
    return base64.b64encode(encode({"cursor_attributes": values, "sort": sort})).decode()


def _read_cursor(text: str, sort: str) -> tuple[object, ...]:
    try:
        cursor = msgspec.json.decode(base64.b64decode(text, validate=True), type=dict[str, Any])
        attributes = cursor["cursor_attributes"]
        valid = isinstance(attributes[-1], int) and len(attributes) == (
            1 if sort.removeprefix("-") == "id" else 2
        )
    except (binascii.Error, ValueError, LookupError, TypeError) as error:
        raise Refusal(400, "Invalid cursor") from error
    if not valid or cursor.get("sort") != sort:
        raise Refusal(400, "Invalid cursor")
    return tuple(attributes)


def _read_filter(operation: Operation, text: str) -> tuple[Condition, ...]:
    try:
        filters = msgspec.json.decode(text, type=list[dict[str, Any]])
    except ValueError as error:
        raise Refusal(400, "filter must be a JSON array of {field, operator, value}") from error
    return tuple(_read_condition(operation, entry) for entry in filters)


def _read_condition(operation: Operation, entry: Mapping[str, Any]) -> Condition:
    field, operator = entry.get("field"), entry.get("operator")
    if field not in operation.filter:
        raise Refusal(400, f"filter on {field} is not available: {', '.join(operation.filter)}")
    if operator not in operation.filter[field]:
        raise Refusal(
            400, f"operator {operator} is not available on {field}: {', '.join(operation.filter[field])}"
        )
    value = entry.get("value")
    if operator in ("in", "not_in"):
        if not isinstance(value, list):
            raise Refusal(400, f"the value of {operator} must be an array")
        return _among(field, operator, tuple(_typed(field, one) for one in value))
    if operator == "start_with":
        prefix = str(value).casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return Condition(f"casefold({field}) like ? escape '\\'", (prefix + "%",))
    return _compared(field, _COMPARISONS[operator], _typed(field, value))


def _compared(field: str, sign: str, value: object) -> Condition:
    if field in _BOOLEANS:  # written out, so that SQLite sees that the index of the few true ones serves
        return Condition(f"{field} {sign} {int(bool(value))}")
    return Condition(f"{field} {sign} ?", (value,))


def _among(field: str, operator: str, values: tuple[object, ...]) -> Condition:
    marks = ", ".join("?" * len(values))
    if field == "category_id":
        tied = f"select parent_id from category_weights where category_id in ({marks})"  # noqa: S608
        return Condition(f"id in ({tied})", values)
    if field == "emails":  # matches whatever the case (claimed by a third party)
        lowered = tuple(str(value).lower() for value in values)
        within = f"select 1 from json_each(emails) where value in ({marks})"  # noqa: S608 - only marks
        return Condition(f"exists ({within})", lowered)
    return Condition(f"{field} {'not in' if operator == 'not_in' else 'in'} ({marks})", values)


def _typed(field: str, value: object) -> object:
    for fields, read in _READERS:
        if fields(field):
            try:
                return read(value)
            except (KeyError, ValueError, TypeError) as error:
                raise Refusal(400, f"{value!r} is no value for {field}") from error
    return str(value)


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return int(value)


def _day(value: object) -> str:
    return date.fromisoformat(str(value)).isoformat()


_READERS: tuple[tuple[Callable[[str], bool], Callable[[object], object]], ...] = (
    (_BOOLEANS.__contains__, lambda value: {"true": True, "false": False}[str(value).lower()]),
    (_DATES.__contains__, _day),
    (lambda field: field == "id" or (field.endswith("_id") and field not in _TEXT_IDS), _whole_number),
)
