"""`pennybridge doctor`: looks at everything a sync needs, and says what to mend."""

import os
import platform
import stat
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennybridge import __version__
from pennybridge.cli import output
from pennybridge.cli.doctor_books import Finding, books, companies, disk, ok, problem, warning
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import PennybridgeError

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection

DONE, FAILED, WARNED = 0, 1, 3
_CODES = {"ok": DONE, "warning": WARNED, "problem": FAILED}
_MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask Pennylane whether the tokens work.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def doctor(offline: bool, as_json: bool) -> int:
    """Check this installation and say what to mend.

    Looks at the folder, the sealing key and whether it opens the grants, the state, the database (every row
    is read), the models and their checks, the disk, how fresh each company's books are, the schedule, and
    each connection's token.

    Exit code 3 says that something deserves attention, 1 that something does not work.
    """
    found: list[Finding] = []
    with Workspace() as workspace:
        for finding in examine(workspace, offline=offline):
            found.append(finding)
            if not as_json:
                click.echo(f"{_MARKS[finding.state]} {finding.what:<12} {finding.text}")
    if as_json:
        output.print_json([finding._asdict() for finding in found])
    return max((_CODES[finding.state] for finding in found), key=(DONE, WARNED, FAILED).index)


def examine(workspace: Workspace, *, offline: bool) -> Iterator[Finding]:
    """Every finding, in the order in which one thing needs another."""
    yield ok("program", f"Pennybridge {__version__}, Python {platform.python_version()}")
    yield _folder(workspace.settings.home)
    yield _key(workspace)
    yield _tried("state", lambda: _state(workspace))
    yield from books(workspace)
    yield from disk(workspace.settings)
    try:
        connections = workspace.connections.chosen(())
    except PennybridgeError:
        return  # said above
    yield from companies(workspace)
    if connections:
        yield _tried("grants", lambda: _grants(workspace))
        yield from _schedule(workspace)
    for connection in connections:
        yield from _connection(workspace, connection, offline=offline)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return ok(what, look())
    except PennybridgeError as error:
        return problem(what, str(error))


def _folder(home: Path) -> Finding:
    existing = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return problem("folder", f"{existing} cannot be written; set PENNYBRIDGE_HOME to one that can.")
    return ok("folder", f"{home}{'' if home.exists() else ' (made at first use)'}")


def _key(workspace: Workspace) -> Finding:
    path = workspace.settings.key_path
    if workspace.settings.sealing_key:
        return ok("key", "from PENNYBRIDGE_KEY")
    if not path.exists():
        return ok("key", f"{path} (made at first use)")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return warning("key", f"{path} can be read by others; run: chmod 600 {path}")
    return ok("key", str(path))


def _state(workspace: Workspace) -> str:
    """What the state holds; SQLite looks through the whole file for damage."""
    state = workspace.state
    steps = state.rows("select max(version) from schema_version")[0][0]
    if not workspace.settings.is_postgresql:
        damage = [text for (text,) in state.rows("pragma quick_check") if text != "ok"]
        if damage:
            from pennybridge.errors import StoreError

            raise StoreError(
                f"state.db is damaged: {damage[0]}. Restore a copy of it, or move it away and connect your "
                "companies again."
            )
    connections = len(workspace.connections.known())
    return f"{connections} connection{'' if connections == 1 else 's'}, tables at step {steps}"


def _grants(workspace: Workspace) -> str:
    """Whether the key opens every grant."""
    rows = workspace.state.rows("select sealed_grant from connections where sealed_grant is not null")
    for (sealed,) in rows:
        workspace.vault.unseal(bytes(sealed).decode())
    return f"the key opens {'it' if len(rows) == 1 else f'all {len(rows)}'}"


def _schedule(workspace: Workspace) -> Iterator[Finding]:
    """Whether workers keep the companies, models and destinations in step; nothing where none ever ran."""
    from pennybridge.cli.status import engine_troubles

    queue, freshness = workspace.engine.queue(), workspace.engine.freshness()
    if not queue.workers:
        return
    chores = {"build": queue.build, "publication": queue.publish}
    failed = [(name, chore.problem) for name, chore in chores.items() if chore and chore.problem]
    for name, text in failed:
        yield warning("schedule", f"The last {name} failed: {text}")
    troubles = engine_troubles(queue, freshness)
    for trouble in troubles:
        yield warning(
            "schedule", f"{trouble} Start `pennybridge serve` or `pennybridge worker`, see its log."
        )
    if not troubles and not failed:
        yield ok("schedule", f"{queue.alive} workers alive, {queue.waiting} waiting, {queue.running} running")


def _connection(workspace: Workspace, connection: "Connection", *, offline: bool) -> Iterator[Finding]:
    from pennybridge.connections.states import WAY_BACK

    if connection.state != "active":
        text = f"{connection.name} is {connection.state}. {WAY_BACK.get(connection.state, '')}".rstrip()
        yield warning("connection", text)
    elif ends_on := _ends_soon(workspace, connection):
        yield warning(
            "connection",
            f"{connection.name}: nobody renewed its OAuth grant for two months; it ends on {ends_on}. Start "
            "`pennybridge serve`, which renews it.",
        )
    elif not offline:
        yield _tried("connection", partial(_token, workspace, connection))


def _ends_soon(workspace: Workspace, connection: "Connection") -> date | None:
    """The day on which an OAuth grant ends that was not renewed for two of its three months."""
    from pennybridge.connections.grants import REFRESH_TOKEN_LASTS

    rows = workspace.state.rows(
        "select renewed_at from connections where id = :id and kind = 'oauth' and renewed_at is not null",
        id=connection.id,
    )
    ends_at: datetime | None = rows[0][0] + REFRESH_TOKEN_LASTS if rows else None
    if ends_at is None or ends_at - workspace.clock() > REFRESH_TOKEN_LASTS / 3:
        return None
    return ends_at.date()


def _token(workspace: Workspace, connection: "Connection") -> str:
    return f"{workspace.connections.check(connection).name}: the token works"
