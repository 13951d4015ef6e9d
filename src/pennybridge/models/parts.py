"""The rows that a build makes aside, and what statements read in the place of models.

In a build after changes, a part holds the rows of the customers in scope, and takes the place of those that
the model's table has for them; of what Python fills, it holds the rows to add. In a whole build only models
that do not stay have parts, of all customers.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pennybridge.models.catalog import Model
from pennybridge.store import Transaction

if TYPE_CHECKING:
    import pyarrow as pa

_SCOPE = "build.scope"
"""What models call the table of the customers in scope."""
_TABLE_NAME = re.compile(r"\b(?:build|staging|intermediate|billing|metrics|receivables)\.\w+")


class Parts:
    """The parts of one build, by model."""

    def __init__(self, models: Mapping[str, Model], *, of_changed: bool) -> None:
        """None is made yet; `of_changed` if they are of the customers in scope alone."""
        self._models = models
        self._of_changed = of_changed
        self._tables: dict[str, str] = {}
        self._postponed: dict[str, str] = {}
        self._stored: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._tables or name in self._postponed

    def make_scope(self, sql: str, by: Transaction) -> int:
        """Put the customers in scope aside; their number."""
        self._put_aside(_SCOPE, sql, by)
        ((customers,),) = by.rows(f"select count(*) from {self._tables[_SCOPE]}")  # noqa: S608 — names of ours
        return int(customers)

    def make(self, model: Model, sql: str, by: Transaction) -> None:
        """Put the rows of a statement aside as the model's part."""
        self._put_aside(model.name, sql, by)

    def postpone(self, model: Model, sql: str) -> None:
        """Have the rows of a statement made when they are stored: nothing reads the part."""
        self._postponed[model.name] = sql

    def add(self, model: Model, pieces: Iterable["pa.Table"], by: Transaction) -> None:
        """Put rows aside that are to be added to those of the model's table."""
        for piece in pieces:
            if model.name not in self._tables:
                self._put_aside(model.name, f"select * from {model.name} where false", by)  # noqa: S608 — names of ours
            by.append(self._tables[model.name], piece)
            by.weigh(self._tables[model.name])

    def is_as_stored(self, model: Model, by: Transaction) -> bool:
        """Whether the part has the very rows that the table has for the customers in scope."""
        part, stored = self._tables[model.name], self._in_scope(model)
        # Keys are unique: as many rows, and none that was not there, are the same rows.
        return not by.rows(
            f"select 1 where (select count(*) from {part}) <> (select count(*) from ({stored}) as stored) "  # noqa: S608 — names of ours
            f"or exists (select * from {part} except ({stored}))"
        )

    def store(self, model: Model, transaction: Transaction) -> None:
        """Put the part in the place of the rows that the table has for the customers in scope."""
        if model.sql:
            transaction.execute(
                f"delete from {model.name} as stale using {self._tables[_SCOPE]} as scope "  # noqa: S608 — names of ours
                f"where {_of_scope(model, 'stale')}"
            )
        rows = self._postponed.get(model.name) or f"select * from {self._tables[model.name]}"  # noqa: S608 — names of ours
        transaction.execute(f"insert into {model.name} {rows}")
        self._stored.add(model.name)

    def leave(self, model: Model) -> None:
        """Leave the table as it is: for the customers in scope it has the part's rows."""
        self._stored.add(model.name)

    def put_in(self, sql: str, *, of_all: bool = False) -> str:
        """A statement that reads parts where it names their models.

        `of_all`: it is over all customers, and reads tables that stay as they are to be when the build ends.
        """

        def read(found: re.Match[str]) -> str:
            rows = self._rows_of_all(found[0]) if of_all else self._rows(found[0])
            is_named = not rows.startswith("(") or found.string.startswith(" as ", found.end())
            return rows if is_named else f"{rows} as rows_of_{found[0].partition('.')[2]}"

        return _TABLE_NAME.sub(read, sql)

    def _put_aside(self, name: str, sql: str, by: Transaction) -> None:
        kind = "part" if self._of_changed else "all"
        self._tables[name] = by.put_aside(f"{kind}_of_{name.replace('.', '_')}", sql)
        by.weigh(self._tables[name])

    def _rows(self, name: str) -> str:
        """What to read for a model, of the customers in scope."""
        model = self._models.get(name)
        if name in self._tables:
            is_of_scope = model is None or model.sql
            return self._tables[name] if is_of_scope else self._rows_of_all(name)
        if model and model.is_kept and model.scope == "customer" and self._of_changed:
            return f"({self._in_scope(model)})"
        return name

    def _rows_of_all(self, name: str) -> str:
        """What to read for a model, of all customers."""
        model, part = self._models.get(name), self._tables.get(name)
        if model is None or part is None or not model.is_kept:
            return part or name
        if name in self._stored:
            return name
        others = f"select stored.* from {name} as stored"  # noqa: S608 — names of ours
        if model.sql:
            others += (
                f" where not exists (select 1 from {self._tables[_SCOPE]} as scope "  # noqa: S608 — names of ours
                f"where {_of_scope(model, 'stored')})"
            )
        return f"({others} union all select * from {part})"  # noqa: S608 — names of ours

    def _in_scope(self, model: Model) -> str:
        return (
            f"select stored.* from {model.name} as stored join {self._tables[_SCOPE]} as scope "  # noqa: S608 — names of ours
            f"on {_of_scope(model, 'stored')}"
        )


def _of_scope(model: Model, rows: str) -> str:
    return f"scope.company_id = {rows}.company_id and scope.customer_id = {rows}.{model.customer_column}"
