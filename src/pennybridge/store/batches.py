"""Records as the API sent them, turned into Arrow batches with typed columns.

A record is decoded by a msgspec Struct made from the table's description: unknown fields and unknown enum
values pass, a missing or retyped field stops. The text as received goes into `payload`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pennybridge.clock import parse_instant
from pennybridge.errors import PayloadError
from pennybridge.store.landing import Column, Kind, Table

Raw = bytes | bytearray | memoryview | msgspec.Raw

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "decimal": pa.decimal128(18, 6),
    "rate": pa.decimal128(18, 10),
    "list": pa.string(),
}
_JSON_TYPES: dict[Kind, Any] = {"bigint": int, "integer": int, "boolean": bool, "list": list[Any]}
_SCALE: dict[Kind, int] = {"decimal": 6, "rate": 10}
_ID = Column("id", "bigint", "id", needed=True)


def arrow_schema(table: Table) -> pa.Schema:
    """The columns of a batch for this table, without its own columns and without what the upsert adds."""
    fields = [pa.field("company_id", pa.int64()), pa.field("id", pa.int64())]
    if table.parent:
        fields.append(pa.field(table.parent, pa.int64()))
    fields += [pa.field(column.name, ARROW_TYPES[column.kind]) for column in table.columns]
    return pa.schema(
        [*fields, pa.field("payload", pa.string()), pa.field("read_at", ARROW_TYPES["timestamp"])]
    )


def batch_from_records(
    table: Table,
    company_id: int,
    records: Sequence[Raw],
    read_at: datetime | Sequence[datetime],
    parent_ids: int | Sequence[int] | None = None,
) -> pa.Table:
    """A batch for `Transaction.upsert`, in the order of `records` and with the columns of `arrow_schema`.

    Amounts with more decimals than the column keeps are rounded half away from zero. Empty texts become null.

    Args:
        table: The landing table.
        company_id: Whose records.
        records: The JSON text of each record.
        read_at: When the request that brought them was sent; one instant, or one per record.
        parent_ids: What the records hang on, where the table has a parent; one id, or one per record.

    Raises:
        PayloadError: A field that the table needs is missing, or a field changed its type; nothing was
        written.
    """
    structs = _decode(table, records)
    arrays: list[pa.Array] = [
        pa.repeat(pa.scalar(company_id, pa.int64()), len(records)),
        _column(table, _ID, structs),
    ]
    if table.parent:
        parents = [parent_ids] * len(records) if isinstance(parent_ids, int) else parent_ids
        arrays.append(pa.array(parents, pa.int64()))
    arrays += [_column(table, column, structs) for column in table.columns]
    instants = [read_at] * len(records) if isinstance(read_at, datetime) else read_at
    arrays += [_payloads(table, records), pa.array(instants, ARROW_TYPES["timestamp"])]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def _decode(table: Table, records: Sequence[Raw]) -> list[Any]:
    decode = _decoder(table).decode
    decoded: list[Any] = []
    try:
        for record in records:
            decoded.append(decode(record))  # noqa: PERF401 — what was decoded tells which record failed
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refusal(table, _id_of(records[len(decoded)]), str(error)) from error
    return decoded


@cache
def _decoder(table: Table) -> msgspec.json.Decoder[Any]:
    """A decoder into structs that hold the lifted fields only, nested as in the record."""
    leaves = [(tuple(column.path.split(".")), column) for column in table.columns]
    return msgspec.json.Decoder(_struct(table.name, [(("id",), _ID), *leaves]))


def _struct(name: str, leaves: Sequence[tuple[tuple[str, ...], Column]]) -> type:
    """A Struct whose fields are the heads of these paths; a head with a tail is a Struct again."""
    fields: list[Any] = []
    for head in dict.fromkeys(path[0] for path, _ in leaves):
        below = [(path[1:], column) for path, column in leaves if path[0] == head]
        kind = below[0][1].kind
        of = _struct(head, below) if below[0][0] else _JSON_TYPES.get(kind, str)
        needed = any(column.needed for _, column in below)
        fields.append((head, of) if needed else (head, of | None, None))
    return msgspec.defstruct(name, fields, kw_only=True, gc=False)


def _column(table: Table, column: Column, structs: list[Any]) -> pa.Array:
    head, *below = map(attrgetter, column.path.split("."))
    values = list(map(head, structs))
    for get in below:
        values = [None if value is None else get(value) for value in values]
    if column.kind == "list":
        values = [", ".join(map(str, value)) if value else None for value in values]
    try:
        return _CONVERSIONS.get(column.kind, _plain)(values, column.kind)
    except (pa.ArrowException, OverflowError, ValueError) as error:
        raise _first_bad(table, column, structs, values, error) from error


def _plain(values: list[Any], kind: Kind) -> pa.Array:
    return pa.array(values, ARROW_TYPES[kind])


def _texts(values: list[Any], kind: Kind = "text") -> pa.Array:  # noqa: ARG001 — called like its siblings
    """Texts, empty ones as null; without the NUL that PostgreSQL cannot hold."""
    texts = pa.array(values, pa.string())
    if pc.any(pc.match_substring(texts, "\x00")).as_py():
        texts = pc.replace_substring(texts, "\x00", "")
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _amounts(values: list[Any], kind: Kind) -> pa.Array:
    """Decimals at the column's scale; more decimals than that are rounded half away from zero."""
    texts = _texts(values)
    try:
        return pc.cast(texts, ARROW_TYPES[kind])
    except pa.ArrowInvalid:
        exact = pc.cast(texts, pa.decimal256(76, 38))
        rounded = pc.round(exact, ndigits=_SCALE[kind], round_mode="half_towards_infinity")
        return pc.cast(rounded, ARROW_TYPES[kind])


