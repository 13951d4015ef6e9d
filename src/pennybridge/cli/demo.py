"""`pennybridge demo`: the whole way on an emulated company, in one go and in a folder of its own."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.workspace import Workspace
from pennybridge.settings import Settings, load_settings

if TYPE_CHECKING:
    from pennybridge.connections.connection import Connection
    from pennybridge.emulator.books import Company
    from pennybridge.emulator.server import Emulator
    from pennybridge.store import Database
    from pennybridge.sync.report import SyncReport

TOKEN = "emulator-company-1"  # noqa: S105 - printed on purpose: the emulator's tokens are no secret

OPEN_BY_CUSTOMER = """
select customers.name as customer, count(*) as invoices,
       sum(invoices.remaining_amount_with_tax) as open_eur, min(invoices.deadline) as oldest_due_date
from pennylane.customer_invoices as invoices
join pennylane.customers using (company_id)
where customers.id = invoices.customer_id and not invoices.draft and invoices.deleted_at is null
  and invoices.remaining_amount_with_tax <> 0
group by customers.name
order by open_eur desc
limit 8
"""

REVENUE_BY_MONTH = """
select strftime(date, '%Y-%m') as month, count(*) as documents, sum(amount - tax) as revenue_excl_tax_eur
from pennylane.customer_invoices
where not draft and deleted_at is null
group by month
order by month desc
limit 12
"""


@click.command()
@click.option(
    "--rate-limit/--no-rate-limit", default=False, help="Keep Pennylane's pace: 25 requests per 5 seconds."
)
def demo(rate_limit: bool) -> None:
    """Show the whole way on an emulated company.

    Starts an emulated Pennylane on this machine, connects its seeded company, syncs, lets a day of business
    pass, syncs again and asks the database. Nothing leaves the machine; your own connections are not
    touched.
    """
    settings = _fresh_home(load_settings())
    click.secho("Pennybridge demo: nothing leaves this machine.", bold=True)
    with _emulator(rate_limit=rate_limit) as emulator, Workspace(settings) as workspace:
        connection = _connect(workspace, emulator)
        database = workspace.database()
        first = _first_sync(workspace, database, connection, rate_limit=rate_limit)
        _second_sync(workspace, database, connection, emulator, first)
        _ask(database)
    _say_what_next(settings)


def _fresh_home(settings: Settings) -> Settings:
    """The demo's own folder, without what an earlier demo left there."""
    home = settings.home / "demo"
    demo_settings = replace(settings, home=home, database_url=f"duckdb:///{home / 'pennybridge.duckdb'}")
    for leftover in (
        demo_settings.duckdb_path,
        demo_settings.duckdb_path.with_suffix(".duckdb.wal"),
        home / "state.db",
    ):
        leftover.unlink(missing_ok=True)
    return demo_settings


@contextmanager
def _emulator(*, rate_limit: bool) -> "Iterator[Emulator]":
    from pennybridge.emulator.server import Emulator, fill_with_seeds

    _step(1, "An emulated Pennylane starts")
    with Emulator(frozen=False, rate_limit=rate_limit, check_contract=False) as emulator:
        fill_with_seeds(emulator.books, companies=1)
        company = _company(emulator)
        invoices = emulator.books.count("customer_invoices", company.id)
        click.echo(f"{company.name} has {output.count(invoices)} invoices at {emulator.base_url}")
        yield emulator


def _company(emulator: "Emulator") -> "Company":
    (company,) = emulator.books.companies.values()
    return emulator.books.touch(company.id)


def _connect(workspace: Workspace, emulator: "Emulator") -> "Connection":
    from pennybridge.api.secret import Secret

    _step(2, "Connect", f"pennybridge connect --base-url {emulator.base_url} < token.txt")
    connection, _ = workspace.connections.add(Secret(TOKEN), base_url=emulator.base_url)
    click.echo(f"Connected {connection.name} (company {connection.company_id}).")
    return connection


def _first_sync(
    workspace: Workspace, database: "Database", connection: "Connection", *, rate_limit: bool
) -> "SyncReport":
    from pennybridge.cli.sync import print_report, run_sync

    _step(3, "The first sync reads everything", "pennybridge sync")
    report = run_sync(workspace, database, connection, request_budget=None)
    print_report(connection, report)
    if not rate_limit:
        _say_pace(report)
    return report


def _say_pace(report: "SyncReport") -> None:
    """How long it would have taken Pennylane, which answers 25 requests per 5 seconds."""
    details = sum(each.requests for each in report.resources.values() if each.kind == "details")
    lists = report.requests - details
    click.echo(
        f"The emulator kept no rate limit here. At Pennylane's pace the lists would take {lists / 5:.0f} s, "
        f"the details (a request per record) {details / 300:.0f} min, spread over several syncs."
    )


def _second_sync(
    workspace: Workspace,
    database: "Database",
    connection: "Connection",
    emulator: "Emulator",
    first: "SyncReport",
) -> None:
    from pennybridge.cli.sync import print_report, run_sync
    from pennybridge.emulator.business_day import do_business

    _step(4, "A day of business passes in the emulator")
    emulator.move_clock(days=1)
    for sentence in do_business(emulator.books, _company(emulator)):
        click.echo(f"- {sentence}")
    emulator.settle()
    _step(5, "The second sync reads what changed", "pennybridge sync")
    report = run_sync(workspace, database, connection)
    print_report(connection, report)
    click.secho(f"{output.count(first.requests)} requests the first time, {report.requests} now.", bold=True)


def _ask(database: "Database") -> None:
    """Two questions to the landing tables, with the SQL that answers them."""
    from pennybridge.store.database import as_tuples

    for number, title, sql in (
        (6, "Who owes what", OPEN_BY_CUSTOMER),
        (7, "Revenue by month", REVENUE_BY_MONTH),
    ):
        _step(number, title)
        click.secho(sql.strip(), dim=True)
        rows = database.query_read_only(sql)
        output.print_table(rows.column_names, [tuple(map(_for_people, row)) for row in as_tuples(rows)])


def _for_people(value: object) -> object:
    return f"{value:,.2f}" if isinstance(value, Decimal) else value


def _say_what_next(settings: Settings) -> None:
    command = Path(sys.prefix) / "bin" / "pennybridge"
    here = Path.cwd()
    name = str(command.relative_to(here)) if command.is_relative_to(here) else "pennybridge"
    click.secho("\nTry next", bold=True)
    for line in (
        f"export PENNYBRIDGE_HOME={shlex.quote(str(settings.home))}   # the demo's database",
        f'{name} query "select * from pennylane.customer_invoices order by date desc limit 5"',  # noqa: S608 — a line to copy
        f"{name} customers list",
        f"{name} emulator   # an emulated Pennylane that stays",
        f"{name} connect --help   # your own company",
    ):
        click.echo(f"  {line}")


def _step(number: int, title: str, command: str | None = None) -> None:
    click.secho(f"\n{number}. {title}", bold=True)
    if command:
        click.secho(f"   $ {command}", dim=True)
