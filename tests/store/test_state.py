"""The hub's own state behaves the same in SQLite and in PostgreSQL."""

import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pennybridge.errors import StoreError
from pennybridge.store import StateDatabase, open_state

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)
INSERT = """
    insert into connections
        (id, company_id, name, base_url, kind, state, sealed_grant, created_at, updated_at)
    values (:id, :company_id, 'Nord', 'https://' || :id, 'token', 'active', :sealed, :at, :at)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path}/deep/state.db"


@pytest.fixture
def state(state_url: str) -> Iterator[StateDatabase]:
    with open_state(state_url) as opened:
        yield opened


def add(state: StateDatabase, name: str) -> None:
    with state.transaction() as transaction:
        assert transaction.execute(INSERT, id=name, company_id=2**40, sealed=b"\x00\xff'", at=NOON) == 1


def test_rows_come_back_as_they_went_in_by_place_and_by_name(state: StateDatabase) -> None:
    add(state, "1")
    [row] = state.rows(
        "select id, company_id, sealed_grant, created_at, settings from connections where id = :id", id="1"
    )
    assert tuple(row) == ("1", 2**40, b"\x00\xff'", NOON, None)
    assert row["created_at"] == NOON
    assert dict(row)["id"] == row[0] == "1"
    assert row[:2] == ("1", 2**40)


def test_an_exception_leaves_nothing_behind(state: StateDatabase) -> None:
    with pytest.raises(KeyError), state.transaction() as transaction:  # noqa: PT012 — the block is what is tested
        transaction.execute(INSERT, id="1", company_id=1, sealed=None, at=NOON)
        raise KeyError
    assert state.rows("select * from connections") == []
    add(state, "2")


def test_a_refused_statement_says_which_database_refused_it(state: StateDatabase) -> None:
    add(state, "1")
    with pytest.raises(StoreError, match=r"state\.db|postgresql://"):
        add(state, "1")
    add(state, "2")


def test_opening_again_finds_what_was_there(state_url: str) -> None:
    with open_state(state_url) as state:
        add(state, "1")
    with open_state(state_url) as state:
        assert len(state.rows("select id from connections")) == 1


def test_threads_write_without_losing_each_other(state: StateDatabase) -> None:
    def raise_the_company() -> None:
        for _ in range(20):
            with state.transaction() as transaction:
                transaction.execute(
                    "update connections set company_id = company_id + 1 where id = :id", id="1"
                )

    add(state, "1")
    threads = [threading.Thread(target=raise_the_company) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.rows("select company_id from connections") == [(2**40 + 80,)]


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    with open_state(f"sqlite:///{tmp_path}/home/state.db") as state:
        add(state, "1")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "home").iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_a_file_that_is_not_a_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    file.write_text("not a database, but long enough to look at" * 30)
    with pytest.raises(StoreError, match=r"state\.db.*not a database"):
        open_state(f"sqlite:///{file}")
    assert file.read_text().startswith("not a database")
