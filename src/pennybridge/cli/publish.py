"""`pennybridge publish`: the tables in any warehouse, and the proof that they are equal there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.built_books import building, today
from pennybridge.cli.progress import Lines
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.publish.run import Progress, PublishReport, TableReport

DONE, FAILED = 0, 1
WORTH_A_LINE = 100_000
"""Rows of a table from which a log without a terminal hears of it while it is written."""


@click.command()
@click.argument("destination")
@click.argument("connection", nargs=-1)
@click.option(
    "--dataset", default="pennybridge", show_default=True, help="The dataset or schema that holds the tables."
)
@click.option("--whole", is_flag=True, help="Publish everything anew, not only what changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def publish(
    destination: str,
    connection: tuple[str, ...],
    *,
    dataset: str,
    whole: bool,
    as_json: bool,
) -> int:
    """Copy the tables to a warehouse, and keep the copy up to date.

    DESTINATION is a DuckDB file (duckdb:///FILE), a PostgreSQL database (postgresql://...), a folder or
    bucket of Parquet files (./lake, s3://bucket/lake) or of Delta or Iceberg tables (delta+./lake,
    iceberg+s3://bucket/lake), or the name of a destination of dlt (bigquery, snowflake, redshift,
    clickhouse, databricks, motherduck...), whose settings dlt reads from the environment or
    .dlt/secrets.toml.

    Without CONNECTION (a connection's number, company id or name), every company. Only what changed since the
    last time is written. Rows and sums of money are then compared on both sides; a difference ends with exit
    code 1. Stopping it at any moment is safe: the next run goes on.
    """
    from pennybridge.models.build import build
    from pennybridge.publish.run import publish as run
    from pennybridge.publish.target import open_target

    with Workspace() as workspace:
        companies = [workspace.connections.find(each).company_id for each in connection] or None
        settings = workspace.settings
        target = open_target(
            destination,
            work_folder=settings.home / "publish",
            dataset=dataset,
            own_database=settings.database_url,
        )
        database = workspace.database()
        with building(quiet=as_json) as build_progress:
            build(database, as_of=today(workspace), progress=build_progress)
        try:
            with _progress(quiet=as_json) as progress:
                report = run(database, target, companies=companies, whole=whole, progress=progress)
        finally:
            target.close()
    if as_json:
        output.print_json(_record(report))
    else:
        _print(report)
    return FAILED if report.problems else DONE


@contextmanager
def _progress(*, quiet: bool) -> "Iterator[Progress | None]":
    """What a publication tells its progress to: one changing line on a terminal, few lines elsewhere."""
    if quiet:
        yield None
    elif output.is_terminal():
        with output.console(err=True).status("Comparing with what is there") as status:
            yield lambda table, done, total: status.update(
                f"Publishing {table}: {output.count(done)} of {output.count(total)} rows"
            )
    else:
        lines = Lines()
        yield lambda table, done, total: lines(table, done, total) if total > WORTH_A_LINE else None


def _print(report: "PublishReport") -> None:
    changed = [table for table in report.tables if table.put or table.removed or table.problem]
    if changed:
        output.print_table(
            ("table", "rows", "written", "removed", "both sides"), [_row(table) for table in changed]
        )
    rows = sum(table.rows for table in report.tables)
    if report.put or report.removed:
        click.echo(
            f"{report.destination}: wrote {output.count(report.put)} rows and removed "
            f"{output.count(report.removed)} in {report.seconds:.1f} s."
        )
    else:
        click.echo(f"{report.destination}: nothing new, nothing written.")
    if report.left_over:
        click.echo(f"No longer made here, and left there as they were: {', '.join(report.left_over)}.")
    if not report.problems:
        click.echo(
            f"{len(report.tables)} tables with {output.count(rows)} rows: counts and sums are equal on "
            "both sides."
        )
        return
    for table in report.problems:
        click.echo(f"{table.name} differs: {table.problem}", err=True)
    click.echo(
        "Someone else may have written there, or it was restored from a copy. "
        "Publish everything anew with --whole.",
        err=True,
    )


def _row(table: "TableReport") -> tuple[str, ...]:
    counts = (output.count(table.rows), output.count(table.put), output.count(table.removed))
    return (table.name, *counts, "differ" if table.problem else "equal")


def _record(report: "PublishReport") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "destination": report.destination,
        "seconds": round(report.seconds, 3),
        "written": report.put,
        "removed": report.removed,
        "tables": [asdict(table) for table in report.tables],
        "left_over": report.left_over,
    }
