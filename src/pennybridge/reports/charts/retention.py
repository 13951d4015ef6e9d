"""NRR and GRR over time, and the cohort heat map."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from pennybridge.reports.charts import style
from pennybridge.reports.charts.style import Spec
from pennybridge.reports.table import ReportTable, Row
from pennybridge.reports.text import Language, Text, show

_RATES = (
    ("nrr_12", style.BLUE, Text("NRR, 12 months", "NRR, 12 mois")),
    ("grr_12", style.VERMILION, Text("GRR, 12 months", "GRR, 12 mois")),
)
_EDGE = 2.0
"""No rate below this is cut off."""
_MONTHS_SINCE = Text("Months since the first", "Mois depuis le premier")


def rates(table: ReportTable, language: Language) -> Spec:
    """Net and gross revenue retention over twelve months, month after month.

    A first month that rests on one small customer would rule the axis: what lies far beyond the others leaves
    the picture at its upper edge, where its figure stands.
    """
    labels = style.labels_of(table, language)
    values: list[dict[str, Any]] = [
        {"period": label, "rate": name.to(language), "value": record[key],
         "text": show(record[key], "share", language)}
        for label, record in zip(labels, table.records(), strict=True)
        for key, _, name in _RATES
        if record[key] is not None
    ]  # fmt: skip
    edge = _edge([value["value"] for value in values])
    beyond = [
        value | {"value": edge, "text": f"▲ {value['text']}"}
        for value in values
        if edge and value["value"] > edge
    ]
    within = [value for value in values if value["value"] <= (edge or value["value"])]
    first, last = _ends(values)
    latest = [value for value in within if value["period"] == last]
    earliest = [value for value in within if value["period"] == first != last]
    x = style.time_axis(labels)
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False, "nice": edge is None, "padding": 12} | ({"domainMax": edge} if edge else {}),
        "axis": {"title": None, "format": ".0%", "tickCount": 6},
    }
    color = {
        "field": "rate",
        "type": "nominal",
        "legend": style.legend(),
        "scale": {
            "domain": [name.to(language) for _, _, name in _RATES],
            "range": [color for _, color, _ in _RATES],
        },
    }
    return style.chart(table, language, {
        "data": style.data(values),
        "width": style.WIDTH,
        "height": style.HEIGHT,
        "layer": [
            {"data": style.data([{}]), "mark": {"type": "rule", "color": style.MUTED, "strokeDash": [4, 4]},
             "encoding": {"y": {"datum": 1}}},
            {"mark": {"type": "line", "strokeWidth": 2.5, "clip": True,
                      "point": {"size": 45, "filled": True}},
             "encoding": {"x": x, "y": y, "color": color}},
            *({"data": style.data([value for value in earliest if value["rate"] == name.to(language)]),
               "mark": {"type": "text", "dy": below, "fontWeight": "bold"},
               "encoding": {"x": x, "y": y, "text": {"field": "text"}, "color": {**color, "legend": None}}}
              for (_, _, name), below in zip(_RATES, (-12, 18), strict=True)),
            *({"data": style.data([value for value in latest if value["rate"] == name.to(language)]),
               "mark": {"type": "text", "align": "left", "dx": 9, "dy": below // 2, "fontWeight": "bold"},
               "encoding": {"x": x, "y": y, "text": {"field": "text"}, "color": {**color, "legend": None}}}
              for (_, _, name), below in zip(_RATES, (-12, 18), strict=True)),
            {"data": style.data(beyond), "mark": {"type": "text", "dy": 8, "fontWeight": "bold"},
             "encoding": {"x": x, "y": y, "text": {"field": "text"}, "color": {**color, "legend": None}}},
        ],
    }, title=Text("Revenue retention over twelve months", "Rétention du revenu sur douze mois"))  # fmt: skip


def _edge(values: Sequence[float]) -> float | None:
    """Where the axis ends when some rate lies far beyond the others; none when all fit."""
    edge = max(_EDGE, 1.5 * median(values)) if values else _EDGE
    return edge if any(value > edge for value in values) else None


def _ends(values: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """The first and the last month that have a rate, whose figures are written beside their points."""
    return (values[0]["period"], values[-1]["period"]) if values else ("", "")


def heat_map(table: ReportTable, language: Language) -> Spec:
    """Shares kept by cohort and age; what is not reached yet is empty, the average stands below."""
    ages = [column.title(language) for column in table.columns[3:]]
    kind = table.columns[0].kind
    rows: list[tuple[str, Row]] = [
        (f"{show(row[0], kind, language)}  ({show(row[1], 'count', language)})", row) for row in table.rows
    ]
    if table.totals:
        rows.append((show(table.totals[0], "word", language), table.totals))
    cells = [
        {"cohort": label, "age": age, "share": share, "text": f"{share * 100:.0f}"}
        for label, row in rows
        for age, share in zip(ages, row[3:], strict=True)
        if share is not None
    ]
    x = {
        "field": "age", "type": "ordinal", "sort": ages,
        "axis": {"title": _MONTHS_SINCE.to(language), "orient": "top", "labelAngle": 0, "ticks": False,
                 "domain": False, "labelOverlap": "greedy"},
    }  # fmt: skip
    y = {
        "field": "cohort", "type": "ordinal", "scale": {"domain": _with_gap([label for label, _ in rows])},
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 200},
    }  # fmt: skip
    # Shares that can grow differ from one both ways; the others only fall from it.
    grows = any(cell["share"] > 1 for cell in cells)
    scale = (
        {"domain": [0.4, 1, 1.6], "range": [style.VERMILION, "#f7f7f7", style.BLUE], "clamp": True}
        if grows
        else {"scheme": "blues", "domain": [0, 1], "clamp": True}
    )
    on_dark = "abs(datum.share - 1) > 0.4" if grows else "datum.share > 0.62"
    color = {"field": "share", "type": "quantitative", "scale": scale, "legend": None}
    return style.chart(table, language, {
        "data": style.data(cells),
        "width": {"step": 38 if len(ages) <= 24 else 26},
        "height": {"step": 24},
        "layer": [
            {"mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 1.5},
             "encoding": {"x": x, "y": y, "color": color}},
            {"mark": {"type": "text", "fontSize": 11},
             "encoding": {"x": x, "y": y, "text": {"field": "text"},
                          "color": {"condition": {"test": on_dark, "value": "#ffffff"},
                                    "value": style.INK}}},
        ],
    }, title=Text(f"{table.heading('en')}, in %", f"{table.heading('fr')}, en %"))  # fmt: skip


def _with_gap(labels: list[str]) -> list[str]:
    """The average, the last of them, stands a little apart."""
    return [*labels[:-1], " ", labels[-1]]
