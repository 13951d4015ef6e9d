"""What these pages need of the engine: ask for a sync, and see how far it is."""

from collections.abc import Sequence

from fastapi import Request

from pennybridge.connections.connection import Connection, Connections
from pennybridge.hub.engine.board import SyncState
from pennybridge.hub.engine.engine import Engine


def ask_for_sync(request: Request, connection: Connection, full: Sequence[str] = ()) -> bool:
    """Let an active connection be synced soon; False when that is under way already.

    Raises:
        ConfigurationError: The connection is not active.
    """
    connections: Connections = request.app.state.connections
    engine: Engine = request.app.state.engine
    return engine.ask(connections.to_sync([connection.id])[0].id, full)


def latest_sync(request: Request, connection: Connection) -> SyncState | None:
    """How far the latest sync is, or how it ended; None if there was none."""
    engine: Engine = request.app.state.engine
    return engine.state(connection.id)
