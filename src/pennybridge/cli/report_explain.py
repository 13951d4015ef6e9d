"""`pennybridge report explain`: the lines, customers or documents behind a figure, and the rules at work."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennybridge.cli import report_options as options
from pennybridge.cli.built_books import built_books, parse_day
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError
from pennybridge.reports.explain.catalog import BUCKETS, FIGURES, Named, find_figure

if TYPE_CHECKING:
    from pennybridge.reports.question import Measure, Question
    from pennybridge.reports.text import Language

_FORMATS = ("table", "csv", "json", "md")
_WIDTH = max(len(f"{name} {of.which}") for name, of in FIGURES.items())
_FIGURES = "\n".join(f"{f'{name} {of.which}':<{_WIDTH}} {of.summary}" for name, of in FIGURES.items())
_HELP = f"""Open a figure down to the lines and rules behind it.

\b
{_FIGURES}

A period is 2026-09, 2026-Q3 or 2026; without one, the latest. A figure may be called by its column in a
report too.

Examples: pennybridge report explain mrr 2026-09; pennybridge report explain aging over_90; pennybridge report
explain cohort 2026-Q1 --age 6 --measure revenue
"""


@click.command(help=_HELP, short_help="Open a figure down to the lines behind it.")
@click.argument("figure")
@click.argument("which", required=False)
@click.option(
    "--age",
    type=click.IntRange(min=0),
    metavar="MONTHS",
    help="Of a cohort: so many months after its beginning; by default as far as it has come.",
)
@click.option(
    "--measure", type=click.Choice(["customers", "revenue", "gross"]),
    help="Of a cohort: the share of customers, of MRR, or of MRR without growth.",
)  # fmt: skip
@click.option(
    "--lines",
    is_flag=True,
    help="Instead of customers or their sales, the invoice lines and rules behind them.",
)
@options.customer
@options.as_of
@options.shape(*_FORMATS)
@options.out
@options.language
@options.no_build
@options.which_company
def explain(
    *,
    figure: str,
    which: str | None,
    age: int | None,
    measure: "Measure | None",
    lines: bool,
    customer: str | None,
    as_of: str | None,
    shape: str | None,
    out: Path | None,
    language: "Language",
    no_build: bool,
    connection: str | None,
) -> None:
    """Open a figure down to the lines and rules behind it."""
    from pennybridge.reports.tables import WRITERS

    named = find_figure(figure)
    _check(named, age=age, measure=measure, lines=lines)
    about = FIGURES[named.figure]
    wanted = options.chosen_shape(shape, out, _FORMATS)
    with (
        Workspace() as workspace,
        built_books(workspace, connection=connection, as_of=parse_day(as_of), rebuild=not no_build) as built,
    ):
        asked = options.question(built, first=None, last=None, customer=customer)
        asked = replace(_narrowed(asked, named, which), measure=measure or "customers")
        asked = asked if age is None else replace(asked, age=age)
        opened = about.lines if lines and about.lines else about.explain
        table = opened(built, asked)
    if wanted == "table" and out is None:
        options.print_table(table, language)
        return
    options.write(WRITERS[wanted](table, language), out, wanted)


def _check(named: Named, *, age: int | None, measure: str | None, lines: bool) -> None:
    """Refuse options that the figure does not have.

    Raises:
        ConfigurationError: One was given.
    """
    if named.figure != "cohort" and (measure or age is not None):
        raise ConfigurationError(f"--age and --measure are of a cohort; {named.figure} has neither.")
    if named.figure == "cohort" and named.part and age is not None:
        raise ConfigurationError(f"month_{named.part} says the age already: leave --age away, or say cohort.")
    if lines and not FIGURES[named.figure].lines:
        with_lines = ", ".join(name for name, of in FIGURES.items() if of.lines)
        raise ConfigurationError(
            f"{named.figure} has no --lines: it opens as far without. --lines is of: {with_lines}."
        )


def _narrowed(asked: "Question", named: Named, which: str | None) -> "Question":
    """The question with what WHICH names: a bucket, a line, a finding, or a period.

    Raises:
        ConfigurationError: It names nothing that the figure has.
    """
    kind = FIGURES[named.figure].which
    if which and (not kind or (kind == "BUCKET" and named.part)):
        name = named.part or named.figure
        raise ConfigurationError(f"{name} takes no further word; {which!r} means nothing here.")
    if kind in {"PERIOD", "MONTH"}:
        return _in_period(asked, named, which)
    if kind == "BUCKET" and which and which not in BUCKETS:
        raise ConfigurationError(f"There is no aging bucket {which!r}; there are: {', '.join(BUCKETS)}.")
    if kind in {"LINE", "TOPIC/ITEM"} and not which:
        raise ConfigurationError(f"Say which: pennybridge report explain {named.figure} {kind}.")
    return replace(asked, which=which or named.part)


def _in_period(asked: "Question", named: Named, which: str | None) -> "Question":
    from pennybridge.reports.question import granularity_of, parse_range

    if named.figure == "cohort":
        asked = replace(asked, age=int(named.part) if named.part else None)
    else:
        asked = replace(asked, which=named.part)
    if which is None:
        return asked
    first, last = parse_range(which)
    return replace(asked, first=first, last=last, granularity=granularity_of(first, last))
