"""`pennybridge reconcile`: compare the books here with Pennylane's, and name every difference."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import output
from pennybridge.cli.progress import sync_progress
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import PennybridgeError

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection
    from pennybridge.reconcile.report import Difference, Reconciliation, ResourceResult
    from pennybridge.store import Database

DONE, FAILED, WARNED = 0, 1, 3
SAMPLE = 1000
"""As `pennybridge.reconcile.run` has it; written here so that `--help` does not import it."""
SHOWN = 50


@click.command()
@click.argument("connection", nargs=-1)
@click.option(
    "--full", is_flag=True, help="Compare everything: a request per hundred records and per parent."
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=SAMPLE,
    show_default=True,
    metavar="N",
    help="Records of each list to compare, the newest among them; details of a parent for every fifty.",
)
@click.option("--seed", default=0, show_default=True, help="Another number chooses other records.")
@click.option("--resource", "resources", multiple=True, help="Compare only this resource; may be repeated.")
@click.option("--repair", is_flag=True, help="Read again what differs, and put it in place of what is here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def reconcile(connection: tuple[str, ...], full: bool, repair: bool, as_json: bool, **how: Any) -> int:
    """Compare the books here with Pennylane's and name every difference.

    Without CONNECTION (a connection's number, company id or name), every active one. Records that changed
    since the last sync are no differences: sync first to compare most. Exit code 3 says that there are some.
    """
    if full:
        how["sample"] = None
    with Workspace() as workspace:
        chosen = workspace.connections.to_sync(connection)
        database = workspace.database(read_only=not repair)
        running = _Running(workspace, database, as_json, how)
        outcomes = [running.one(each, repair=repair) for each in chosen]
    if as_json:
        output.print_json({"connections": [record for _, record in outcomes]})
    return max((code for code, _ in outcomes), key=(DONE, WARNED, FAILED).index)


@dataclass(frozen=True)
class _Running:
    """The command on its way from one company to the next."""

    workspace: Workspace
    database: "Database"
    quiet: bool
    how: dict[str, Any]

    def one(self, connection: "Connection", *, repair: bool) -> tuple[int, dict[str, object]]:
        """Compare one company and print what was found; a failure does not stop the others."""
        heading = {"connection": connection.id, "company_id": connection.company_id, "name": connection.name}
        try:
            found = self._compare(connection)
            if not self.quiet:
                _print(connection, found)
            if not self.quiet and found.differences and not repair:
                click.echo("Put it right with `pennybridge reconcile --repair` and the same options.")
            mended = repair and bool(found.differences) and self._mend(connection, found)
        except PennybridgeError as error:
            click.echo(f"Error: {connection.name}: {error}", err=True)
            return FAILED, {**heading, "problem": str(error)}
        code = WARNED if found.differences else DONE
        return code, {**heading, "problem": None, "mended": mended, **_record(found)}

    def _compare(self, connection: "Connection") -> "Reconciliation":
        from pennybridge.reconcile.run import reconcile as run

        with (
            self.workspace.connections.client(connection) as client,
            sync_progress(quiet=self.quiet) as progress,
        ):
            return run(
                company_id=connection.company_id,
                client=client,
                database=self.database,
                scopes=connection.scopes,
                progress=progress,
                **self.how,
            )

    def _mend(self, connection: "Connection", found: "Reconciliation") -> bool:
        """Read again what differs; whether all of it came."""
        from pennybridge.sync.mend import mend

        with self.workspace.connections.client(connection) as client:
            report = mend(
                found.to_mend(),
                company_id=connection.company_id,
                client=client,
                database=self.database,
                clock=self.workspace.clock,
            )
        for resource in report.resources.values():
            if resource.problem:
                click.echo(f"failed {resource.resource}: {resource.problem}", err=True)
        if not report.failed and not self.quiet:
            click.echo(f"Read again with {output.count(report.requests)} requests and put right.")
        return not report.failed


def _print(connection: "Connection", found: "Reconciliation") -> None:
    columns = ("resource", "compared", "of", "amount here", "there", "differences", "changed since", "left")
    output.print_table(columns, [_row(each) for each in found.resources.values()])
    _print_differences(found.differences)
    _print_months(found.resources.values())
    for each in found.resources.values():
        if each.skipped:
            click.echo(f"skipped {each.resource}: {each.skipped}", err=True)
    extent = "everything" if found.is_full else f"a sample (seed {found.seed})"
    number = len(found.differences)
    said = "no difference" if not number else f"{number:,} difference{'s' if number > 1 else ''}"
    cost = f"{output.count(found.requests)} requests in {found.seconds:.1f} s"
    click.echo(f"{connection.name}: {said} in {extent}; {cost}.")


def _row(result: "ResourceResult") -> tuple[str, ...]:
    total = result.total
    if result.skipped:
        return (result.resource, "skipped", *("",) * 6)
    has_amounts = bool(total.amount_here or total.amount_there)
    return (
        result.resource,
        output.count(max(total.records_here, total.records_there)),
        output.count(result.of),
        output.show(total.amount_here) if has_amounts else "",
        output.show(total.amount_there) if has_amounts else "",
        output.count(result.differences),
        output.count(result.pending),
        output.count(result.left),
    )


def _print_differences(differences: "Collection[Difference]") -> None:
    if not differences:
        return
    rows = [(d.resource, d.id, d.field, d.here, d.there, d.month) for d in differences]
    output.print_table(("resource", "id", "field", "here", "at Pennylane", "month"), rows[:SHOWN])
    if len(rows) > SHOWN:
        click.echo(f"… and {len(rows) - SHOWN:,} more; --json prints all.")


def _print_months(results: "Collection[ResourceResult]") -> None:
    """The months whose counts or sums are not the same on both sides."""
    rows = [
        (
            each.resource,
            month,
            *map(output.count, (totals.records_here, totals.records_there)),
            *map(output.show, (totals.amount_here, totals.amount_there)),
        )
        for each in results
        for month, totals in sorted(each.months.items())
        if not totals.agree
    ]
    if rows:
        columns = ("resource", "month", "records here", "there", "amount here", "there")
        output.print_table(columns, rows)


def _record(found: "Reconciliation") -> dict[str, object]:
    return {
        "is_full": found.is_full,
        "seed": found.seed,
        "requests": found.requests,
        "seconds": round(found.seconds, 3),
        "differences": [
            {key: value for key, value in asdict(each).items() if key != "unit"} for each in found.differences
        ],
        "resources": [asdict(each) for each in found.resources.values()],
    }
