"""What all charts share: size, fonts, colours, and how numbers are written in either language.

Colours are those of Okabe and Ito, which people with any colour vision tell apart; what is ordered, such as
lateness, goes from light to dark.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from pennybridge.reports.table import Column, ReportTable
from pennybridge.reports.text import NARROW_SPACE, NO_BREAK_SPACE, Language, Text, show

Spec = dict[str, Any]

INK, MUTED, GRID = "#1f2933", "#616e7c", "#e4e7eb"
BLUE, SKY, GREEN, ORANGE, VERMILION, GREY = "#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#9aa5b1"
WIDTH, HEIGHT = 760, 320
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_NUMBERS_SIDE_BY_SIDE = 14
_FEW_BARS, _WIDEST_BAR = 5, 90
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""Named, never fetched."""


_MAY_CHANGE = Text("○ provisional or in progress", "○ provisoire ou en cours")


def chart(
    table: ReportTable,
    language: Language,
    body: Spec,
    *,
    title: Text | None = None,
    has_open_points: bool = False,
) -> Spec:
    """A whole spec from its body: heading, colours, fonts and the way numbers are written.

    Args:
        table: Whose report, as of when.
        language: Of every word and number.
        body: Data, marks and encodings.
        title: Instead of the table's heading.
        has_open_points: Whether an open point says that a figure may still change.
    """
    heading = title.to(language) if title else table.heading(language)
    return {
        "$schema": _SCHEMA,
        "background": "#ffffff",
        "padding": 16,
        "title": {
            "text": heading,
            "subtitle": table.subtitle(language)
            + (f" · {_MAY_CHANGE.to(language)}" if has_open_points else ""),
            "anchor": "start",
            "fontSize": 17,
            "subtitleFontSize": 12,
            "subtitleColor": MUTED,
            "subtitlePadding": 4,
            "offset": 16,
        },
        "params": _currency(table.currency, language),
        "config": _config(language),
        **body,
    }


def data(values: Iterable[dict[str, Any]]) -> Spec:
    """Inline data."""
    return {"values": list(values)}


def number(value: Any) -> float | None:
    """What a chart draws; exact amounts stay in the table."""
    return None if value is None else float(value)


def time_axis(labels: Sequence[str]) -> Spec:
    """Periods in their order, named as the table names them."""
    axis: Spec = {"title": None, "labelAngle": 0, "labelOverlap": "greedy", "ticks": False, "labelPadding": 8}
    if len(labels) > 14:
        axis |= {"labelAngle": -45, "labelAlign": "right"}
    return {"field": "period", "type": "ordinal", "sort": list(dict.fromkeys(labels)), "axis": axis}


def bar_width(labels: Sequence[str], band: float = 0.62) -> Any:
    """A share of a period's place; a fixed width where few periods would make walls of bars."""
    return {"band": band} if len(labels) > _FEW_BARS else _WIDEST_BAR


def has_room_for_numbers(labels: Sequence[str]) -> bool:
    """Whether a number over each period stays apart from the next one's."""
    return len(labels) <= _NUMBERS_SIDE_BY_SIDE


def distinct(names: Iterable[Any]) -> list[str]:
    """Names with a number after those that stood before, so that two customers of one name have two bars.

    >>> distinct(["Martin", "Petit", "Martin", None])
    ['Martin', 'Petit', 'Martin (2)', '?']
    """
    seen: Counter[str] = Counter()
    found = []
    for name in (str(name or "?") for name in names):
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


# `before`, `space` and `after` are set in `chart`: €6k, 6 k€.
_AMOUNT = """(datum.value < 0 ? '\u2212' : '') + before + (
    abs(datum.value) >= 1e6 ? format(abs(datum.value) / 1e6, ',~f') + space + 'M' + after
    : abs(datum.value) >= 1e3 ? format(abs(datum.value) / 1e3, ',~f') + space + 'k' + after
    : format(abs(datum.value), ',~f') + space + after)"""


def amount_axis(title: str | None = None, **more: Any) -> Spec:
    """Amounts in thousands or millions where they are large."""
    return {"type": "quantitative", "axis": {"title": title, "labelExpr": _AMOUNT, "tickCount": 6, **more}}


def legend(title: str | None = None) -> Spec:
    """One line of keys above the plot."""
    return {
        "orient": "top",
        "title": title,
        "direction": "horizontal",
        "columns": 7,
        "symbolType": "square",
        "offset": 24,
    }


