"""What is published: every landing table, the companies, and every model that a build keeps for readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pennybridge.errors import ConfigurationError
from pennybridge.models import catalog
from pennybridge.store import Transaction
from pennybridge.store.landing import TABLES, Table

if TYPE_CHECKING:
    import pyarrow as pa

_SCHEMAS = ("billing", "metrics", "receivables")
_STAMPS = {
    "company_id": "the company whose books these are",
    "id": "Pennylane's id",
    "payload": "the record as Pennylane sent it, JSON",
    "read_at": "when the content published here was asked for",
    "load_id": "the load that last changed the row",
    "deleted_at": "when the record was found to be gone; its last values stay",
}
_COMPANY = {
    "name": "the company's name",
    "reg_no": "its SIREN",
    "base_currency": "the currency its reports speak",
    "base_url": "the API that its books come from",
    "first_seen_at": "when it was first connected",
}
MOVING = "read_at"
"""The column that moves at every read of an unchanged row; alone it is no reason to publish the row."""


@dataclass(frozen=True)
class PublishedTable:
    """A table as it stands here and as it is called there."""

    source: str
    """Schema and name here, as `billing.invoices`."""
    key: tuple[str, ...]
    summary: str
    comments: dict[str, str]
    schema: "pa.Schema"
    """The columns with their types, in the order of the table here."""

    @property
    def name(self) -> str:
        """Its name at a destination: `billing_invoices`."""
        return self.source.replace(".", "_")

    @property
    def is_model(self) -> bool:
        """Whether a build makes it; rows of a model vanish, those of landing tables are marked and stay."""
        return not self.source.startswith("pennylane.")

    @property
    def has_company(self) -> bool:
        """Whether its rows belong to companies; calendars do not."""
        return "company_id" in self.schema.names

    @property
    def columns(self) -> list[str]:
        """All columns, in order."""
        return list(self.schema.names)

    @cached_property
    def amounts(self) -> list[str]:
        """The columns that hold exact decimals; they are added up on both sides."""
        import pyarrow as pa

        return [field.name for field in self.schema if pa.types.is_decimal(field.type)]

    @property
    def signature(self) -> str:
        """Changes with the key, the columns and their types: then the table is made anew there."""
        columns = ", ".join(f"{field.name} {field.type}" for field in self.schema)
        return f"{columns} by {', '.join(self.key)}"

    def of_companies(self, companies: "tuple[int, ...]") -> str:
        """The condition that a row belongs to one of the companies, or to none."""
        if not self.has_company:
            return "true"
        return f"company_id in ({', '.join(map(str, companies))})"


def published_tables(snapshot: Transaction) -> list[PublishedTable]:
    """Every table that is here to publish, with its columns; models are absent until the first build."""
    made = {
        f"{schema}.{name}"
        for schema, name in snapshot.rows("select table_schema, table_name from information_schema.tables")
    }
    return [_described(snapshot, *entry) for entry in _entries() if entry[0] in made]


def _entries() -> Iterator[tuple[str, tuple[str, ...], str, dict[str, str]]]:
    """Name, key, summary and comments of each."""
    yield (
        "pennylane.companies",
        ("company_id",),
        "the companies whose books are here",
        {**_STAMPS, **_COMPANY},
    )
    for table in TABLES.values():
        yield (
            f"pennylane.{table.name}",
            table.key,
            f"Pennylane's {_words(table.name)}",
            _landing_comments(table),
        )
    meanings = catalog.column_meanings()
    for model in catalog.models().values():
        if model.is_kept and model.schema in _SCHEMAS:
            yield model.name, model.key, model.summary, meanings


def _landing_comments(table: Table) -> dict[str, str]:
    lifted = {column.name: f"Pennylane's {column.path}" for column in table.columns}
    parent = (
        {table.parent: f"the {_words(table.parent.removesuffix('_id'))} it hangs on"} if table.parent else {}
    )
    own = {
        "lines_complete": "whether all lines of the invoice are here",
        "lines_read": "how many lines the invoice had when they were read",
    }
    return {**lifted, **parent, **own, **_STAMPS}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _described(
    snapshot: Transaction, source: str, key: tuple[str, ...], summary: str, comments: dict[str, str]
) -> PublishedTable:
    schema = snapshot.query(f"select * from {source} limit 0").schema  # noqa: S608 — a table of ours
    known = {name: comments[name] for name in schema.names if name in comments}
    return PublishedTable(source, key, summary, known, schema)


def column_type(field: "pa.Field") -> str:
    """The type of a column, in words that DuckDB and PostgreSQL both know."""
    from pennybridge.store.sql_types import sql_type

    name = "json" if field.name == "payload" else sql_type(field.type)
    if name is None:
        raise ConfigurationError(
            f"The column {field.name} has a type that cannot be published: {field.type}."
        )
    return name
