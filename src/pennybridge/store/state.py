"""The hub's own state: connections and what hangs on them, in SQLite beside the DuckDB file or in PostgreSQL.

The same statements run on both, with `:name` parameters. Instants go in as aware datetimes and come out in
UTC.
In PostgreSQL the tables stand in the schema `hub`, which statements do not name.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self, SupportsIndex, overload

from pennybridge.clock import Clock, system_clock
from pennybridge.errors import ConfigurationError
from pennybridge.store.backups import Tell
from pennybridge.store.refusals import postgresql_extra

LOCK_PATIENCE = 120.0
"""Seconds to wait for a lock, which may be held during a request to Pennylane."""


class Row(tuple[Any, ...]):  # noqa: SLOT001 — a tuple of any length cannot have slots with values
    """A row: its values by place, or by the column's name."""

    _names: tuple[str, ...]

    @classmethod
    def of(cls, names: tuple[str, ...], values: Iterable[Any]) -> Self:
        """A row with these names."""
        row = cls(values)
        row._names = names
        return row

    @overload
    def __getitem__(self, key: str | SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Any, ...]: ...
    def __getitem__(self, key: str | SupportsIndex | slice) -> Any:
        return super().__getitem__(self._names.index(key) if isinstance(key, str) else key)

    def keys(self) -> tuple[str, ...]:
        """The columns' names; with them `dict(row)` works."""
        return self._names


class StateTransaction(ABC):
    """Writes that become visible together, or not at all."""

    @abstractmethod
    def execute(self, sql: str, **params: object) -> int:
        """Run a statement; the number of rows it changed."""

    @abstractmethod
    def rows(self, sql: str, **params: object) -> list[Row]:
        """The rows of a statement."""


class StateDatabase(ABC):
    """The open state; usable from any thread. Made by `open_state`."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[StateTransaction]:
        """A transaction for the block: committed when it ends well, rolled back when it raises."""

    def rows(self, sql: str, **params: object) -> list[Row]:
        """The rows of a statement that stands alone."""
        with self.transaction() as transaction:
            return transaction.rows(sql, **params)

    @abstractmethod
    def lock(self, name: str) -> AbstractContextManager[None]:
        """Keep every thread and process out that asks for a lock of this name; it ends with its process.

        It stands apart from transactions, so that what takes long under it blocks nothing else.

        Raises:
            DatabaseBusyError: Somebody kept it for `LOCK_PATIENCE` seconds.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_state(url: str, *, clock: Clock = system_clock, tell: Tell = lambda _: None) -> StateDatabase:
    """Open the hub's state, making it or bringing its tables up to date first.

    Args:
        url: `sqlite:///path/to/state.db` or `postgresql://…`.
        clock: Stamps the migrations.
        tell: Told that a SQLite file was brought up to date, and where its copy from before is.

    Raises:
        DatabaseBusyError: Another process kept the SQLite file locked for ten seconds.
        StoreError: It cannot be opened, or a newer Pennybridge made it, or its tables could not be brought up
            to date; it is as it was.
    """
    if url.startswith("sqlite:///"):
        from pennybridge.store.state_sqlite import open_sqlite

        return open_sqlite(url.removeprefix("sqlite:///"), clock, tell)
    if url.startswith(("postgresql://", "postgres://")):
        with postgresql_extra():
            from pennybridge.store.state_postgresql import open_postgresql_state
        return open_postgresql_state(url, clock)
    raise ConfigurationError(
        "The state's address begins with sqlite:/// or postgresql://, "
        f"not {url.partition(':')[0]!r}. Nothing was opened."
    )
