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
