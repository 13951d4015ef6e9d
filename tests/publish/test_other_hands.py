"""Destinations in which others have tables, views and rights."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pennybridge.errors import ConfigurationError, PublishError, StoreError
from pennybridge.publish.after_sync import publish_after_sync
from pennybridge.publish.memory import Memory
from pennybridge.publish.run import publish
from pennybridge.store import open_database, open_warehouse
from tests.publish.conftest import AGING, Publisher, published, rows_there, written

AGING_THERE = "pennybridge.receivables_aging_by_customer"
NOT_OURS = "holds tables that were not published from here"


def do_there(target: str, *statements: str) -> None:
    with open_warehouse(target) as warehouse, warehouse.transaction() as transaction:
        for statement in statements:
            transaction.execute(statement)


@pytest.fixture
def postgresql_target(make_postgresql_url: Callable[[str], str]) -> str:
    return make_postgresql_url("template1")


def test_a_table_of_somebody_else_is_not_replaced_unless_told(publisher: Publisher, target: str) -> None:
    do_there(target, "create schema pennybridge", f"create table {AGING_THERE} (mine integer)")

    with pytest.raises(ConfigurationError, match=NOT_OURS):
        publisher.publish(target)
    assert rows_there(target, f"select mine from {AGING_THERE}") == []

    assert publisher.publish(target, whole=True).problems == []
    assert written(publisher.publish(target)) == {}


def test_what_another_installation_published_is_left_alone(publisher: Publisher, duckdb_target: str) -> None:
    publisher.publish(duckdb_target)
    with open_database(f"duckdb:///{publisher.folder}/other.duckdb") as database:
        Publisher(database, publisher.folder)
        with pytest.raises(ConfigurationError, match=NOT_OURS):
            published(database, duckdb_target, publisher.folder)

    assert written(publisher.publish(duckdb_target)) == {}


def test_publishing_anew_that_stopped_before_its_first_write_goes_on(
    publisher: Publisher, target: str, tmp_path: Path
) -> None:
    """What is there carries an earlier mark of ours. So it does after a backup was put back."""
    publisher.keep_few_tables()
    for place in (target, str(tmp_path / "lake")):
        publisher.publish(place)
        destination = publisher.open(place)
        Memory(publisher.database, destination.where).forget()
        destination.close()

        report = publisher.publish(place)

        assert (report.problems, report.put > 0) == ([], True)
        assert written(publisher.publish(place)) == {}


def test_a_folder_in_another_format_is_left_alone(publisher: Publisher) -> None:
    publisher.keep_few_tables()
    lake = publisher.folder / "lake"
    publisher.publish(str(lake))
    files = sorted(lake.rglob("*"))

    with pytest.raises(ConfigurationError, match=NOT_OURS):
        publisher.publish(f"delta+{lake}")

    assert sorted(lake.rglob("*")) == files
    assert publisher.publish(f"delta+{lake}", whole=True).problems == []


def test_views_and_rights_outlive_a_table_that_is_made_anew(
    publisher: Publisher, postgresql_target: str
) -> None:
    """A dashboard's view and its reader must not be lost with each new version of Pennybridge."""
    publisher.publish(postgresql_target)
    do_there(
        postgresql_target,
        f"create view open_amounts as select customer_id, open_amount_eur from {AGING_THERE}",
        f"grant select on {AGING_THERE} to pg_monitor",
    )
    publisher.execute(f"alter table {AGING} add column oldest_days_late integer")
    publisher.execute(f"update {AGING} set oldest_days_late = 3")

    more_columns = publisher.publish(postgresql_target)
    whole = publisher.publish(postgresql_target, whole=True)
    publisher.execute(f"alter table {AGING} alter open_amount_eur type text")
    with pytest.raises(StoreError, match="view open_amounts depends on"):
        publisher.publish(postgresql_target)

    assert (more_columns.problems, whole.problems) == ([], [])
    assert rows_there(postgresql_target, "select count(*) from open_amounts") == [(3,)]
    assert rows_there(
        postgresql_target,
        "select has_table_privilege('pg_monitor', '" + AGING_THERE + "', 'select'), "
        "sum(oldest_days_late) from " + AGING_THERE,
    ) == [(True, 9)]


def test_a_role_needs_no_right_to_make_schemas_where_its_schema_is_there(
    publisher: Publisher, postgresql_target: str
) -> None:
    do_there(
        postgresql_target,
        "drop role if exists publisher",
        "create role publisher login",
        'create schema "select" authorization publisher',
    )

    destination = publisher.open(postgresql_target.replace("postgres:@", "publisher@"), dataset="select")
    try:
        report = publish(publisher.database, destination)
    finally:
        destination.close()
        do_there(postgresql_target, 'drop schema "select" cascade', "drop role publisher")

    assert report.problems == []


def test_a_model_that_is_no_longer_made_is_told_as_left_over(
    publisher: Publisher, duckdb_target: str
) -> None:
    publisher.publish(duckdb_target)
    publisher.execute(f"drop table {AGING}")

    report = publisher.publish(duckdb_target)

    assert (report.left_over, report.problems) == (("receivables_aging_by_customer",), [])


def test_a_destination_that_refuses_does_not_keep_the_others_waiting(publisher: Publisher) -> None:
    (publisher.folder / "junk").write_text("no database")
    good = f"duckdb:///{publisher.folder}/good.duckdb"

    with pytest.raises(PublishError, match="is not a DuckDB database") as refused:
        publish_after_sync(
            publisher.database,
            f"duckdb:///{publisher.folder}/junk {good} {Path('/dev/null/lake')}",
            home=publisher.folder,
        )

    assert "Not a directory" in str(refused.value)
    assert rows_there(good, "select count(*) from pennybridge.pennylane_customers") == [(1,)]


def test_a_file_that_cannot_be_read_is_told_with_its_table(publisher: Publisher) -> None:
    publisher.keep_few_tables()
    lake = publisher.folder / "lake"
    publisher.publish(str(lake))
    [file] = (lake / "pennybridge/receivables_aging_by_customer").glob("*.parquet")
    file.write_bytes(b"no parquet")

    with pytest.raises(PublishError, match=r"aging_by_customer refused: .*Parquet.* with --whole"):
        publisher.publish(str(lake))

    assert publisher.publish(str(lake), whole=True).problems == []


def test_sums_of_a_place_that_adds_in_floating_point_are_near_enough(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.keep_few_tables()
    monkeypatch.setenv("DESTINATION__SQLALCHEMY__CREDENTIALS", f"sqlite:///{publisher.folder}/there.sqlite")
    publisher.set_aging(**{f"c{number}": f"{number}.1" for number in range(30)})

    first, again = publisher.publish("sqlalchemy"), publisher.publish("sqlalchemy")

    assert (first.problems, again.problems, written(again)) == ([], [], {})
