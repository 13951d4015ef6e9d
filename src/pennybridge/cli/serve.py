"""`pennybridge serve`: the web application, and by default the schedule and the syncs too."""

import signal
import socket
from contextlib import nullcontext

import click

from pennybridge.cli.worker import make_worker, set_up_log, told_to_stop
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError

GRACE = 3
"""Seconds that answers under way have to end, when the hub is stopped."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on.")
@click.option("--no-worker", is_flag=True, help="Leave the syncs to `pennybridge worker`; PostgreSQL only.")
@click.option("--log-json", is_flag=True, help="Write the log as JSON lines.")
def serve(host: str, port: int, no_worker: bool, log_json: bool) -> None:
    """Serve the web application.

    Connect companies, see how fresh their data is; they are synced on schedule, or when you ask.

    The first start prints a link to set up the first administrator. Stop it with Ctrl-C or SIGTERM: syncs
    under way end at their next committed page, and go on there when it is started again. On a DuckDB file no
    other command can open the database meanwhile.

    Example: pennybridge serve --port 8080
    """
    with Workspace() as workspace:
        run_hub(workspace, host, port, works=not no_worker, log_json=log_json)


def run_hub(
    workspace: Workspace, host: str, port: int, *, works: bool = True, log_json: bool = False
) -> None:
    """Serve the hub of a workspace until Ctrl-C or SIGTERM.

    Args:
        workspace: Its database is opened for writing.
        host: Address to listen on.
        port: Port to listen on.
        works: Whether this process does syncs too; it must on a DuckDB file.
        log_json: Write the engine's log as JSON lines.

    Raises:
        ConfigurationError: The address is taken, or nobody would do the syncs; nothing was started.
    """
    import uvicorn

    from pennybridge.hub.app import create_app

    settings = workspace.settings
    if not works and not settings.is_postgresql:
        raise ConfigurationError(
            "On a DuckDB file no other process could do the syncs, so --no-worker would stop them all. "
            "Nothing was started. Leave it out, or use PostgreSQL."
        )
    with told_to_stop() as stop, _listening(host, port) as listening:
        set_up_log(workspace, log_json=log_json)
        database = workspace.database()
        address = settings.public_url or f"http://{host}:{port}"
        app = create_app(
            state=workspace.state,
            database=database,
            connections=workspace.connections,
            authorizations=workspace.authorizations(address),
            engine=workspace.engine,
            base_url=settings.base_url,
            uploads=settings.home / "outgoing",
            clock=workspace.clock,
        )
        app.state.metrics_token = settings.metrics_token
        click.echo(f"Pennybridge is at {address}")
        if app.state.people.is_empty():
            click.echo(f"Set up the first administrator at {address}/set-up/{app.state.set_up_link}")
        # No access log: the set-up address would stand in it.
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE)
        server = uvicorn.Server(config)
        # The server listens to signals only once it runs, after a worker has started.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, server.handle_exit)
        server.should_exit = server.should_exit or stop.is_set()
        with make_worker(workspace, database) if works else nullcontext():
            server.run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections already, so that the address is good as soon as it is said."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Nothing was started. "
            "Another program may have the port: use --port with another one."
        ) from None
    return found
