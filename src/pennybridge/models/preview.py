"""The models as of another day, for the time of a block: nothing of it stays."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

from pennybridge.errors import ModelError, StoreError
from pennybridge.models.build import Progress, _Run
from pennybridge.store import Database, Transaction


class _NothingStaysError(Exception):
    """Rolls the preview back."""


@contextmanager
def preview(database: Database, *, as_of: date, progress: Progress | None = None) -> Iterator[Transaction]:
    """What the books said on a day, readable through the transaction that the block gets.

    The built tables, and what month ends were published, stay as they are; builds of a PostgreSQL wait until
    the block ends.

    Raises:
        ModelError: A model failed or a check returned rows.
    """
    run = _Run(as_of, is_postgresql=database.dialect == "postgresql", progress=progress)
    with suppress(_NothingStaysError), database.transaction() as transaction:
        _build(run, transaction)
        yield transaction
        raise _NothingStaysError


def _build(run: _Run, transaction: Transaction) -> None:
    try:
        run.run(transaction, whole=False)
    except StoreError as error:
        raise ModelError(
            f"The model {run.current} failed: {error} Every table is as it was before.", model=run.current
        ) from error
