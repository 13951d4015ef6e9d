"""Runs `pennybridge` for the shells of pages in a process that has everything imported, on the pages' day.

A server that forks a child for each command; `warm_call.py` is what a shell runs instead of `pennybridge`. It
hands its arguments, folder, environment and open files over, and ends as the child ended: arguments, output
and exit codes are those of the real entry point, and only the imports are spared, a third of a second for
each of two hundred commands.
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from datetime import datetime
from importlib import import_module
from typing import Any, NoReturn

from pennybridge import clock

HEAVY = "dbos duckdb facturx fastapi httpx2 pyarrow.csv rich.progress rich.table typst uvicorn vl_convert"
OURS = (
    "emulator.server hub.app hub.engine.worker invoicing.run invoicing.validate models.build moving.export "
    "publish.after_sync reports.catalog reports.render sync.run"
)


def serve(path: str, now: str) -> None:
    """Answer at this socket until standard input ends, as it does with the test process.

    Args:
        path: Where to listen; it says "warm" once it does.
        now: The instant at which the pages' commands begin. The one function that asks the machine for the
            time is moved, before anything has imported it, so that pages can show figures of a certain day.
    """
    machine = clock.system_clock
    offset = datetime.fromisoformat(now) - machine()
    clock.system_clock = lambda: machine() + offset
    _import_all()
    gc.freeze()  # what is here already is not looked through again in each child
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(path)
        listening.listen(16)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children that answer
        print("warm", flush=True)  # noqa: T201 - to the test process
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            caller, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _answer(caller)
            caller.close()
    os._exit(0)


def _import_all() -> None:
    from pennybridge.cli.main import COMMANDS

    ours = [*(f"cli.{module}" for module, _ in COMMANDS.values()), *OURS.split()]
    for name in [*HEAVY.split(), *(f"pennybridge.{name}" for name in ours)]:
        import_module(name)


def _answer(caller: socket.socket) -> NoReturn:
    """Run the caller's command in a child, and tell the child's number and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, files, _, _ = socket.recv_fds(caller, 8, 3)
    command = json.loads(caller.recv(int(length), socket.MSG_WAITALL))
    child = os.fork()
    if child == 0:
        caller.close()
        _become(files=files, **command)
    caller.sendall(b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    caller.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(*, files: list[int], folder: str, environment: dict[str, str], arguments: list[str]) -> NoReturn:
    """Be the command, in the caller's place."""
    from pennybridge.cli.main import run

    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    streams: Any = sys  # typeshed calls the originals final
    streams.stdin = streams.__stdin__ = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115
    streams.stdout = streams.__stdout__ = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    streams.stderr = streams.__stderr__ = open(2, "w", 1, closefd=False, encoding="utf-8")  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = run(arguments)
    # What Python does at its end, but for taking down every module: seconds, after so many imports.
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            thread.join()
    atexit._run_exitfuncs()
    streams.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(*sys.argv[1:])
