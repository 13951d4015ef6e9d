"""`pennybridge invoices list`, `show`, `status`: what was sent, and what has become of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import output
from pennybridge.cli.invoice_runs import connection_option, json_option, money
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.api.payloads import Transaction
    from pennybridge.invoicing.reconciliation import Reconciliation
    from pennybridge.invoicing.submissions import Former, Submission

_JOURNAL = ("reference", "state", "number", "id", "from", "done", "updated_at", "problem")
_STATES = ("planned", "sending", "unknown", "failed", "sent", "verified", "differs")


@click.command("list")
@connection_option
@click.option("--state", type=click.Choice(_STATES), help="Only submissions in this state.")
@json_option
def list_(connection: str | None, state: str | None, as_json: bool) -> None:
    """List what was sent from here, from the journal; nothing is asked of Pennylane."""
    from pennybridge.invoicing.submissions import Submissions

    with Workspace() as workspace:
        journal = Submissions(workspace.state, workspace.company_id(connection), clock=workspace.clock)
        known = [one for one in journal.known().values() if state in (None, one.state)]
    if as_json:
        output.print_json([_journal_record(one) for one in known])
    else:
        output.print_table(_JOURNAL, [_journal_row(one) for one in known])


def _journal_row(one: "Submission") -> tuple[Any, ...]:
    return (
        one.reference,
        one.state,
        one.invoice_number,
        one.invoice_id,
        one.file if one.row is None else f"{one.file}:{one.row}",
        ", ".join(one.steps),
        one.updated_at and one.updated_at.replace(microsecond=0),
        one.problem,
    )


def _journal_record(one: "Submission") -> dict[str, object]:
    row = dict(zip(_JOURNAL, _journal_row(one), strict=True))
    return {**row, "done": one.steps, "history": [_former_record(former) for former in one.history]}


def _former_record(former: "Former") -> dict[str, object]:
    return {
        "forgotten_at": former.forgotten_at,
        "id": former.invoice_id,
        "number": former.invoice_number,
        "done": former.steps,
    }


@click.command()
@click.argument("invoice")
@connection_option
def show(invoice: str, connection: str | None) -> None:
    """Show an invoice as Pennylane has it: amounts, lines, categories, what it is reconciled with."""
    from pennybridge.invoicing.follow_up_named import find_invoices
    from pennybridge.invoicing.reconciliation import reconcile

    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        (found,) = find_invoices(client, [invoice], submissions)
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
                money(line.currency_amount_before_tax),
                money(line.currency_tax),
                money(line.currency_amount),
            )
            for line in lines
        ],
    )
    if categories:
        output.print_table(("category", "weight"), [(one.label, one.weight) for one in categories])
    print_states([_row(state, {})], _matched([state]))


_STATUS = ("number", "id", "reference", "state", "total incl. tax", "currency", "open EUR")


@click.command()
@click.argument("invoice", nargs=-1)
@click.option(
    "--transactions",
    is_flag=True,
    help="Also the bank transactions matched with each: a request per invoice. Shown anyway for INVOICE.",
)
@connection_option
@json_option
def status(invoice: tuple[str, ...], transactions: bool, connection: str | None, as_json: bool) -> None:
    """Say which invoices are paid, partly paid or open, and the transactions they are matched with.

    Without INVOICE, all that were sent from here, in a request a hundred; what was deleted at Pennylane since
    is said to be gone.
    """
    from pennybridge.invoicing.follow_up_named import find_invoices
    from pennybridge.invoicing.reconciliation import of_submissions, reconcile

    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        gone: list[Submission] = []
        names = {one.invoice_id: one.reference for one in submissions.known().values()}
        if invoice:
            states = reconcile(client, find_invoices(client, invoice, submissions))
        else:
            journal = submissions.known().values()
            states, gone = of_submissions(client, journal, transactions=transactions)
    if as_json:
        output.print_json([*(_record(state, names) for state in states), *map(_gone_record, gone)])
    else:
        rows = [_row(state, names) for state in states]
        print_states([*rows, *map(_gone_row, gone)], _matched(states))


def print_states(rows: list[tuple[Any, ...]], matched: list[tuple[Any, ...]]) -> None:
    """How invoices stand, then the transactions they are matched with, if they are known."""
    output.print_table(_STATUS, rows)
    if matched:
        output.print_table(("number", "transaction", "date", "amount", "currency", "label"), matched)


def _row(state: "Reconciliation", names: "Mapping[int | None, str]") -> tuple[Any, ...]:
    invoice = state.invoice
    return (
        invoice.invoice_number or "draft",
        invoice.id,
        names.get(invoice.id, invoice.external_reference),
        state.state.replace("_", " "),
        money(invoice.currency_amount),
        invoice.currency,
        money(state.open_amount_eur),
    )


def _gone_row(submission: "Submission") -> tuple[Any, ...]:
    number = submission.invoice_number
    return number, submission.invoice_id, submission.reference, "gone", None, None, None


def _matched(states: "Sequence[Reconciliation]") -> list[tuple[Any, ...]]:
    return [
        (state.invoice.invoice_number, one.id, one.date, money(one.currency_amount), one.currency, one.label)
        for state in states
        for one in state.transactions or ()
    ]


def _record(state: "Reconciliation", names: "Mapping[int | None, str]") -> dict[str, object]:
    invoice = state.invoice
    return {
        "id": invoice.id,
        "number": invoice.invoice_number,
        "external_reference": names.get(invoice.id, invoice.external_reference),
        "state": state.state,
        "status": invoice.status,
        "currency": invoice.currency,
        "total_incl_tax_ccy": invoice.currency_amount,
        "open_amount_eur": state.open_amount_eur,
        "transactions": None
        if state.transactions is None
        else [_transaction(one) for one in state.transactions],
    }


def _transaction(one: "Transaction") -> dict[str, object]:
    return {"id": one.id, "date": one.date, "currency_amount": one.currency_amount, "label": one.label}


def _gone_record(submission: "Submission") -> dict[str, object]:
    return {
        "id": submission.invoice_id,
        "number": submission.invoice_number,
        "external_reference": submission.reference,
        "state": "gone",
    }
