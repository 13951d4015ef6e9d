"""`pennybridge invoices`: check, create, import, then follow up. Runs are in `invoice_runs.py`."""

from pathlib import Path

import click

from pennybridge.cli.invoice_follow_up import categorize, credit, finalize, forget, pay, send_
from pennybridge.cli.invoice_lists import list_, show, status
from pennybridge.cli.invoice_runs import create, import_, set_fields, strict_rules

REFUSED, WARNED, DONE = 1, 3, 0


@click.group()
def invoices() -> None:
    """Create and import invoices, each exactly once, and follow them up.

    INVOICE is Pennylane's id, the invoice's number, or the external reference.
    """


@invoices.command()
@click.argument("path", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@set_fields
@strict_rules
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def validate(path: tuple[Path, ...], given: dict[str, str], strict: bool, as_json: bool) -> int:
    """Check files of invoices without a connection; nothing is sent.

    PATH is a CSV, JSON or JSONL file, a PDF, an XML file, or a folder of these. Exit code 1 if an invoice is
    refused, 3 if there are warnings.
    """
    from pennybridge.invoicing.validate import validate as run

    report = run(path, strict=strict, defaults=given)
    if as_json:
        click.echo(report.to_json())
    else:
        click.echo(report.as_text())
    if not report.is_ready():
        return REFUSED
    return WARNED if report.problems else DONE


@invoices.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON file instead of CSV.")
def template(as_json: bool) -> None:
    """Print a file to fill in, with every column and an example.

    What each column holds, and its other names, French ones included: docs/reference/invoice-columns.md.
    """
    from pennybridge.invoicing.write_rows import template_csv, template_json

    click.echo(template_json() if as_json else template_csv(), nl=False)


for command in (create, import_, list_, show, status, finalize, send_, categorize, pay, credit, forget):
    invoices.add_command(command)
