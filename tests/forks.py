"""Processes to kill and to race: real ones, forked from one that has imported what they need."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "tests.invoicing.child_create",
        "tests.sync.child_sync",
        "facturx",
        "httpx2",
        "lxml.etree",
        "pyarrow.csv",
    ]
)


def start(main: Callable[..., None], *arguments: str) -> BaseProcess:
    """Run a function of a module in a process of its own, which ends with it."""
    process = _CONTEXT.Process(target=main, args=arguments)
    process.start()
    return process


def exit_code(process: BaseProcess) -> int:
    """Wait for its end: 0, or below zero the signal that killed it."""
    process.join()
    assert process.exitcode is not None
    return process.exitcode
