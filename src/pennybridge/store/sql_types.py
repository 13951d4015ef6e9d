"""The types of Arrow columns in words that DuckDB and PostgreSQL both know."""

import pyarrow as pa

_NAMES = {
    pa.int64(): "bigint",
    pa.int32(): "integer",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.float64(): "double precision",
    pa.timestamp("us", "UTC"): "timestamptz",
    pa.string(): "text",
}


def sql_type(kind: pa.DataType) -> str | None:
    """The type of a column that holds such values; None for those that no table of ours has.

    >>> sql_type(pa.decimal128(18, 6))
    'decimal(18, 6)'
    """
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    return _NAMES.get(kind)
