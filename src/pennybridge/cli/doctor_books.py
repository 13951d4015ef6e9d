"""What `pennybridge doctor` looks at in the database: its tables, its models, the disk under it."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pennybridge.errors import DatabaseBusyError, PennybridgeError
from pennybridge.settings import Settings

if TYPE_CHECKING:
    from pennybridge.cli.workspace import Workspace
    from pennybridge.store import Transaction

MIN_FREE_BYTES = 1_000_000_000

State = Literal["ok", "warning", "problem"]


class Finding(NamedTuple):
    """One thing looked at, and how it is."""

    state: State
    what: str
    text: str


def ok(what: str, text: str) -> Finding:
    """All is well."""
    return Finding("ok", what, text)


def warning(what: str, text: str) -> Finding:
    """It works, but somebody should do what the text says."""
    return Finding("warning", what, text)


def problem(what: str, text: str) -> Finding:
    """It does not work until somebody does what the text says."""
    return Finding("problem", what, text)


def books(workspace: "Workspace") -> Iterator[Finding]:
    """The database, whether it is whole, and the models in it."""
    settings = workspace.settings
    if not settings.is_postgresql and not settings.duckdb_path.exists():
        yield ok("database", f"{settings.duckdb_path} (made by the first sync)")
        return
    try:
        database = workspace.database(read_only=True)
        with database.snapshot() as transaction:
            yield _database(settings, transaction)
            yield _integrity(transaction)
            yield _models(transaction)
    except DatabaseBusyError as error:
        yield (warning if workspace.engine.queue().alive else problem)("database", str(error))
    except PennybridgeError as error:
        yield problem("database", str(error))


def _database(settings: Settings, transaction: "Transaction") -> Finding:
    ((loads, step),) = transaction.rows(
        "select (select count(*) from pennylane.loads), (select max(version) from pennylane.schema_version)"
    )
    ((version,),) = transaction.rows("select version()")
    engine = " ".join(str(version).split()[:2]) if settings.is_postgresql else f"DuckDB {version}"
    where = "" if settings.is_postgresql else f"{settings.duckdb_path}, "
    return ok("database", f"{where}{engine}, tables at step {step}, {loads} loads so far")


def _integrity(transaction: "Transaction") -> Finding:
    """Read every row: a damaged block does not stay hidden; and look for keys that are there twice."""
    from pennybridge.store import landing

    rows, twice = 0, []
    for table in landing.TABLES.values():
        key = ", ".join(table.key)
        ((count, _),) = transaction.rows(
            f"select count(*), sum(length(cast(payload as text))) from pennylane.{table.name}"  # noqa: S608 — a table of ours
        )
        ((distinct,),) = transaction.rows(
            f"select count(*) from (select distinct {key} from pennylane.{table.name}) as keys"  # noqa: S608 — names of ours
        )
        rows += count
        if count != distinct:
            twice.append(table.name)
    if twice:
        return problem(
            "integrity",
            f"{', '.join(twice)}: some records are there twice, which no sync does. Restore a copy, or move "
            "the database away and sync anew; and report this.",
        )
    return ok("integrity", f"{rows:,} rows can be read, none is there twice")


_WATCHED = (
    "customers", "products", "billing_subscriptions", "billing_subscription_lines",
    "customer_invoices", "customer_invoice_lines", "payments", "matched_transactions",
)  # fmt: skip
"""The landing tables that models read."""


def _models(transaction: "Transaction") -> Finding:
    from pennybridge.reports.built import built_as_of

    as_of = built_as_of(transaction)
    if as_of is None:
        return ok("models", "not built yet (made by the first report, or `pennybridge build`)")
    newer = [
        name
        for name in _WATCHED
        if transaction.rows(
            f"select 1 from pennylane.{name} "  # noqa: S608 — a table of ours
            "where load_id not in (select load_id from build.seen_loads) limit 1"
        )
    ]
    if newer:
        return ok("models", f"as of {as_of}; the next build takes in what is new in {', '.join(newer)}")
    failed = _failed_checks(transaction, as_of)
    if failed:
        return problem(
            "models", f"as of {as_of}; failed: {'; '.join(failed)}. Run `pennybridge build --whole`."
        )
    return ok("models", f"as of {as_of}, up to date with the last sync, all checks pass")


def _failed_checks(transaction: "Transaction", as_of: date) -> list[str]:
    """The checks that find something, of those that need nothing but what a build keeps."""
    from pennybridge.models import catalog, graph

    passing = {model.name for model in catalog.models().values() if not model.is_kept}
    return [
        f"{check.name} ({check.summary.rstrip('.')})"
        for check in catalog.checks().values()
        if not graph.tables_named(check.sql) & passing
        and transaction.rows(f"select 1 from ({check.sql}) as found limit 1", as_of=as_of)  # noqa: S608 — our own text
    ]


def companies(workspace: "Workspace") -> Iterator[Finding]:
    """Whether the books of each company are fresh and whole, and whether anything can keep them so."""
    from pennybridge.sync.status import company_status

    if not workspace.settings.is_postgresql and not workspace.settings.duckdb_path.exists():
        return
    try:
        database = workspace.database(read_only=True)
        known = database.rows("select company_id, name from pennylane.companies order by company_id")
    except PennybridgeError:
        return  # said of the database
    states = {connection.company_id: connection.state for connection in workspace.connections.known()}
    for company_id, name in known:
        if company_id not in states:
            yield warning(
                "books",
                f"{name} has books here and no connection. Put back the state.db from which it was "
                "connected, or run `pennybridge connect`.",
            )
        elif states[company_id] == "active":
            attention = company_status(database, company_id, workspace.clock).attention
            yield _fresh(name, attention)


def _fresh(name: str, attention: list[str]) -> Finding:
    if not attention:
        return ok("books", f"{name}: fresh and whole")
    more = f" (and {len(attention) - 1} more)" if len(attention) > 1 else ""
    return warning(
        "books", f"{name}: {attention[0]}{more}. Run `pennybridge sync`; `pennybridge status` tells more."
    )


def disk(settings: Settings) -> Iterator[Finding]:
    """The room where the data is kept, beside what an upgrade needs, and the copies that upgrades left."""
    from pennybridge.store import backups

    existing = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    files = [settings.duckdb_path, settings.duckdb_path.with_name("state.db")]
    files = [file for file in files if not settings.is_postgresql and file.exists()]
    size = sum(file.stat().st_size for file in files)
    folder = files[0].parent if files else existing
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:,.1f} GB free where the data is kept"
    if size:
        text += f", which takes {size / 1e9:,.2f} GB"
    if free < max(MIN_FREE_BYTES, size):
        yield warning("space", f"{text}. Make room: an update copies the data before it changes tables.")
    else:
        yield ok("space", text)
    copies = [copy for file in files for copy in backups.known(file)]
    if copies:
        yield ok("copies", f"{_listed(copies)} from before updates; they can be deleted")


def _listed(copies: list[Path]) -> str:
    size = sum(copy.stat().st_size for copy in copies) / 1e9
    return f"{', '.join(copy.name for copy in copies)} ({size:,.2f} GB)"
