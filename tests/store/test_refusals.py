"""Whatever the engines refuse is said in a clear sentence, and nothing is lost."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pennybridge.errors import ConfigurationError, DatabaseBusyError, StoreError
from pennybridge.store import Database, open_database, open_state, refusals


def test_a_file_held_by_another_process_names_that_process(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path}/books.duckdb"
    script = f"from pennybridge.store import open_database as o\nwith o({url!r}): print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(DatabaseBusyError, match=f"in use by process {holder.pid} .*python.*stop it"):
            open_database(url)
        with pytest.raises(DatabaseBusyError):
            open_database(url, read_only=True)
        holder.communicate("\n")
    open_database(url).close()


def test_a_file_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "books.duckdb"
    file.write_bytes(b"SQLite format 3\0 and more of it")
    with pytest.raises(StoreError, match=r"books\.duckdb is not a DuckDB database"):
        open_database(f"duckdb:///{file}")
    assert file.read_bytes() == b"SQLite format 3\0 and more of it"


@pytest.mark.parametrize("keep", [slice(4096), slice(600_000)], ids=["header", "half"])
def test_a_damaged_file_says_how_to_begin_again(tmp_path: Path, keep: slice) -> None:
    file = tmp_path / "books.duckdb"
    with open_database(f"duckdb:///{file}") as database, database.transaction() as transaction:
        transaction.execute(
            "insert into pennylane.companies (company_id, name) "
            "select range, md5(range::text) from range(50000)"
        )
    whole = file.read_bytes()
    file.write_bytes(whole[keep] + b"\1" * (len(whole) - keep.stop))
    with pytest.raises(StoreError, match=r"is damaged .*pennybridge sync"):
        read_names(f"duckdb:///{file}")


def read_names(url: str) -> None:
    with open_database(url) as database:
        database.rows("select max(name) from pennylane.companies")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"The folder .*file/deep cannot be made"):
        open_database(f"duckdb:///{tmp_path}/file/deep/books.duckdb")


def test_reading_only_does_not_make_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no database at .* Run `pennybridge sync` first"):
        open_database(f"duckdb:///{tmp_path}/books.duckdb", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_postgresql_is_not_filled_when_only_read(postgresql_url: str) -> None:
    with pytest.raises(StoreError, match="holds no Pennybridge tables yet"):
        open_database(postgresql_url, read_only=True)
    with psycopg.connect(postgresql_url) as connection:
        assert connection.execute("select 1 from pg_namespace where nspname = 'pennylane'").fetchall() == []


def test_a_full_disk_leaves_what_was_committed(tmp_path: Path) -> None:
    """The size of files is limited in a process of its own, where DuckDB meets it as it meets a full disk."""
    script = textwrap.dedent(f"""
        import resource
        from pennybridge.errors import StoreError
        from pennybridge.store import open_database
        with open_database("duckdb:///{tmp_path}/books.duckdb") as database:
            with database.transaction() as transaction:
                transaction.execute("insert into pennylane.companies (company_id, name) values (1, 'Nord')")
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
            try:
                with database.transaction() as transaction:
                    transaction.execute("update pennylane.companies set name = 'Sud'")
                    transaction.execute("insert into pennylane.companies (company_id, name) "
                        "select range, repeat(md5(range::text), 20) from range(2, 100000)")
            except StoreError as error:
                print(error)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "no room left on the disk" in done.stdout
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        assert database.rows("select company_id, name from pennylane.companies") == [(1, "Nord")]


def test_a_full_disk_of_postgresql_says_the_same(postgresql_url: str) -> None:
    with open_database(postgresql_url) as database:
        full = "do $$ begin raise sqlstate '53100' using message = 'could not extend file'; end $$"
        with (
            pytest.raises(StoreError, match="no room left on the disk"),
            database.transaction() as transaction,
        ):
            transaction.execute(full)


def test_a_postgresql_that_is_not_there() -> None:
    with pytest.raises(StoreError, match=r"No connection to postgresql://me@127\.0\.0\.1:1/books") as refusal:
        open_database("postgresql://me:geheim@127.0.0.1:1/books")
    assert "geheim" not in str(refusal.value)
    assert "PENNYBRIDGE_DATABASE_URL" in str(refusal.value)
    with pytest.raises(StoreError, match="No connection"):
        open_state("postgresql://me:geheim@127.0.0.1:1/books")


def test_an_unknown_postgresql_database_says_how_to_make_it(postgresql_url: str) -> None:
    absent = make_conninfo(postgresql_url, dbname="absent")
    with pytest.raises(StoreError, match="Make it with `createdb absent`"):
        open_database(f"postgresql:///?{urlencode(conninfo_to_dict(absent))}")


def test_a_wrong_password_is_not_shown(locked_url: Callable[[str], str]) -> None:
    with pytest.raises(StoreError, match="the password was refused") as refusal:
        open_database(locked_url("wrongsecret"))
    assert "wrongsecret" not in str(refusal.value)
    open_database(locked_url("rightsecret")).close()


@pytest.fixture
def locked_url(postgresql_url: str) -> Callable[[str], str]:
    """The address of a database whose user must say a password."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        user = f"locked_{os.getpid()}"
        connection.execute(f"create role {user} login superuser password 'rightsecret'".encode())
        [path] = connection.execute("show hba_file").fetchone() or ("",)
        rules = Path(path).read_text()
        Path(path).write_text(f"local all {user} scram-sha-256\n{rules}")
        connection.execute("select pg_reload_conf()")
    parts = conninfo_to_dict(postgresql_url) | {"user": user}
    return lambda password: f"postgresql:///?{urlencode(parts | {'password': password})}"


def test_a_url_that_cannot_be_read_shows_nothing_of_itself() -> None:
    with pytest.raises(StoreError) as refusal:
        open_database("postgresql://me:ge#heim@host:port/books")
    assert "heim" not in str(refusal.value)


def test_another_kind_of_address_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not 'mysql'"):
        open_database("mysql://host/books")
    with pytest.raises(ConfigurationError, match="not 'mysql'"):
        open_state("mysql://host/books")


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        name for name in sys.modules if name.startswith(("psycopg", "pennybridge.store.postgresql"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'pennybridge\[postgres\]'"):
        open_database("postgresql://localhost/books")


def test_a_wrong_statement_says_what_is_wrong_with_it(database: Database) -> None:
    with pytest.raises(StoreError, match="no_such_table"):
        database.query("select * from no_such_table")
    with pytest.raises(StoreError, match="no_such_table"), database.transaction() as transaction:
        transaction.execute("delete from no_such_table")
    assert database.rows("select 1") == [(1,)]


def test_what_duckdb_makes_of_ctrl_c_is_ctrl_c_again(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), refusals.duckdb_errors(tmp_path / "books.duckdb"):
        raise RuntimeError("Query interrupted")
