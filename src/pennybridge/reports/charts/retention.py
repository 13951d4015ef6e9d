"""NRR and GRR over time, and the cohort heat map."""

from pennybridge.reports.charts import style
from pennybridge.reports.charts.style import Spec
from pennybridge.reports.table import ReportTable, Row
from pennybridge.reports.text import Language, Text, show

_RATES = (
    ("nrr_12", style.BLUE, Text("NRR, 12 months", "NRR, 12 mois")),
    ("grr_12", style.VERMILION, Text("GRR, 12 months", "GRR, 12 mois")),
)
_MONTHS_SINCE = Text("Months since the first", "Mois depuis le premier")


def rates(table: ReportTable, language: Language) -> Spec:
    """Net and gross revenue retention over twelve months, month after month."""
    labels = style.labels_of(table, language)
    values = [
        {"period": label, "rate": name.to(language), "value": record[key],
         "text": show(record[key], "share", language) if label in {labels[0], labels[-1]} else ""}
        for label, record in zip(labels, table.records(), strict=True)
        for key, _, name in _RATES
        if record[key] is not None
    ]  # fmt: skip
    x = style.time_axis(labels)
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False, "nice": True, "padding": 12},
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
            {"mark": {"type": "line", "strokeWidth": 2.5, "point": {"size": 45, "filled": True}},
             "encoding": {"x": x, "y": y, "color": color}},
            {"mark": {"type": "text", "dy": -12, "fontWeight": "bold"},
             "encoding": {"x": x, "y": y, "text": {"field": "text"}, "color": {**color, "legend": None}}},
        ],
    }, title=Text("Revenue retention over twelve months", "Rétention du revenu sur douze mois"))  # fmt: skip


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
