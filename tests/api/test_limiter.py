"""Threads and processes share one pace, a person's read goes first, and a dead process leaves no trace."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from pennybridge.api.budget import LIMIT, WINDOW
from pennybridge.api.limiter import Limiter
from pennybridge.api.secret import Secret
from pennybridge.emulator.server import Emulator
from pennybridge.errors import ConfigurationError
from tests.api.simulated_server import Server


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += max(seconds, 1e-4)


def headers(remaining: int, reset: float) -> dict[str, str]:
    return {"ratelimit-limit": "25", "ratelimit-remaining": str(remaining), "ratelimit-reset": str(reset)}


def test_many_threads_stay_within_every_window() -> None:
    clock = Time()
    server, guard = Server(ahead=7.3), threading.Lock()
    limiter = Limiter(now=clock, sleep=clock.sleep)

    def request(_: int) -> None:
        ticket = limiter.acquire()
        with guard:
            remaining, reset = server.answer(clock.now)
        limiter.settle(ticket, 200, headers(remaining, reset))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(request, range(300)))

    assert server.refused == 0
    assert sum(server.counted.values()) == 300
    assert clock.now - 1000.0 <= (300 / LIMIT + 2) * WINDOW


def test_a_persons_read_goes_before_the_background_work_that_waited_longer() -> None:
    limiter = Limiter()
    limiter.settle(limiter.acquire(), 429, {"retry-after": "0.3"})
    order: list[str] = []

    def wait(name: str, *, background: bool) -> None:
        limiter.cancel(limiter.acquire(background=background))
        order.append(name)

    threads = [
        threading.Thread(target=wait, args=(name,), kwargs={"background": background})
        for name, background in [("load", True), ("another load", True), ("person", False)]
    ]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        until(partial(lambda count: len(limiter._waiting) == count, count))
    for thread in threads:
        thread.join()

    assert order[0] == "person"


def test_a_person_waiting_in_another_process_goes_first(tmp_path: Path) -> None:
    here, there = Limiter.shared(tmp_path, "t"), Limiter.shared(tmp_path, "t")
    with here._store.open() as budget:
        budget.person_until = time.monotonic() + 0.2

    begun = time.monotonic()
    there.cancel(there.acquire(background=False))
    for_person = time.monotonic() - begun
    there.cancel(there.acquire(background=True))
    for_load = time.monotonic() - begun

    assert for_person < 0.1
    assert for_load >= 0.15


def test_a_refusal_holds_every_thread_back_until_the_window_it_names_is_over() -> None:
    clock = Time()
    limiter = Limiter(now=clock, sleep=clock.sleep)

    limiter.settle(limiter.acquire(), 429, {**headers(0, 5003.0), "retry-after": "3"})
    limiter.acquire()

    assert clock.now - 1000.0 >= 3


def test_a_refusal_without_the_headers_is_believed_too() -> None:
    clock = Time()
    limiter = Limiter(now=clock, sleep=clock.sleep)

    limiter.settle(limiter.acquire(), 429, {"retry-after": "42"})
    limiter.acquire()

    assert clock.now - 1000.0 >= 42


def test_a_proxys_error_page_does_not_look_like_a_server_without_limit() -> None:
    clock = Time()
    limiter = Limiter(now=clock, sleep=clock.sleep)

    limiter.settle(limiter.acquire(), 502, {})
    limiter.settle(limiter.acquire(), 404, {})

    with limiter._store.open() as budget:
        assert budget.limit == LIMIT


def test_headers_that_are_not_numbers_are_ignored() -> None:
    limiter = Limiter()

    limiter.settle(limiter.acquire(), 200, {**headers(3, 5.0), "ratelimit-reset": "soon"})

    limiter.acquire()


def test_the_file_is_named_by_a_digest_and_kept_from_others(tmp_path: Path) -> None:
    limiter = Limiter.shared(tmp_path / "pace", Secret("very-secret-token"), base_url="https://a")
    limiter.settle(limiter.acquire(), 200, headers(24, 5.0))

    (file,) = (tmp_path / "pace").iterdir()
    assert b"very-secret" not in file.name.encode() + file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert Limiter.shared(tmp_path / "pace", "very-secret-token", base_url="https://b")
    assert len(list((tmp_path / "pace").iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"\x00\x00\x00\x05hello", b"\xff" * 9000])
def test_a_file_that_makes_no_sense_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.budget"
    path.write_bytes(content)
    limiter = Limiter(path)

    limiter.settle(limiter.acquire(), 200, headers(24, 5.0))

    with limiter._store.open() as budget:
        assert budget.remaining == {5.0: 24}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(ConfigurationError, match=r"cannot be kept in .*file"):
        Limiter.shared(tmp_path / "file", "t")


def test_a_restart_of_the_machine_makes_what_was_known_worthless(tmp_path: Path) -> None:
    limiter = Limiter(tmp_path / "x.budget")
    with limiter._store.open() as budget:
        budget.wall += 100.0
        budget.blocked_until = time.monotonic() + 1000

    with limiter._store.open() as budget:
        assert budget.blocked_until == 0


def test_reserving_a_place_costs_little(tmp_path: Path) -> None:
    """Tens of microseconds; ten times that is allowed here, because the machine is shared."""
    limiter = Limiter(tmp_path / "x.budget")
    limiter.settle(limiter.acquire(), 200, {})

    begun = time.thread_time()
    for _ in range(500):
        limiter.settle(limiter.acquire(), 200, {})

    assert (time.thread_time() - begun) / 500 < 500e-6


WORKER = """
import sys
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from pennybridge.api.client import Client
from pennybridge.api.limiter import Limiter
url, token, folder, count = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
with Client(token, base_url=url, limiter=Limiter.shared(folder, token), background=True) as client:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.page("customers"), range(count)))
"""


@pytest.mark.kill
@pytest.mark.rate_limit
def test_processes_share_the_budget_and_a_killed_one_is_forgotten(emulator: Emulator, tmp_path: Path) -> None:
    """Real processes and real windows; one is killed in the middle, and nobody is refused for pace."""
    emulator.add_company()
    victim = start_worker(emulator, tmp_path, 1000)
    until(lambda: len(emulator.requests) >= 10)
    workers = [start_worker(emulator, tmp_path, 5) for _ in range(3)]
    until(lambda: len(emulator.requests) >= 20)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    codes = [worker.wait(timeout=60) for worker in workers]

    assert codes == [0, 0, 0]
    assert {request.status for request in emulator.requests} <= {200, 0}
    assert len(emulator.requests) >= 10 + 3 * 5


def start_worker(emulator: Emulator, folder: Path, count: int) -> "subprocess.Popen[bytes]":
    """A process that reads so many pages with four threads."""
    arguments = [emulator.base_url, emulator.token(), str(folder), str(count)]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments])


def until(happens: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that other threads or processes do."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)
