"""What is owed by how late it is, and how many days it takes to be paid."""

from typing import Any

from pennybridge.reports.charts import style
from pennybridge.reports.charts.style import Spec
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Language, Text, show
from pennybridge.reports.words import HEADINGS

_BUCKETS = (
    ("not_due", "#b9c6d2"),
    ("1_30", "#fdd49e"),
    ("31_60", "#fc8d59"),
    ("61_90", "#d7301f"),
    ("over_90", "#7f0000"),
    ("unapplied", style.GREEN),
)
_LARGEST = {
    "customer": Text("Customers who owe most overdue", "Clients avec le plus d'échu"),
    "country": Text("Countries that owe most overdue", "Pays avec le plus d'échu"),
}
_SHOWN = 12


def aging(table: ReportTable, language: Language) -> Spec:
    """Bars by lateness, for everyone and for those who owe most; or stacked at each month's end."""
    names = [column.name for column in table.columns]
    if names[0] == "snapshot_date":
        return style.chart(table, language, _over_time(table, language))
    totals = _bucket_totals(table)
    body: Spec = {
        "spacing": 28,
        "resolve": {"scale": {"x": "independent"}},
        "vconcat": [_buckets(totals, language)],
    }
    if "over_90" in names and any(table.values("overdue")):
        body["vconcat"].append(_largest(table, language))
    return style.chart(table, language, body)


def _bucket_totals(table: ReportTable) -> dict[str, float]:
    """Amounts by bucket, from columns of buckets or from a list of documents; unapplied is negative."""
    if table.columns[0].name == "invoice_number":
        sums = dict.fromkeys((name for name, _ in _BUCKETS), 0.0)
        for record in table.records():
            sums[record["aging_bucket"]] += float(record["open_amount"])
        return sums
    sums = {name: float(sum(table.values(name))) for name, _ in _BUCKETS}
    sums["unapplied"] = -sums["unapplied"]
    return sums


