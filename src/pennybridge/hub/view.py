"""Pages from templates, with what every page needs."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pennybridge.hub.gate import cookie_of, csrf_token, set_cookie
from pennybridge.hub.languages import language_of, translate
from pennybridge.hub.problems import Problem, in_words
from pennybridge.reports.text import Kind, Language
from pennybridge.reports.text import show as shown

FOLDER = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


def show(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A page in the reader's language.

    Templates find `user` (who is signed in), `csrf` (what a form must bring along), `language`, `connection`
    (the company the page is about, if any) and `query` (the address's parameters) beside `values`. Of these,
    `problem` is what went wrong: an error, or a text in English.
    """
    cookie = cookie_of(request)
    user = getattr(request.state, "user", None)
    language = language_of(request)
    context = {
        "user": user,
        "csrf": csrf_token(cookie),
        "language": language,
        "connection": getattr(request.state, "connection", None),
        "problem": "",
        "query": request.query_params,
        **values,
    }
    answer = _TEMPLATES[language].TemplateResponse(request, template, context, status_code=status)
    if user is None:
        set_cookie(request, answer, cookie)
    return answer


def _asset(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it for long."""
    return f"/static/{name}?v={(STATIC / name).stat().st_mtime_ns:x}"


def _amount(value: Any, kind: Kind = "amount", *, language: Language) -> str:
    return shown(value, kind, language)


def _moment(value: datetime | None, *, language: Language) -> str:
    """An instant to the minute, in UTC; `never` when there is none."""
    if value is None:
        return translate("never", language)
    day = shown(value.astimezone(UTC).date(), "date", language)
    return f"{day} {value.astimezone(UTC):%H:%M}"


def _said(problem: Problem, *, language: Language) -> Markup:
    """A problem in the reader's words; what exists in English only is marked so, for who hears the page."""
    said = in_words(problem, language)
    is_foreign = language != "en" and said == in_words(problem, "en")
    return Markup('<span lang="en">{}</span>').format(said) if is_foreign else escape(said)


def _environment(language: Language) -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    say = partial(translate, language=language)
    made.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        say, lambda one, many, n: say(one if n == 1 else many), newstyle=True
    )
    made.filters["shown"] = partial(_amount, language=language)
    made.filters["said"] = partial(_said, language=language)
    made.filters["moment"] = partial(_moment, language=language)
    made.globals["asset"] = _asset
    return made


_TEMPLATES: dict[Language, Jinja2Templates] = {
    "en": Jinja2Templates(env=_environment("en")),
    "fr": Jinja2Templates(env=_environment("fr")),
}
