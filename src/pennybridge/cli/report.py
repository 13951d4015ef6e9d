"""`pennybridge report`: each report of `reports.catalog` as a command with the options it reads."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from pennybridge.cli import report_options as options
from pennybridge.cli.built_books import built_books, parse_day
from pennybridge.cli.report_explain import explain
from pennybridge.cli.report_statement import statement
from pennybridge.cli.workspace import Workspace
from pennybridge.errors import ConfigurationError
from pennybridge.reports.catalog import REPORTS, Report

if TYPE_CHECKING:
    from pennybridge.reports.built import Built
    from pennybridge.reports.question import Question
    from pennybridge.reports.table import ReportTable
    from pennybridge.reports.text import Language


@click.group()
def report() -> None:
    """Show figures: revenue, retention, receivables, charts.

    They are brought up to date before they are shown. Each has a table, most have a chart; `explain` opens a
    figure down to the invoice lines and rules behind it.
    """


def _command(about: Report) -> click.Command:
    """The command of one report."""

    def run(**chosen: Any) -> None:
        _run(about, **chosen)

    command: Callable[..., Any] = run
    for option in reversed(list(_options(about))):
        command = option(command)
    return click.command(about.name, help=about.summary, short_help=about.summary)(command)


def _options(about: Report) -> Iterable[Callable[..., Any]]:
    yield options.as_of
    if about.has_range:
        yield from options.date_range
    if about.by:
        yield click.option(
            "--by", multiple=True, type=click.Choice(about.by),
            help="The periods, or what to break the figure down by; may be given once for each.",
        )  # fmt: skip
    if about.has_measure:
        yield click.option(
            "--measure", type=click.Choice(["customers", "revenue", "gross"]), default="customers",
            show_default=True, help="Share of customers, of MRR, or of MRR without growth.",
        )  # fmt: skip
    if about.has_customer:
        yield options.customer
    if about.has_currency:
        yield click.option("--currency", metavar="CODE", help="Only what is billed in this currency, in it.")
    yield options.shape(*_formats(about))
    yield options.out
    yield options.language
    if about.explained:
        yield click.option(
            "--explain", is_flag=True,
            help="Also list the lines and rules behind the figure; as CSV, these alone.",
        )  # fmt: skip
    yield options.no_build
    yield options.which_company


def _formats(about: Report) -> tuple[str, ...]:
    return ("table", "csv", "json", "md", *(("svg", "png") if about.chart else ()))


def _run(
    about: Report, *, as_of: str | None, shape: str | None, language: "Language", no_build: bool,
    connection: str | None, **chosen: Any,
) -> None:  # fmt: skip
    file = chosen.pop("out")
    wanted = options.chosen_shape(shape, file, _formats(about))
    if chosen.get("explain") and wanted in {"svg", "png"}:
        raise click.UsageError("A chart holds no lines: leave --explain away, or ask for csv, json or md.")
    with (
        Workspace() as workspace,
        built_books(workspace, connection=connection, as_of=parse_day(as_of), rebuild=not no_build) as built,
    ):
        asked = _question(built, **chosen)
        tables = [about.table(built, asked)]
        if chosen.get("explain") and about.explained:
            tables.append(about.explained(built, asked))
    if wanted == "table" and file is None:
        for table in tables:
            options.print_table(table, language)
        return
    options.write(_content(about, tables, wanted, language), file, wanted)


def _question(built: "Built", **chosen: Any) -> "Question":
    """What was asked, from the options that the report has."""
    from pennybridge.reports.question import BREAKDOWNS, GRANULARITIES

    asked = options.question(
        built, first=chosen.get("first"), last=chosen.get("last"), customer=chosen.get("customer")
    )
    by = chosen.get("by") or ()
    return replace(
        asked,
        granularity=_only(by, GRANULARITIES, "one kind of period"),
        breakdown=_only(by, BREAKDOWNS, "one breakdown"),
        currency=_currency(built, chosen.get("currency")),
        measure=chosen.get("measure") or "customers",
    )


def _only(given: Iterable[str], allowed: Iterable[str], what: str) -> Any:
    found = [name for name in given if name in allowed]
    if len(set(found)) > 1:
        raise click.UsageError(f"--by takes {what}, not {' and '.join(found)}.")
    return found[0] if found else None


def _currency(built: "Built", code: str | None) -> str | None:
    if code is None:
        return None
    known = [
        row[0] for row in built.rows(
            "select distinct currency_code from billing.invoices where company_id = :company_id order by 1"
        )
    ]  # fmt: skip
    if code.upper() not in known:
        raise ConfigurationError(f"Nothing is billed in {code!r}; there is {', '.join(known) or 'nothing'}.")
    return code.upper()


def _content(about: Report, tables: list["ReportTable"], shape: str, language: "Language") -> str | bytes:
    from pennybridge.reports import render
    from pennybridge.reports import tables as written

    table = tables[0]
    if shape in {"svg", "png"} and about.chart:
        if not table.rows:
            raise ConfigurationError("There is nothing to draw in this range. Nothing was written.")
        spec = about.chart(table, language)
        return render.to_svg(spec) if shape == "svg" else render.to_png(spec)
    if shape == "json":
        return written.to_json(*tables, language=language)
    if shape == "md":
        return "\n".join(written.to_markdown(each, language) for each in tables)
    if shape == "table":
        return "".join(written.to_text(each, language) for each in tables)
    # A file of rows holds one table: with --explain, the lines behind the figure.
    return written.to_csv(tables[-1])


for _each in REPORTS.values():
    report.add_command(_command(_each))
report.add_command(statement)
report.add_command(explain)
