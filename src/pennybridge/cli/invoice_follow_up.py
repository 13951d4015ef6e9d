"""`pennybridge invoices finalize`, `send`, `categorize`, `pay`, `credit`: steps on named invoices."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pennybridge.cli import output
from pennybridge.cli.invoice_runs import connection_option, invoices_in_words, json_option
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.invoicing.follow_up_named import Done

DONE, FAILED = 0, 1
_IN_WORDS = {"sent_to_pa": "sent to the PA", "paid": "marked as paid"}


@click.command()
@click.argument("invoice", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--create-categories", is_flag=True, help="Create categories that are not there.")
@connection_option
@json_option
def finalize(
    invoice: tuple[str, ...], yes: bool, create_categories: bool, connection: str | None, as_json: bool
) -> int:
    """Finalize drafts: they get their number, oldest first, and cannot be changed any more.

    Categories that their file named are put on then, because Pennylane takes none on a draft.
    """
    from pennybridge.invoicing.follow_up_named import Named, find_invoices

    if not yes and not sys.stdin.isatty():
        raise click.UsageError("Finalizing cannot be undone, and nobody is there to ask: say --yes.")
    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        found = find_invoices(client, invoice, submissions)
        if not yes:
            question = f"{invoices_in_words(len(found))} numbered now, and cannot be changed then. Go on?"
            click.confirm(question, abort=True, err=True)
        done = Named(client, submissions).finalize(found, create_categories=create_categories)
        return _say(done, as_json=as_json)


@click.command("send")
@click.argument("invoice", nargs=-1, required=True)
@click.option(
    "--to", multiple=True, metavar="ADDRESS", help="Instead of the customer's addresses; may be repeated."
)
@click.option("--again", is_flag=True, help="Mail also what was mailed from here before.")
@click.option("--pa", is_flag=True, help="Hand e-invoices to the platform (PA) instead of mailing.")
@connection_option
@json_option
def send_(  # noqa: PLR0917 - Click passes them by name
    invoice: tuple[str, ...],
    to: tuple[str, ...],
    again: bool,
    pa: bool,
    connection: str | None,
    as_json: bool,
) -> int:
    """Have Pennylane mail invoices to their customers, once each; waits until their PDFs are made."""
    from pennybridge.invoicing.follow_up_named import Named, find_invoices

    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        found, named = find_invoices(client, invoice, submissions), Named(client, submissions)
        done = named.send_to_pa(found) if pa else named.email(found, to, again=again)
        return _say(done, as_json=as_json)


@click.command()
@click.argument("invoice", nargs=-1, required=True)
@click.option(
    "--category",
    "categories",
    multiple=True,
    required=True,
    metavar="GROUP/LABEL=WEIGHT",
    help="As Activity/Hosting=0.5; the weights of a group add up to 1; may be repeated.",
)
@click.option("--create-categories", is_flag=True, help="Create categories that are not there.")
@connection_option
@json_option
def categorize(
    invoice: tuple[str, ...],
    categories: tuple[str, ...],
    create_categories: bool,
    connection: str | None,
    as_json: bool,
) -> int:
    """Put analytical categories on invoices, in place of those they have."""
    from pennybridge.invoicing.cells import UnreadableCellError, read_categories
    from pennybridge.invoicing.follow_up_named import Named, find_invoices

    try:
        weights = read_categories("|".join(categories))
    except UnreadableCellError as error:
        raise click.BadParameter(f"{error}: {error.mend}", param_hint="--category") from error
    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        found = find_invoices(client, invoice, submissions)
        done = Named(client, submissions).categorize(found, weights, create=create_categories)
        return _say(done, as_json=as_json)


@click.command()
@click.argument("invoice", nargs=-1, required=True)
@connection_option
@json_option
def pay(invoice: tuple[str, ...], connection: str | None, as_json: bool) -> int:
    """Mark invoices as paid; Pennylane then matches them with no transaction."""
    from pennybridge.invoicing.follow_up_named import Named, find_invoices

    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        return _say(
            Named(client, submissions).mark_as_paid(find_invoices(client, invoice, submissions)),
            as_json=as_json,
        )


@click.command()
@click.argument("credit_note")
@click.argument("invoice")
@connection_option
@json_option
def credit(credit_note: str, invoice: str, connection: str | None, as_json: bool) -> int:
    """Link a credit note to the invoice that it reduces."""
    from pennybridge.invoicing.follow_up_named import Named, find_invoices

    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        note, credited = find_invoices(client, [credit_note, invoice], submissions)
        return _say([Named(client, submissions).link(note, credited)], as_json=as_json)


@click.command()
@click.argument("submission", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@connection_option
def forget(submission: tuple[str, ...], yes: bool, connection: str | None) -> int:
    """Forget what was sent from here and deleted at Pennylane since, so that it can be sent again.

    SUBMISSION is the external reference, the id or the number that the journal knows. Pennylane is asked
    first; what is there still is not forgotten. The journal keeps what was (`invoices list --json`).
    """
    from pennybridge.invoicing.forget import find_gone

    if not yes and not sys.stdin.isatty():
        raise click.UsageError("Nobody is there to ask whether it may be sent again: say --yes.")
    with Workspace() as workspace, workspace.client_of(connection) as (client, submissions):
        gone, problems = find_gone(client, submissions, submission)
        for problem in problems:
            click.echo(problem, err=True)
        if gone and not yes:
            names = ", ".join(one.reference for one in gone)
            click.confirm(f"Gone from Pennylane: {names}. Forget?", abort=True, err=True)
        for one in gone:
            submissions.forget(one)
            click.echo(f"{one.reference} is forgotten: it is sent when its file is run again.")
    return FAILED if problems else DONE


def _say(done: "Sequence[Done]", *, as_json: bool) -> int:
    failed = [one for one in done if one.problem]
    columns = ("id", "number", "step", "problem")
    rows = [(one.invoice_id, one.number, one.step, one.problem) for one in done]
    if as_json:
        output.print_records(columns, rows)
    else:
        if len(failed) < len(done):
            output.print_table(columns[:3], [row[:3] for row in rows if row[3] is None])
        for one in failed:
            name = one.number or one.invoice_id
            click.echo(f"{name} was not {_IN_WORDS.get(one.step, one.step)}: {one.problem}", err=True)
    return FAILED if failed else DONE
