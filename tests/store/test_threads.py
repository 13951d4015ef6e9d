"""One writer at a time, any number of readers beside it; two syncs of a company never run at once."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pennybridge.errors import DatabaseBusyError, StoreError
from pennybridge.store import Database, open_database

COUNT_UP = "update pennylane.companies set name = cast(cast(name as integer) + 1 as text)"


def test_threads_that_write_take_turns(database: Database) -> None:
    def count_up() -> None:
        for _ in range(10):
            with database.transaction() as transaction:
                transaction.execute(COUNT_UP)

    with database.transaction() as transaction:
        transaction.execute("insert into pennylane.companies (company_id, name) values (1, '0')")
    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("select name from pennylane.companies") == [("40",)]


def test_readers_in_other_threads_see_what_is_committed(database: Database) -> None:
    seen: list[list[tuple[object, ...]]] = []
    with database.transaction() as transaction:
        transaction.execute("insert into pennylane.companies (company_id, name) values (1, 'Nord')")
        reader = threading.Thread(
            target=lambda: seen.append(database.rows("select name from pennylane.companies"))
        )
        reader.start()
        reader.join()
    assert seen == [[]]


def test_a_transaction_within_a_transaction_is_refused_in_duckdb(tmp_path: Path) -> None:
    with (
        open_database(f"duckdb:///{tmp_path}/books.duckdb") as database,
        database.transaction(),
        pytest.raises(StoreError, match="open in this thread already"),
        database.transaction(),
    ):
        pass


def test_a_file_open_in_this_process_is_not_opened_twice(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path}/it's a book.duckdb"
    with open_database(url), pytest.raises(DatabaseBusyError, match="open in this process already"):
        open_database(url)
    open_database(url).close()


def test_a_second_sync_of_a_company_is_refused_until_the_first_has_ended(database: Database) -> None:
    with database.company_lock(1):
        with pytest.raises(DatabaseBusyError, match="sync of company 1"), database.company_lock(1):
            pass
        with database.company_lock(2):
            pass
    with database.company_lock(1):
        pass


def test_a_sync_of_another_process_is_seen_in_postgresql(postgresql_url: str) -> None:
    script = (
        "import sys; from pennybridge.store import open_database as o\n"
        "with o(sys.argv[1]) as d, d.company_lock(1): print(flush=True); sys.stdin.read(1)"
    )
    with open_database(postgresql_url) as database:
        with subprocess.Popen(
            [sys.executable, "-c", script, postgresql_url], stdin=-1, stdout=-1, text=True
        ) as other:
            assert other.stdout
            other.stdout.readline()
            with (
                pytest.raises(DatabaseBusyError, match="Another process syncs company 1"),
                database.company_lock(1),
            ):
                pass
            other.communicate("g")
        with database.company_lock(1):
            pass
