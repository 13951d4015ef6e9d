"""`pennybridge serve`: the web application, and by default the schedule and the syncs too."""

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
    import uvicorn

    from pennybridge.hub.app import create_app

    with Workspace() as workspace, told_to_stop():
        settings = workspace.settings
        if no_worker and not settings.is_postgresql:
            raise ConfigurationError(
                "On a DuckDB file no other process could do the syncs, so --no-worker would stop them all. "
                "Nothing was started. Leave it out, or use PostgreSQL."
            )
        set_up_log(workspace, log_json=log_json)
        database = workspace.database()
        address = settings.public_url or f"http://{host}:{port}"
        app = create_app(
            state=workspace.state,
            database=database,
            connections=workspace.connections,
            engine=workspace.engine,
            base_url=settings.base_url,
            uploads=settings.home / "outgoing",
            clock=workspace.clock,
        )
        app.state.metrics_token = settings.metrics_token
        click.echo(f"Pennybridge is at {address}")
        if app.state.people.is_empty():
            click.echo(f"Set up the first administrator at {address}/set-up/{app.state.set_up_link}")
        with nullcontext() if no_worker else make_worker(workspace, database):
            # No access log: the set-up address would stand in it.
            uvicorn.run(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=GRACE,
            )