def _instants(values: list[Any], kind: Kind) -> pa.Array:
    """Instants in UTC; RFC 3339 with any offset and any number of decimals."""
    texts = _texts(values)
    try:
        return pc.cast(texts, ARROW_TYPES[kind])
    except pa.ArrowInvalid:
        return pa.array(
            [parse_instant(text) if text else None for text in texts.to_pylist()], ARROW_TYPES[kind]
        )


def _dates(values: list[Any], kind: Kind) -> pa.Array:
    return pc.cast(_texts(values), ARROW_TYPES[kind])


_CONVERSIONS: dict[Kind, Callable[[list[Any], Kind], pa.Array]] = {
    "text": _texts,
    "list": _texts,
    "decimal": _amounts,
    "rate": _amounts,
    "timestamp": _instants,
    "date": _dates,
}


def _payloads(table: Table, records: Sequence[Raw]) -> pa.Array:
    """The records as received, volatile texts as null."""
    texts = pa.array([bytes(record) for record in records], pa.string())
    for name in table.volatile:
        # A quote inside a JSON text is escaped, so this meets the name of a field and never the inside of a
        # text.
        texts = pc.replace_substring_regex(texts, rf'"{name}"\s*:\s*"(?:[^"\\]|\\.)*"', f'"{name}":null')
    return texts


def _first_bad(
    table: Table, column: Column, structs: list[Any], values: list[Any], error: Exception
) -> PayloadError:
    """The refusal for the first value that does not fit its column."""
    for struct, value in zip(structs, values, strict=True):
        try:
            _CONVERSIONS.get(column.kind, _plain)([value], column.kind)
        except (pa.ArrowException, OverflowError, ValueError):
            return _refusal(
                table, struct.id, f"{column.kind} expected, got {value!r:.80} - at `$.{column.path}`"
            )
    return _refusal(table, None, f"{error} - at `$.{column.path}`")


def _refusal(table: Table, record_id: int | None, problem: str) -> PayloadError:
    what, _, place = problem.partition(" - at `$.")
    field = f" in field {place.rstrip('`')}" if place else ""
    return PayloadError(
        f"{table.name} record {record_id or 'of unknown id'}: {what}{field}. Pennylane changed what the "
        "tables need; these records were not written. Update Pennybridge, or report it with this message."
    )


def _id_of(record: Raw) -> int | None:
    """The id of a record that could not be decoded, if at least that can be read."""
    try:
        return msgspec.json.decode(record, type=_Identified).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


class _Identified(msgspec.Struct):
    id: int
