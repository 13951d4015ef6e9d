"""`pennybridge status`: how fresh the books are, what the engine does, what needs attention."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import DatabaseBusyError

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection
    from pennybridge.hub.engine.engine import Freshness, QueueState
    from pennybridge.sync.status import CompanyStatus, DetailStatus, ResourceStatus

DONE, WARNED = 0, 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def status(as_json: bool) -> int:
    """Show how fresh the data is and what needs attention.

    Where `pennybridge serve` or `worker` keeps companies in step, also its queue, its workers, and when each
    company is synced next. While it holds a DuckDB file, that is all that can be told.

    Exit code 3 says that something needs attention.
    """
    with Workspace() as workspace:
        connections = workspace.connections.known()
        has_books = workspace.settings.is_postgresql or workspace.settings.duckdb_path.exists()
        statuses, attention = _statuses(workspace, connections) if connections and has_books else ([], [])
        queue, freshness = workspace.engine.queue(), workspace.engine.freshness()
        attention += [text for _, books in statuses for text in books.attention]
        attention += engine_troubles(queue, freshness)
        attention += [] if has_books or not connections else ["Nothing is synced yet. Next: pennybridge sync"]
        attention += [f"{c.name} is {c.state}." for c in connections if c.state != "active"]
        if as_json:
            output.print_json(
                {
                    "companies": [_record(*pair) for pair in statuses],
                    "engine": _engine_record(queue, freshness),
                    "attention": attention,
                }
            )
        else:
            if not connections:
                click.echo("No company is connected yet. Next: pennybridge connect, or pennybridge demo")
            _print(workspace, statuses)
            if queue.workers:
                _print_engine(queue, freshness, workspace.clock())
            for text in attention:
                click.echo(f"! {text}")
    return WARNED if attention else DONE


def _statuses(
    workspace: Workspace, connections: "list[Connection]"
) -> "tuple[list[tuple[Connection, CompanyStatus]], list[str]]":
    """The books' state; or, while the engine holds their file, a word about that."""
    from pennybridge.sync.status import company_status

    try:
        database = workspace.database(read_only=True)
    except DatabaseBusyError as error:
        if not workspace.engine.queue().alive:
            raise
        return [], [str(error)]
    return [(c, company_status(database, c.company_id, workspace.clock)) for c in connections], []


def engine_troubles(queue: "QueueState", freshness: "list[Freshness]") -> list[str]:
    """Companies that are late, and workers that died; nothing where the engine was stopped on purpose."""
    lost = [worker.name for worker in queue.workers if worker.is_lost]
    troubles = [f"The worker {name} has died, and no other is alive to take over its work." for name in lost]
    if queue.alive or lost:
        late = [each.name for each in freshness if each.is_late]
        troubles += [f"{name} has missed its syncs for two intervals." for name in late]
    return troubles


def _print_engine(queue: "QueueState", freshness: "list[Freshness]", now: datetime) -> None:
    rows = [
        (
            each.name,
            output.ago(each.good_at, now),
            _until(each.next_due, now) if each.is_active else "not active",
            "late" if each.is_late else "",
        )
        for each in freshness
    ]
    output.print_table(("company", "last good sync", "next", ""), rows, title="Schedule")
    waits = f", since {output.ago(queue.oldest, now)}" if queue.oldest else ""
    click.echo(f"{queue.waiting} waiting{waits}, {queue.running} running, {queue.alive} workers alive.")
    for worker in queue.workers:
        if worker.is_alive or worker.is_lost:
            click.echo(f"  {worker.name}: last heartbeat {output.ago(worker.beat_at, now)}")


def _until(instant: datetime | None, now: datetime) -> str:
    if instant is None:
        return "under way"
    seconds = int((instant - now).total_seconds())
    return "now" if seconds <= 0 else f"in {seconds // 60} min" if seconds >= 60 else f"in {seconds} s"


def _engine_record(queue: "QueueState", freshness: "list[Freshness]") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "waiting": queue.waiting,
        "running": queue.running,
        "oldest": queue.oldest,
        "workers": [asdict(worker) for worker in queue.workers],
        "connections": [{**asdict(each), "every": each.every.total_seconds()} for each in freshness],
    }


def _print(workspace: Workspace, statuses: "list[tuple[Connection, CompanyStatus]]") -> None:
    for connection, books in statuses:
        covered = {detail.resource: detail for detail in books.details}
        rows = [_row(each, covered.get(each.resource), workspace.clock()) for each in books.resources]
        title = f"{connection.name} (company {connection.company_id}, connection {connection.id})"
        columns = ("resource", "rows", "deleted", "up to date", "read", "last load")
        output.print_table(columns, rows, title=title)


def _row(resource: "ResourceStatus", detail: "DetailStatus | None", now: datetime) -> tuple[str, ...]:
    extent = f"{output.count(detail.covered)} of {output.count(detail.wanted)} parents" if detail else "all"
    return (
        resource.resource,
        output.count(resource.rows),
        output.count(resource.deleted),
        output.ago(detail.oldest if detail else resource.fresh_at, now),
        extent,
        resource.kind or "",
    )


def _record(connection: "Connection", books: "CompanyStatus") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "connection": connection.id,
        "name": connection.name,
        "state": connection.state,
        **{key: value for key, value in asdict(books).items() if key != "name"},
    }
