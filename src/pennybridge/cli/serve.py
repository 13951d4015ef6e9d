"""`pennybridge serve`: the web application."""

import click

from pennybridge.cli.workspace import Workspace


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve the web application.

    Connect companies with their API tokens, see how fresh their data is, sync them.

    The first start prints a link to set up the first administrator. Stop it with Ctrl-C. On a DuckDB file no
    other command can open the database meanwhile.

    Example: pennybridge serve --port 8080
    """
    import uvicorn

    from pennybridge.hub.app import create_app

    with Workspace() as workspace:
        app = create_app(
            state=workspace.state,
            database=workspace.database(),
            connections=workspace.connections,
            base_url=workspace.settings.base_url,
            clock=workspace.clock,
        )
        address = f"http://{host}:{port}"
        click.echo(f"Pennybridge is at {address}")
        if app.state.people.is_empty():
            click.echo(f"Set up the first administrator at {address}/set-up/{app.state.set_up_link}")
        # No access log: the set-up address would stand in it.
        uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)
