"""Revenue by period and by what it came from."""

from pennybridge.reports.charts import style
from pennybridge.reports.charts.style import Spec
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Language, show
from pennybridge.reports.words import HEADINGS

_KINDS = (
    ("recurring", style.BLUE),
    ("usage", style.GREEN),
    ("one_off", style.SKY),
    ("unknown", style.GREY),
)


def bars(table: ReportTable, language: Language) -> Spec:
    """Stacked by recurring, usage, one-off and not classified, the total above; a slice is a ranking."""
    if table.columns[0].name != "period_start":
        tooltip = HEADINGS["revenue"].to(language)
        return style.chart(table, language, style.ranking(table, language, amount="revenue", tooltip=tooltip))
    labels = style.labels_of(table, language)
    headings = [HEADINGS[name].to(language) for name, _ in _KINDS]
    has_numbers = style.has_room_for_numbers(labels)
    values, tops = [], []
    for label, record in zip(labels, table.records(), strict=True):
        values += [
            {"period": label, "kind": headings[order], "value": style.number(record[name]), "order": order}
            for order, (name, _) in enumerate(_KINDS)
            if record[name]
        ]
        top = sum(max(float(record[name]), 0.0) for name, _ in _KINDS)
        text = show(round(record["revenue"]), "count", language) if has_numbers else ""
        tops.append({"period": label, "value": top, "text": text})
    x = style.time_axis(labels)
    y = {"field": "value", **style.amount_axis()}
    color = {
        "field": "kind", "type": "nominal", "legend": style.legend(),
        "scale": {"domain": headings, "range": [color for _, color in _KINDS]},
    }  # fmt: skip
    return style.chart(table, language, {
        "width": style.WIDTH,
        "height": style.HEIGHT,
        "layer": [
            {"data": style.data(values), "mark": {"type": "bar", "width": style.bar_width(labels)},
             "encoding": {"x": x, "y": {**y, "stack": "zero"}, "color": color, "order": {"field": "order"}}},
            {"data": style.data(tops), "mark": {"type": "text", "dy": -8, "color": style.INK, "fontSize": 11},
             "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
        ],
    })  # fmt: skip
