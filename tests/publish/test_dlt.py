"""Publishing through dlt: folders of Parquet, Delta and Iceberg, and warehouses (DuckDB stands for them)."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pennybridge.errors import ConfigurationError, PublishError
from pennybridge.publish.dlt_library import dlt_errors, options_of
from pennybridge.publish.dlt_warehouse import DltWarehouse
from pennybridge.store import open_warehouse
from tests.publish.conftest import AGING, Publisher, written

AGING_THERE = "receivables_aging_by_customer"
INVOICES_THERE = "pennylane_customer_invoices"


@pytest.fixture(autouse=True)
def _few_tables(publisher: Publisher) -> None:
    publisher.keep_few_tables()


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A warehouse reached as any is: by dlt's name for it, and dlt's settings."""
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", f"{tmp_path}/by_dlt.duckdb")
    return "duckdb"


def rows_in(folder: Path, table_format: str, table: str) -> list[dict[str, Any]]:
    """A table's rows, read by the format's own library."""
    place = folder / "pennybridge" / table
    if table_format == "delta":
        from deltalake import DeltaTable

        read = DeltaTable(place).to_pyarrow_table()
    elif table_format == "iceberg":
        from pyiceberg.table import StaticTable

        newest = max((place / "metadata").glob("*.metadata.json"), key=lambda file: file.name)
        read = StaticTable.from_metadata(str(newest)).scan().to_arrow()
    else:
        read = pa.concat_tables(pq.read_table(file) for file in sorted(place.glob("*.parquet")))
    return list(read.to_pylist())


def aging_in(folder: Path, table_format: str) -> dict[str, Decimal]:
    return {row["customer_id"]: row["open_amount_eur"] for row in rows_in(folder, table_format, AGING_THERE)}


@pytest.mark.parametrize("table_format", ["parquet", "delta", "iceberg"])
def test_a_folder_follows_the_books(publisher: Publisher, table_format: str) -> None:
    """Whole, then nothing, then a changed row, a new one, and one that is gone."""
    lake = publisher.folder / "lake"
    first = publisher.publish(f"{table_format}+{lake}")
    files = sorted(lake.rglob("*"))

    again = publisher.publish(f"{table_format}+{lake}")
    files_again = sorted(lake.rglob("*"))
    publisher.set_aging(a="10.5", c="7", d="1")
    few = publisher.publish(f"{table_format}+{lake}")

    assert (first.problems, again.problems, few.problems) == ([], [], [])
    assert (again.put, files_again) == (0, files)
    assert written(few) == {AGING_THERE: (2, 1)}
    assert aging_in(lake, table_format) == {"a": Decimal("10.5"), "c": Decimal(7), "d": Decimal(1)}
    [invoice, *_] = rows_in(lake, table_format, INVOICES_THERE)
    assert isinstance(invoice["amount"], Decimal)
    assert invoice["read_at"].utcoffset().total_seconds() == 0


def test_a_warehouse_follows_the_books(publisher: Publisher, warehouse: str) -> None:
    first = publisher.publish(warehouse)
    again = publisher.publish(warehouse)
    publisher.set_aging(a="10.5", c="7", d="1")
    publisher.execute("update pennylane.customer_invoices set paid = true, load_id = 'load-2'")
    few = publisher.publish(warehouse)

    assert (first.problems, again.problems, few.problems) == ([], [], [])
    assert again.put == 0
    assert written(few) == {AGING_THERE: (2, 1), INVOICES_THERE: (3, 0)}
    with open_warehouse(f"duckdb:///{publisher.folder}/by_dlt.duckdb") as opened:
        assert opened.rows(
            f"select customer_id, open_amount_eur, is_removed from pennybridge.{AGING_THERE} order by 1"
        ) == [
            ("a", Decimal("10.5"), None),
            ("c", Decimal(7), None),
            ("d", Decimal(1), None),
        ]
        assert opened.rows("select count(*) from pennybridge._dlt_loads") == [(2,)]
        types = opened.query(
            f"select amount, date, read_at, payload from pennybridge.{INVOICES_THERE}"
        ).schema.types
    assert types == [pa.decimal128(18, 6), pa.date32(), pa.timestamp("us", "UTC"), pa.string()]


