"""Publishing to DuckDB files and PostgreSQL, from either engine."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pennybridge.errors import DatabaseBusyError
from pennybridge.models.build import build
from pennybridge.publish.after_sync import publish_after_sync
from pennybridge.publish.run import publish
from pennybridge.store import Database, open_database, open_warehouse
from tests.models.books import Books, Line
from tests.publish.conftest import AGING, Publisher, published, rows_there, written


def test_every_table_arrives_as_it_is(database: Database, target: str, tmp_path: Path) -> None:
    """From each engine to each: rows, types and order of columns, for landing tables and models."""
    publisher = Publisher(database, tmp_path)

    report = publisher.publish(target)

    assert report.problems == []
    assert {table.name for table in report.tables} >= {"pennylane_quotes", "receivables_aging_by_customer"}
    for name in ("pennylane.customer_invoice_lines", "pennylane.companies", "pennylane.contacts", AGING):
        there = "pennybridge." + name.replace(".", "_")
        ours = database.query(f"select * from {name} order by 1, 2")
        with open_warehouse(target) as warehouse:
            assert warehouse.query(f"select * from {there} order by 1, 2").equals(ours), name


def test_columns_carry_their_meaning(publisher: Publisher, target: str) -> None:
    comment = {
        "duckdb": "select comment from duckdb_columns() where table_name = '{}' and column_name = '{}'",
        "postgresql": "select col_description(c.oid, a.attnum) from pg_class as c "
        "join pg_attribute as a on a.attrelid = c.oid where c.relname = '{}' and a.attname = '{}'",
    }[target.partition(":")[0]]

    publisher.publish(target)

    assert rows_there(target, comment.format("pennylane_customer_invoices", "deadline")) == [
        ("Pennylane's deadline",)
    ]
    [(meaning,)] = rows_there(target, comment.format("receivables_aging_by_customer", "customer_id"))
    assert "customer's id" in meaning


def test_publishing_again_writes_nothing(database: Database, target: str, tmp_path: Path) -> None:
    publisher = Publisher(database, tmp_path)
    publisher.publish(target)
    before = physical(target)

    report = publisher.publish(target)

    assert (report.put, report.removed, report.problems) == (0, 0, [])
    assert physical(target) == before


def physical(target: str) -> Any:
    """What moves with any write: a file's bytes, or each row's place and transaction."""
    if target.startswith("duckdb:///"):
        return Path(target.removeprefix("duckdb:///")).read_bytes()
    with open_warehouse(target) as warehouse:
        names = warehouse.rows(
            "select table_name from information_schema.tables where table_schema = 'pennybridge'"
        )
        return {
            name: warehouse.rows(
                f"select cast(ctid as text), cast(xmin as text) from pennybridge.{name} order by 1"
            )
            for (name,) in sorted(names)
        }


def test_only_what_changed_is_written(database: Database, target: str, tmp_path: Path) -> None:
    """A changed row, a new one, one marked as deleted, and rows that a build no longer makes."""
    publisher = Publisher(database, tmp_path)
    publisher.publish(target)
    [(first,), (second,), _] = database.rows("select id from pennylane.customer_invoices order by id")
    publisher.execute(
        "update pennylane.customer_invoices set paid = true, load_id = 'load-2' where id = :id", id=first
    )
    publisher.execute(
        "update pennylane.customer_invoices set deleted_at = read_at, load_id = 'load-2' where id = :id",
        id=second,
    )
    publisher.books.add_customer("Maison Lumière")
    publisher.books.land(database, "load-2")
    publisher.set_aging(a="10.5", c="7", d="1")

    report = publisher.publish(target)

    assert written(report) == {
        "pennylane_customers": (1, 0),
        "pennylane_customer_invoices": (2, 0),
        "receivables_aging_by_customer": (2, 1),
    }
    assert report.problems == []
    assert rows_there(
        target, "select id, paid, deleted_at is null from pennybridge.pennylane_customer_invoices order by id"
    )[:2] == [(first, True, True), (second, False, False)]
    assert rows_there(target, "select * from pennybridge.receivables_aging_by_customer order by 2") == [
        (1, "a", Decimal("10.5")),
        (1, "c", Decimal(7)),
        (1, "d", Decimal(1)),
    ]


def test_a_row_read_again_unchanged_is_not_written_again(publisher: Publisher, duckdb_target: str) -> None:
    """A daily sweep moves `read_at` of thousands of rows whose content stayed."""
    publisher.publish(duckdb_target)
    publisher.execute("update pennylane.customers set read_at = read_at + interval '1 day'")

    assert written(publisher.publish(duckdb_target)) == {}


def test_what_changes_without_a_load_is_published_too(publisher: Publisher, duckdb_target: str) -> None:
    """`lines_complete` is ours: reading the lines of an invoice sets it, and leaves the invoice's load."""
    publisher.publish(duckdb_target)
    publisher.execute("update pennylane.customer_invoices set lines_complete = false")

    assert written(publisher.publish(duckdb_target)) == {"pennylane_customer_invoices": (3, 0)}