def _buckets(totals: dict[str, float], language: Language) -> Spec:
    values = [
        {"bucket": HEADINGS[name].to(language), "value": totals[name],
         "text": show(round(totals[name]), "count", language)}
        for name, _ in _BUCKETS
    ]  # fmt: skip
    x = {
        "field": "bucket", "type": "nominal", "sort": None,
        "axis": {"title": None, "labelAngle": 0, "ticks": False, "labelPadding": 8, "offset": 12},
    }  # fmt: skip
    y = {"field": "value", **style.amount_axis()}
    return {
        "data": style.data(values),
        "width": style.WIDTH,
        "height": 200,
        "layer": [
            {"mark": {"type": "bar", "width": {"band": 0.6}},
             "encoding": {"x": x, "y": y, "color": {**_colors(language), "legend": None}}},
            {"mark": {"type": "text", "dy": {"expr": "datum.value < 0 ? 12 : -8"}, "fontWeight": "bold",
                      "color": style.INK},
             "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
        ],
    }  # fmt: skip


def _largest(table: ReportTable, language: Language) -> Spec:
    late = [record for record in table.records() if record["overdue"]][:_SHOWN]
    label = table.columns[0].name
    names = style.distinct(record[label] for record in late)
    values: list[dict[str, Any]] = [
        {
            "name": name,
            "bucket": HEADINGS[bucket].to(language),
            "value": float(record[bucket]),
            "order": order,
        }
        for name, record in zip(names, late, strict=True)
        for order, (bucket, _) in enumerate(_BUCKETS[:-1])
        if record[bucket]
    ]
    y = {
        "field": "name", "type": "nominal", "sort": names,
        "axis": {"title": None, "ticks": False, "labelLimit": 220},
    }  # fmt: skip
    return {
        "title": {"text": _LARGEST[label].to(language), "anchor": "start", "fontSize": 13},
        "data": style.data(values),
        "width": style.WIDTH,
        "height": {"step": 22},
        "mark": {"type": "bar", "height": {"band": 0.68}},
        "encoding": {
            "y": y,
            "x": {"field": "value", **style.amount_axis(grid=True)},
            "color": _colors(language),
            "order": {"field": "order"},
        },
    }


def _over_time(table: ReportTable, language: Language) -> Spec:
    labels = style.labels_of(table, language)
    values = [
        {"period": label, "bucket": HEADINGS[bucket].to(language), "order": order,
         "value": float(record[bucket]) * (-1 if bucket == "unapplied" else 1)}
        for label, record in zip(labels, table.records(), strict=True)
        for order, (bucket, _) in enumerate(_BUCKETS)
        if record[bucket]
    ]  # fmt: skip
    return {
        "data": style.data(values),
        "width": style.WIDTH,
        "height": style.HEIGHT,
        "mark": {"type": "bar", "width": style.bar_width(labels)},
        "encoding": {
            "x": style.time_axis(labels),
            "y": {"field": "value", "stack": "zero", **style.amount_axis()},
            "color": _colors(language),
            "order": {"field": "order"},
        },
    }


def _colors(language: Language) -> Spec:
    return {
        "field": "bucket",
        "type": "nominal",
        "scale": {
            "domain": [HEADINGS[name].to(language) for name, _ in _BUCKETS],
            "range": [color for _, color in _BUCKETS],
        },
        "legend": style.legend(),
    }


_LINES = (
    ("dso_countback", style.BLUE, [1, 0], 3.0),
    ("dso_simple", style.GREY, [1, 0], 1.5),
    ("best_possible_dso", style.GREEN, [5, 4], 2.0),
)
_DAYS = Text("days", "jours")


def dso(table: ReportTable, language: Language) -> Spec:
    """Count-back DSO against the best possible, in days; or how late each customer pays."""
    if table.columns[0].name == "customer":
        ranked = style.ranking(
            table, language, amount="payment_delay_with_open", tooltip=_DAYS.to(language), adds_up=False
        )
        return style.chart(table, language, ranked)
    labels = style.labels_of(table, language)
    headings = [HEADINGS[name].to(language) for name, *_ in _LINES]
    values = [
        {"period": label, "line": headings[order], "value": record[name],
         "open": record["status"] != "final",
         "text": show(record[name], "days", language) if label == labels[-1] and name != "dso_simple" else ""}
        for label, record in zip(labels, table.records(), strict=True)
        for order, (name, *_) in enumerate(_LINES)
        if record[name] is not None
    ]  # fmt: skip
    x = style.time_axis(labels)
    y = {
        "field": "value", "type": "quantitative",
        "axis": {"title": _DAYS.to(language), "tickCount": 6}, "scale": {"zero": True},
    }  # fmt: skip
    color = {
        "field": "line", "type": "nominal", "legend": style.legend() | {"symbolType": "stroke"},
        "scale": {"domain": headings, "range": [line[1] for line in _LINES]},
    }  # fmt: skip
    dash = {"field": "line", "type": "nominal", "legend": None,
            "scale": {"domain": headings, "range": [line[2] for line in _LINES]}}  # fmt: skip
    width = {"field": "line", "type": "nominal", "legend": None,
             "scale": {"domain": headings, "range": [line[3] for line in _LINES]}}  # fmt: skip
    return style.chart(table, language, {
        "data": style.data(values),
        "width": style.WIDTH,
        "height": style.HEIGHT,
        "layer": [
            {"mark": {"type": "line", "point": len(labels) == 1},
             "encoding": {"x": x, "y": y, "color": color, "strokeDash": dash, "strokeWidth": width}},
            {"transform": [{"filter": "datum.open"}],
             "mark": {"type": "point", "fill": "#ffffff", "size": 50, "opacity": 1, "strokeWidth": 2},
             "encoding": {"x": x, "y": y, "stroke": {**color, "legend": None}}},
            {"mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": "bold"},
             "encoding": {"x": x, "y": y, "text": {"field": "text"}, "color": {**color, "legend": None}}},
        ],
    }, has_open_points=any(value["open"] for value in values))  # fmt: skip