@pytest.mark.parametrize("table_format", ["warehouse", "delta"])
def test_a_removal_told_twice_leaves_no_row(
    publisher: Publisher, warehouse: str, table_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process killed after a load and before it is noted: the same rows and removals are loaded again."""
    place = warehouse if table_format == "warehouse" else f"delta+{publisher.folder}/lake"
    publisher.publish(place)
    publisher.set_aging(a="11", d="1")
    with monkeypatch.context() as patched:
        patched.setattr("pennybridge.publish.memory.Memory.note", stop)
        with pytest.raises(KeyboardInterrupt):
            publisher.publish(place)

    report = publisher.publish(place)

    assert (written(report), report.problems) == ({AGING_THERE: (2, 2)}, [])


def stop(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_table_with_other_columns_is_made_anew(publisher: Publisher, warehouse: str) -> None:
    publisher.publish(warehouse)
    publisher.execute(f"alter table {AGING} alter open_amount_eur type text")

    report = publisher.publish(warehouse)
    whole = publisher.publish(warehouse, whole=True)

    assert (written(report), report.problems) == ({AGING_THERE: (3, 0)}, [])
    assert (whole.put, whole.problems) == (8, [])


def test_no_copy_of_the_rows_stays_in_the_working_folder(publisher: Publisher, warehouse: str) -> None:
    publisher.publish(warehouse)

    assert list((publisher.folder / "work").rglob("*.parquet")) == []


def test_a_folder_that_was_deleted_is_filled_again(publisher: Publisher) -> None:
    lake = publisher.folder / "lake"
    first = publisher.publish(str(lake))
    lake.rename(publisher.folder / "elsewhere")

    report = publisher.publish(str(lake))

    assert (report.put, report.problems) == (first.put, [])


def test_a_file_that_was_lost_is_a_difference(publisher: Publisher) -> None:
    lake = publisher.folder / "lake"
    publisher.publish(str(lake))
    [file] = (lake / "pennybridge" / AGING_THERE).glob("*.parquet")
    file.unlink()

    [found] = publisher.publish(str(lake)).problems

    assert found.name == AGING_THERE
    assert found.problem
    assert found.problem.startswith("3 rows here, 0 there") or found.problem == "there is no such table"


def test_companies_keep_their_rows_in_files_that_are_replaced(publisher: Publisher) -> None:
    publisher.execute("insert into pennylane.companies (company_id, name) values (2, 'Autre')")
    publisher.execute(f"insert into {AGING} values (2, 'z', 5)")
    lake = publisher.folder / "lake"
    publisher.publish(str(lake), companies=[1])

    report = publisher.publish(str(lake), companies=[2])

    assert report.problems == []
    assert set(aging_in(lake, "parquet")) == {"a", "b", "c", "z"}


def test_missing_settings_are_named(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(publisher.folder)

    with pytest.raises(ConfigurationError, match="MOTHERDUCK__CREDENTIALS"):
        publisher.publish("motherduck")


def test_clickhouse_takes_the_last_day_there_is() -> None:
    """`receivables.open_amounts` says with it that an amount still stands; `Date` there ends in 2149."""
    from dlt.common.destination import Destination

    clickhouse: Any = Destination.from_reference("clickhouse", **options_of("clickhouse"))
    mapper = clickhouse.capabilities().get_type_mapper()

    assert mapper.to_destination_type({"name": "valid_until", "data_type": "date"}, {}) == "Date32"
    assert mapper.from_destination_type("Nullable(Date32)", None, None)["data_type"] == "date"


def test_only_places_that_merge_their_usual_tables_get_changed_rows_alone(tmp_path: Path) -> None:
    """Elsewhere dlt would add the changed rows to the old ones."""
    merging = {
        name: DltWarehouse(name, dataset="d", folder=tmp_path)._merges
        for name in ("athena", "bigquery", "clickhouse", "databricks", "redshift", "snowflake", "weaviate")
    }

    assert [name for name, merges in merging.items() if not merges] == ["athena", "weaviate"]


def test_a_destination_that_refuses_is_told_in_its_own_words(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "/nowhere/at/all.duckdb")

    with pytest.raises(PublishError, match=r"nowhere.*What was written before stays"):
        publisher.publish("duckdb")


def test_no_password_is_told_when_a_driver_quotes_its_address() -> None:
    """As psycopg2 does with an address that it does not understand."""
    quoted = 'invalid option "redshift://ada:hush:hu@host/db?token=hush" (Password: "hush")'

    with pytest.raises(PublishError) as refused, dlt_errors("redshift"):
        raise ValueError(quoted)

    assert "redshift://ada:***@host/db?token=***" in str(refused.value)
    assert "hu" not in str(refused.value).replace("redshift", "")


def test_dlt_sends_no_telemetry_and_writes_nothing_into_the_home_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    script = (
        "import sys; from pathlib import Path; from pennybridge.store import open_database\n"
        "from tests.publish.conftest import Publisher\n"
        "folder = Path(sys.argv[1])\n"
        "with open_database(f'duckdb:///{folder}/other.duckdb') as database:\n"
        "    publisher = Publisher(database, folder)\n"
        "    publisher.keep_few_tables()\n"
        "    publisher.publish(str(folder / 'lake'))\n"
        "from dlt.common.runtime import anon_tracker\n"
        "assert anon_tracker._ANON_TRACKER_ENDPOINT is None, 'telemetry is on'\n"
    )
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(tmp_path)],
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "HOME": str(home)},
    )

    assert list(home.rglob("*")) == []
