"""The emulator's few pages for people: plain HTML from `templates/`, without scripts or anything fetched."""

import functools
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pennybridge.emulator.answers import Answer

HTML = "text/html; charset=utf-8"


@functools.cache
def _environment() -> Environment:
    loader = PackageLoader("pennybridge.emulator")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def html(template: str, **values: Any) -> str:
    """A page, filled in; values are escaped."""
    return _environment().get_template(template).render(**values)


def html_answer(template: str, status: int = 200, **values: Any) -> Answer:
    """A page as an answer."""
    headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Answer(status, html(template, **values).encode(), HTML, headers)