def labels_of(table: ReportTable, language: Language) -> list[str]:
    """The first column as people read it."""
    column: Column = table.columns[0]
    return [show(row[0], column.kind, language) for row in table.rows]


def ranking(
    table: ReportTable,
    language: Language,
    *,
    amount: str,
    tooltip: str,
    shown: int = 15,
    last_only: bool = False,
    adds_up: bool = True,
) -> Spec:
    """Horizontal bars: the largest rows by an amount, the others put together.

    Args:
        table: The rows, with what they are called in the first column, or in the second after a period.
        language: Of words and numbers.
        amount: The column that the bars show.
        tooltip: What the bars measure.
        shown: How many rows at most.
        last_only: Only the rows of the last period.
        adds_up: Whether the column is an amount; days do not add up, and have no currency.
    """
    label = 1 if last_only else 0
    records = [(row[label], record) for row, record in zip(table.rows, table.records(), strict=True)]
    if last_only and table.rows:
        last = table.rows[-1][0]
        records = [pair for row, pair in zip(table.rows, records, strict=True) if row[0] == last]
    names = distinct(name for name, _ in records)
    values = [(name, number(record[amount]) or 0.0) for name, (_, record) in zip(names, records, strict=True)]
    values.sort(key=lambda pair: -abs(pair[1]))
    rest = sum(value for _, value in values[shown:])
    named: list[dict[str, Any]] = [
        {"label": name, "value": value, "text": _short(value, language)} for name, value in values[:shown]
    ]
    if rest and adds_up:
        others = f"{_short(len(values) - shown, language)} {Text('others', 'autres').to(language)}"
        named.append({"label": others, "value": rest, "text": _short(rest, language), "is_rest": True})
    y = {
        "field": "label", "type": "nominal", "sort": None,
        "axis": {"title": None, "ticks": False, "labelLimit": 240, "domain": False},
    }  # fmt: skip
    axis = amount_axis(tooltip) if adds_up else {"type": "quantitative", "axis": {"title": tooltip}}
    x = {"field": "value", **axis}
    if any(record["value"] < 0 for record in named):
        x["scale"] = {"padding": 60}  # a negative bar's number stands left of it
    bar_colors = [
        {"test": "datum.is_rest", "value": GREY},
        {"test": "datum.value < 0", "value": VERMILION},
    ]
    return {
        "data": data(named),
        "width": WIDTH - 160,
        "height": {"step": 24},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {
                    "y": y,
                    "x": x,
                    "color": {"condition": bar_colors, "value": BLUE},
                },
            },
            {
                "mark": {
                    "type": "text",
                    "align": {"expr": "datum.value < 0 ? 'right' : 'left'"},
                    "dx": {"expr": "datum.value < 0 ? -5 : 5"},
                    "color": INK,
                },
                "encoding": {"y": y, "x": x, "text": {"field": "text"}},
            },
        ],
    }


def _short(value: float, language: Language) -> str:
    return show(round(value), "count", language)


def _currency(currency: str, language: Language) -> list[Spec]:
    symbol = _SYMBOLS.get(currency, currency)
    if language == "fr":
        parts = {"before": "", "space": NO_BREAK_SPACE, "after": symbol}
    else:
        before = symbol if currency in _SYMBOLS else f"{symbol}{NO_BREAK_SPACE}"
        parts = {"before": before, "space": "", "after": ""}
    return [{"name": name, "value": value} for name, value in parts.items()]


def _config(language: Language) -> Spec:
    numbers: Spec = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]}
    if language == "fr":
        percent = f"{NARROW_SPACE}%"
        numbers |= {"decimal": ",", "thousands": NARROW_SPACE, "percent": percent}
    return {
        "font": FONT,
        "locale": {"number": numbers},
        "view": {"stroke": None},
        "axis": {
            "gridColor": GRID, "domainColor": GRID, "tickColor": GRID, "labelColor": MUTED,
            "titleColor": MUTED, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        },
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False},
        "legend": {"labelFontSize": 12, "labelColor": INK, "titleFontSize": 12, "labelLimit": 330},
        "title": {"color": INK, "font": FONT, "subtitleFont": FONT},
        "text": {"fontSize": 12},
    }  # fmt: skip
