"""`pennybridge overrides`: what people decide about invoice lines that rules judge wrong or not at all."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import output
from pennybridge.cli.built_books import parse_day, which_company
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError

if TYPE_CHECKING:
    from pennybridge.models.overrides import Override
    from pennybridge.reports.built import Built
    from pennybridge.store import Database

WARNED = 3
_CLASSES = ("recurring", "one_off", "usage", "unknown")

_PRODUCTS = """
    select original_id, min(name), sum(lines)
    from billing.prices
    where company_id = :company_id
      and (
          original_id = :text or lower(name) = lower(:text)
          or original_id in (
              select price_id from billing.invoice_lines
              where company_id = :company_id and lower(sale_name) = lower(:text)
          )
      )
    group by original_id
    order by original_id
"""
_CONCERNED = """
    select count(*), coalesce(sum(amount_excluding_tax_after_discount_base), 0)
    from billing.invoice_lines
    where company_id = :company_id
      and (:line_id = '' or original_id = :line_id)
      and (:customer_id = '' or customer_id = :customer_id)
      and (:price_id = '' or price_id = :price_id)
"""


@click.group()
def overrides() -> None:
    """Decide about invoice lines that rules judge wrong.

    A line is recurring, one-off or usage, and covers a period. A decision is about one line, one product,
    or one product of one customer; the nearest wins. It holds for all of the past from the next build or
    report on. `pennybridge report explain to-classify` lists what waits for one.
    """


def _selectors(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        which_company,
        click.option(
            "--product", metavar="PRODUCT", help="A product or price, by id or name, or what a label says."
        ),
        click.option(
            "--customer", metavar="CUSTOMER", help="With --product: only what this customer is billed."
        ),
        click.option("--line", metavar="LINE", help="One invoice line, by its id."),
    ):
        command = option(command)
    return command


@overrides.command("list")
@which_company
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def list_(connection: str | None, as_json: bool) -> None:
    """List the decisions."""
    from pennybridge.models.overrides import FILE_COLUMNS

    rows = _rows(connection)
    if as_json:
        output.print_records(FILE_COLUMNS, rows)
    elif rows:
        output.print_table(FILE_COLUMNS, rows)
    else:
        click.echo("Nothing has been decided yet.")


@overrides.command("set")
@_selectors
@click.option("--as", "recurrence", required=True, type=click.Choice(_CLASSES), help="What it is.")
@click.option("--every", "cadence_months", type=int, metavar="MONTHS", help="Months that one line covers.")
@click.option("--from", "first", metavar="DATE", help="First day covered, of a line or a customer's product.")
@click.option("--to", "last", metavar="DATE", help="Last day covered.")
@click.option("--note", help="Why, for those who come after.")
def set_(
    *, connection: str | None, line: str | None, product: str | None, customer: str | None, **decision: Any
) -> None:
    """Decide what a line or product is.

    Example: pennybridge overrides set --product "Maintenance" --as recurring --every 12
    """
    from dataclasses import replace

    from pennybridge.models.overrides import set_overrides
    from pennybridge.reports.question import parse_range

    first, last = decision.pop("first"), decision.pop("last")
    with Workspace() as workspace:
        database = workspace.database()
        built = _built(workspace, database, connection)
        override = replace(
            _selected(built, line, product, customer),
            period_start=parse_range(first)[0] if first else None,
            period_end=parse_day(last),
            **decision,
        )
        set_overrides(database, [override], clock=workspace.clock)
        lines, amount = built.rows(_CONCERNED, **_ids(override))[0]
    click.echo(
        f"Kept: {override.recurrence}, for {output.count(lines)} lines of {amount:,.2f} {built.currency}. "
        "The next build or report applies it."
    )


@overrides.command()
@_selectors
def remove(connection: str | None, line: str | None, product: str | None, customer: str | None) -> None:
    """Forget a decision; the rules judge again."""
    from pennybridge.models.overrides import remove_override

    with Workspace() as workspace:
        database = workspace.database()
        override = _selected(_built(workspace, database, connection), line, product, customer)
        was_there = remove_override(database, override)
    if not was_there:
        raise ConfigurationError(
            "There is no such decision; `pennybridge overrides list` shows those there are."
        )
    click.echo("Forgotten. The next build or report lets the rules judge again.")


@overrides.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@which_company
def import_(file: Path, connection: str | None) -> int:
    """Take decisions from a CSV file as `overrides export` writes it; all of them or none."""
    from pennybridge.models.overrides import read_overrides, set_overrides

    with Workspace() as workspace:
        company_id = workspace.company_id(connection)
        found = read_overrides(file, company_id)
        database = workspace.database()
        built = _built(workspace, database, connection)
        unknown = [each for each in found if not built.rows(_CONCERNED, **_ids(each))[0][0]]
        kept = set_overrides(database, found, clock=workspace.clock)
    click.echo(f"Kept {output.count(kept)} decisions. The next build or report applies them.")
    for each in unknown:
        ids = ", ".join(f"{name} {value}" for name, value in _ids(each).items() if value)
        click.echo(f"No invoice line has {ids}: that decision changes nothing yet.", err=True)
    return WARNED if unknown else 0


@overrides.command()
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)
@which_company
def export(out: Path | None, connection: str | None) -> None:
    """Write the decisions as CSV, for a spreadsheet, a repository, or another machine."""
    import csv
    import io

    from pennybridge.cli.report_options import write
    from pennybridge.models.overrides import FILE_COLUMNS

    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(FILE_COLUMNS)
    writer.writerows([output.plain(value) for value in row] for row in _rows(connection))
    write(written.getvalue(), out, "csv")


def _rows(connection: str | None) -> list[Sequence[Any]]:
    from pennybridge.models.overrides import FILE_COLUMNS, list_overrides

    with Workspace() as workspace:
        company_id = workspace.company_id(connection)
        found = list_overrides(workspace.database(), company_id)
    return [[getattr(each, name) for name in FILE_COLUMNS] for each in found]


def _built(workspace: Workspace, database: "Database", connection: str | None) -> "Built":
    from pennybridge.reports.built import open_built

    return open_built(database, workspace.company_id(connection))


def _selected(built: "Built", line: str | None, product: str | None, customer: str | None) -> "Override":
    """What the decision is about, found in the books.

    Raises:
        ConfigurationError: Nothing or too much was named, or it is not in the books.
    """
    from pennybridge.cli.report_options import find_customer
    from pennybridge.models.overrides import Override

    if (line is None) == (product is None) or (line and customer):
        raise click.UsageError("Name one --line, or a --product, or a --product and a --customer.")
    if line:
        if not built.rows(_CONCERNED, line_id=line, customer_id="", price_id="")[0][0]:
            raise ConfigurationError(f"No invoice line {line!r} counts in these books. Nothing was kept.")
        return Override(built.company_id, "line", line_id=line)
    price_id = _price_id(built, product or "")
    if customer is None:
        return Override(built.company_id, "product", price_id=price_id)
    return Override(
        built.company_id, "customer_product", customer_id=find_customer(built, customer)[0], price_id=price_id
    )


def _price_id(built: "Built", text: str) -> str:
    found = built.rows(_PRODUCTS, text=text.strip())
    if not found:
        raise ConfigurationError(
            f"Nothing sold is called {text!r}. `pennybridge report revenue --by product` shows names, "
            "`report explain to-classify` ids. Nothing was kept."
        )
    if len(found) > 1:
        several = "; ".join(f"{price_id} ({output.count(int(lines))} lines)" for price_id, _, lines in found)
        raise ConfigurationError(f"{text!r} names {len(found)} products: {several}. Say which by its id.")
    price_id: str = found[0][0]
    return price_id


def _ids(override: "Override") -> dict[str, str]:
    return {
        "line_id": override.line_id,
        "customer_id": override.customer_id,
        "price_id": override.price_id,
    }
