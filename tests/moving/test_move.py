"""An installation moves from one engine to the other, whole or not at all."""

import os
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pennybridge.api.secret import Secret
from pennybridge.cli.sync import run_sync
from pennybridge.emulator.server import Emulator
from pennybridge.errors import ConfigurationError
from pennybridge.models.build import build
from pennybridge.moving import archive, contents
from pennybridge.moving.import_ import _bring_books
from pennybridge.reports.built import open_built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.question import Question
from pennybridge.reports.tables import to_csv, to_json, to_markdown
from pennybridge.settings import Settings
from pennybridge.store import migrations
from tests.moving.conftest import AS_OF, PASSPHRASE, TOKEN, Mover, open_workspace


def reports(settings: Settings) -> dict[tuple[str, str], str]:
    """Every report with what explains it, in each format that is text."""
    with open_workspace(settings) as workspace:
        database = workspace.database()
        build(database, as_of=AS_OF)
        built = open_built(database, database.rows("select company_id from pennylane.companies")[0][0])
        shown = {}
        for name, report in REPORTS.items():
            table = report.table(built, Question())
            behind = report.explained(built, Question()) if report.explained else None
            shown[name, "csv"] = to_csv(table)
            shown[name, "json"] = to_json(table, behind)
            shown[name, "markdown"] = to_markdown(table, "fr")
        return shown


def test_a_move_to_postgresql_and_back_changes_no_figure_and_no_row(
    old: Settings, empty_postgresql: Settings, empty_duckdb: Settings, mover: Mover
) -> None:
    there = mover.export(old)
    mover.import_(empty_postgresql)
    in_postgresql = reports(empty_postgresql)
    back = mover.export(empty_postgresql)
    mover.import_(empty_duckdb)

    assert in_postgresql == reports(old)
    assert reports(empty_duckdb) == in_postgresql
    assert back.tables == there.tables
    with open_workspace(empty_duckdb) as workspace:
        (schedule,) = workspace.state.rows(
            "select every_seconds, stage, failures, problems from engine_syncs"
        )
    assert tuple(schedule) == (3600, "never", 0, "[]")
    assert {name for name, totals in there.tables.items() if totals["rows"] != "0"} >= {
        "books/pennylane.customer_invoices",
        "books/pennylane.loads",
        "books/pennylane.details",
        "books/pennylane.exclusions",
        "books/metrics.overrides",
        "books/metrics.published_figures",
        "state/connections",
        "state/users",
        "state/audit",
    }


def test_the_next_sync_goes_on_where_the_last_one_was(
    old: Settings, empty_postgresql: Settings, mover: Mover, busy_emulator: Emulator
) -> None:
    mover.export(old)
    mover.import_(empty_postgresql)
    asked = len(busy_emulator.requests)

    with open_workspace(empty_postgresql) as workspace:
        (connection,) = workspace.connections.known()
        report = run_sync(workspace, workspace.database(), connection, quiet=True)

    assert not report.failed
    assert report["customer_invoices"].kind == "incremental"
    assert sum(each.written for each in report.resources.values()) == 0
    assert len(busy_emulator.requests) - asked <= 8


def test_grants_can_be_left_out_and_no_token_is_in_the_file(
    old: Settings, empty_duckdb: Settings, mover: Mover
) -> None:
    with_grants = mover.export(old)
    sealed = mover.file.read_bytes()
    mover.import_(empty_duckdb, None, without_grants=True)
    without = mover.export(old, None)

    with open_workspace(empty_duckdb) as workspace:
        (connection,) = workspace.connections.known()
        assert workspace.state.rows("select sealed_grant from connections")[0][0] is None
        assert workspace.state.rows("select count(*) from sessions")[0][0] == 0
    assert (connection.state, connection.scopes) == ("disconnected", ())
    assert (with_grants.has_grants, without.has_grants) == (True, False)
    assert TOKEN.encode() not in sealed + mover.file.read_bytes()
    assert stat.S_IMODE(mover.file.stat().st_mode) == 0o600


def test_another_passphrase_or_none_or_a_short_one_is_refused_before_anything_is_written(
    old: Settings, empty_duckdb: Settings, mover: Mover
) -> None:
    with pytest.raises(ConfigurationError, match="12 characters or more"):
        mover.export(old, Secret("too short"))
    assert not mover.file.exists()
    mover.export(old)

    with pytest.raises(ConfigurationError, match="not the passphrase"):
        mover.import_(empty_duckdb, Secret("another passphrase"))
    with pytest.raises(ConfigurationError, match="PENNYBRIDGE_PASSPHRASE"):
        mover.import_(empty_duckdb, None)

    assert mover.import_(empty_duckdb).has_grants


def test_an_installation_in_use_is_left_as_it_is(old: Settings, empty_duckdb: Settings, mover: Mover) -> None:
    mover.export(old)
    with pytest.raises(ConfigurationError, match="in use: it has connections, users, audit"):
        mover.import_(old)

    with open_workspace(empty_duckdb) as workspace, workspace.database().transaction() as transaction:
        transaction.execute("insert into pennylane.companies (company_id) values (7)")
    with pytest.raises(ConfigurationError, match="has books of its own"):
        mover.import_(empty_duckdb)


