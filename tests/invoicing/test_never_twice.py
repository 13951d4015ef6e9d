"""Never twice, never lost: whatever happens between two requests, each invoice is there once in the end."""

import itertools
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from pennybridge.api.client import Client
from pennybridge.emulator.server import Emulator
from pennybridge.errors import PennybridgeError
from pennybridge.invoicing.follow_up import FollowUp
from pennybridge.invoicing.run import create_invoices, import_invoices
from tests.forks import exit_code, start
from tests.invoicing import child_create
from tests.invoicing.batch import a_batch, an_import_batch, assert_once
from tests.invoicing.desk import Desk, open_desk

KINDS = ("500", "503", "html", "cut", "timeout", "cut_body", "lost_answer", "429",
         "500_after", "503_after", "html_after", "timeout_after", "409")  # fmt: skip
PATHS = ("/customer_invoices", "/customer_invoices/import", "/company_customers", "/file_attachments", "*")


class Killed(BaseException):
    """Ends a run at a request, as nothing that the code catches."""


class MortalClient(Client):
    """A client that dies before or after its n-th write."""

    writes_left = 10**9
    dies_after = False

    def post(self, path: str, body: object = None) -> Any:
        return self._mortal(lambda: super(MortalClient, self).post(path, body))

    def upload(self, *args: Any, **options: Any) -> Any:
        return self._mortal(lambda: super(MortalClient, self).upload(*args, **options))

    def _mortal(self, send: Any) -> Any:
        self.writes_left -= 1
        if self.writes_left < 0 and not self.dies_after:
            raise Killed
        answer = send()
        if self.writes_left < 0:
            raise Killed
        return answer


fault = st.tuples(
    st.sampled_from(["POST", "POST", "GET"]),
    st.sampled_from(PATHS),
    st.sampled_from(KINDS),
    st.integers(0, 4),
    st.integers(1, 3),
)
run = st.tuples(st.lists(fault, max_size=4), st.integers(0, 12), st.booleans())


@pytest.fixture(scope="module")
def own_emulator() -> Iterator[Emulator]:
    """One for all examples; each begins with empty books."""
    with Emulator() as emulator:
        yield emulator


@contextmanager
def fresh_desk(emulator: Emulator) -> Iterator[tuple[Desk, Path]]:
    emulator.reset()
    with tempfile.TemporaryDirectory() as folder:
        desk = open_desk(emulator, Path(folder))
        with desk.state:
            yield desk, Path(folder)


def attempt(desk: Desk, folder: Path, writes: int, *, dies_after: bool) -> None:
    """A run of both batches by a client that may die, under whatever faults are scripted."""
    from tests.sync.conftest import NoLimit

    client = MortalClient(
        desk.emulator.token(desk.company.number),
        base_url=desk.emulator.base_url,
        limiter=NoLimit(),  # type: ignore[arg-type]
        timeout=0.25,
        retries=desk.client()._exchange._retries,
    )
    client.writes_left, client.dies_after = writes, dies_after
    after = FollowUp(paid=True, create_categories=True, waits=(1.0,))
    shared: dict[str, Any] = {"client": client, "create_customers": True, "patience": desk.patience}
    with client:
        try:
            created = create_invoices(a_batch(), submissions=desk.journal(), after=after, **shared)
            imported = import_invoices(an_import_batch(folder), submissions=desk.journal(), **shared)
        except (PennybridgeError, Killed) as error:
            note(f"ended by {error!r}")
        else:
            note(
                "\n".join(
                    f"{one.reference} {one.outcome} {one.problem}"
                    for one in (*created.results, *imported.results)
                )
            )


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(runs=st.lists(run, min_size=1, max_size=3))
def test_faults_and_deaths_in_any_order_leave_each_invoice_once(
    own_emulator: Emulator, runs: list[Any]
) -> None:
    with fresh_desk(own_emulator) as (desk, folder):
        for faults, writes, dies_after in runs:
            for method, path, kind, skip, times in faults:
                own_emulator.fail_next(method, path, kind, skip=skip, times=times)
            note(f"{faults} writes={writes} {dies_after}")
            attempt(desk, folder, writes, dies_after=dies_after)
            own_emulator.api.faults.clear()

        attempt(desk, folder, 10**9, dies_after=False)

        assert_once(desk, [*a_batch(), *an_import_batch(folder)])
        before = len(desk.requests())
        attempt(desk, folder, 10**9, dies_after=False)
        assert desk.writes(before) == []


def start_child(desk: Desk, folder: Path) -> BaseProcess:
    token, company = desk.emulator.token(desk.company.number), str(desk.company.id)
    return start(
        child_create.main, f"sqlite:///{folder}/state.db", desk.emulator.base_url, token, company, str(folder)
    )


def run_until_write(desk: Desk, folder: Path, count: int) -> int:
    """Start a run and kill it once the emulator has seen so many writes of it; its exit code."""
    before = len(desk.requests())
    process = start_child(desk, folder)
    poll = threading.Event()
    while process.is_alive() and len(desk.writes(before)) < count:
        poll.wait(0.001)
    process.kill()
    return exit_code(process)


@pytest.mark.kill
def test_kill_9_between_any_two_requests_is_made_good_by_the_next_run(
    emulator: Emulator, tmp_path: Path
) -> None:
    """Killed after each write in turn, each time with books and a journal of its own."""
    emulator.api.latency = 0.01
    for count in itertools.count(1):
        folder = tmp_path / str(count)
        folder.mkdir()
        desk = open_desk(emulator, folder)
        code = run_until_write(desk, folder, count)
        assert run_until_write(desk, folder, 10**9) == 0
        with desk.state:
            assert_once(desk, [*a_batch(), *an_import_batch(folder)])
        if code == 0:
            break
        assert code == -signal.SIGKILL

    assert count > len(a_batch())


@pytest.mark.kill
def test_two_processes_racing_over_the_same_batch_make_each_invoice_once(
    emulator: Emulator, tmp_path: Path
) -> None:
    emulator.api.latency = 0.01
    desk = open_desk(emulator, tmp_path)
    an_import_batch(tmp_path)

    racing = [start_child(desk, tmp_path) for _ in range(2)]
    codes = [exit_code(process) for process in racing]

    with desk.state:
        assert codes == [0, 0]
        assert_once(desk, [*a_batch(), *an_import_batch(tmp_path)])


def test_an_invoice_that_another_process_has_in_hand_is_left_to_it(
    emulator: Emulator, tmp_path: Path
) -> None:
    desk = open_desk(emulator, tmp_path)
    with desk.state:
        other, wanted = desk.journal(), FollowUp(create_categories=True)
        planned = other.plan(a_batch()[1:2])["B-1"]
        other.claim(planned)

        report = desk.create(a_batch()[:2], create_customers=True, after=wanted)

        outcomes = {result.reference: result.outcome for result in report.results}
        assert outcomes == {"B-0": "created", "B-1": "elsewhere"}
        assert (report.failed, report.has_warnings) == (False, True)
        assert sum(desk.slept) >= 60, "it was waited for"
        other.release()
        assert desk.create(a_batch()[:2], create_customers=True, after=wanted).results[1].outcome == "created"
