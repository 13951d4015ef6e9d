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
    from pennybridge.hub.engine.engine import Engine
    from pennybridge.hub.engine.worker import Worker

    with Workspace() as workspace:
        settings, database = workspace.settings, workspace.database()
        engine = Engine(state=workspace.state, connections=workspace.connections, clock=workspace.clock)
        app = create_app(
            state=workspace.state,
            database=database,
            connections=workspace.connections,
            engine=engine,
            base_url=workspace.settings.base_url,
            uploads=workspace.settings.home / "outgoing",
            clock=workspace.clock,
        )
        address = f"http://{host}:{port}"
        click.echo(f"Pennybridge is at {address}")
        if app.state.people.is_empty():
            click.echo(f"Set up the first administrator at {address}/set-up/{app.state.set_up_link}")
        # No access log: the set-up address would stand in it.
        with Worker(engine, database, queue_url=settings.queue_url):
            uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)