def test_an_import_that_was_cut_off_between_books_and_state_goes_on(
    old: Settings, empty_duckdb: Settings, mover: Mover
) -> None:
    mover.export(old)
    with open_workspace(empty_duckdb) as workspace, archive.reading(mover.file) as source:
        _bring_books(source, workspace.database(), None)

    moved = mover.import_(empty_duckdb)

    assert moved.books_were_there
    with open_workspace(empty_duckdb) as workspace:
        assert [known.state for known in workspace.connections.known()] == ["active"]


@pytest.mark.kill
def test_an_import_that_is_killed_leaves_nothing_and_can_be_run_again(
    old: Settings, empty_duckdb: Settings, mover: Mover
) -> None:
    mover.export(old)
    settings = {
        "PENNYBRIDGE_HOME": str(empty_duckdb.home),
        "PENNYBRIDGE_PASSPHRASE": PASSPHRASE.reveal(),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "pennybridge", "import", str(mover.file)],
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stderr
        assert child.stderr.readline().startswith("pennylane.customers: ")
        child.kill()
        assert child.wait() == -signal.SIGKILL

    with open_workspace(empty_duckdb) as workspace, workspace.database().snapshot() as books:
        assert {contents.totals(books, name)["rows"] for name in contents.BOOKS} == {"0"}
    assert not mover.import_(empty_duckdb).books_were_there


def test_an_import_that_fails_half_way_leaves_nothing(
    old: Settings, empty_duckdb: Settings, mover: Mover
) -> None:
    mover.export(old)

    class CutOffError(Exception):
        pass

    def cut(table: str, _: int, __: int | None) -> None:
        if table == "pennylane.customer_invoice_lines":
            raise CutOffError

    with pytest.raises(CutOffError):
        mover.import_(empty_duckdb, progress=cut)

    with open_workspace(empty_duckdb) as workspace, workspace.database().snapshot() as books:
        assert {contents.totals(books, name)["rows"] for name in contents.BOOKS} == {"0"}
    assert not mover.import_(empty_duckdb).books_were_there


def test_a_damaged_file_is_refused_and_leaves_nothing(
    old: Settings, empty_duckdb: Settings, mover: Mover
) -> None:
    mover.export(old)
    whole = mover.file.read_bytes()
    with zipfile.ZipFile(mover.file) as archived:
        place = archived.getinfo("books/pennylane.customer_invoices.arrows").header_offset + 20_000
    for spoiled in (whole[:place] + b"spoiled!" + whole[place + 8 :], whole[: len(whole) // 2], b"not a zip"):
        mover.file.write_bytes(spoiled)
        with pytest.raises(ConfigurationError, match=r"damaged .*Nothing was imported"):
            mover.import_(empty_duckdb)
    mover.file.unlink()
    with pytest.raises(ConfigurationError, match="There is no file"):
        mover.import_(empty_duckdb)

    mover.file.write_bytes(whole)
    assert mover.import_(empty_duckdb).has_grants


def test_a_file_of_another_version_is_refused_with_what_to_do(
    old: Settings, empty_duckdb: Settings, mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    mover.export(old)
    load = migrations.load
    later = migrations.Migration(99, "later", "create table later (id bigint);")
    monkeypatch.setattr(
        migrations, "load", lambda folder: [*load(folder), later] if folder == "state" else load(folder)
    )
    with pytest.raises(ConfigurationError, match=r"older than this one.*export again"):
        mover.import_(empty_duckdb)


def test_pieces_hold_every_row_once(old: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "ROWS_AT_ONCE", 20)
    with open_workspace(old) as workspace, workspace.database(read_only=True).snapshot() as books:
        for name in (
            "pennylane.customer_invoice_lines",
            "pennylane.details",
            "pennylane.matched_transactions",
        ):
            found = [piece.num_rows for piece in contents.pieces(books, name)]
            assert str(sum(found)) == contents.totals(books, name)["rows"]
            assert len(found) > 3


def test_every_table_is_moved_or_left_behind_on_purpose(old: Settings) -> None:
    with open_workspace(old) as workspace:
        made = workspace.database(read_only=True).rows(
            "select concat(table_schema, '.', table_name) from information_schema.tables "
            "where table_schema = 'pennylane' and table_type = 'BASE TABLE'"
        )
        assert {name for (name,) in made} - {"pennylane.schema_version"} <= set(contents.BOOKS)
        kept = workspace.state.rows("select name from sqlite_master where type = 'table'")
    assert {name for (name,) in kept} == set(contents.state_tables()) | contents.LEFT_BEHIND


def test_an_export_that_fails_leaves_the_file_that_was_there(
    old: Settings, mover: Mover, tmp_path: Path
) -> None:
    mover.file.write_text("the export of last week")
    with pytest.raises(ZeroDivisionError), archive.writing(mover.file):
        raise ZeroDivisionError
    assert mover.file.read_text() == "the export of last week"
    assert [path.name for path in tmp_path.iterdir()] == [mover.file.name]
    with pytest.raises(ConfigurationError, match=r"cannot be written: .*Nothing was exported"):
        Mover(tmp_path / "absent" / "file").export(old)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_an_export_without_room_says_so_and_leaves_nothing(old: Settings, mover: Mover) -> None:
    mover.file.with_name(f"{mover.file.name}.part").symlink_to("/dev/full")

    with pytest.raises(ConfigurationError, match=r"cannot be written: No space left.* Nothing was"):
        mover.export(old)

    assert list(mover.file.parent.iterdir()) == []
