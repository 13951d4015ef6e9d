"""`pennybridge report statement`: what a customer was billed, paid and still owes, on paper or as data."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennybridge.cli import report_options as options
from pennybridge.cli.built_books import built_books, parse_day
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.reports.statement.account import Account
    from pennybridge.reports.text import Language

_FORMATS = ("table", "csv", "json", "md", "html", "pdf")


@click.command(short_help="A customer's statement of account.")
@click.option(
    "--customer",
    required=True,
    metavar="CUSTOMER",
    help="Whose: Pennylane's id, external reference or name.",
)
@click.option(
    "--open-items", is_flag=True, help="Only what is still open, each document with its open amount."
)
@click.option("--from", "first", metavar="DATE", help="Where it begins, with an opening balance.")
@options.as_of
@options.shape(*_FORMATS)
@options.out
@options.language
@options.no_build
@options.which_company
def statement(
    *,
    customer: str,
    open_items: bool,
    first: str | None,
    as_of: str | None,
    shape: str | None,
    out: Path | None,
    language: "Language",
    no_build: bool,
    connection: str | None,
) -> None:
    """A customer's statement of account: documents and payments in order, with the balance after each.

    It ends with what is owed by how late it is. It is no legal invoice, and says so.

    Example: pennybridge report statement --customer "Café de la Gare" --out releve.pdf --language fr
    """
    from pennybridge.reports.statement.account import account

    if open_items and first is not None:
        raise click.UsageError("Open items have no beginning: leave --from away, or --open-items.")
    wanted = options.chosen_shape(shape, out, _FORMATS)
    with (
        Workspace() as workspace,
        built_books(workspace, connection=connection, as_of=parse_day(as_of), rebuild=not no_build) as built,
    ):
        asked = options.question(built, first=first, last=None, customer=customer)
        found = account(built, asked.customer_id or "", first=asked.first, open_items=open_items)
    if wanted == "table" and out is None:
        options.print_table(found.table(), language)
        return
    options.write(_content(found, wanted, language), out, wanted)


def _content(found: "Account", wanted: str, language: "Language") -> str | bytes:
    from pennybridge.reports.statement import documents
    from pennybridge.reports.tables import WRITERS

    if wanted == "pdf":
        return documents.to_pdf(found, language)
    if wanted == "html":
        return documents.to_html(found, language)
    if wanted == "md":
        return documents.to_markdown(found, language)
    return WRITERS[wanted](found.table(), language)
