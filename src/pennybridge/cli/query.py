"""`pennybridge query`: SQL on the database, for reading only."""

import sys

import click

from pennybridge.cli.workspace import Workspace


@click.command()
@click.argument("sql", metavar='"SELECT …"')
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print the rows; csv puts an apostrophe before what a spreadsheet would run as a formula.",
)
def query(sql: str, shape: str) -> None:
    """Run a SELECT on the database.

    SQL is one statement, or `-` to read it from standard input. Whatever would change something is refused.
    The landing tables are in the schema `pennylane`: docs/reference/tables.md lists them.

    Example: pennybridge query "select name, count(*) from pennylane.customers group by name"
    """
    from pennybridge.cli import output
    from pennybridge.store.transaction import as_tuples

    statement = sys.stdin.read() if sql == "-" else sql
    with Workspace() as workspace:
        found = workspace.database(read_only=True).query_read_only(statement)
    printers = {"table": output.print_table, "csv": output.print_csv, "json": output.print_records}
    printers[shape](found.column_names, as_tuples(found))
