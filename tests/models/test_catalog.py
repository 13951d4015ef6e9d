"""The catalog, the SQL headers and the built tables say the same."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlglot

from pennybridge.models import catalog, graph
from pennybridge.models.build import build
from pennybridge.store import Database, open_database
from tests.models.books import Books
from tests.models.generated import chance, write_books

CHECKS = catalog.checks().values()
SQL_MODELS = {name: model for name, model in catalog.models().items() if model.sql}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with every table of generated books."""
    books = Books()
    write_books(books, chance(7), customers=12)
    with open_database(f"duckdb:///{tmp_path_factory.mktemp('catalog')}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=date(2025, 3, 20))
        yield database


@pytest.mark.parametrize("name", SQL_MODELS)
def test_a_models_header_says_what_the_catalog_says(name: str) -> None:
    model = SQL_MODELS[name]
    header = [line.removeprefix("-- ") for line in model.sql.splitlines() if line.startswith("--")]
    fields = dict(
        re.split(r" {2,}", line, maxsplit=1) for line in header if re.match(r"[a-z]+ {2,}|as of ", line)
    )

    assert header[0] == f"{name}: {model.summary}"
    assert fields["grain"] == model.grain
    assert fields["scope"] == ("one customer" if model.scope == "customer" else "all customers")
    assert ("kept" in fields or model.schema not in {"staging", "intermediate"}) == model.is_kept
    assert all(column in model.grain for column in model.key)


@pytest.mark.parametrize("name", [name for name, model in catalog.models().items() if model.is_kept])
def test_a_kept_table_has_the_columns_and_the_key_of_the_catalog(name: str, built: Database) -> None:
    model = catalog.models()[name]

    table = built.query(f"select * from {name}")
    rows = list(zip(*(table.column(column).to_pylist() for column in model.key), strict=True))

    assert tuple(table.column_names) == model.columns
    assert len(rows) == len(set(rows)), f"{model.key} is not unique"


def test_every_column_is_described_once() -> None:
    used = {column for model in catalog.models().values() for column in model.columns}

    assert set(catalog.column_meanings()) == used


def test_models_for_one_customer_rest_on_nothing_that_passes_by_for_all() -> None:
    """A table over all customers must find all of them: what it reads of customers is kept."""
    models = catalog.models()
    for name, model in models.items():
        if model.scope == "all" and name not in {"intermediate.label_readings", "intermediate.ecb_rates"}:
            passing = {read for read in graph.reads(model) & models.keys() if not models[read].is_kept}
            assert all(models[read].scope == "all" for read in passing), name


@pytest.mark.parametrize("name", SQL_MODELS)
def test_a_model_is_one_select_in_the_shared_subset_of_sql(name: str) -> None:
    """No series, no JSON, no clock of the database, no `::`; a table is named once, by alias."""
    sql = "\n".join(line for line in SQL_MODELS[name].sql.splitlines() if not line.startswith("--")).lower()

    for word in ("generate_series", "json", "current_date", "now()", "::", "qualify", "unnest", "{{"):
        assert word not in sql
    for table in graph.tables_named(sql):
        assert not re.search(rf"\b{re.escape(table)}\.\w", sql), f"{table} needs an alias"


@pytest.mark.parametrize("sql", [*(model.sql for model in SQL_MODELS.values()), *(c.sql for c in CHECKS)])
def test_the_tables_of_a_statement_are_those_that_a_parser_finds(sql: str) -> None:
    """The build reads names without a parser, which would take longer to load than a small build takes."""
    parsed = sqlglot.parse_one(sql, dialect="postgres")

    assert graph.tables_named(sql) == {
        f"{table.db}.{table.name}" for table in parsed.find_all(sqlglot.exp.Table) if table.db
    }


def test_models_stay_short() -> None:
    long = {
        name: sql.count("\n")
        for name, sql in ((n, m.sql) for n, m in SQL_MODELS.items())
        if sql.count("\n") > 150
    }

    assert long == {}


def test_every_check_named_in_a_header_exists() -> None:
    for name, model in SQL_MODELS.items():
        for line in model.sql.splitlines():
            if line.startswith("-- checks"):
                named = line.removeprefix("-- checks").strip().split(", ")
                assert set(named) <= set(catalog.checks()), name


def test_files_and_catalog_name_the_same_models() -> None:
    folder = Path(catalog.FOLDER)
    files = {
        f"{file.parent.name}.{file.stem}" for file in folder.glob("*/*.sql") if file.parent.name != "checks"
    }

    assert files == set(SQL_MODELS)
