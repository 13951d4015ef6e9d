"""Models brought up to date for a command that reads them, with what that took said on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError

if TYPE_CHECKING:
    from pennybridge.models.build import Progress
    from pennybridge.reports.built import Built

which_company = click.option(
    "--connection",
    "--company",
    "connection",
    help="Which company: a connection's number, company id or name. Not needed when there is one.",
)


def parse_day(text: str | None) -> date | None:
    """A day that a person wrote; a month, quarter or year stands for its last day.

    Raises:
        ConfigurationError: It is no date.
    """
    from pennybridge.reports.question import parse_range

    return parse_range(text)[1] if text is not None else None


def today(workspace: Workspace) -> date:
    """The day it is for the person at this machine."""
    return workspace.clock().astimezone().date()


@contextmanager
def built_books(
    workspace: Workspace, *, connection: str | None, as_of: date | None = None, rebuild: bool = True
) -> Iterator["Built"]:
    """The built models of a company, as of a day: today unless said.

    Today's are kept up to date in place. Another day's are made for the block only. Without `rebuild` the
    models are read as the last build left them, whatever has been synced since.

    Raises:
        ConfigurationError: No such company, or the day has not come yet.
        ModelError: A model failed, a check found something, or nothing was ever built.
    """
    from pennybridge.models.build import build
    from pennybridge.models.preview import preview
    from pennybridge.reports.built import open_built

    company_id = workspace.company_id(connection)
    if not rebuild:
        yield open_built(workspace.database(read_only=True), company_id)
        return
    day = as_of or today(workspace)
    refuse_future(workspace, day)
    database = workspace.database()
    if day == today(workspace):
        with building() as progress:
            report = build(database, as_of=day, progress=progress)
        if report.models:
            click.echo(f"Brought the models up to date in {report.seconds:.1f} s.", err=True)
        yield open_built(database, company_id)
        return
    with building() as progress, preview(database, as_of=day, progress=progress) as transaction:
        yield open_built(transaction, company_id)


def refuse_future(workspace: Workspace, day: date) -> None:
    """Refuse a day that has not come.

    Raises:
        ConfigurationError: It has not.
    """
    if day > today(workspace):
        raise ConfigurationError(
            f"{day} has not come yet; figures are as of today or a day past. Nothing was done."
        )


@contextmanager
def building(*, quiet: bool = False) -> Iterator["Progress | None"]:
    """What a build tells its progress to: one changing line on a terminal, nothing elsewhere."""
    if quiet or not output.is_terminal():
        yield None
        return
    from pennybridge.models.build import steps

    total = steps()
    with output.console(err=True).status("Building") as status:
        done = 0

        def tell(name: str) -> None:
            nonlocal done
            done += 1
            status.update(f"Building {name} ({min(done, total)} of {total})")

        yield tell
