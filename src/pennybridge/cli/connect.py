"""`pennybridge connect`: a company's API token becomes a connection."""

import sys
from typing import TYPE_CHECKING

import click

from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError

if TYPE_CHECKING:
    from pennybridge.api.secret import Secret


@click.command()
@click.option("--name", help="What to call the company here; its own name by default.")
@click.option("--base-url", help="Another base URL, such as an emulator's; also from PENNYLANE_BASE_URL.")
def connect(name: str | None, base_url: str | None) -> int:
    """Connect a Pennylane company with an API token.

    The token is read from standard input (typed unseen on a terminal), or from PENNYLANE_API_TOKEN; it is
    checked, sealed and never shown. Connecting a company again replaces its token and keeps its data.

    Example: pennybridge connect < token.txt
    """
    from pennybridge.cli.connections import print_missing_scopes

    with Workspace() as workspace:
        token = read_token(workspace.settings.api_token)
        url = base_url or workspace.settings.base_url
        connection, is_new = workspace.connections.add(token, base_url=url, name=name)
        verb = "Connected" if is_new else "Connected again:"
        click.echo(f"{verb} {connection.name} (company {connection.company_id}), connection {connection.id}.")
        code = print_missing_scopes(connection)
        click.echo("Next: pennybridge sync")
        return code


def read_token(from_settings: str | None) -> "Secret":
    """The token from standard input, else from the environment, else typed unseen by a person.

    Raises:
        ConfigurationError: There is none; nothing was sent.
    """
    from pennybridge.api.secret import Secret

    is_typed = sys.stdin.isatty()
    piped = "" if is_typed else sys.stdin.read().strip()
    if piped or from_settings:
        return Secret(piped or str(from_settings))
    if is_typed:
        return Secret(click.prompt("API token (not shown)", hide_input=True, err=True).strip())
    raise ConfigurationError(
        "There is no token: give it on standard input (`pennybridge connect < token.txt`) or in "
        "PENNYLANE_API_TOKEN. Nothing was sent. A company's administrator makes one in Pennylane's settings."
    )
