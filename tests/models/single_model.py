"""One model run alone on rows written by hand, for formulas whose inputs are bare figures."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from pennybridge.models import catalog, graph

Rows = list[dict[str, Any]]


def run_model(name: str, inputs: dict[str, Rows], as_of: str = "2025-12-31") -> Rows:
    """The rows of a model over these tables; a table of the model that is not given is empty of rows.

    Args:
        name: The model.
        inputs: Rows by table; columns that the model names must be there.
        as_of: The day asked for.
    """
    model = catalog.models()[name]
    assert graph.reads(model) == inputs.keys(), "every table that the model reads is given, and no other"
    with duckdb.connect() as connection:
        for table, rows in inputs.items():
            connection.execute(f"create schema if not exists {table.split('.')[0]}")
            connection.register("given", pa.Table.from_pylist(rows))
            connection.execute(f"create table {table} as select * from given")
        sql = model.sql.replace(":as_of", f"date '{date.fromisoformat(as_of)}'")
        found: Rows = connection.sql(sql).to_arrow_table().to_pylist()
        return found
