"""Values come out as they went in, and as the same Arrow types on both engines."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from pennybridge.errors import StoreError
from pennybridge.store import Database, open_database


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def books(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database that the tests of this file share, because they leave it as it is: one company, Nord."""
    url = f"duckdb:///{tmp_path_factory.mktemp('books')}/books.duckdb"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").make("with_tables")
    with open_database(url) as opened:
        with opened.transaction() as transaction:
            transaction.execute("insert into pennylane.companies (company_id, name) values (1, 'Nord')")
        yield opened


INSTANT = datetime(2026, 7, 8, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cast", "value", "kind"),
    [
        ("bigint", 2**62, pa.int64()),
        ("integer", -7, pa.int32()),
        ("boolean", True, pa.bool_()),
        ("boolean", False, pa.bool_()),
        ("text", 'it\'s 100 % "€", c:\\d\nand :more', pa.string()),
        ("text", "", pa.string()),
        ("date", date(2026, 2, 28), pa.date32()),
        ("timestamptz", INSTANT, pa.timestamp("us", "UTC")),
        ("numeric(18,6)", Decimal("-123456789012.345678"), pa.decimal128(18, 6)),
        ("numeric(18,10)", Decimal("1.0987654321"), pa.decimal128(18, 10)),
        ("double precision", 0.1, pa.float64()),
        ("json", '{"b": 1,  "a": "1.0"}', pa.string()),
        ("text", None, pa.string()),
        ("timestamptz", None, pa.timestamp("us", "UTC")),
    ],
)
def test_a_parameter_comes_back_as_it_went_in(
    books: Database, cast: str, value: object, kind: pa.DataType
) -> None:
    found = books.query(f"select cast(:value as {cast}) as value, '100%' as other", value=value)
    assert found.schema.field("value").type == kind
    assert found["value"].to_pylist() == [value]
    assert found["other"].to_pylist() == ["100%"]
    with books.transaction() as transaction:
        assert transaction.rows(f"select cast(:value as {cast})", value=value) == [(value,)]
        assert transaction.query(f"select cast(:value as {cast}) as value", value=value) == found.select(
            ["value"]
        )


def test_an_instant_of_another_zone_comes_back_in_utc(books: Database) -> None:
    paris = INSTANT.astimezone(timezone(timedelta(hours=2)))
    [(found,)] = books.rows("select cast(:at as timestamptz)", at=paris)
    assert (found, found.utcoffset()) == (INSTANT, timedelta(0))


def test_sums_of_amounts_are_decimals(books: Database) -> None:
    numbers = "(select cast(v as numeric(18,6)) as v from (values ('0.1'), ('0.2')) as n(v)) as n"
    found = books.query(f"select sum(v) as total from {numbers}")
    assert found["total"].to_pylist() == [Decimal("0.3")]
    assert found.schema.field("total").type == pa.decimal128(38, 6)
    empty = books.query(f"select sum(v) as total from {numbers} where v > 1")
    assert empty["total"].to_pylist() == [None]
    assert empty.schema == found.schema


def test_no_rows_keep_their_columns(books: Database) -> None:
    found = books.query("select load_id, records_read, seconds, started_at from pennylane.loads")
    assert found.num_rows == 0
    assert found.schema.types == [pa.string(), pa.int64(), pa.float64(), pa.timestamp("us", "UTC")]


def test_a_single_column_of_nulls_keeps_its_rows(books: Database) -> None:
    found = books.query("select cast(v as bigint) as v from (values (null), (1), (null)) as t(v)")
    assert found["v"].to_pylist() == [None, 1, None]


