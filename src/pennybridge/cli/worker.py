"""`pennybridge worker`: keep the books in step, without the web application."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.hub.engine.worker import Worker
    from pennybridge.store import Database


@click.command()
@click.option("--name", metavar="NAME", help="A stable name; by default this machine's, with a number.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Most syncs at a time in one process; of several workers the last to start decides.",
)
@click.option("--log-json", is_flag=True, help="Write the log as JSON lines.")
def worker(name: str | None, concurrency: int | None, log_json: bool) -> None:
    """Sync the connected companies on schedule.

    On PostgreSQL any number of workers share the work, on one machine or several, beside `pennybridge serve`;
    the work of one that is killed is taken over. On a DuckDB file one process does everything: this, or
    `pennybridge serve`.

    Stop it with Ctrl-C or SIGTERM: syncs under way end at their next committed page, and others go on there.

    Example: pennybridge worker --name worker-1 --concurrency 8
    """
    with Workspace() as workspace, told_to_stop() as stop:
        set_up_log(workspace, log_json=log_json)
        with make_worker(workspace, workspace.database(), name=name, concurrency=concurrency):
            stop.wait()


def make_worker(
    workspace: Workspace, database: "Database", *, name: str | None = None, concurrency: int | None = None
) -> "Worker":
    """A worker for this process, not yet started.

    Raises:
        ConfigurationError: A worker of this name is alive.
    """
    from pennybridge.hub.engine.worker import Worker

    settings = workspace.settings

    def publish() -> None:
        from pennybridge.publish.after_sync import publish_after_sync

        publish_after_sync(database, settings.publish_to, home=settings.home)

    return Worker(
        workspace.engine,
        database,
        queue_url=settings.queue_url,
        syncs_at_once=concurrency or settings.syncs_at_once,
        name=name,
        publishes=publish if settings.publish_to else None,
    )


def set_up_log(workspace: Workspace, *, log_json: bool) -> None:
    """Send the engine's log to standard error, as the option or the setting wants it."""
    from pennybridge.hub.engine import logs

    logs.set_up(as_json=log_json or workspace.settings.log_json)


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of striking whatever runs at that moment."""
    stop = threading.Event()
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in wanted}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
