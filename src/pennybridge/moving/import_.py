"""Fills an empty installation from a file that `export` wrote."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pennybridge.api.secret import Secret
from pennybridge.connections.tokens import Vault
from pennybridge.errors import ConfigurationError, StoreError
from pennybridge.models.tables import prepare_tables
from pennybridge.moving import archive, contents, grants
from pennybridge.moving.report import Moved, Progress
from pennybridge.store import Database, StateDatabase, StateTransaction, Transaction, migrations

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_PER_STATEMENT = 100


def import_(
    file: Path,
    *,
    database: Database,
    state: StateDatabase,
    vault: Vault,
    passphrase: Secret | None,
    without_grants: bool = False,
    progress: Progress | None = None,
) -> Moved:
    """Bring the books and the hub's state out of a file into an installation that has none.

    The books are written in one transaction, then the state in another. Killed before the first ends, it
    leaves nothing; killed between the two, running it again finds the books there and goes on with the state.
    The books must add up to what the file says before they are committed.

    Args:
        file: As `export` wrote it.
        database: Opened for writing.
        state: The hub's state.
        vault: Seals the grants.
        passphrase: Opens them in the file; not needed where it holds none.
        without_grants: Leave them out, so that every company must be connected again.
        progress: Told the table and its rows, as they are read.

    Raises:
        ConfigurationError: The installation is not empty, the file is damaged or of another version, or the
            passphrase is wrong or missing; nothing was changed.
        StoreError: What was written does not add up to what the file says; it was rolled back.
    """
    with archive.reading(file) as source:
        _refuse_other_version(file, source)
        reseal = _reseal(source, vault, passphrase, without_grants)
        with state.transaction() as into:
            _refuse_used_state(into)
        were_there = _bring_books(source, database, progress)
        with state.transaction() as into:
            _refuse_used_state(into)
            for name in contents.state_tables():
                _bring_state(source, into, name, reseal)
        manifest = source.manifest
        has_grants = bool(manifest["grants"]) and not without_grants
        return Moved(manifest["tables"], tuple(manifest["companies"]), has_grants, were_there)


def _refuse_other_version(file: Path, source: archive.Reader) -> None:
    kinds: tuple[Literal["warehouse", "state"], ...] = ("warehouse", "state")
    for kind in kinds:
        known = source.manifest["steps"][kind]
        here = [step.number for step in migrations.load(kind)]
        if known != here:
            is_older = max(known) < max(here)
            raise ConfigurationError(
                f"{file} comes from a Pennybridge ({source.manifest['pennybridge']}) that is "
                f"{'older' if is_older else 'newer'} than this one, with other tables. Nothing was imported. "
                + (
                    "Open the installation that it comes from with this version once, and export again."
                    if is_older
                    else "Update this Pennybridge."
                )
            )


def _reseal(
    source: archive.Reader, vault: Vault, passphrase: Secret | None, without_grants: bool
) -> grants.Reseal:
    sealed = source.manifest["grants"]
    if not sealed or without_grants:
        return grants.without
    if passphrase is None:
        raise ConfigurationError(
            "The file holds grants, sealed with a passphrase: give it on standard input or in "
            "PENNYBRIDGE_PASSPHRASE, or leave them out with --without-grants. Nothing was imported."
        )
    opening = grants.vault_of(passphrase, sealed["salt"])
    grants.check(opening, sealed["proof"])
    return grants.resealing(opening, vault)


def _refuse_used_state(state: StateTransaction) -> None:
    used = [name for name in contents.state_tables() if contents.state_totals(state, name)["rows"] != "0"]
    if used:
        raise ConfigurationError(
            f"This installation is in use: it has {', '.join(used)} of its own. Nothing was imported. Import "
            "into an empty one: another PENNYBRIDGE_HOME, or another PENNYBRIDGE_DATABASE_URL."
        )


def _bring_books(source: archive.Reader, database: Database, progress: Progress | None) -> bool:
    """Write the books, unless an import that was cut off did so already; whether it did."""
    with database.little_memory(), database.transaction() as transaction:
        prepare_tables(transaction)
        found = {name: contents.totals(transaction, name) for name in contents.BOOKS}
        expected = {name: source.manifest["tables"][f"books/{name}"] for name in contents.BOOKS}
        if any(totals["rows"] != "0" for totals in found.values()):
            if not _is_same(found, expected):
                raise ConfigurationError(
                    "This installation has books of its own. Nothing was imported. Import into an empty one: "
                    "another PENNYBRIDGE_HOME, or another PENNYBRIDGE_DATABASE_URL."
                )
            return True
        for name in contents.BOOKS:
            _bring(source, transaction, name, progress)
        found = {name: contents.totals(transaction, name) for name in contents.BOOKS}
        if database.dialect == "postgresql":
            # It plans badly without statistics on tables that were filled a moment ago.
            for name in contents.BOOKS:
                transaction.execute(f"analyze {name}")
        for name in contents.BOOKS:
            if not _is_same({name: found[name]}, {name: expected[name]}):
                raise StoreError(
                    f"{name} came to {found[name]}, but the file says {expected[name]}. Nothing was imported."
                )
    return False


def _is_same(found: dict[str, contents.Totals], expected: dict[str, contents.Totals]) -> bool:
    """Whether tables add up to the same; one that was never made in the other place is an empty one."""
    return all(
        (totals["rows"], expected[name]["rows"]) == ("0", "0") or totals == expected[name]
        for name, totals in found.items()
    )


def _bring(source: archive.Reader, transaction: Transaction, name: str, progress: Progress | None) -> None:
    if not source.has(f"books/{name}"):
        return
    total = int(source.manifest["tables"][f"books/{name}"]["rows"])

    def pieces() -> "Iterator[pa.Table]":
        done = 0
        for piece in source.table(f"books/{name}"):
            yield piece
            done += piece.num_rows
            if progress:
                progress(name, done, total)

    transaction.append_all(name, pieces())


def _bring_state(source: archive.Reader, state: StateTransaction, name: str, reseal: grants.Reseal) -> None:
    if not source.has(f"state/{name}"):
        return
    for piece in source.table(f"state/{name}"):
        rows = grants.resealed(piece.to_pylist(), reseal)
        for at in range(0, len(rows), _ROWS_PER_STATEMENT):
            _insert(state, name, rows[at : at + _ROWS_PER_STATEMENT])


def _insert(state: StateTransaction, name: str, rows: Sequence[grants.Row]) -> None:
    columns = list(rows[0])
    marks = ", ".join(f"({', '.join(f':{column}_{at}' for column in columns)})" for at in range(len(rows)))
    values = dict(_numbered(rows))
    state.execute(f"insert into {name} ({', '.join(columns)}) values {marks}", **values)  # noqa: S608 — names of ours


def _numbered(rows: Sequence[grants.Row]) -> Iterator[tuple[str, object]]:
    for at, row in enumerate(rows):
        yield from ((f"{column}_{at}", value) for column, value in row.items())
