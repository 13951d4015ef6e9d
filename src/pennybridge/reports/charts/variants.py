"""A chart drawn for a dark page, or for the width of a phone: the same data and marks, seen otherwise."""

from typing import Any, Literal

from pennybridge.reports.charts import style
from pennybridge.reports.charts.style import Spec

Theme = Literal["light", "dark"]
Size = Literal["wide", "narrow"]

_PAPER = "#1b212a"
_DARK = {
    "#ffffff": _PAPER,
    "#f7f7f7": "#2c3542",
    style.INK: "#e7ebf1",
    style.MUTED: "#a7b2c0",
    style.GRID: "#343d49",
    style.BLUE: "#4da3e0",
    style.SKY: "#9fd4f7",
    style.GREEN: "#2fb98c",
    style.ORANGE: "#f0b43c",
    style.VERMILION: "#f07f3c",
    style.GREY: "#7b8794",
    # MRR's bars, then lateness: what matters most stands out most, which on dark paper is the brightest.
    "#cfe3f3": "#24435e",
    "#b9c6d2": "#5a6878",
    "#fdd49e": "#6f5a35",
    "#fc8d59": "#a8692c",
    "#d7301f": "#d9603b",
    "#7f0000": "#ff6b6b",
}
_DARK_SHARES = {"range": ["#202a36", "#8ec2ff"]}
"""Instead of the scheme of blues, whose low end is white."""

_NARROW, _LOW = 290, 230
_LONGEST_LABEL = 110
_STEP = 28
"""Width of a cohort's month."""


def variant(spec: Spec, *, theme: Theme = "light", size: Size = "wide") -> Spec:
    """The spec for a theme and a size; the given one stays as it is."""
    drawn: Spec = spec
    if size == "narrow":
        drawn = _narrowed(drawn) | {"padding": 6, "title": _narrow_title(spec["title"])}
        drawn["config"]["legend"]["labelLimit"] = _NARROW - _LONGEST_LABEL
    if theme == "dark":
        drawn = _darkened(drawn)
    return drawn


def _darkened(part: Any) -> Any:
    if isinstance(part, dict):
        found = {key: _darkened(value) for key, value in part.items()}
        if found.get("scheme") == "blues":
            return {key: value for key, value in found.items() if key != "scheme"} | _DARK_SHARES
        return found
    if isinstance(part, list):
        return [_darkened(each) for each in part]
    return _DARK.get(part, part) if isinstance(part, str) else part


def _narrow_title(title: Spec) -> Spec:
    """The page says whose figures and as of when; the little room is for the drawing."""
    return {key: value for key, value in title.items() if not key.startswith("subtitle")} | {
        "fontSize": 14,
        "offset": 10,
    }


def _narrowed(part: Any) -> Any:
    """Less width, shorter labels, keys below one another, no number above each column of a row of periods."""
    if isinstance(part, list):
        return [_narrowed(each) for each in part if not _is_number_above_a_period(each)]
    if not isinstance(part, dict):
        return part
    found = {key: _narrowed(value) for key, value in part.items()}
    if "width" in found and "height" in found:
        found |= _narrow_plot(found)
    if "labelOverlap" in found:
        found["labelSeparation"] = 6
    if found.get("field") == "bucket" and "axis" in found:
        found["axis"] |= {"labelAngle": -35, "labelAlign": "right"}
    if found.get("labelLimit") in {220, 240} and "ticks" in found:
        found["labelLimit"] = _LONGEST_LABEL
    if found.get("orient") == "top" and "columns" in found:
        found["columns"] = 2
    return found


def _narrow_plot(plot: Spec) -> Spec:
    if isinstance(plot["width"], dict):
        return {"width": {"step": _STEP}}
    has_names = plot["width"] != style.WIDTH or isinstance(plot["height"], dict)
    low = {"height": _LOW} if plot["height"] == style.HEIGHT else {}
    return {"width": _NARROW - _LONGEST_LABEL + 40 if has_names else _NARROW} | low


def _is_number_above_a_period(layer: Any) -> bool:
    if not isinstance(layer, dict) or "encoding" not in layer:
        return False
    mark, x = layer.get("mark", {}), layer["encoding"].get("x", {})
    return isinstance(mark, dict) and mark.get("type") == "text" and x.get("field") == "period"
