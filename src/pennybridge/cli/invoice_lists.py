"""`pennybridge invoices list`, `show`, `status`: what was sent, and what has become of it."""

from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import output
from pennybridge.cli.invoice_runs import connection_option, json_option
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.invoicing.reconciliation import Reconciliation

_JOURNAL = ("reference", "state", "number", "id", "from", "done", "updated_at", "problem")


@click.command("list")
@connection_option
@click.option("--state", help="Only submissions in this state, as failed, unknown or verified.")
@json_option
def list_(connection: str | None, state: str | None, as_json: bool) -> None:
    """List what was sent from here, from the journal; nothing is asked of Pennylane."""
    from pennybridge.invoicing.submissions import Submissions

    with Workspace() as workspace:
        journal = Submissions(workspace.state, workspace.company_id(connection), clock=workspace.clock)
        known = [one for one in journal.known().values() if state in (None, one.state)]
    rows = [
        (
            one.reference,
            one.state,
            one.invoice_number,
            one.invoice_id,
            one.file if one.row is None else f"{one.file}:{one.row}",
            ", ".join(one.steps),
            one.updated_at,
            one.problem,
        )
        for one in known
    ]
    if as_json:
        output.print_records(_JOURNAL, rows)
    else:
        output.print_table(_JOURNAL, rows)


@click.command()
@click.argument("invoice")
@connection_option
def show(invoice: str, connection: str | None) -> None:
    """Show an invoice as Pennylane has it: amounts, lines, categories, what it is reconciled with."""
    from pennybridge.invoicing.follow_up_named import find_invoices
    from pennybridge.invoicing.reconciliation import reconcile

    with Workspace() as workspace, workspace.client_of(connection) as (client, _):
        (found,) = find_invoices(client, [invoice])
        lines = client.customer_invoices.lines(found.id).all()
        categories = client.customer_invoices.categories(found.id).all()
        (state,) = reconcile(client, [found])
    click.echo(
        f"{found.invoice_number or 'draft'} (id {found.id}, external reference {found.external_reference}): "
        f"{found.status}, {output.plain(found.date)}, due {output.plain(found.deadline)}"
    )
    columns = ("label", "quantity", "unit price", "VAT", "excl. tax", "tax", "incl. tax")
    output.print_table(
        columns,
        [
            (
                line.label,
                line.quantity,
                line.raw_currency_unit_price,
                line.vat_rate,
                line.currency_amount_before_tax,
                line.currency_tax,
                line.currency_amount,
            )
            for line in lines
        ],
    )
    if categories:
        output.print_table(("category", "weight"), [(one.label, one.weight) for one in categories])
    output.print_table(_STATUS, [_row(state)])


_STATUS = ("number", "id", "state", "total incl. tax", "currency", "open EUR", "matched transactions")


@click.command()
@click.argument("invoice", nargs=-1)
@connection_option
@json_option
def status(invoice: tuple[str, ...], connection: str | None, as_json: bool) -> None:
    """Say which invoices are paid, partly paid or open, and the transactions they are matched with.

    Without INVOICE, all that were sent from here.
    """
    from pennybridge.invoicing.follow_up_named import find_invoices
    from pennybridge.invoicing.reconciliation import reconcile

    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        ids = [str(one.invoice_id) for one in submissions.known().values() if one.invoice_id]
        states = reconcile(client, find_invoices(client, invoice or ids, ignore_missing=not invoice))
    if as_json:
        output.print_json([_record(state) for state in states])
    else:
        output.print_table(_STATUS, [_row(state) for state in states])


def _row(state: "Reconciliation") -> tuple[Any, ...]:
    matched = "; ".join(
        f"{output.plain(one.date)} {output.plain(one.currency_amount)} {one.label or ''}".strip()
        for one in state.transactions
    )
    invoice = state.invoice
    return (
        invoice.invoice_number or "draft",
        invoice.id,
        state.state.replace("_", " "),
        invoice.currency_amount,
        invoice.currency,
        state.open_amount_eur,
        matched,
    )


def _record(state: "Reconciliation") -> dict[str, object]:
    invoice = state.invoice
    return {
        "id": invoice.id,
        "number": invoice.invoice_number,
        "external_reference": invoice.external_reference,
        "state": state.state,
        "status": invoice.status,
        "currency": invoice.currency,
        "total_incl_tax_ccy": invoice.currency_amount,
        "open_amount_eur": state.open_amount_eur,
        "transactions": [
            {"id": one.id, "date": one.date, "currency_amount": one.currency_amount, "label": one.label}
            for one in state.transactions
        ],
    }
