"""The rows that a build makes aside: of the customers in scope, or for the time of the build only.

A part stands for its model in the statements that follow: of all customers in a whole build, else of those in
`build.scope`. When it differs from the rows that the model's table has for them, it takes their place.
"""

import re
from collections.abc import Mapping

from pennybridge.models.catalog import Model
from pennybridge.store import Transaction

_TABLE_NAME = re.compile(r"\b(?:staging|intermediate|billing|metrics|receivables)\.\w+")


class Parts:
    """The parts of one build, by model."""

    def __init__(self, transaction: Transaction, models: Mapping[str, Model]) -> None:
        self._transaction = transaction
        self._models = models
        self._names: dict[str, str] = {}
        self._views: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def of(self, name: str) -> str:
        """What to read for a model: its part where there is one, else its table."""
        return self._names.get(name, name)

    def put_in(self, sql: str, *, only_passing: bool = False) -> str:
        """A statement that reads parts where it names their models.

        `only_passing`: not of tables that stay, which a statement over all customers reads whole.
        """

        def name_of(found: re.Match[str]) -> str:
            name = found[0]
            stays = name in self._models and self._models[name].is_kept
            return name if only_passing and stays else self.of(name)

        return _TABLE_NAME.sub(name_of, sql)

    def make(self, model: Model, sql: str) -> None:
        """Put the rows of a statement aside as the model's part."""
        part = _part_name(model)
        self._transaction.execute(f"create temporary table {part} as {sql}")
        self._transaction.weigh(part)
        self._names[model.name] = part

    def view(self, model: Model) -> None:
        """Let the rows that the table has for the customers in scope be the model's part.

        A view, not a copy: of a table that is wide, most statements read two columns.
        """
        self._transaction.execute(f"create temporary view {_part_name(model)} as {_stored(model)}")
        self._views.add(model.name)
        self._names[model.name] = _part_name(model)

    def is_as_stored(self, model: Model) -> bool:
        """Whether the part has the very rows that the table has for the customers in scope."""
        part, stored = self._names[model.name], _stored(model)
        # Keys are unique: as many rows, and none that was not there, are the same rows.
        return not self._transaction.rows(
            f"select 1 where (select count(*) from {part}) <> (select count(*) from ({stored}) as stored) "  # noqa: S608 — names of ours
            f"or exists (select * from {part} except ({stored}))"
        )

    def store(self, model: Model) -> None:
        """Put the part in the place of the rows that the table has for the customers in scope."""
        self.replace(model, f"select * from {self._names[model.name]}")  # noqa: S608 — names of ours

    def replace(self, model: Model, sql: str) -> None:
        """Put the rows of a statement in the place of those that the table has for the customers in scope."""
        self._transaction.execute(
            f"delete from {model.name} as stale using build.scope as scope "  # noqa: S608 — names of ours
            f"where scope.company_id = stale.company_id and scope.customer_id = stale.{model.customer_column}"
        )
        self._transaction.execute(f"insert into {model.name} {sql}")

    def drop(self) -> None:
        """Take all of them away."""
        for name, part in self._names.items():
            self._transaction.execute(f"drop {'view' if name in self._views else 'table'} {part}")
        self._names = {}
        self._views = set()


def _part_name(model: Model) -> str:
    return f"part_of_{model.name.replace('.', '_')}"


def _stored(model: Model) -> str:
    return (
        f"select stored.* from {model.name} as stored join build.scope as scope "  # noqa: S608 — names of ours
        f"on scope.company_id = stored.company_id and scope.customer_id = stored.{model.customer_column}"
    )
