"""`pennybridge status`: how fresh the books are, how far the details are read, what needs attention."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection
    from pennybridge.sync.status import CompanyStatus, DetailStatus, ResourceStatus

DONE, WARNED = 0, 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def status(as_json: bool) -> int:
    """Show how fresh the data is and what needs attention.

    Exit code 3 says that something needs attention.
    """
    with Workspace() as workspace:
        connections = workspace.connections.known()
        has_books = workspace.settings.is_postgresql or workspace.settings.duckdb_path.exists()
        statuses = _statuses(workspace, connections) if connections and has_books else []
        attention = [text for _, books in statuses for text in books.attention]
        attention += [] if has_books or not connections else ["Nothing is synced yet. Next: pennybridge sync"]
        attention += [f"{c.name} is {c.state}." for c in connections if c.state != "active"]
        if as_json:
            output.print_json({"companies": [_record(*pair) for pair in statuses], "attention": attention})
        else:
            if not connections:
                click.echo("No company is connected yet. Next: pennybridge connect, or pennybridge demo")
            _print(workspace, statuses)
            for text in attention:
                click.echo(f"! {text}")
    return WARNED if attention else DONE


def _statuses(
    workspace: Workspace, connections: "list[Connection]"
) -> "list[tuple[Connection, CompanyStatus]]":
    from pennybridge.sync.status import company_status

    database = workspace.database(read_only=True)
    return [(c, company_status(database, c.company_id, workspace.clock)) for c in connections]


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
