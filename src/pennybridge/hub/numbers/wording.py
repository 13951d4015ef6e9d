"""What pages of figures call things, and the form in which a report is asked for."""

from dataclasses import dataclass, replace
from typing import Any

from pennybridge.hub.numbers.asked import (
    MEASURES,
    breakdowns,
    currencies,
    granularities,
)
from pennybridge.reports.built import Built
from pennybridge.reports.catalog import Report
from pennybridge.reports.explain import causes
from pennybridge.reports.explain.catalog import MOVEMENTS
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Text

TITLES: dict[str, Text] = {
    "mrr": Text("MRR", "MRR"),
    "movements": Text("Movements", "Mouvements"),
    "bridge": Text("Causes", "Causes"),
    "retention": Text("Retention", "Rétention"),
    "cohorts": Text("Cohorts", "Cohortes"),
    "revenue": Text("Revenue", "Chiffre d’affaires"),
    "aging": Text("Aging", "Balance âgée"),
    "dso": Text("DSO", "DSO"),
    "to-do": Text("To do", "À faire"),
    "quality": Text("Quality", "Qualité"),
}
"""Each report, as short as its place in the row of reports."""

_NAMES: dict[str, Text] = {
    "by": Text("Period", "Période"),
    "cut": Text("Break down by", "Ventiler par"),
    "currency": Text("Billed in", "Facturé en"),
    "measure": Text("Measure", "Mesure"),
}
_CHOICES: dict[str, Text] = {
    "month": Text("Months", "Mois"),
    "quarter": Text("Quarters", "Trimestres"),
    "year": Text("Years", "Années"),
    "product": Text("Product", "Produit"),
    "country": Text("Country", "Pays"),
    "customer": Text("Customer", "Client"),
    "customers": Text("Customers kept", "Clients conservés"),
    "revenue": Text("MRR kept, growth included", "MRR conservé, croissance comprise"),
    "gross": Text("MRR kept, growth left out", "MRR conservé, hors croissance"),
}
_FIRST: dict[str, Text] = {
    "cut": Text("nothing", "rien"),
    "currency": Text("all currencies", "toutes devises"),
    "by": Text("as it fits", "au mieux"),
}
_ONE_DAY = Text("One day", "Un jour")
_REPORT_OF = {
    "held": "mrr", "nrr": "retention", "grr": "retention", "cohort": "cohorts", "delays": "dso",
    "line": "mrr", **dict.fromkeys(MOVEMENTS, "movements"),
    **dict.fromkeys(("to-classify", "unmatched", "left-out", "findings", "restatements"), "quality"),
    **dict.fromkeys(causes.PARTS, "bridge"),
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A list to choose from: the parameter, its label, and each value with what it is called."""

    name: str
    label: Text
    options: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Form:
    """What a report can be asked for."""

    has_range: bool
    has_customer: bool
    choices: tuple[Choice, ...]


def form(report: Report, built: Built) -> Form:
    """The form of a report."""
    wanted: list[tuple[str, tuple[str, ...]]] = [
        ("by", granularities(report)),
        ("cut", breakdowns(report)),
        ("measure", MEASURES if report.has_measure else ()),
    ]
    if report.has_currency:
        wanted.append(("currency", tuple(currencies(built))))
    choices = [
        Choice(name, _NAMES[name], _options(report, name, values))
        for name, values in wanted
        if len(values) > 1 or (name == "cut" and values)
    ]
    return Form(report.has_range, report.has_customer, tuple(choices))


def report_of(figure: str) -> str:
    """The report that a figure belongs to."""
    return _REPORT_OF.get(figure, figure)


def resolved(report: Report, asked: Question, table: ReportTable) -> Question:
    """The question with the range and the periods that the report chose by itself, for the links."""
    if report.name == "cohorts":
        kind: Any = table.columns[0].kind
        return replace(asked, granularity=kind)
    return asked.within(table.as_of) if report.has_range else asked


def _options(report: Report, name: str, values: tuple[str, ...]) -> tuple[tuple[str, Text], ...]:
    named = tuple((value, _CHOICES.get(value) or Text(value, value)) for value in values)
    if name == "by" and report.name in {"aging", "dso"}:
        return (("", _ONE_DAY), *named)
    if name == "by" and report.name != "cohorts":
        return named
    return (("", _FIRST[name]), *named) if name in _FIRST else named
