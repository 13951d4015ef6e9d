"""Publishing processes are killed at random moments; what is published in the end is what is in the books."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pennybridge.store import open_database
from tests.publish.conftest import Publisher, published

pytestmark = pytest.mark.kill

ROWS = 1_500


def kill_after(moment: float, lines: int, *arguments: str) -> bool:
    """Start a publication and kill it `moment` seconds after its first `lines`; whether it still ran."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.publish.child_publish", *arguments],
        stdout=-1,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    ) as child:
        assert child.stdout
        for _ in range(lines):
            child.stdout.readline()
        try:
            child.wait(moment)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            return True
        return False


@pytest.mark.parametrize("kind", ["duckdb", "postgresql", "parquet"])
def test_a_publication_killed_anywhere_ends_as_if_it_had_not_been(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """Counts and sums of every table, after deaths between rows, mark, memory and working files."""
    target = {"duckdb": f"duckdb:///{tmp_path}/warehouse.duckdb", "parquet": f"{tmp_path}/lake"}.get(kind)
    target = target or str(request.getfixturevalue("make_postgresql_url")("template1"))
    url = f"duckdb:///{tmp_path}/books.duckdb"
    with open_database(url) as database:
        publisher = Publisher(database, tmp_path)
        publisher.keep_few_tables()
        publisher.set_aging(**{f"c{number}": f"{number}.{number % 100:02}" for number in range(ROWS)})
    chance = random.Random(kind)  # noqa: S311 — moments to kill at, no secret
    if kind == "parquet":  # all of it goes into one file: the first dies early, the last perhaps not at all
        moments = [(chance.uniform(0, longest), 1) for longest in (0.1, 0.7, 2)]
    else:
        moments = [(chance.uniform(0, 0.05), chance.randrange(2, 8)) for _ in range(3)]

    killed = [kill_after(*moment, url, target, str(tmp_path)) for moment in moments]

    assert any(killed)
    with open_database(url) as database:
        resumed = published(database, target, tmp_path)
        again = published(database, target, tmp_path)
    assert resumed.problems == []
    assert {table.name: table.rows for table in resumed.tables}["receivables_aging_by_customer"] == ROWS
    assert (again.put, again.removed, again.problems) == (0, 0, [])
    if kind != "parquet":  # slices that were noted before a kill are not written again
        assert resumed.put < ROWS
