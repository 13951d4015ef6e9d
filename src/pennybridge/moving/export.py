"""Writes all that an installation knows into one file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pennybridge import __version__
from pennybridge.api.secret import Secret
from pennybridge.clock import Clock, format_instant
from pennybridge.connections.tokens import Vault
from pennybridge.errors import StoreError
from pennybridge.moving import archive, contents, grants
from pennybridge.moving.report import Moved, Progress
from pennybridge.store import Database, StateDatabase, Transaction, migrations

if TYPE_CHECKING:
    import pyarrow as pa


def export(
    file: Path,
    *,
    database: Database,
    state: StateDatabase,
    vault: Vault,
    passphrase: Secret | None,
    clock: Clock,
    progress: Progress | None = None,
) -> Moved:
    """Write the books and the hub's state into a new file; what is there under its name is replaced.

    The books are read as they are at one moment, while others may write. Killed, it leaves what was there.

    Args:
        file: Where to.
        database: May be open for reading only.
        state: The hub's state.
        vault: Opens the grants.
        passphrase: Seals them in the file; None leaves them out.
        clock: Stamps the file.
        progress: Told the table and its rows, as they are written.

    Raises:
        ConfigurationError: The passphrase is too short, a grant cannot be opened, or the file not written.
        StoreError: A table could not be read whole.
    """
    salt = grants.new_salt()
    sealing = None if passphrase is None else grants.vault_of(passphrase, salt)
    reseal = grants.without if sealing is None else grants.resealing(vault, sealing)
    totals: dict[str, contents.Totals] = {}
    with archive.writing(file) as into:
        with state.transaction() as reading_state:
            for name in contents.state_tables():
                found = reading_state.rows(f"select * from {name}")  # noqa: S608 — a table of ours
                anew = contents.AS_NEW.get(name, {})
                rows = grants.resealed([{**dict(row), **anew} for row in found], reseal)
                into.table(f"state/{name}", _as_table(rows))
                totals[f"state/{name}"] = {"rows": str(len(rows))}
        with database.little_memory(), database.snapshot() as books:
            companies = [
                company_id for (company_id,) in books.rows("select company_id from pennylane.companies")
            ]
            for name in contents.BOOKS:
                totals[f"books/{name}"] = _write(into, books, name, progress)
        into.manifest(
            {
                "pennybridge": __version__,
                "made_at": format_instant(clock()),
                "from": database.dialect,
                "steps": _steps(),
                "companies": companies,
                "grants": sealing and {"salt": salt, "proof": grants.proof(sealing)},
                "tables": totals,
            }
        )
    return Moved(totals, tuple(companies), has_grants=sealing is not None)


def _steps() -> dict[str, list[int]]:
    """The migrations that both databases have."""
    return {
        "warehouse": [step.number for step in migrations.load("warehouse")],
        "state": [step.number for step in migrations.load("state")],
    }


def _write(into: archive.Writer, books: Transaction, name: str, progress: Progress | None) -> contents.Totals:
    """Write a table of the books; what it adds up to, which the engine counted apart."""
    totals = contents.totals(books, name)

    def pieces() -> "Iterator[pa.Table]":
        done = 0
        for piece in contents.pieces(books, name):
            yield piece
            done += piece.num_rows
            if progress:
                progress(name, done, int(totals["rows"]))

    written = into.table(f"books/{name}", pieces())
    if str(written) != totals["rows"]:
        raise StoreError(
            f"{name} has {totals['rows']} rows, but {written} could be read. Nothing was exported. Check the "
            "disk, then run `pennybridge doctor`."
        )
    return totals


def _as_table(rows: list[grants.Row]) -> "list[pa.Table]":
    import pyarrow as pa

    return [pa.Table.from_pylist(rows)] if rows else []
