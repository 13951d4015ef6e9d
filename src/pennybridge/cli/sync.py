"""`pennybridge sync`: bring the landing tables in step with Pennylane, and say what that took."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import output
from pennybridge.cli.progress import sync_progress
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import PennybridgeError

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection
    from pennybridge.store import Database
    from pennybridge.sync.report import ResourceReport, SyncReport

DONE, FAILED, WARNED = 0, 1, 3
DETAILS_BUDGET = 1000
"""As `pennybridge.sync.run` has it; written here so that `--help` does not import the sync."""


@click.command()
@click.argument("connection", nargs=-1)
@click.option("--full", multiple=True, metavar="RESOURCE", help="Read this resource whole; may be repeated.")
@click.option(
    "--confirm-deletions",
    multiple=True,
    metavar="RESOURCE",
    help="Believe Pennylane when much of this resource is gone; may be repeated.",
)
@click.option(
    "--detail-requests",
    type=click.IntRange(min=0),
    default=DETAILS_BUDGET,
    show_default=True,
    metavar="N",
    help="Most requests for what costs one per record: payments, contacts and the like.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def sync(
    connection: tuple[str, ...],
    full: tuple[str, ...],
    confirm_deletions: tuple[str, ...],
    detail_requests: int,
    as_json: bool,
) -> int:
    """Bring the books of the connected companies up to date.

    Without CONNECTION (a connection's number, company id or name), every active one. Stopping it at any
    moment is safe: what was committed stays, and the next sync goes on from there, also with details that
    were left for later.
    """
    _refuse_unknown({"--full": full, "--confirm-deletions": confirm_deletions})
    options = {"full": full, "confirm_deletions": confirm_deletions, "request_budget": detail_requests}
    with Workspace() as workspace:
        chosen = workspace.connections.to_sync(connection)
        database = workspace.database()
        outcomes = [_sync_one(workspace, database, each, as_json=as_json, **options) for each in chosen]
    if as_json:
        output.print_json({"connections": [record for _, record in outcomes]})
    return max((code for code, _ in outcomes), key=(DONE, WARNED, FAILED).index)


def _sync_one(
    workspace: Workspace, database: "Database", connection: "Connection", *, as_json: bool, **options: Any
) -> tuple[int, dict[str, object]]:
    """Sync a connection and print its report; a failure is said, and does not stop the other connections."""
    try:
        report = run_sync(workspace, database, connection, quiet=as_json, **options)
    except PennybridgeError as error:
        click.echo(f"Error: {connection.name}: {error}", err=True)
        return FAILED, {**_heading(connection), "problem": str(error), "resources": []}
    if not as_json:
        print_report(connection, report)
    return exit_code(report), _record(connection, report)


def run_sync(
    workspace: Workspace,
    database: "Database",
    connection: "Connection",
    *,
    quiet: bool = False,
    **options: Any,
) -> "SyncReport":
    """Sync one connection, drawing its progress.

    Raises:
        PennybridgeError: The sync could not run; what it committed before stays.
    """
    from pennybridge.sync.run import sync as run

    with workspace.connections.client(connection) as client, sync_progress(quiet=quiet) as progress:
        return run(
            company_id=connection.company_id,
            client=client,
            database=database,
            clock=workspace.clock,
            name=connection.name,
            scopes=connection.scopes,
            progress=progress,
            **options,
        )


def exit_code(report: "SyncReport") -> int:
    """1 when a resource failed, 3 when something was left out or left for later, else 0."""
    if report.failed:
        return FAILED
    return WARNED if report.has_warnings else DONE


def print_report(connection: "Connection", report: "SyncReport") -> None:
    """What was read and written, resource by resource, then what went wrong on standard error."""
    columns = ("resource", "load", "state", "read", "written", "deleted", "requests", "seconds")
    output.print_table(columns, [_row(resource) for resource in report.resources.values()])
    click.echo(f"{connection.name}: {output.count(report.requests)} requests in {report.seconds:.1f} s.")
    for resource in report.resources.values():
        if resource.problem:
            click.echo(f"{resource.state} {resource.resource}: {resource.problem}", err=True)


def _row(report: "ResourceReport") -> tuple[str, ...]:
    counts = (report.read, report.written, report.deleted, report.requests)
    return (report.resource, report.kind, report.state, *map(output.count, counts), f"{report.seconds:.1f}")


def _refuse_unknown(options: dict[str, Collection[str]]) -> None:
    from pennybridge.sync.resources import NAMES

    for option, resources in options.items():
        for name in resources:
            if name not in NAMES:
                raise click.UsageError(
                    f"{option}: there is no resource {name!r}; there are: {', '.join(NAMES)}."
                )


def _heading(connection: "Connection") -> dict[str, object]:
    return {"connection": connection.id, "company_id": connection.company_id, "name": connection.name}


def _record(connection: "Connection", report: "SyncReport") -> dict[str, object]:
    from dataclasses import asdict

    return {
        **_heading(connection),
        "problem": None,
        "requests": report.requests,
        "seconds": round(report.seconds, 3),
        "resources": [asdict(resource) for resource in report.resources.values()],
    }
