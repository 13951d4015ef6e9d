"""Which model reads which, and the order that follows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from graphlib import TopologicalSorter

from pennybridge.models.catalog import Check, Model

# A parser would take longer to load than a small build takes; a test holds the two against each other.
_NOT_SQL = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_COMMENT = re.compile(r"^ *--.*\n", re.MULTILINE)
_TABLE = re.compile(r"\b(?:pennylane|build|staging|intermediate|billing|metrics|receivables)\.\w+")


@cache
def tables_named(sql: str) -> frozenset[str]:
    """The `schema.table` names that a statement reads.

    >>> sorted(tables_named("with a as (select 1 from staging.invoices) select 1 from a, billing.prices"))
    ['billing.prices', 'staging.invoices']
    """
    return frozenset(_TABLE.findall(_NOT_SQL.sub(" ", sql)))


def reads(model: Model) -> frozenset[str]:
    """The tables that a model is made from."""
    return model.reads if not model.sql else tables_named(model.sql)


def in_order(models: Mapping[str, Model]) -> list[str]:
    """The models' names, each after those it reads; the same order every time."""
    sorter = TopologicalSorter({name: sorted(reads(models[name]) & models.keys()) for name in sorted(models)})
    return list(sorter.static_order())


def as_run(models: Mapping[str, Model], checks: Iterable[Check]) -> dict[str, Model]:
    """The models as a build runs them: what does not stay and one other reads stands in that one's WITH.

    A table of its own would be written for nothing: of 20,000 lines that takes longer than most of the work.
    """
    left = {name: replace(models[name], sql=_COMMENT.sub("", models[name].sql)) for name in in_order(models)}
    checked = frozenset[str]().union(*(tables_named(check.sql) for check in checks))
    for name, model in list(left.items()):
        readers = [other for other in left.values() if name in reads(other)]
        if model.is_kept or name in checked or len(readers) != 1:
            continue
        (reader,) = readers
        if reader.sql and reader.scope == model.scope:
            left[reader.name] = replace(reader, sql=_with(left.pop(name), reader.sql))
    return left


def _with(model: Model, reader: str) -> str:
    """A reader's statement with the model's in its WITH."""
    here = "only_" + model.name.partition(".")[2]
    rest = re.sub(rf"\b{re.escape(model.name)}\b", here, reader)
    first = f"with {here} as (\n{model.sql})"
    return f"{first},\n{rest.removeprefix('with ')}" if rest.startswith("with ") else f"{first}\n{rest}"


def made_aside(models: Mapping[str, Model], checks: Mapping[str, Check]) -> dict[str, frozenset[str]]:
    """What a build after changes makes and checks for some customers alone, and what each waits for.

    Models over all customers are among them where customers' models rest on them.
    """
    names = {name for name, model in models.items() if model.scope == "customer"}
    found = list(names)
    while found:
        new = (reads(models[found.pop()]) & models.keys()) - names
        names |= new
        found += new
    steps = {name: reads(models[name]) & names for name in names}
    for check in checks.values():
        tables = tables_named(check.sql) & models.keys()
        if check.scope == "customer" and tables <= names:
            steps[check.name] = tables
    return steps
