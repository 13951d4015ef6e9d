"""PostgreSQL's column types and Arrow's, each way."""

import pyarrow as pa
import pyarrow.compute as pc

_BY_OID: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}
"""By the type's number in `pg_type`; every other type is read as text, numeric by its modifier."""

_NUMERIC = 1700
_OPEN_NUMERIC = {b"open": b"numeric"}
"""Marks a numeric without precision, as sums have: read as text first, its scale is that of its values."""


def arrow_field(name: str, oid: int, modifier: int) -> pa.Field:
    """The Arrow field of a column as the server describes it."""
    if oid != _NUMERIC:
        return pa.field(name, _BY_OID.get(oid, pa.string()))
    precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
    if modifier < 0 or precision > 38 or scale > precision:
        return pa.field(name, pa.string(), metadata=_OPEN_NUMERIC)
    return pa.field(name, pa.decimal128(precision, scale))


def with_scale(table: pa.Table, fields: list[pa.Field]) -> pa.Table:
    """The table with its open numerics as decimals, at the largest scale among their values, at least 6."""
    for at, field in enumerate(fields):
        if field.metadata == _OPEN_NUMERIC:
            texts = table.column(at)
            decimals = pc.replace_substring_regex(texts, r"^[^.]*\.?", "")
            scale = max(pc.max(pc.utf8_length(decimals)).as_py() or 0, 6)
            amounts = texts.cast(pa.decimal128(38, min(scale, 37)))
            table = table.set_column(at, field.name, amounts)
    return table
