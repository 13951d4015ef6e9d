"""Which company a page is about."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from pennybridge.connections.connection import Connection, Connections


def find_connection(request: Request, number: str) -> Connection:
    """The connection that the address names; the page's heading and its way around then speak of it.

    Raises:
        HTTPException: 404, there is none.
    """
    connections: Connections = request.app.state.connections
    for connection in connections.known():
        if connection.id == number:
            request.state.connection = connection
            return connection
    raise HTTPException(404, "There is no such connection.")


Company = Annotated[Connection, Depends(find_connection)]
"""A route's parameter for addresses that begin with `/connections/{number}`."""
