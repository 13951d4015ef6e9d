"""What each destination was given: the key and a digest of every row, kept beside the books.

Schema `publish`, made when first needed. A destination carries the mark of the publication that fills it;
where mark and memory disagree (another server, a file that was deleted, a memory that was lost), nothing
remembered counts and everything is published anew. Rows are noted after the destination has committed them:
a process killed in between leaves rows there that are not noted here, and the next run writes them again,
each in place of itself.
"""

import secrets
from typing import TYPE_CHECKING

from pennybridge.publish.tables import PublishedTable, column_type
from pennybridge.store import Database, Transaction

if TYPE_CHECKING:
    import pyarrow as pa

_TABLES = (
    "create schema if not exists publish",
    """create table if not exists publish.destinations (
        number integer primary key, destination text not null unique, mark text not null
    )""",
    "create table if not exists publish.former_marks (number integer not null, mark text not null)",
    """create table if not exists publish.known_tables (
        number integer not null, name text not null, signature text not null, primary key (number, name)
    )""",
)


class Memory:
    """What one destination was given."""

    def __init__(self, database: Database, destination: str) -> None:
        """Open the memory of a destination, making an empty one for a new destination.

        Args:
            database: The books.
            destination: What it is remembered by: address and dataset, without a password.
        """
        self._database = database
        with database.transaction() as transaction:
            for statement in _TABLES:
                transaction.execute(statement)
            self._number, self.mark = _entry(transaction, destination)
        self.former_marks = frozenset(
            mark
            for (mark,) in database.rows(
                "select mark from publish.former_marks where number = :number", number=self._number
            )
        )
        """What the destination carried before it was to be filled anew."""
        self.signatures: dict[str, str] = dict(
            database.rows(
                "select name, signature from publish.known_tables where number = :number", number=self._number
            )
        )

    def knows(self, table: PublishedTable) -> bool:
        """Whether the table is at the destination with these very columns."""
        return self.signatures.get(table.name) == table.signature

    def forget(self) -> None:
        """Remember nothing of the destination but that it was ours, and give it a new mark."""
        former, self.mark = self.mark, _new_mark()
        with self._database.transaction() as transaction:
            transaction.execute(
                "insert into publish.former_marks values (:number, :mark)", number=self._number, mark=former
            )
            transaction.execute(
                "update publish.destinations set mark = :mark where number = :number",
                mark=self.mark,
                number=self._number,
            )
            transaction.execute(
                "delete from publish.known_tables where number = :number", number=self._number
            )
        self.signatures = {}

    def rows_of(self, table: PublishedTable) -> str:
        """The name of the table that holds keys and digests."""
        return f"publish.rows_{self._number}_{table.name}"

    def note(self, table: PublishedTable, noted: "pa.Table", *, is_new: bool, is_first: bool) -> None:
        """Remember rows that the destination has committed.

        Args:
            table: Whose rows.
            noted: The key columns and `digest`; null where the row was removed.
            is_new: None of these rows were remembered before.
            is_first: The table was made anew there: what was remembered of it is gone.
        """
        import pyarrow.compute as pc

        held = self.rows_of(table)
        with self._database.transaction() as transaction:
            if is_first:
                self._begin(transaction, table)
            if not is_new:
                same = " and ".join(f"held.{name} = noted.{name}" for name in table.key)
                with transaction.stage("noted_rows", noted) as staged:
                    transaction.execute(f"delete from {held} as held using {staged} as noted where {same}")  # noqa: S608 — names of ours
            transaction.append(held, noted.filter(pc.is_valid(noted["digest"])))
        if is_first:
            self.signatures[table.name] = table.signature

    def _begin(self, transaction: Transaction, table: PublishedTable) -> None:
        held = self.rows_of(table)
        transaction.execute(f"drop table if exists {held}")
        # Not `create table … as select … where false`: DuckDB 2.0.0 then loses sight of rows that are added
        # in the same transaction, when they are more than a row group (observed).
        keys = ", ".join(f"{name} {column_type(table.schema.field(name))}" for name in table.key)
        transaction.execute(f"create table {held} ({keys}, digest bigint)")
        transaction.execute(
            "delete from publish.known_tables where number = :number and name = :name",
            number=self._number,
            name=table.name,
        )
        transaction.execute(
            "insert into publish.known_tables values (:number, :name, :signature)",
            number=self._number,
            name=table.name,
            signature=table.signature,
        )


def _entry(transaction: Transaction, destination: str) -> tuple[int, str]:
    """The number and the mark of a destination."""
    found = transaction.rows(
        "select number, mark from publish.destinations where destination = :destination",
        destination=destination,
    )
    if found:
        return int(found[0][0]), str(found[0][1])
    number = transaction.rows("select coalesce(max(number), 0) + 1 from publish.destinations")[0][0]
    mark = _new_mark()
    transaction.execute(
        "insert into publish.destinations values (:number, :destination, :mark)",
        number=number,
        destination=destination,
        mark=mark,
    )
    return int(number), mark


def _new_mark() -> str:
    return secrets.token_hex(6)