def test_a_table_with_other_columns_is_made_anew(publisher: Publisher, target: str) -> None:
    publisher.publish(target)
    publisher.execute(f"alter table {AGING} add column oldest_days_late integer")
    publisher.execute(f"update {AGING} set oldest_days_late = 3")

    report = publisher.publish(target)

    assert (written(report), report.problems) == ({"receivables_aging_by_customer": (3, 0)}, [])
    asked = "select distinct oldest_days_late from pennybridge.receivables_aging_by_customer"
    assert rows_there(target, asked) == [(3,)]


def test_companies_can_be_published_one_after_the_other(publisher: Publisher, duckdb_target: str) -> None:
    other = Books(company_id=2)
    other.add_customer("Autre")
    other.land(publisher.database)

    first = publisher.publish(duckdb_target, companies=[1])
    second = publisher.publish(duckdb_target, companies=[2])

    assert (first.problems, second.problems) == ([], [])
    assert written(second) == {"pennylane_companies": (1, 0), "pennylane_customers": (1, 0)}
    customers = "select company_id, count(*) from pennybridge.pennylane_customers group by 1 order by 1"
    assert rows_there(duckdb_target, customers) == [(1, 1), (2, 1)]
    assert written(publisher.publish(duckdb_target)) == {}


def test_a_destination_that_was_emptied_is_filled_again(publisher: Publisher, duckdb_target: str) -> None:
    """Another server under the same name, or a file someone deleted: what is remembered no longer counts."""
    whole = publisher.publish(duckdb_target).put
    with open_warehouse(duckdb_target) as warehouse, warehouse.transaction() as transaction:
        transaction.execute("drop schema pennybridge cascade")

    report = publisher.publish(duckdb_target)

    assert (report.put, report.problems) == (whole, [])


def test_a_difference_is_found_named_and_mended_by_publishing_anew(
    publisher: Publisher, duckdb_target: str
) -> None:
    publisher.publish(duckdb_target)
    with open_warehouse(duckdb_target) as warehouse, warehouse.transaction() as transaction:
        transaction.execute("delete from pennybridge.pennylane_customers")
        transaction.execute(
            "update pennybridge.receivables_aging_by_customer set open_amount_eur = 0 where customer_id = 'c'"
        )
        transaction.execute("drop table pennybridge.pennylane_quotes")

    found = {table.name: table.problem for table in publisher.publish(duckdb_target).problems}
    mended = publisher.publish(duckdb_target, whole=True)

    assert found == {
        "pennylane_customers": "1 rows here, 0 there",
        "pennylane_quotes": "there is no such table",
        "receivables_aging_by_customer": "sum of open_amount_eur 30.7501 here, 30.7500 there",
    }
    assert mended.problems == []


def test_a_sync_that_commits_meanwhile_waits_for_the_next_publication(
    database: Database, target: str, tmp_path: Path
) -> None:
    """One state of the books is published; what comes during it is no difference, and is not lost."""
    publisher = Publisher(database, tmp_path)
    late = Books(company_id=1, _last_id=10**6, _is_known=True)

    def sync_meanwhile(table: str, done: int, total: int) -> None:
        del done, total
        if table == "pennylane_companies":
            late.add_customer("Late")
            late.land(database, "load-2")

    report = publisher.publish(target, progress=sync_meanwhile)
    after = publisher.publish(target)

    assert (report.problems, after.problems) == ([], [])
    assert written(after) == {"pennylane_customers": (1, 0)}


def test_everything_that_a_build_makes_is_published(tmp_path: Path) -> None:
    """Every model with its key: a key that were not one would show as rows published again and again."""
    target = f"duckdb:///{tmp_path}/warehouse.duckdb"
    books = Books()
    for _ in range(3):
        customer = books.add_customer()
        books.add_invoice(customer, "2026-01-05", [Line(100), Line(20, "Conseil")], paid="all")
        books.add_invoice(customer, "2026-02-05", [Line(100)])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=date(2026, 3, 1))
        first, again = (published(database, target, tmp_path) for _ in range(2))
        build(database, as_of=date(2026, 3, 2))
        next_day = published(database, target, tmp_path)

    assert (first.problems, again.problems, next_day.problems) == ([], [], [])
    assert written(again) == {}
    assert 0 < next_day.put < first.put / 2


def test_two_publications_to_one_place_do_not_meet(publisher: Publisher, duckdb_target: str) -> None:
    destination = publisher.open(duckdb_target)
    try:
        with (
            publisher.database.publishing_lock(destination.where),
            pytest.raises(DatabaseBusyError, match="being published to already"),
        ):
            publish(publisher.database, destination)
    finally:
        destination.close()


def test_a_schedule_publishes_to_every_destination_of_the_settings(publisher: Publisher) -> None:
    named = [f"duckdb:///{publisher.folder}/{name}.duckdb" for name in ("one", "two")]

    reports = publish_after_sync(publisher.database, " ".join(named), home=publisher.folder)

    assert [report.problems for report in reports] == [[], []]
    assert publish_after_sync(publisher.database, None, home=publisher.folder) == []
    for target in named:
        assert rows_there(target, "select count(*) from pennybridge.pennylane_customers") == [(1,)]
