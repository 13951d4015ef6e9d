"""What the engines refuse, told so that a person knows what happened, what was left and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pennybridge.errors import DatabaseBusyError, StoreError

if TYPE_CHECKING:
    import psycopg

_HOLDER = re.compile(r"Conflicting lock is held in (?P<command>.+?) \(PID (?P<pid>\d+)\)")
_NO_ROOM = re.compile(r"No space left|File too large|disk is full|Disk quota exceeded", re.IGNORECASE)
_DAMAGED = re.compile(r"Corrupt database|Could not read enough bytes|checksum|malformed", re.IGNORECASE)
_AGAIN = (
    "Restore a copy of it, or move it away and run `pennybridge sync`: the books are then read again from "
    "Pennylane."
)


@contextmanager
def duckdb_errors(file: Path) -> Iterator[None]:
    """DuckDB's errors as ours; Ctrl-C during a statement as Ctrl-C."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise _from_duckdb(file, str(error)) from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # what DuckDB 2.0 makes of the signal (observed)
            raise KeyboardInterrupt from error
        raise


def _from_duckdb(file: Path, text: str) -> StoreError:
    if holder := _HOLDER.search(text):
        process = _process(int(holder["pid"]), holder["command"])
        return DatabaseBusyError(
            f"The database {file} is in use by {process}. Nothing was done. "
            "DuckDB allows one process at a time: wait until that one has ended, or stop it. "
            "With PostgreSQL (PENNYBRIDGE_DATABASE_URL) several can work at once."
        )
    if "is already attached" in text:
        return DatabaseBusyError(f"The database {file} is open in this process already. Nothing was done.")
    if _NO_ROOM.search(text):
        return no_room(str(file))
    if _DAMAGED.search(text):
        return StoreError(f"The database {file} is damaged ({text}). Nothing was changed. {_AGAIN}")
    return StoreError(f"The database {file} refused: {text}")


def _process(pid: int, command: str) -> str:
    """A process as a person knows it: its command line where the machine tells it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        words = [command]
    shown = " ".join([*(Path(word).name for word in words[:2]), *words[2:]])  # interpreter and script
    return f"process {pid} ({' '.join(shown.split())[:80]})"


def make_folder(folder: Path) -> None:
    """Make the folder of a database, readable by its owner only, unless it is there.

    Raises:
        StoreError: It cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} cannot be made: {error.strerror}. Name another place in PENNYBRIDGE_HOME "
            "or PENNYBRIDGE_DATABASE_URL."
        ) from error


def refuse_unless_duckdb(file: Path) -> None:
    """Refuse a file that some other program made; DuckDB itself would look for an extension that reads it.

    Raises:
        StoreError: The file is not empty and not DuckDB's; it was not changed.
    """
    try:
        with file.open("rb") as opened:
            head = opened.read(12)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(
            f"The database {file} cannot be read: {error.strerror}. Nothing was changed."
        ) from error
    if head and head[8:12] != b"DUCK":  # https://duckdb.org/docs/stable/internals/storage
        raise StoreError(
            f"{file} is not a DuckDB database. It was not changed. Move it away, or name another file in "
            "PENNYBRIDGE_DATABASE_URL."
        )


def no_room(where: str) -> StoreError:
    """The refusal when a disk is full."""
    return StoreError(
        f"There is no room left on the disk for {where}. What was open was rolled back, what was "
        "committed before stays. Make room, then run the command again."
    )


def refuse_unless_one_reads(count: int, reads: bool) -> None:
    """Refuse what is not one reading statement.

    Raises:
        StoreError: There are none, several, or one that writes; nothing was run.
    """
    if count != 1:
        number = "none" if count == 0 else count
        raise StoreError(f"One statement at a time, please; this text holds {number}. Nothing was run.")
    if not reads:
        raise _only_reads()


def _only_reads() -> StoreError:
    return StoreError("Only statements that read are run here, such as select. Nothing was changed.")


@contextmanager
def postgresql_extra() -> Iterator[None]:
    """The refusal when PostgreSQL's driver is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreError(
            f"PostgreSQL needs a part that is not installed ({error.name}). Nothing was opened. "
            "Run: pip install 'pennybridge[postgres]'"
        ) from error


@contextmanager
def postgresql_errors(url: str) -> Iterator[None]:
    """PostgreSQL's errors as ours; the password of the address is not shown."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise _from_postgresql(url, error) from error


def _from_postgresql(url: str, error: "psycopg.Error") -> StoreError:
    from psycopg import OperationalError, errors

    where = without_password(url)
    text = str(error).strip()
    if isinstance(error, errors.DiskFull):
        return no_room(where)
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return _only_reads()
    if isinstance(error, errors.SyntaxError) and "multiple commands" in text:
        return StoreError("One statement at a time, please; this text holds several. Nothing was run.")
    if isinstance(error, OperationalError) and error.sqlstate is None:
        return _unreachable(where, text)
    return StoreError(f"The database {where} refused: {text}")


def _unreachable(where: str, text: str) -> StoreError:
    """The refusal when there is no connection, with what to do about the usual reasons."""
    advice = "Is the server running, and the address right? PENNYBRIDGE_DATABASE_URL is that of the books."
    if "password authentication failed" in text or "no password supplied" in text:
        text, advice = (
            "the password was refused",
            "Check user and password in the address; PENNYBRIDGE_DATABASE_URL is that of the books.",
        )
    elif missing := re.search(r'database "(.+)" does not exist', text):
        text, advice = f"there is no database {missing[1]}", f"Make it with `createdb {missing[1]}`."
    elif "closed the connection" in text or "connection is lost" in text:
        advice = "What was open was rolled back, what was committed before stays. Run the command again."
    reason = " ".join(text.removeprefix("connection failed: ").split()).rstrip(".")
    return StoreError(f"No connection to {where}: {reason}. {advice}")


def without_password(url: str) -> str:
    """The address of a PostgreSQL database as it may be shown."""
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except Error:
        return "postgresql://…"
    user = f"{parts['user']}@" if parts.get("user") else ""
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{user}{parts.get('host') or 'localhost'}{port}/{parts.get('dbname') or ''}"


@contextmanager
def sqlite_errors(file: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        raise _from_sqlite(file, str(error)) from error


def _from_sqlite(file: Path, text: str) -> StoreError:
    if "locked" in text:
        return DatabaseBusyError(
            f"Another process keeps {file} locked. Nothing was written; try again when it has ended."
        )
    if _NO_ROOM.search(text):
        return no_room(str(file))
    if _DAMAGED.search(text) or "not a database" in text:
        return StoreError(
            f"The file {file} is damaged or of another program ({text}). It was not changed. Restore a copy "
            "of it, or move it away and connect your companies again."
        )
    return StoreError(f"The state {file} refused: {text}. Nothing was written.")
