"""`pennybridge connections`: which companies are connected, and in what state."""

from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.workspace import Workspace
from pennybridge.connections.states import WHY

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection

DONE, FAILED, WARNED = 0, 1, 3


@click.group(invoke_without_command=True)
@click.pass_context
def connections(ctx: click.Context) -> None:
    """List, check, pause, resume or remove connections.

    CONNECTION is a connection's number, the company's id, or its name.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_connections)


@connections.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def list_connections(as_json: bool = False) -> None:
    """List the connections and their states."""
    with Workspace() as workspace:
        found = workspace.connections.known()
    if as_json:
        output.print_json([_record(connection) for connection in found])
    elif found:
        columns = ("connection", "company", "company id", "state", "base URL")
        output.print_table(columns, [(c.id, c.name, c.company_id, c.state, c.base_url) for c in found])
        for connection in found:
            if connection.problem:
                click.echo(f"{connection.name}: {WHY[connection.problem]}")
    else:
        click.echo("No company is connected yet. Next: pennybridge connect < token.txt, or pennybridge demo")


@connections.command()
@click.argument("connection", nargs=-1)
def check(connection: tuple[str, ...]) -> int:
    """Ask Pennylane whether the tokens still work and what they may read.

    Tokens sealed with an older key are sealed again with the first one.
    """
    from pennybridge.errors import ApiError

    code = DONE
    with Workspace() as workspace:
        for found in workspace.connections.chosen(connection):
            try:
                checked = workspace.connections.check(found)
            except ApiError as error:
                click.echo(f"Error: {found.name}: {error}", err=True)
                code = FAILED
            else:
                click.echo(f"{checked.name} (company {checked.company_id}): the token works.")
                code = code or print_missing_scopes(checked)
    return code


@connections.command()
@click.argument("connection")
def pause(connection: str) -> None:
    """Leave a company out of the syncs until it is resumed."""
    with Workspace() as workspace:
        found = workspace.connections.pause(workspace.connections.find(connection))
    click.echo(f"{found.name} is paused; its data stays. Next: pennybridge connections resume {found.id}")


@connections.command()
@click.argument("connection")
def resume(connection: str) -> None:
    """Take a paused company into the syncs again, or one connected in the hub for the first time."""
    with Workspace() as workspace:
        found = workspace.connections.resume(workspace.connections.find(connection))
    click.echo(f"{found.name} is active again. Next: pennybridge sync {found.id}")


@connections.command()
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(connection: str, yes: bool) -> int:
    """Forget a company's token; its data stays.

    A grant by OAuth is revoked at Pennylane as well.
    """
    with Workspace() as workspace:
        found = workspace.connections.find(connection)
        if not yes:
            click.confirm(f"Forget the token of {found.name}? Its data stays.", abort=True, err=True)
        removed = workspace.connections.remove(found)
    click.echo(f"{found.name} is disconnected: its token is erased here, its data stays.")
    if removed.problem:
        click.echo(WHY[removed.problem], err=True)
        return WARNED
    if removed.kind == "oauth":
        click.echo("It was revoked at Pennylane.")
    else:
        click.echo("The token still works elsewhere until it is revoked in Pennylane.")
    return DONE


def print_missing_scopes(connection: "Connection") -> int:
    """Say what the token cannot read, and give the exit code for it: done, or done with warnings."""
    from pennybridge.sync.resources import missing_scopes

    missing = missing_scopes(connection.scopes)
    if not missing:
        return DONE
    click.echo("The token lacks scopes; these resources are left out until it has them:", err=True)
    for resource, scope in missing:
        click.echo(f"  {resource:<28} {scope}", err=True)
    return WARNED


def _record(connection: "Connection") -> dict[str, object]:
    return {
        "connection": connection.id,
        "company_id": connection.company_id,
        "name": connection.name,
        "base_url": connection.base_url,
        "kind": connection.kind,
        "state": connection.state,
        "scopes": list(connection.scopes),
        "problem": connection.problem,
    }
