"""`pennybridge doctor`: looks at everything a sync needs, and says what to mend."""

import os
import platform
import shutil
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from pennybridge import __version__
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import PennybridgeError

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection

DONE, FAILED, WARNED = 0, 1, 3
MIN_FREE_BYTES = 1_000_000_000


class Finding(NamedTuple):
    """One thing looked at, and how it is."""

    state: Literal["ok", "warning", "problem"]
    what: str
    text: str


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask Pennylane whether the tokens work.")
def doctor(offline: bool) -> int:
    """Check this installation and say what to mend.

    Looks at the folder, the sealing key, the state, the database, the free space and each connection's
    token.
    """
    worst = DONE
    with Workspace() as workspace:
        for finding in examine(workspace, offline=offline):
            click.echo(f"{_MARKS[finding.state]} {finding.what:<12} {finding.text}")
            code = {"ok": DONE, "warning": WARNED, "problem": FAILED}[finding.state]
            worst = code if worst == DONE or code == FAILED else worst
    return worst


_MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


def examine(workspace: Workspace, *, offline: bool) -> Iterator[Finding]:
    """Every finding, in the order in which one thing needs another."""
    yield Finding("ok", "program", f"Pennybridge {__version__}, Python {platform.python_version()}")
    yield _folder(workspace.settings.home)
    yield _key(workspace)
    yield _tried("state", lambda: f"{len(workspace.connections.known())} connections")
    yield _tried("database", lambda: _database(workspace))
    yield _space(workspace.settings.home)
    try:
        connections = workspace.connections.chosen(())
    except PennybridgeError:
        return  # said above
    for connection in [] if offline else connections:
        yield _tried("connection", partial(_connection, workspace, connection))


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding("ok", what, look())
    except PennybridgeError as error:
        return Finding("problem", what, str(error))


def _folder(home: Path) -> Finding:
    existing = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            "problem", "folder", f"{existing} cannot be written; set PENNYBRIDGE_HOME to one that can."
        )
    return Finding("ok", "folder", f"{home}{'' if home.exists() else ' (made at first use)'}")


def _key(workspace: Workspace) -> Finding:
    path = workspace.settings.key_path
    if workspace.settings.sealing_key:
        return Finding("ok", "key", "from PENNYBRIDGE_KEY")
    if not path.exists():
        return Finding("ok", "key", f"{path} (made at first use)")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("warning", "key", f"{path} can be read by others; run: chmod 600 {path}")
    return Finding("ok", "key", str(path))


def _database(workspace: Workspace) -> str:
    settings = workspace.settings
    if not settings.is_postgresql and not settings.duckdb_path.exists():
        return f"{settings.duckdb_path} (made by the first sync)"
    rows = workspace.database(read_only=True).rows("select count(*) from pennylane.loads")
    where = "PostgreSQL" if settings.is_postgresql else str(settings.duckdb_path)
    return f"{where}, {rows[0][0]} loads so far"


def _connection(workspace: Workspace, connection: "Connection") -> str:
    return f"{workspace.connections.check(connection).name}: the token works"


def _space(home: Path) -> Finding:
    existing = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    state: Literal["ok", "warning"] = "ok" if free >= MIN_FREE_BYTES else "warning"
    return Finding(state, "space", f"{free / 1e9:,.1f} GB free where the data is kept")
