"""Runs the models in order, all of them or those that changes reach, then the checks; all in one transaction.

Where only some customers' rows changed, the models whose rows belong to one customer each are made for those
customers alone and take the place of their old rows; models over all customers are made whole. What reads
only tables whose rows came out as they were is left alone: a payment moves no MRR. Readers see the old tables
until the end, and keep them when anything fails.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from time import perf_counter

from pennybridge.errors import ModelError, StoreError
from pennybridge.models import catalog, changes, graph, on_postgresql
from pennybridge.models.catalog import Check, Model
from pennybridge.models.ecb_rates import add_missing_rates
from pennybridge.models.label_readings import add_missing_readings
from pennybridge.models.parts import Parts
from pennybridge.models.published import publish_figures
from pennybridge.models.tables import prepare_tables
from pennybridge.store import Database, Transaction

_ROWS_SHOWN = 5
_LINES = "pennylane.customer_invoice_lines"
_COMPARED = frozenset({"staging.invoices", "billing.documents_left_out"})
"""Looked at for rows that moved, unless lines moved too: if none did, what lines make is left alone."""
_AS_OF = re.compile(r":as_of\b")


Progress = Callable[[str], None]
"""Told what is being made or checked."""


@dataclass(frozen=True)
class BuildReport:
    """What a build did."""

    as_of: date
    is_whole: bool
    """Whether every customer was made again."""
    customers: int
    """Customers whose rows were made again."""
    models: tuple[str, ...]
    checks: tuple[str, ...]
    seconds: float
    model_seconds: dict[str, float] = field(default_factory=dict)
    check_seconds: dict[str, float] = field(default_factory=dict)


class _WiderScopeNeededError(Exception):
    """A fact shared by all customers turned out different, so that all of them must be made again."""


def build(
    database: Database, *, as_of: date, whole: bool = False, progress: Progress | None = None
) -> BuildReport:
    """Bring every model up to date with the landing tables, as of a day, and run the checks.

    Nothing is made when nothing changed since the last build of the same day.

    Args:
        database: Where the landing tables are and the models go.
        as_of: The day the figures speak for; documents of that day count.
        whole: Make everything again, whatever changed.
        progress: Told the name of each model and check when it begins.

    Raises:
        ModelError: A model failed or a check returned rows; every table is as before.
    """
    started = perf_counter()
    run = _Run(as_of, is_postgresql=database.dialect == "postgresql", progress=progress)
    try:
        with database.transaction() as transaction:
            run.run(transaction, whole=whole)
    except StoreError as error:
        raise ModelError(
            f"The model {run.current} failed: {error} Every table is as it was before the build.",
            model=run.current,
        ) from error
    return BuildReport(
        as_of=as_of,
        is_whole=run.is_whole,
        customers=run.customers,
        models=tuple(run.seconds),
        checks=tuple(run.check_seconds),
        seconds=perf_counter() - started,
        model_seconds=run.seconds,
        check_seconds=run.check_seconds,
    )


def steps() -> int:
    """How many models and checks a whole build tells its progress of."""
    return len(_models()) + len(catalog.checks())


class _Run:
    """One build under way: which models are made for whom, and under which names they are read meanwhile."""

    _transaction: Transaction
    _parts: Parts

    def __init__(self, as_of: date, *, is_postgresql: bool, progress: Progress | None = None) -> None:
        self._as_of = as_of
        self._progress = progress
        self._is_postgresql = is_postgresql
        self._models = _models()
        self._read_in_part = _read_in_part()
        self._moved: set[str] = set()
        self._has_same_columns = False
        self.is_whole = False
        self.customers = 0
        self.seconds: dict[str, float] = {}
        self.check_seconds: dict[str, float] = {}
        self.current = ""

    def run(self, transaction: Transaction, *, whole: bool) -> None:
        """Find out what is due, make it, check it, and remember what was seen."""
        self._transaction = transaction
        self._parts = Parts(transaction, self._models)
        if self._is_postgresql:
            on_postgresql.begin(transaction)
        prepare_tables(transaction)
        basis = changes.Basis(self._as_of, catalog.digest(), _settings_digest(transaction))
        known = changes.known_basis(transaction)
        self._has_same_columns = known.get("models") == basis.models_digest
        is_whole_due = whole or known != basis.as_rows()
        found = changes.find(transaction, is_built=not is_whole_due)
        if is_whole_due:
            self.whole()
        elif found.tables:
            try:
                self.changed(found)
            except _WiderScopeNeededError:
                self.whole()
        self.check()
        if self._is_postgresql:  # DuckDB's go with the transaction
            self._parts.drop()
        changes.remember(transaction, basis, found)

    def whole(self) -> None:
        """Make every model for every customer."""
        self._parts.drop()
        self.is_whole = True
        self.seconds = {}
        self.customers = changes.scope_everyone(self._transaction)
        for name in graph.in_order(self._models):
            self._timed(name, self._make if self._models[name].is_kept else self._make_passing)
        self._moved = set(self._models)

    def changed(self, found: changes.Changes) -> None:
        """Make what reads tables whose rows moved, for the customers whose rows changed."""
        self.customers = changes.scope_changed(self._transaction, found)
        self._moved = {f"pennylane.{table}" for table in found.tables}
        for name in graph.in_order(self._models):
            model = self._models[name]
            if not graph.reads(model) & self._moved:
                continue
            # One that does not stay is made when a table that stays reads it.
            if not model.is_kept or self._timed(
                name, self._replace_part if model.scope == "customer" else self._make_shared
            ):
                self._moved.add(name)

    def check(self) -> None:
        """Run the checks that look at a table whose rows moved."""
        for check in catalog.checks().values():
            if graph.tables_named(check.sql) & self._moved:
                if check.scope == "customer":
                    self._ensure_parts(graph.tables_named(check.sql))
                started = perf_counter()
                self._run_check(check)
                self.check_seconds[check.name] = perf_counter() - started

    def _timed(self, name: str, make: Callable[[Model], bool]) -> bool:
        """Make a model, after the parts it reads; whether its rows moved."""
        model = self._models[name]
        self._ensure_parts(graph.reads(model), with_stored=model.scope == "customer")
        self._begin(name)
        started = perf_counter()
        has_moved = make(model)
        self.seconds[name] = perf_counter() - started
        return has_moved

    def _begin(self, name: str) -> None:
        self.current = name
        if self._progress:
            self._progress(name)

    def _make(self, model: Model) -> bool:
        """Make a table anew from whole tables."""
        if not model.sql:
            return self._fill(model)
        sql = self._text(model.sql, of_all=True)
        can_refill = self._is_postgresql and self._has_same_columns
        if not (can_refill and on_postgresql.refill(self._transaction, model, sql)):
            self._execute(f"drop table if exists {model.name}")
            self._execute(f"create table {model.name} as {sql}")
            if self._is_postgresql:
                on_postgresql.index(self._transaction, model)
        self._transaction.weigh(model.name)
        return True

    def _make_shared(self, model: Model) -> bool:
        """Make a table over all customers; if customers' rows rest on it and it changed, widen."""
        if not model.sql or not any(
            model.name in graph.reads(other) for other in self._models.values() if other.scope == "customer"
        ):
            return self._make(model)
        moved = self._transaction.rows(
            f"with fresh as ({self._text(model.sql, of_all=True)}) "  # noqa: S608 — names of ours
            f"(select * from fresh except select * from {model.name}) "
            f"union all (select * from {model.name} except select * from fresh) limit 1"
        )
        if moved:
            raise _WiderScopeNeededError
        return False

    def _make_passing(self, model: Model) -> bool:
        """Make the rows of the customers in scope, for this build only."""
        self._parts.make(model, self._text(model.sql))
        return True

    def _replace_part(self, model: Model) -> bool:
        """Make the rows of the customers in scope, and put them in place of the old ones if they differ."""
        if model.name not in self._read_in_part:
            self._parts.replace(model, self._text(model.sql))
            return True
        self._make_passing(model)
        if model.name in _COMPARED and _LINES not in self._moved and self._parts.is_as_stored(model):
            return False
        self._parts.store(model)
        return True

    def _ensure_parts(self, names: Iterable[str], *, with_stored: bool = True) -> None:
        """Make what is not there yet of the rows that a statement reads for the customers in scope.

        `with_stored`: a kept table that was not made again is read for those customers too.
        """
        for name in sorted(self._models.keys() & names):
            model = self._models[name]
            if name in self._parts:
                continue
            if not model.is_kept:
                self._timed(name, self._make_passing)
            elif with_stored and not self.is_whole and model.scope == "customer":
                self._parts.view(model)

    def _fill(self, model: Model) -> bool:
        """Let Python add rows; whether what reads them must be made again for that alone."""
        part = self._parts.of
        if model.name == "intermediate.label_readings":
            add_missing_readings(
                self._transaction, part("staging.invoice_lines"), part("staging.subscription_lines")
            )
            self._transaction.weigh(model.name)
        elif model.name == "intermediate.ecb_rates":
            add_missing_rates(self._transaction, part("staging.documents"), part("staging.companies"))
        elif model.name == "metrics.published_figures":
            publish_figures(self._transaction, self._as_of)
            return True
        return False  # what was added is of texts and days that rows which moved name

    def _run_check(self, check: Check) -> None:
        self._begin(check.name)
        sql = self._text(check.sql, of_all=check.scope == "all")
        found = self._transaction.query(
            f"select * from ({sql}) as found limit {_ROWS_SHOWN}"  # noqa: S608 — our own text
        )
        if found.num_rows:
            rows = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
            shown = "; ".join(str(dict(zip(found.column_names, row, strict=True))) for row in rows)
            raise ModelError(
                f"The check {check.name} failed: {check.summary} First rows: {shown}. "
                "Every table is as it was before the build.",
                model=check.name,
                rows=rows,
            )

    def _text(self, sql: str, *, of_all: bool = False) -> str:
        """A statement with the parts it reads and the day; `of_all` if it reads tables that stay whole."""
        # A CREATE TABLE takes no parameters in PostgreSQL; a date literal of ours says the same.
        dated = _AS_OF.sub(f"date '{self._as_of.isoformat()}'", sql)
        return self._parts.put_in(dated, only_passing=of_all)

    def _execute(self, sql: str) -> None:
        self._transaction.execute(sql)


@cache
def _models() -> dict[str, Model]:
    """As they are run; nobody changes it."""
    return graph.as_run(catalog.models(), catalog.checks().values())


@cache
def _read_in_part() -> frozenset[str]:
    return graph.read_in_part(_models().values(), catalog.checks().values())


def _settings_digest(transaction: Transaction) -> str:
    """Changes with what people decide: overrides, base currencies."""
    settings = (
        transaction.rows("select * from metrics.overrides order by 1, 2, 3, 4, 5"),
        transaction.rows("select company_id, base_currency from pennylane.companies order by 1"),
    )
    return hashlib.sha256(repr(settings).encode()).hexdigest()
