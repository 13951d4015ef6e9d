"""`pennybridge invoices create` and `import`: a batch from its files to a table of what became of it."""

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pennybridge.cli import output
from pennybridge.cli.progress import sync_progress
from pennybridge.cli.workspace import Workspace

if TYPE_CHECKING:
    from pennybridge.api.client import Client
    from pennybridge.invoicing.follow_up import FollowUp
    from pennybridge.invoicing.outcome import RunReport
    from pennybridge.invoicing.problems import Problem
    from pennybridge.invoicing.run import Checked
    from pennybridge.invoicing.submissions import Submissions

DONE, FAILED, WARNED = 0, 1, 3
F = TypeVar("F", bound=Callable[..., Any])


def _given(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    from pennybridge.invoicing.fields import FIELDS

    names = {field.name for field in FIELDS}
    pairs = [value.partition("=") for value in values]
    for name, equals, _ in pairs:
        if not equals or name not in names:
            raise click.BadParameter(
                f"{name!r}: write FIELD=VALUE, with a field of docs/reference/invoice-columns.md"
            )
    return {name: value for name, _, value in pairs}


set_fields = click.option(
    "--set",
    "given",
    multiple=True,
    callback=_given,
    metavar="FIELD=VALUE",
    help="What no file says, as --set currency=USD; may be repeated.",
)
strict_rules = click.option(
    "--strict", is_flag=True, help="Refuse what breaks a rule of EN 16931, of France or of Factur-X."
)
connection_option = click.option(
    "--connection",
    help="Which company: a connection's number, company id or name. Not needed when there is one.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")


def _run_options(command: F) -> F:
    """The options that `create` and `import` share."""
    options = [
        click.option("--create-customers", is_flag=True, help="Create customers that are not there."),
        click.option("--create-categories", is_flag=True, help="Create categories that are not there."),
        click.option("--email", is_flag=True, help="Have Pennylane mail each invoice afterwards."),
        click.option(
            "--send-to-pa", is_flag=True, help="Hand each e-invoice to the platform (PA) afterwards."
        ),
        click.option("--paid", is_flag=True, help="Mark each invoice as paid afterwards."),
        click.option(
            "--only", multiple=True, metavar="REFERENCE", help="Only this invoice; may be repeated."
        ),
        click.option("--all-or-nothing", is_flag=True, help="Send nothing if any invoice is refused."),
        click.option("--dry-run", is_flag=True, help="Print the exact requests, and send nothing."),
        set_fields,
        connection_option,
        json_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _tables(_ctx: click.Context, _param: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    documents = [path.name for path in paths if path.suffix.lower() in {".pdf", ".xml"}]
    if documents:
        raise click.BadParameter(f"{documents[0]} exists already: use `pennybridge invoices import`.")
    return paths


@click.command()
@click.argument(
    "file", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), callback=_tables
)
@click.option(
    "--draft/--final", "is_draft", default=None, help="What invoices are that do not say it themselves."
)
@click.option("--yes", is_flag=True, help="Do not ask before final invoices, which cannot be undone.")
@_run_options
def create(
    file: tuple[Path, ...], is_draft: bool | None, yes: bool, given: dict[str, str], **options: Any
) -> int:
    """Create invoices from CSV, JSON or JSONL files.

    Everything is checked first, and every problem of every row is said before anything is sent. Invoices with
    an error are left out; mend them and run the same command again: what was sent is not sent twice.
    """
    if is_draft is not None:
        given = {"status": "draft" if is_draft else "final", **given}
    with Workspace() as workspace:
        return _run(workspace, file, ways=("create",), given=given, yes=yes, strict=False, **options)


@click.command("import")
@click.argument("path", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@strict_rules
@_run_options
def import_(path: tuple[Path, ...], strict: bool, given: dict[str, str], **options: Any) -> int:
    """Import invoices that exist: PDFs, XML files, folders of them.

    Factur-X, ZUGFeRD, XRechnung and UBL bring their own data; a plain PDF takes it from a CSV or JSON file
    with a `file` column, from a file of the same name (a.json beside a.pdf), or from --set.
    """
    with Workspace() as workspace:
        ways = ("import", "e_invoice")
        return _run(workspace, path, ways=ways, given=given, yes=True, strict=strict, **options)


def _run(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    ways: Sequence[Any],
    given: dict[str, str],
    yes: bool,
    strict: bool,
    connection: str | None,
    as_json: bool,
    dry_run: bool,
    only: tuple[str, ...],
    create_customers: bool,
    all_or_nothing: bool,
    email: bool,
    send_to_pa: bool,
    paid: bool,
    create_categories: bool,
) -> int:
    from pennybridge.invoicing.follow_up import FollowUp
    from pennybridge.invoicing.problems import errors
    from pennybridge.invoicing.run import look_over

    with workspace.client_of(connection) as (client, submissions):
        checked = look_over(
            paths,
            client=client,
            submissions=submissions,
            ways=ways,
            create_customers=create_customers,
            create_categories=create_categories,
            strict=strict,
            defaults=given,
        )
        checked = checked.only(only) if only else checked
        after = FollowUp(email=email, send_to_pa=send_to_pa, paid=paid, create_categories=create_categories)
        if dry_run:
            return _show_requests(checked, after)
        if not as_json:
            _say(checked.problems)
        if all_or_nothing and errors(checked.problems):
            return _refuse_all(checked, as_json=as_json)
        _ask_before_final(checked, yes=yes)
        return _send(client, submissions, checked, after, as_json=as_json)


def _refuse_all(checked: "Checked", *, as_json: bool) -> int:
    from pennybridge.invoicing.outcome import RunReport

    if as_json:
        click.echo(RunReport(problems=checked.problems).to_json())
    click.echo("Nothing was sent, because not everything is right.", err=True)
    return FAILED


def _send(
    client: "Client", submissions: "Submissions", checked: "Checked", after: "FollowUp", *, as_json: bool
) -> int:
    from pennybridge.invoicing.run import send

    with sync_progress(quiet=as_json) as progress:
        report = send(checked, client=client, submissions=submissions, after=after, progress=progress)
    if as_json:
        click.echo(report.to_json())
    else:
        print_report(report)
    return exit_code(report)


def _show_requests(checked: "Checked", after: "FollowUp") -> int:
    """Print what would be sent, as JSON, on standard output; problems on standard error."""
    from pennybridge.invoicing.problems import errors

    _say(checked.problems)
    output.print_json(checked.bodies(after))
    settled = invoices_in_words(len(checked.prepared.settled) + len(checked.prepared.there))
    click.echo(
        f"{settled} at Pennylane already. Ids that only a request gives are 0 here. ", nl=False, err=True
    )
    click.echo("Nothing was sent.", err=True)
    return FAILED if errors(checked.problems) else DONE


def invoices_in_words(number: int) -> str:
    """As `1 invoice is` or `3 invoices are`."""
    return "1 invoice is" if number == 1 else f"{output.count(number)} invoices are"


def money(amount: "Decimal | None") -> str | None:
    """An amount to the cent, for a table."""
    return None if amount is None else f"{amount:.2f}"


def _say(problems: Sequence["Problem"]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)


def _ask_before_final(checked: "Checked", *, yes: bool) -> None:
    final = sum(bool(job.draft.is_final) for job in checked.prepared.jobs)
    if not final or yes:
        return
    question = f"{invoices_in_words(final)} numbered at once, which cannot be undone. Send?"
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody is there to answer: say --yes.")
    click.confirm(question, abort=True, err=True)


_COLUMNS = ("reference", "outcome", "number", "id", "customer", "total incl. tax", "currency", "done")


def print_report(report: "RunReport") -> None:
    """A row per invoice, then what went wrong on standard error, then a line that sums up."""
    rows = [
        (
            result.reference,
            result.outcome.replace("_", " "),
            result.number,
            result.invoice_id,
            result.customer,
            money(result.total_incl_tax_ccy),
            result.currency,
            ", ".join(result.steps),
        )
        for result in report.results
    ]
    if rows:
        output.print_table(_COLUMNS, rows)
    for result in report.results:
        said = [result.problem] if result.problem and result.outcome != "refused" else []
        for text in (*said, *result.waiting):
            click.echo(f"{result.outcome.replace('_', ' ')} {result.reference}: {text}", err=True)
    click.echo(report.as_line())


def exit_code(report: "RunReport") -> int:
    """1 when an invoice is not at Pennylane as meant, 3 when there is something to look at, else 0."""
    from pennybridge.invoicing.problems import errors

    if report.failed or errors(report.problems):
        return FAILED
    return WARNED if report.has_warnings else DONE
