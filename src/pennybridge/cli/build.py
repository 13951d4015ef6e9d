"""`pennybridge build`: the models and their checks, from the landing tables."""

from datetime import date
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.built_books import building, parse_day, refuse_future, today
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.models.build import BuildReport

_RESTATED = "select count(*) from metrics.restatements"


@click.command()
@click.option(
    "--as-of", metavar="DATE", help="What the books said on this day, as far as documents are dated; today."
)
@click.option("--whole", is_flag=True, help="Make everything again, not only what changes reach.")
@click.option("--timings", is_flag=True, help="Show how long each model and check took.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def build(as_of: str | None, whole: bool, timings: bool, as_json: bool) -> int:
    """Bring the models up to date and run the checks.

    Figures are made in one transaction: when a check fails, every table stays as it was, and the message
    names the check and its first rows. Reports build by themselves; this says what a build did.
    """
    from pennybridge.models.build import build as run

    with Workspace() as workspace:
        day = parse_day(as_of) or today(workspace)
        refuse_future(workspace, day)
        database = workspace.database()
        with building(quiet=as_json) as progress:
            report = run(database, as_of=day, whole=whole, progress=progress)
        restated = database.rows(_RESTATED)[0][0]
        if as_json:
            output.print_json(_record(report, restated))
        else:
            _print(report, restated, timings=timings)
        _say_if_past(day, workspace)
    return 0


def _print(report: "BuildReport", restated: int, *, timings: bool) -> None:
    if timings:
        seconds = {**report.model_seconds, **report.check_seconds}
        slowest = sorted(seconds.items(), key=lambda pair: -pair[1])
        output.print_table(("model or check", "seconds"), [(name, f"{took:.3f}") for name, took in slowest])
    if report.models:
        scope = "everything" if report.is_whole else f"{output.count(report.customers)} customers"
        click.echo(
            f"Built {len(report.models)} models for {scope} in {report.seconds:.1f} s, as of {report.as_of}; "
            f"{len(report.checks)} checks passed."
        )
    else:
        click.echo(f"Nothing changed since the last build; the models speak for {report.as_of}.")
    if restated:
        click.echo(
            f"{output.count(restated)} published month-end figures are no longer what they were: "
            "pennybridge report explain restatements"
        )


def _say_if_past(day: date, workspace: Workspace) -> None:
    if day != today(workspace):
        click.echo(
            f"The tables now speak for {day}, for every reader, until the next build. "
            "`pennybridge report --as-of` leaves them alone.",
            err=True,
        )


def _record(report: "BuildReport", restated: int) -> dict[str, object]:
    return {
        "as_of": report.as_of,
        "whole": report.is_whole,
        "customers": report.customers,
        "models": list(report.models),
        "checks": list(report.checks),
        "restated_figures": restated,
        "seconds": round(report.seconds, 3),
    }
