"""What the engines refuse, told so that a person knows what happened, what was left and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pennybridge.errors import DatabaseBusyError, StoreError


@contextmanager
def duckdb_errors(file: Path) -> Iterator[None]:
    """DuckDB's errors as ours."""
    import duckdb

    try:
        yield
    except duckdb.IOException as error:
        raise _duckdb_io(file, str(error)) from error
    except duckdb.Error as error:
        raise StoreError(f"The database {file} refused: {error}. What was open was rolled back.") from error


def _duckdb_io(file: Path, text: str) -> StoreError:
    if "Could not set lock" in text:
        return DatabaseBusyError(f"Another process holds the database {file}: {text}")
    return StoreError(f"The database {file} cannot be used: {text}")


def refuse_unless_one_reads(count: int, reads: bool) -> None:
    """Refuse what is not one reading statement.

    Raises:
        StoreError: There are none, several, or one that writes; nothing was run.
    """
    if count != 1:
        raise StoreError(f"One statement at a time; this text holds {count}. Nothing was run.")
    if not reads:
        raise StoreError("Only statements that read are run here (select, explain). Nothing was run.")


@contextmanager
def postgresql_errors(where: str) -> Iterator[None]:
    """PostgreSQL's errors as ours; `where` names the database without its password."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise _postgresql(where, error) from error


def _postgresql(where: str, error: Exception) -> StoreError:
    return StoreError(f"The database {where} refused: {str(error).strip()}")


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
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise DatabaseBusyError(
                f"Another process keeps {file} locked. Nothing was written; try again when it has ended."
            ) from error
        raise StoreError(f"The state {file} cannot be used: {error}. Nothing was written.") from error
    except sqlite3.Error as error:
        raise StoreError(f"The state {file} refused: {error}. Nothing was written.") from error
