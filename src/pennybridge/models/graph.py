"""Which model reads which, and the order that follows."""

import re
from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter

from pennybridge.models.catalog import Model

# A parser would take longer to load than a small build takes; a test holds the two against each other.
_NOT_SQL = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
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
