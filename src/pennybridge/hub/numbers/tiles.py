"""The figures that matter most, each with the day it speaks for and what it was a month before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pennybridge.hub.numbers.messages import classified_share
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Kind, Language, Text, show

MINUS = "\u2212"
AskTable = Callable[[str, Question], ReportTable]
"""Answers a report, by its name."""


@dataclass(frozen=True)
class Tile:
    """One figure, the report it is of, and how it stands to the end of the month before."""

    name: Text
    report: str
    figure: str
    unit: str
    compared: str
    """As `+2.1% since 31 Oct`; empty where there is nothing to compare with."""
    tone: str
    """`good`, `bad` or nothing."""


@dataclass(frozen=True)
class _Figure:
    name: Text
    column: str
    kind: Kind
    unit: str = ""
    better: int = 1
    """1: more is better; -1: less; 0: neither."""


_MRR = (
    _Figure(Text("MRR", "MRR"), "mrr", "whole", "currency"),
    _Figure(Text("ARR", "ARR"), "arr", "whole", "currency"),
    _Figure(Text("Customers with MRR", "Clients avec MRR"), "customers", "count"),
)
_RETENTION = (
    _Figure(Text("NRR, 12 months", "NRR, 12 mois"), "nrr_12", "share"),
    _Figure(Text("GRR, 12 months", "GRR, 12 mois"), "grr_12", "share"),
)
_AGING = (
    _Figure(Text("Open amount", "Encours clients"), "open_amount", "whole", "currency", 0),
    _Figure(Text("Overdue", "Échu"), "overdue", "whole", "currency", -1),
)
_DSO = (_Figure(Text("DSO, count-back", "DSO par épuisement"), "dso_countback", "days", "days", -1),)


def tiles(ask: AskTable, language: Language) -> list[Tile]:
    """Every tile, from the reports that people open by them.

    Args:
        ask: Answers a report's question.
        language: Of words and numbers.
    """
    found: list[Tile] = []
    monthly = (("mrr", Question(), _MRR), ("retention", Question(), _RETENTION),
               ("aging", Question(granularity="month"), _AGING), ("dso", Question(), _DSO))  # fmt: skip
    for report, question, figures in monthly:
        table = ask(report, question)
        found += [_tile(table, each, language) for each in figures]
    share = classified_share(ask("quality", Question()))
    found.append(
        Tile(
            Text("Revenue classified", "CA classé"),
            "quality",
            show(share, "share", language) or "–",
            "",
            Text("of all that was invoiced", "de tout ce qui a été facturé").to(language),
            "",
        )
    )
    return found


def _tile(table: ReportTable, figure: _Figure, language: Language) -> Tile:
    records: Sequence[Mapping[str, Any]] = list(table.records())
    now = records[-1][figure.column] if records else None
    before = records[-2][figure.column] if len(records) > 1 else None
    unit = {"currency": table.currency, "days": Text("days", "jours").to(language)}.get(figure.unit, "")
    compared, tone = ("", "")
    if now is not None and before is not None:
        compared, tone = _compared(now, before, figure, language)
        since = records[-2].get("period_start") or records[-2].get("snapshot_date")
        month = show(since, "month", language)
        compared = Text(f"{compared} since end of {month}", f"{compared} depuis fin {month}").to(language)
    return Tile(
        figure.name,
        table.report,
        show(now, figure.kind, language) or "–",
        unit if now is not None else "",
        compared,
        tone,
    )


def _compared(now: Any, before: Any, figure: _Figure, language: Language) -> tuple[str, str]:
    """The difference as people say it: in points, in days, in customers, or as a share of an amount."""
    difference = float(now) - float(before)
    size = abs(difference)
    if figure.kind == "share":
        points = Text("points", "points").to(language)
        texts = [f"{show(size * 100, 'days', language)} {points}"]
    elif figure.kind in {"days", "count"}:
        texts = [show(size, figure.kind, language)]
    else:
        # What is less than a thousandth is told as it is.
        share = [show(size / abs(float(before)), "share", language)] if before else []
        texts = [*share, show(size, "whole", language)]
    said = next((text for text in texts if any(digit in text for digit in "123456789")), None)
    if said is None:
        return Text("unchanged", "inchangé").to(language), ""
    is_slight = said != texts[0]
    tone = "" if is_slight or not figure.better else ("good" if difference * figure.better > 0 else "bad")
    return f"{'+' if difference > 0 else MINUS}{said}", tone
