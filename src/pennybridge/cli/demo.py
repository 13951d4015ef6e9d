"""`pennybridge demo`: the whole way on an emulated company, in one go and in a folder of its own."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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
    from pennybridge.reports.built import Built
    from pennybridge.reports.table import ReportTable
    from pennybridge.store import Database
    from pennybridge.sync.report import SyncReport

TOKEN = "emulator-company-1"  # noqa: S105 - printed on purpose: the emulator's tokens are no secret

_MONTHS_SHOWN = 6
_CUSTOMERS_SHOWN = 8
_CHARTS = ("movements", "mrr", "cohorts", "aging", "dso")


@click.command()
@click.option(
    "--rate-limit/--no-rate-limit", default=False, help="Keep Pennylane's pace: 25 requests per 5 seconds."
)
@click.option("--serve", "serves", is_flag=True, help="Open the web application on it, until Ctrl-C.")
@click.option("--port", default=8080, show_default=True, help="Port of the web application.")
def demo(rate_limit: bool, serves: bool, port: int) -> None:
    """Show the whole way on an emulated company.

    Starts an emulated Pennylane on this machine, connects its seeded company, syncs, lets a day of business
    pass, syncs again, and shows recurring revenue and receivables with their charts. Nothing leaves the
    machine; your own connections are not touched.
    """
    settings = _fresh_home(load_settings())
    click.secho("Pennybridge demo: nothing leaves this machine.", bold=True)
    with _emulator(rate_limit=rate_limit) as emulator:
        with Workspace(settings) as workspace:
            connection = _connect(workspace, emulator)
            database = workspace.database()
            first = _first_sync(workspace, database, connection, rate_limit=rate_limit)
            _second_sync(workspace, database, connection, emulator, first)
            debtor = _show_figures(database, connection, emulator, settings.home)
        if serves:
            _serve(settings, emulator, port)
        else:
            _say_what_next(settings, debtor)


def _fresh_home(settings: Settings) -> Settings:
    """The demo's own folder, without what an earlier demo left there."""
    home = settings.home / "demo"
    demo_settings = replace(settings, home=home, database_url=f"duckdb:///{home / 'pennybridge.duckdb'}")
    for leftover in (
        demo_settings.duckdb_path,
        demo_settings.duckdb_path.with_suffix(".duckdb.wal"),
        home / "state.db",
        home / "dbos.db",
    ):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(home / "outgoing", ignore_errors=True)
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


def _show_figures(database: "Database", connection: "Connection", emulator: "Emulator", home: Path) -> str:
    """Build the models and show what they are for: recurring revenue, and who owes what; who owes most."""
    from pennybridge.models.build import build
    from pennybridge.reports.built import open_built
    from pennybridge.reports.catalog import REPORTS
    from pennybridge.reports.question import Question

    _step(6, "The models are built and checked", "pennybridge build")
    report = build(database, as_of=emulator.now.date())
    click.echo(f"{len(report.models)} models in {report.seconds:.1f} s; {len(report.checks)} checks passed.")
    built = open_built(database, connection.company_id)
    movements = REPORTS["movements"].table(built, Question())
    _step(7, "What moved the recurring revenue", "pennybridge report movements")
    _print(replace(movements, rows=movements.rows[-_MONTHS_SHOWN:], totals=None))
    aging = REPORTS["aging"].table(built, Question())
    _step(8, "Who owes what, and how late", "pennybridge report aging")
    _print(replace(aging, rows=aging.rows[:_CUSTOMERS_SHOWN]))
    _step(9, "Charts", "pennybridge report movements --out movements.png")
    _draw(built, home)
    return str(aging.rows[0][0])


def _print(table: "ReportTable") -> None:
    from pennybridge.cli.report_options import print_table

    # The rules are for those who ask; here the figures speak.
    print_table(replace(table, notes=()), "en")


def _draw(built: "Built", folder: Path) -> None:
    from pennybridge.reports import render
    from pennybridge.reports.catalog import REPORTS
    from pennybridge.reports.question import Question

    for name in _CHARTS:
        report = REPORTS[name]
        if report.chart:
            drawn = render.to_png(report.chart(report.table(built, Question()), "en"))
            (folder / f"{name}.png").write_bytes(drawn)
    click.echo(f"{', '.join(f'{name}.png' for name in _CHARTS)} are in {folder}")


def _serve(settings: Settings, emulator: "Emulator", port: int) -> None:
    """The web application on the demo's company, which stays connected to the emulator meanwhile."""
    from pennybridge.cli.serve import run_hub
    from pennybridge.emulator.oauth import DEFAULT_CLIENT

    _step(10, "The web application, until Ctrl-C", "pennybridge serve")
    known_as = replace(
        settings,
        base_url=emulator.base_url,
        oauth_url=emulator.base_url.removesuffix("/api/external/v2") + "/oauth",
        client_id=DEFAULT_CLIENT.id,
        client_secret=DEFAULT_CLIENT.secret,
    )
    with Workspace(known_as) as workspace:
        run_hub(workspace, "127.0.0.1", port)


def _say_what_next(settings: Settings, debtor: str) -> None:
    command = Path(sys.prefix) / "bin" / "pennybridge"
    here = Path.cwd()
    name = str(command.relative_to(here)) if command.is_relative_to(here) else "pennybridge"
    click.secho("\nTry next", bold=True)
    for line in (
        f"export PENNYBRIDGE_HOME={shlex.quote(str(settings.home))}   # the demo's database",
        f'{name} query "select * from pennylane.customer_invoices order by date desc limit 5"',  # noqa: S608 — a line to copy
        f"{name} report retention",
        f"{name} report explain mrr   # the invoice lines behind it, and the rules",
        f"{name} report statement --customer {shlex.quote(debtor)} --out statement.pdf",
        f"{name} customers list",
        f"{name} demo --serve   # the same, then the web application on it",
        f"{name} emulator   # an emulated Pennylane that stays",
        f"{name} connect --help   # your own company",
    ):
        click.echo(f"  {line}")


def _step(number: int, title: str, command: str | None = None) -> None:
    click.secho(f"\n{number}. {title}", bold=True)
    if command:
        click.secho(f"   $ {command}", dim=True)
