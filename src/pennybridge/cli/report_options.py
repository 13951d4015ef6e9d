"""Options that the report commands share, and where a report goes: terminal, standard output or a file."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import output
from pennybridge.cli.built_books import parse_day, which_company
from pennybridge.errors import ConfigurationError

if TYPE_CHECKING:
    from pennybridge.reports.built import Built
    from pennybridge.reports.question import Question
    from pennybridge.reports.table import ReportTable
    from pennybridge.reports.text import Language

Command = Callable[..., Any]

_ROWS_SHOWN = 200
_LONG = {
    "en": "And {} more rows: --format csv has all of them.",
    "fr": "Et {} lignes de plus : --format csv les a toutes.",
}
_NARROW = {
    "en": "Not shown here for want of room: {}. A wider terminal or --format csv has all columns.",
    "fr": "Faute de place, non montré : {}. Un terminal plus large ou --format csv a toutes les colonnes.",
}
_WRITTEN = ("csv", "json", "md", "svg", "png", "html", "pdf")

_IS_EXCLUDED = "select 1 from pennylane.exclusions where company_id = :company_id and customer_id = :id"

as_of = click.option("--as-of", metavar="DATE", help="What the books said on this day; today by default.")
no_build = click.option(
    "--no-build", is_flag=True, help="Show the last build, even if the books have changed since."
)
out = click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file."
)
language = click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default="en",
    show_default=True,
    help="Of words and numbers.",
)
date_range = (
    click.option("--from", "first", metavar="DATE", help="First day, month, quarter or year: 2026-Q1."),
    click.option("--to", "last", metavar="DATE", help="Last day, month, quarter or year."),
)
customer = click.option(
    "--customer", metavar="CUSTOMER", help="Only this customer: Pennylane's id, external reference or name."
)


def shape(*formats: str) -> Callable[[Command], Command]:
    """The option `--format`; without it the file's name says, or it is a table."""
    return click.option(
        "--format", "shape", type=click.Choice(formats),
        help="How to write it; by default as the name of --out says, else a table.",
    )  # fmt: skip


def chosen_shape(wanted: str | None, file: Path | None, formats: tuple[str, ...]) -> str:
    """The format asked for, by name or by the file's suffix.

    Raises:
        ConfigurationError: The file's suffix is none of the formats.
    """
    if wanted:
        return wanted
    if file is None:
        return "table"
    found = file.suffix.lower().removeprefix(".")
    if found not in _WRITTEN or found not in formats:
        names = ", ".join(name for name in formats if name != "table")
        raise ConfigurationError(
            f"{file.name!r} does not say how to write the report; it can be {names}: name the file so, or "
            f"use "
            "--format. Nothing was written."
        )
    return found


def question(built: "Built", *, first: str | None, last: str | None, customer: str | None) -> "Question":
    """The range and the customer asked for.

    Raises:
        ConfigurationError: A date makes no sense, or the customer is unknown, ambiguous or left out.
    """
    from pennybridge.reports.question import Question, parse_range

    start = parse_range(first)[0] if first is not None else None
    end = parse_day(last)
    if start and start > min(end or built.as_of, built.as_of):
        raise ConfigurationError(
            f"The range begins on {start}, after it ends on {min(end or built.as_of, built.as_of)}."
        )
    if customer is None:
        return Question(start, end)
    found = find_customer(built, customer)
    if built.rows(_IS_EXCLUDED, id=int(found[0])):
        raise ConfigurationError(
            f"{found[1]!r} is left out, so no figure counts its documents. Nothing was shown. "
            f"`pennybridge customers include {found[0]}` takes it in again."
        )
    return Question(start, end, customer_id=str(found[0]), customer=found[1])


def find_customer(built: "Built", text: str) -> tuple[str, str]:
    """A customer's id and name.

    Raises:
        ConfigurationError: None is meant, or more than one.
    """
    from pennybridge.connections.exclusions import find_customer as find

    found = find(built.reader, built.company_id, text)
    return str(found.id), found.name


def print_table(table: "ReportTable", language: "Language") -> None:
    """A report on the terminal: heading, table, and the rules it was made by."""
    from pennybridge.reports.tables import fitting, to_terminal

    console = output.console()
    first = replace(table, rows=table.rows[:_ROWS_SHOWN])
    shown, left_out = fitting(first, console.width, language)
    click.secho(table.heading(language), bold=True)
    click.echo(table.subtitle(language))
    if table.rows:
        console.print(to_terminal(shown, language, width=console.width))
    else:
        click.echo("\nNothing in this range." if language == "en" else "\nRien sur cette période.")
    if more := len(table.rows) - len(first.rows):
        click.secho(_LONG[language].format(output.count(more)), dim=True)
    if left_out:
        click.secho(_NARROW[language].format(", ".join(left_out)), dim=True)
    for note in table.notes:
        click.secho(note.to(language), dim=True)


def write(content: str | bytes, file: Path | None, shape: str) -> None:
    """Write a report to its file, or to standard output; a picture is not thrown at a terminal.

    Raises:
        ConfigurationError: The file cannot be written, or a picture has nowhere to go.
    """
    if file is None:
        if shape in {"png", "pdf"} and sys.stdout.isatty():
            raise ConfigurationError(f"A {shape.upper()} is no text: say where to put it with --out FILE.")
        click.echo(content, nl=False)
        return
    try:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise ConfigurationError(f"{file} could not be written: {error.strerror}.") from error
    click.echo(f"Wrote {file}.", err=True)


__all__ = [
    "as_of", "chosen_shape", "customer", "date_range", "find_customer", "language", "no_build", "out",
    "print_table", "question", "shape", "which_company", "write",
]  # fmt: skip
