"""Runs the models in order, all of them or those that changes reach, then the checks; all in one transaction.

Where only some customers' rows changed, the models whose rows belong to one customer each are made for those
customers alone, side by side where the engine can, and take the place of their old rows; models over all
customers are made whole. What reads only tables whose rows came out as they were is left alone: a payment
moves no MRR. Readers see the old tables until the end, and keep them when anything fails.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from threading import RLock
from time import perf_counter

from pennybridge.errors import ModelError, StoreError
from pennybridge.models import catalog, changes, graph, on_postgresql
from pennybridge.models.catalog import Check, Model
from pennybridge.models.ecb_rates import missing_rates
from pennybridge.models.label_readings import forget_outdated, missing_readings
from pennybridge.models.parts import Parts
from pennybridge.models.published import publish_figures
from pennybridge.models.side_by_side import do_all
from pennybridge.models.tables import prepare_tables
from pennybridge.store import Database, Transaction

_ROWS_SHOWN = 5
_LINES = "pennylane.customer_invoice_lines"
_COMPARED = frozenset({"staging.invoices", "billing.documents_left_out"})
"""Looked at for rows that moved, unless lines moved too: if none did, what lines make is left alone."""
_FILLED = {"intermediate.label_readings": missing_readings, "intermediate.ecb_rates": missing_rates}
"""What Python fills from rows of the build, and what gives the rows that are missing."""
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
        self._moved: set[str] = set()
        self._has_same_columns = False
        self._is_alone = True
        self._one_at_a_time = RLock()
        self.is_whole = False
        self.customers = 0
        self.seconds: dict[str, float] = {}
        self.check_seconds: dict[str, float] = {}
        self.current = ""

    def run(self, transaction: Transaction, *, whole: bool) -> None:
        """Find out what is due, make it, check it, and remember what was seen."""
        self._transaction = transaction
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
        changes.remember(transaction, basis, found)

    def whole(self) -> None:
        """Make every model for every customer."""
        self.is_whole = True
        self.seconds, self.check_seconds = {}, {}
        self._moved = set(self._models)
        forget_outdated(self._transaction)
        self._parts = Parts(self._models, of_changed=False)
        self.customers = self._parts.make_scope(changes.everyone(), self._transaction)
        for name in graph.in_order(self._models):
            self._make(name, self._transaction)

    def changed(self, found: changes.Changes) -> None:
        """Make what reads tables whose rows moved, for the customers whose rows changed."""
        self._moved = {f"pennylane.{table}" for table in found.tables}
        self._parts = Parts(self._models, of_changed=True)
        steps = _made_aside()
        with self._transaction.helpers() as helpers:
            self._is_alone = len(helpers) == 1
            self.customers = self._parts.make_scope(changes.customers_of(found), helpers[0])
            do_all(steps, helpers, self._do_aside)
        # What Python fills comes last: what was postponed reads its table and, beside it, the rows to add.
        for model in sorted(self._models.values(), key=lambda model: not model.sql):
            if model.is_kept and model.name in self._parts:
                self._keep(model)
        for name in graph.in_order(self._models):
            model = self._models[name]
            if name not in steps and model.is_kept and graph.reads(model) & self._moved:
                self._make(name, self._transaction)
                self._moved.add(name)

    def _keep(self, model: Model) -> None:
        """Put a part into the model's table, unless that has its rows already."""
        if model.name in self._moved or not model.sql:
            with self._timed(model.name):
                self._parts.store(model, self._transaction)
        else:
            self._parts.leave(model)

    def check(self) -> None:
        """Run the checks that look at a table whose rows moved, and were not run yet."""
        for check in catalog.checks().values():
            if check.name not in self.check_seconds and graph.tables_named(check.sql) & self._moved:
                self._run_check(check, self._transaction)

    def _do_aside(self, name: str, helper: Transaction) -> None:
        """Make a part, or check parts, where a table that is read moved."""
        check = catalog.checks().get(name)
        read = graph.tables_named(check.sql) if check else graph.reads(self._models[name])
        if not read & self._moved:
            return
        if check:
            self._run_check(check, helper)
        elif self._make(name, helper):
            self._moved.add(name)

    def _make(self, name: str, by: Transaction) -> bool:
        """Make a model's table or part, after the parts it reads; whether its rows moved."""
        model = self._models[name]
        self._ensure_parts(graph.reads(model), by)
        with self._timed(name):
            if not model.sql:
                return self._fill(model, by)
            if not model.is_kept:
                self._parts.make(model, self._text(model.sql), by)
                return True
            if self.is_whole or name not in _made_aside():
                self._make_table(model)
                return True
            if model.scope == "all":
                return self._refuse_to_move(model, by)
            if self._is_alone and name not in _read_in_part():  # aside, it would only be written twice
                self._parts.postpone(model, self._text(model.sql))
                return True
            self._parts.make(model, self._text(model.sql), by)
            is_compared = name in _COMPARED and _LINES not in self._moved
            return not (is_compared and self._parts.is_as_stored(model, by))

    def _ensure_parts(self, names: Iterable[str], by: Transaction) -> None:
        """Make what is not there yet of the rows that do not stay and a statement reads."""
        for name in sorted(self._models.keys() & names):
            if self._models[name].is_kept or name in self._parts:
                continue
            with self._one_at_a_time:
                if name not in self._parts:  # the other helper may have made it meanwhile
                    self._make(name, by)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        with self._one_at_a_time:
            self.current = name
            if self._progress:
                self._progress(name)
        started = perf_counter()
        try:
            yield
        except Exception:
            self.current = name  # another may have begun meanwhile
            raise
        seconds = self.check_seconds if name in catalog.checks() else self.seconds
        seconds[name] = seconds.get(name, 0.0) + perf_counter() - started

    def _make_table(self, model: Model) -> None:
        """Make a table anew from whole tables."""
        sql = self._text(model.sql, of_all=True)
        can_refill = self._is_postgresql and self._has_same_columns
        if not (can_refill and on_postgresql.refill(self._transaction, model, sql)):
            self._transaction.execute(f"drop table if exists {model.name}")
            self._transaction.execute(f"create table {model.name} as {sql}")
            if self._is_postgresql:
                on_postgresql.index(self._transaction, model)
        self._transaction.weigh(model.name)

    def _refuse_to_move(self, model: Model, by: Transaction) -> bool:
        """Compare what customers' rows rest on with what it was; if it moved, everyone's are to be made."""
        moved = by.rows(
            f"with fresh as ({self._text(model.sql, of_all=True)}) "  # noqa: S608 — names of ours
            f"(select * from fresh except select * from {model.name}) "
            f"union all (select * from {model.name} except select * from fresh) limit 1"
        )
        if moved:
            raise _WiderScopeNeededError
        return False

    def _fill(self, model: Model, by: Transaction) -> bool:
        """Let Python add rows; whether what reads them must be made again for that alone."""
        if model.name == "metrics.published_figures":
            publish_figures(self._transaction, self._as_of)
            return True
        if model.name in _FILLED:
            missing = _FILLED[model.name](by, self._text)
            if self.is_whole:
                self._transaction.append_all(model.name, missing)
                self._transaction.weigh(model.name)
            else:
                self._parts.add(model, missing, by)
        return False  # what was added is of texts and days that rows which moved name

    def _run_check(self, check: Check, by: Transaction) -> None:
        self._ensure_parts(graph.tables_named(check.sql), by)
        with self._timed(check.name):
            sql = self._text(check.sql, of_all=check.scope == "all")
            found = by.query(
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
        return self._parts.put_in(dated, of_all=of_all)


@cache
def _models() -> dict[str, Model]:
    """As they are run; nobody changes it."""
    return graph.as_run(catalog.models(), catalog.checks().values())


@cache
def _made_aside() -> dict[str, frozenset[str]]:
    return graph.made_aside(_models(), catalog.checks())


@cache
def _read_in_part() -> frozenset[str]:
    return frozenset[str]().union(*_made_aside().values())


def _settings_digest(transaction: Transaction) -> str:
    """Changes with what people decide: overrides, base currencies."""
    settings = (
        transaction.rows("select * from metrics.overrides order by 1, 2, 3, 4, 5"),
        transaction.rows("select company_id, base_currency from pennylane.companies order by 1"),
    )
    return hashlib.sha256(repr(settings).encode()).hexdigest()
