"""A process killed at any moment leaves nothing that the next sync does not put right."""

import random
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pennybridge.emulator.seed.company import seed_company
from pennybridge.emulator.server import Emulator
from pennybridge.store import open_database
from tests.forks import exit_code, start
from tests.sync import child_sync
from tests.sync.conftest import Workspace

KILLS = 6


def run_until_request(emulator: Emulator, arguments: list[str], count: int) -> int:
    """Start a sync and kill it as soon as the emulator has seen so many requests of it; its exit code."""
    before = len(emulator.requests)
    process = start(child_sync.main, *arguments)
    poll = threading.Event()
    while process.is_alive() and len(emulator.requests) - before < count:
        poll.wait(0.002)
    process.kill()
    return exit_code(process)


@pytest.mark.kill
@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_kill_9_at_any_request_changes_nothing_in_the_end(
    engine: str,
    emulator: Emulator,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    company = emulator.books.add_company("Boréal", fill=seed_company)
    emulator.settle()
    url = f"duckdb:///{tmp_path}/books.duckdb"
    if engine == "postgresql":
        make_url: Callable[[str], str] = request.getfixturevalue("make_postgresql_url")
        url = make_url("with_tables")
    arguments = [url, emulator.base_url, emulator.token(company.number), str(company.id)]
    chance = random.Random(engine)  # noqa: S311 — repeatable on purpose

    for _ in range(KILLS):
        killed = run_until_request(emulator, arguments, chance.randint(3, 90))
        assert killed in (0, -signal.SIGKILL)
        invoice = chance.choice(emulator.books.select("customer_invoices", company.id))
        emulator.books.update("customer_invoices", invoice["id"], {"label": f"Edited {killed}"})
        emulator.settle()

    with open_database(url) as database:
        running = "select count(*) from pennylane.loads where status = 'done' and finished_at is null"
        assert database.rows(running) == [(0,)]
        workspace = Workspace(emulator, database, company)
        workspace.clock.now = emulator.now
        workspace.clock.move(days=30)  # later than the children, who go by the machine's clock
        report = workspace.sync(request_budget=0)
        assert not report.failed
        workspace.assert_same(lists_only=True)
        ((unfinished,),) = database.rows(
            """
            select count(*) from pennylane.customer_invoices as i
            where i.lines_complete and i.lines_read <> (
                select count(*) from pennylane.customer_invoice_lines as l
                where l.customer_invoice_id = i.id and l.deleted_at is null)
            """
        )
        assert unfinished == 0
