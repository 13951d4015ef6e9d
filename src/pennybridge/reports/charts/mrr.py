"""MRR over time, and what moved it."""

from pennybridge.reports.charts import style
from pennybridge.reports.charts.style import Spec
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Language, Text, show
from pennybridge.reports.words import HEADINGS

_KINDS = (
    ("new_mrr", style.BLUE),
    ("expansion_mrr", style.SKY),
    ("reactivation_mrr", style.GREEN),
    ("currency_effect", style.GREY),
    ("contraction_mrr", style.ORANGE),
    ("churn_mrr", style.VERMILION),
)
_NET = Text("Net change", "Variation nette")
_HELD = Text("Held: waits for a renewal invoice", "En attente d'une facture de renouvellement")
_SURE = Text("MRR", "MRR")


def line(table: ReportTable, language: Language) -> Spec:
    """MRR with its held part; months that may still change have an open point. A slice is a ranking."""
    if table.columns[1].name != "mrr":
        ranked = style.ranking(table, language, amount="mrr", tooltip="MRR", last_only=True)
        return style.chart(table, language, ranked, title=_of_last_period(table))
    labels = style.labels_of(table, language)
    has_numbers = style.has_room_for_numbers(labels)
    values = [
        {
            "period": label,
            "mrr": style.number(record["mrr"]),
            "sure": style.number(record["mrr"] - (record["held_mrr"] or 0)),
            "open": record["status"] != "final",
            "text": show(round(record["mrr"]), "count", language) if has_numbers else "",
        }
        for label, record in zip(labels, table.records(), strict=True)
    ]
    x = style.time_axis(labels)
    y = {"field": "mrr", **style.amount_axis()}
    keys = [_SURE.to(language), _HELD.to(language)]
    color = {
        "type": "nominal",
        "scale": {"domain": keys, "range": ["#cfe3f3", style.ORANGE]},
        "legend": style.legend(),
    }
    return style.chart(table, language, {
        "data": style.data(values),
        "width": style.WIDTH,
        "height": style.HEIGHT,
        "layer": [
            {
                "mark": {"type": "bar", "width": style.bar_width(labels)},
                "encoding": {"x": x, "y": {"field": "sure", **style.amount_axis()},
                             "color": {"datum": keys[0], **color}},
            },
            {
                "mark": {"type": "bar", "width": style.bar_width(labels)},
                "encoding": {"x": x, "y": {"field": "sure", **style.amount_axis()}, "y2": {"field": "mrr"},
                             "color": {"datum": keys[1], **color}},
            },
            {"mark": {"type": "line", "color": style.BLUE, "strokeWidth": 2.5}, "encoding": {"x": x, "y": y}},
            {
                "mark": {"type": "point", "size": 60, "strokeWidth": 2, "color": style.BLUE, "filled": True,
                         "opacity": 1},
                "encoding": {
                    "x": x, "y": y,
                    "fill": {"condition": {"test": "datum.open", "value": "#ffffff"}, "value": style.BLUE},
                    "stroke": {"value": style.BLUE},
                },
            },
            {
                "mark": {"type": "text", "dy": -13, "color": style.INK, "fontSize": 11},
                "encoding": {"x": x, "y": y, "text": {"field": "text"}},
            },
        ],
    }, has_open_points=True)  # fmt: skip


def _of_last_period(table: ReportTable) -> Text:
    """The heading of a ranking, which shows one period only."""
    start, kind = table.rows[-1][0], table.columns[0].kind
    return Text(
        f"{table.heading('en')} · {show(start, kind)}", f"{table.heading('fr')} · {show(start, kind, 'fr')}"
    )


def movements(table: ReportTable, language: Language) -> Spec:
    """Gains above zero, losses below, and a line for the net change. A slice is a ranking by net new MRR."""
    names = {column.name for column in table.columns}
    if "status" not in names:
        tooltip = HEADINGS["net_new_mrr"].to(language)
        ranked = style.ranking(table, language, amount="net_new_mrr", tooltip=tooltip, last_only=True)
        return style.chart(table, language, ranked, title=_of_last_period(table))
    labels = style.labels_of(table, language)
    headings = [HEADINGS[name].to(language) for name, _ in _KINDS]
    bars, nets = [], []
    for label, record in zip(labels, table.records(), strict=True):
        for order, (name, _) in enumerate(_KINDS):
            value = style.number(record[name])
            if value:
                bars.append({"period": label, "kind": headings[order], "value": value, "order": order})
        net = style.number(record["mrr"] - record["start_mrr"])
        nets.append({"period": label, "kind": _NET.to(language), "value": net,
                     "open": record["status"] != "final"})  # fmt: skip
    x = style.time_axis(labels)
    y = {"field": "value", **style.amount_axis()}
    color = {
        "field": "kind",
        "type": "nominal",
        "scale": {
            "domain": [*headings, _NET.to(language)],
            "range": [*(color for _, color in _KINDS), style.INK],
        },
        "legend": style.legend(),
    }
    return style.chart(table, language, {
        "width": style.WIDTH,
        "height": style.HEIGHT,
        "layer": [
            {
                "data": style.data(bars),
                "mark": {"type": "bar", "width": style.bar_width(labels)},
                "encoding": {
                    "x": x, "y": {**y, "stack": "zero"}, "color": color, "order": {"field": "order"},
                },
            },
            {"data": style.data([{}]), "mark": {"type": "rule", "color": style.MUTED},
             "encoding": {"y": {"datum": 0}}},
            {
                "data": style.data(nets),
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": color},
            },
            {
                "data": style.data(nets),
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1, "stroke": style.INK,
                         "strokeWidth": 1.5},
                "encoding": {
                    "x": x, "y": y,
                    "fill": {"condition": {"test": "datum.open", "value": "#ffffff"}, "value": style.INK},
                },
            },
        ],
    }, has_open_points=True)  # fmt: skip
