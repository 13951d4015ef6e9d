"""`pennybridge export` and `import`: a move to another machine, or from one engine to the other."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.progress import sync_progress
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError

if TYPE_CHECKING:
    from pennybridge.api.secret import Secret
    from pennybridge.moving.report import Moved

without_grants_option = click.option(
    "--without-grants", is_flag=True, help="Leave the tokens out: companies must be connected again."
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@without_grants_option
def export(file: Path, without_grants: bool) -> None:
    """Write the books and the hub's state into one file.

    Connections, exclusions, overrides, submissions, users, the audit trail, and all landing tables with their
    history. The tokens are sealed with a passphrase of twelve characters or more, read from standard input
    (typed unseen on a terminal) or from PENNYBRIDGE_PASSPHRASE. Stop `pennybridge serve` first where it holds
    a DuckDB file.

    Example: pennybridge export books.pennybridge < passphrase.txt
    """
    from pennybridge.moving.export import export as run

    with Workspace() as workspace:
        passphrase = None if without_grants else _passphrase(workspace.settings.passphrase, twice=True)
        if passphrase is None and not without_grants:
            raise ConfigurationError(
                "There is no passphrase: give one on standard input or in PENNYBRIDGE_PASSPHRASE, or leave "
                "the tokens out with --without-grants. Nothing was exported."
            )
        with sync_progress() as progress:
            moved = run(
                file,
                database=workspace.database(read_only=True),
                state=workspace.state,
                vault=workspace.vault,
                passphrase=passphrase,
                clock=workspace.clock,
                progress=progress,
            )
    size = file.stat().st_size / 1e6
    click.echo(f"Exported {_extent(moved)} into {file} ({size:,.1f} MB).")
    click.echo(
        f"Next, where it goes: pennybridge import {file.name}"
        + ("" if without_grants else " < passphrase.txt")
    )


@click.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@without_grants_option
def import_(file: Path, without_grants: bool) -> None:
    """Fill an empty installation from an exported file.

    The passphrase is read as by `pennybridge export`. Refused where there are books, connections or users
    already. Stopped at any moment, it leaves nothing half-done: run it again.

    Example: pennybridge import books.pennybridge < passphrase.txt
    """
    from pennybridge.moving.import_ import import_ as run

    with Workspace() as workspace:
        passphrase = None if without_grants else _passphrase(workspace.settings.passphrase, twice=False)
        with sync_progress() as progress:
            moved = run(
                file,
                database=workspace.database(),
                state=workspace.state,
                vault=workspace.vault,
                passphrase=passphrase,
                without_grants=without_grants,
                progress=progress,
            )
    if moved.books_were_there:
        click.echo("The books were there already, from an import that was cut off.")
    click.echo(f"Imported {_extent(moved)} from {file}.")
    following = "sync, then pennybridge build" if moved.has_grants else "connect"
    click.echo(f"Next: pennybridge {following}. Stop the old installation, or two would sync and send.")


def _extent(moved: "Moved") -> str:
    companies = len(moved.companies)
    return f"{output.count(moved.rows)} rows of {companies} compan{'y' if companies == 1 else 'ies'}"


def _passphrase(from_settings: str | None, *, twice: bool) -> "Secret | None":
    """The passphrase from standard input, else from the environment, else typed unseen by a person."""
    from pennybridge.api.secret import Secret

    is_typed = sys.stdin.isatty()
    piped = "" if is_typed else sys.stdin.read().strip()
    if piped or from_settings:
        return Secret(piped or str(from_settings))
    if is_typed:
        text = click.prompt("Passphrase (not shown)", hide_input=True, confirmation_prompt=twice, err=True)
        return Secret(text.strip())
    return None
