"""`pennybridge report explain`: the lines, customers or documents behind a figure, and the rules at work."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennybridge.cli import report_options as options
from pennybridge.cli.built_books import built_books, parse_day
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError
from pennybridge.reports.explain.catalog import BUCKETS, FIGURES, MOVEMENTS, figure_names

if TYPE_CHECKING:
    from pennybridge.reports.question import Question
    from pennybridge.reports.text import Language

_FORMATS = ("table", "csv", "json", "md")
_HELP = "\n\n".join(
    (
        "Open a figure down to the lines and rules behind it.",
        "\b\n" + "\n".join(f"{f'{name} {of.which}':<20} {of.summary}" for name, of in FIGURES.items()),
        "A period is 2026-09, 2026-Q3 or 2026; without one, the latest.",
        "Examples: pennybridge report explain mrr 2026-09; pennybridge report explain aging over_90",
    )
)  # fmt: skip


@click.command(help=_HELP, short_help="Open a figure down to the lines behind it.")
@click.argument("figure")
@click.argument("which", required=False)
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

    name = figure_names(figure)
    wanted = options.chosen_shape(shape, out, _FORMATS)
    with (
        Workspace() as workspace,
        built_books(workspace, connection=connection, as_of=parse_day(as_of), rebuild=not no_build) as built,
    ):
        asked = options.question(built, first=None, last=None, customer=customer)
        asked = _narrowed(asked, name, which)
        table = FIGURES["aging" if name in BUCKETS else name].explain(built, asked)
    if wanted == "table" and out is None:
        options.print_table(table, language)
        return
    options.write(WRITERS[wanted](table, language), out, wanted)


def _narrowed(asked: "Question", name: str, which: str | None) -> "Question":
    """The question with what WHICH names: a bucket, a line, or a period.

    Raises:
        ConfigurationError: It names nothing that the figure has.
    """
    from pennybridge.reports.question import granularity_of, parse_range

    if which and (name in BUCKETS or not FIGURES[name].which):
        raise ConfigurationError(f"{name} takes no further word; {which!r} means nothing here.")
    if name in BUCKETS:
        return replace(asked, which=name)
    if name == "aging":
        if which and which not in BUCKETS:
            raise ConfigurationError(f"There is no aging bucket {which!r}; there are: {', '.join(BUCKETS)}.")
        return replace(asked, which=which)
    if name == "line":
        if not which:
            raise ConfigurationError("Say which line: pennybridge report explain line LINE.")
        return replace(asked, which=which)
    if which is None:
        return replace(asked, which=name if name in MOVEMENTS else None)
    first, last = parse_range(which)
    return replace(
        asked, first=first, last=last, granularity=granularity_of(first, last),
        which=name if name in MOVEMENTS else None,
    )  # fmt: skip
