"""A process killed in the middle of writing leaves the database as it was after the last commit."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pennybridge.store import open_database, open_state

pytestmark = pytest.mark.kill

WRITER = textwrap.dedent("""
    import sys
    from datetime import UTC, datetime
    from pennybridge.store import open_database
    from pennybridge.store.batches import batch_from_records
    from pennybridge.store.landing import CONTACTS
    noon = datetime(2026, 7, 8, 12, tzinfo=UTC)
    database = open_database(sys.argv[1])
    for page in range(3):
        with database.transaction() as transaction:
            records = [b'{"id": %d}' % (page * 5000 + at) for at in range(5000)]
            transaction.upsert(CONTACTS, batch_from_records(CONTACTS, 1, records, noon, 7), "a")
            transaction.execute(
                "insert into pennylane.bookmarks (company_id, resource, crawl) values (1, 'contacts', '0') "
                "on conflict (company_id, resource) do update set crawl = :page", page=str(page))
            if page == 2:
                print("written, not committed", flush=True)
                sys.stdin.read()
""")


def kill_in_the_middle(script: str, url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", script, url], stdin=-1, stdout=-1, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline().startswith("written")
        os.kill(writer.pid, signal.SIGKILL)


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_rows_and_bookmark_stay_together_when_the_process_is_killed(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str
) -> None:
    url = f"duckdb:///{tmp_path}/books.duckdb"
    if engine == "postgresql":
        url = str(request.getfixturevalue("postgresql_url"))
    kill_in_the_middle(WRITER, url)
    for read_only in (True, False):
        with open_database(url, read_only=read_only) as database:
            assert database.rows("select count(*), max(id) from pennylane.contacts") == [(10000, 9999)]
            assert database.rows("select crawl from pennylane.bookmarks") == [("1",)]


def test_the_hubs_state_stays_as_committed_when_the_process_is_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    script = textwrap.dedent("""
        import sys
        from datetime import UTC, datetime
        from pennybridge.store import open_state
        state = open_state(sys.argv[1])
        for number in range(3):
            with state.transaction() as transaction:
                transaction.execute("insert into connections "
                    "(id, company_id, name, base_url, kind, state, created_at, updated_at) "
                    "values (:id, 1, 'N', :id, 'token', 'active', :at, :at)",
                    id=str(number), at=datetime(2026, 7, 8, tzinfo=UTC))
                if number == 2:
                    print("written, not committed", flush=True)
                    sys.stdin.read()
    """)
    kill_in_the_middle(script, url)
    with open_state(url) as state:
        assert [row["id"] for row in state.rows("select id from connections order by id")] == ["0", "1"]