def test_a_transaction_sees_its_own_writes_and_others_do_not(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.execute(
            "insert into pennylane.companies (company_id, name) values (:id, :name)", id=1, name="N"
        )
        assert transaction.rows("select name, base_currency from pennylane.companies") == [("N", "EUR")]
        assert database.rows("select name from pennylane.companies") == []
    assert database.rows("select name from pennylane.companies") == [("N",)]


def test_an_exception_rolls_everything_back(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as transaction:  # noqa: PT012 — the block is what is tested
        transaction.execute("insert into pennylane.companies (company_id) values (1)")
        raise KeyError
    assert database.rows("select * from pennylane.companies") == []


def test_execute_tells_how_many_rows_changed(database: Database) -> None:
    with database.transaction() as transaction:
        assert transaction.execute("insert into pennylane.companies (company_id) values (1), (2), (3)") == 3
        assert (
            transaction.execute("update pennylane.companies set name = 'N' where company_id > :id", id=1) == 2
        )
        assert transaction.execute("delete from pennylane.companies where company_id = 9") == 0
        assert transaction.execute("create temporary table t (a integer)") == 0


def test_append_adds_rows_column_by_name(database: Database) -> None:
    batch = pa.table({"reg_no": ["", None, 'a,"b"\n'], "company_id": [1, 2, 3]})
    with database.transaction() as transaction:
        assert transaction.append("pennylane.companies", batch) == 3
    rows = database.rows(
        "select company_id, reg_no, base_currency from pennylane.companies order by company_id"
    )
    assert rows == [(1, "", "EUR"), (2, None, "EUR"), (3, 'a,"b"\n', "EUR")]


def test_a_statement_asked_again_reads_the_tables_of_that_moment(database: Database) -> None:
    def ask(value: int) -> list[tuple[object, ...]]:
        return database.rows("select * from noted where value >= :value", value=value)

    with database.transaction() as transaction:
        transaction.execute("create table noted (value integer, name text)")
        transaction.execute("insert into noted values (1, 'one'), (2, 'two')")
    assert ask(2) == [(2, "two")]
    with database.transaction() as transaction:
        transaction.execute("drop table noted")
        transaction.execute("create table noted (other text, value bigint)")
        transaction.execute("insert into noted values ('three', 3)")
    assert ask(1) == [("three", 3)]
    assert ask(4) == []


WRITES = [
    "delete from pennylane.loads",
    "insert into pennylane.loads (load_id) values ('x')",
    "update pennylane.companies set name = 'Sud'",
    "with gone as (delete from pennylane.companies returning company_id) select * from gone",
    "drop table pennylane.loads",
    "create table t as select 1",
    "copy (select 1) to '/tmp/pennybridge-must-not-exist.csv'",
    "copy (select 1) to program 'touch /tmp/pennybridge-must-not-exist.csv'",
    "explain analyze delete from pennylane.companies",
    "set transaction read write",
    "call pg_sleep(1)",
    "attach 'other.duckdb'",
    "install httpfs",
    "begin",
    "select 1; delete from pennylane.companies",
    "select 1; select 2",
    "",
    "-- nothing",
]


@pytest.mark.parametrize("sql", WRITES)
def test_a_persons_query_cannot_write(books: Database, sql: str) -> None:
    with pytest.raises(StoreError):
        books.query_read_only(sql)
    assert books.rows("select name from pennylane.companies") == [("Nord",)]


@pytest.mark.parametrize(
    "sql", ["select * from (values (1), (2)) as t(v)", "with t as (select 1) select * from t;"]
)
def test_a_persons_query_gives_its_rows(books: Database, sql: str) -> None:
    assert books.query_read_only(sql).num_rows >= 1
    assert books.query_read_only(f"/* mine */ {sql} -- :not a parameter", limit=1).num_rows == 1


def test_a_persons_explain_is_shown(books: Database) -> None:
    assert books.query_read_only("explain select 1").num_rows >= 1


def test_a_query_cannot_read_files_of_the_machine(tmp_path: Path) -> None:
    """DuckDB could read any file; PostgreSQL asks for a right of its own."""
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        for sql in ("select * from read_text('/etc/hostname')", "select * from '/etc/hostname'"):
            with pytest.raises(StoreError):
                database.query_read_only(sql)
