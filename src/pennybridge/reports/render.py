"""Charts as SVG and PNG, drawn by vl-convert without network, browser or display."""

from typing import Any

_NO_ADDRESSES: list[str] = []
"""A spec holds its data; nothing is ever fetched."""


def to_svg(spec: dict[str, Any]) -> str:
    """The chart as an SVG document."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=_NO_ADDRESSES)
    return drawn


def to_png(spec: dict[str, Any], *, scale: float = 2.0) -> bytes:
    """The chart as a PNG; at scale 2 it is sharp on dense screens and in print."""
    import vl_convert

    drawn: bytes = vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=_NO_ADDRESSES)
    return drawn
