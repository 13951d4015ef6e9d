"""DuckDB files and PostgreSQL, written without dlt: rows and their removal commit together, slice by slice.

On one machine dlt took several times as long (see docs/explanation/architecture.md), and it could resume
after whole tables only.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from pennybridge.publish.destination import Standing, Totals, Written, as_totals, totals_query
from pennybridge.publish.differences import Differences
from pennybridge.publish.tables import PublishedTable, column_type
from pennybridge.store import Database, Transaction, open_warehouse

if TYPE_CHECKING:
    import pyarrow as pa

_TABLES_THERE = "select table_name from information_schema.tables where table_schema = :dataset"


class SqlWarehouse:
    """A schema of a DuckDB file or a PostgreSQL database."""

    def __init__(self, url: str, shown: str, dataset: str) -> None:
        """Open it.

        Args:
            url: `duckdb:///path` or `postgresql://…`.
            shown: The same without a password.
            dataset: The schema that holds the tables; made when first written to.

        Raises:
            StoreError: It cannot be opened.
        """
        self.where = f"{shown} {dataset}"
        self._dataset = dataset
        self._schema = f'"{dataset}"'  # it may be a word of SQL
        self._database: Database = open_warehouse(url)

    def standing(self, mark: str, former: Collection[str], tables: Sequence[PublishedTable]) -> Standing:
        """See `Destination.standing`."""
        found = self._marks()
        if mark in found:
            return "ours"
        names = {name for (name,) in self._database.rows(_TABLES_THERE, dataset=self._dataset)}
        is_known = names.isdisjoint({"publication", *(table.name for table in tables)}) or found & set(former)
        return "free" if is_known else "taken"

    def write(self, mark: str, differences: Sequence[Differences], written: Written) -> None:
        """See `Destination.write`; each slice is a transaction."""
        self._put_mark(mark)
        for each in differences:
            for low, high in each.slices():
                self._write_slice(each, low, high)
                written(each, low, high)

    def totals(self, table: PublishedTable, companies: tuple[int, ...]) -> Totals | None:
        """See `Destination.totals`."""
        if not self._is_there(table.name):
            return None
        return as_totals(
            self._database.rows(totals_query(table, f"{self._schema}.{table.name}", companies))[0]
        )

    def close(self) -> None:
        """See `Destination.close`."""
        self._database.close()

    def _is_there(self, name: str) -> bool:
        return bool(
            self._database.rows(f"{_TABLES_THERE} and table_name = :name", dataset=self._dataset, name=name)
        )

    def _marks(self) -> set[str]:
        if not self._is_there("publication"):
            return set()
        return {mark for (mark,) in self._database.rows(f"select mark from {self._schema}.publication")}  # noqa: S608 — a checked name

    def _put_mark(self, mark: str) -> None:
        if mark in self._marks():
            return
        known = "select 1 from information_schema.schemata where schema_name = :dataset"
        with self._database.transaction() as transaction:
            # `if not exists` alone needs the right to make schemas in PostgreSQL, even where it is there.
            if not transaction.rows(known, dataset=self._dataset):
                transaction.execute(f"create schema if not exists {self._schema}")
            transaction.execute(f"create table if not exists {self._schema}.publication (mark text not null)")
            transaction.execute(f"delete from {self._schema}.publication")  # noqa: S608 — a checked name
            transaction.execute(f"insert into {self._schema}.publication values (:mark)", mark=mark)  # noqa: S608 — a checked name

    def _write_slice(self, differences: Differences, low: int, high: int) -> None:
        table = differences.table
        name = f"{self._schema}.{table.name}"
        with self._database.transaction() as transaction:
            if differences.is_first and low == 1:
                self._make(transaction, table, name)
            elif not differences.is_first:
                _remove(transaction, table, name, differences.keys(low, high))
            if differences.put:
                transaction.append(name, differences.rows(low, high))

    def _make(self, transaction: Transaction, table: PublishedTable, name: str) -> None:
        """Make the table anew, or empty it in place where that will do."""
        new = {field.name: column_type(field) for field in table.schema}
        kept = self._kept_columns(table, name)
        if kept is None:
            transaction.execute(f"drop table if exists {name}")
            columns = ", ".join(f"{column} {kind}" for column, kind in new.items())
            transaction.execute(f"create table {name} ({columns})")
        else:
            added = [f"add column {column} {kind}" for column, kind in new.items() if column not in kept]
            transaction.execute(f"truncate {name}")
            transaction.execute(
                f"alter table {name} {', '.join([f'drop constraint if exists {table.name}_pkey', *added])}"
            )
        if self._database.dialect == "postgresql":
            transaction.execute(f"alter table {name} add primary key ({', '.join(table.key)})")
        transaction.execute(f"comment on table {name} is {_quoted(table.summary)}")
        for column, comment in table.comments.items():
            transaction.execute(f"comment on column {name}.{column} is {_quoted(comment)}")

    def _kept_columns(self, table: PublishedTable, name: str) -> list[str] | None:
        """The columns of a table in PostgreSQL that need not be dropped, for the grants and views on it."""
        if self._database.dialect != "postgresql" or not self._is_there(table.name):
            return None
        there = self._database.query(f"select * from {name} limit 0").schema  # noqa: S608 — names of ours
        here = dict(zip(table.schema.names, table.schema.types, strict=True))
        fits = all(here.get(field.name) == field.type for field in there)
        return list(there.names) if fits else None


def _remove(transaction: Transaction, table: PublishedTable, name: str, keys: "pa.Table") -> None:
    """Remove the rows with these keys, those about to be put again as well."""
    same = " and ".join(f"old.{column} = listed.{column}" for column in table.key)
    with transaction.stage("listed_keys", keys.select(list(table.key))) as staged:
        transaction.execute(f"delete from {name} as old using {staged} as listed where {same}")  # noqa: S608 — names of ours


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
