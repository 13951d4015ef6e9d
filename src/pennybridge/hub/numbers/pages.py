"""The pages of figures: the overview, each report, and what stands behind a figure."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.hub.company import Company
from pennybridge.hub.gate import Admin, check_csrf, check_user
from pennybridge.hub.numbers import asked, wording
from pennybridge.hub.numbers.asked import BadQuestionError, Given
from pennybridge.hub.numbers.books import today
from pennybridge.hub.numbers.files import file_of_figure, file_of_report
from pennybridge.hub.numbers.grid import Page, lay_out
from pennybridge.hub.numbers.messages import message
from pennybridge.hub.numbers.opened import NotReadyError, Opened, open_figures
from pennybridge.hub.numbers.tiles import tiles
from pennybridge.hub.view import show
from pennybridge.reports.catalog import REPORTS, Report
from pennybridge.reports.explain.catalog import FIGURES
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable

pages = APIRouter(
    prefix="/connections/{number}/numbers", dependencies=[Depends(check_user), Depends(check_csrf)]
)

CHARTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("mrr", {}),
    ("movements", {}),
    ("aging", {"by": "month"}),
    ("dso", {}),
)
"""Of the overview: reports, and how they are asked."""


@pages.get("")
def overview(request: Request, company: Company) -> Response:
    """What matters most: tiles and small charts, each leading to its report."""

    def page(opened: Opened) -> Response:
        def ask(name: str, question: Question) -> ReportTable:
            return opened.table(name, REPORTS[name].table, question)

        asked_of = [(name, how, ask(name, Question())) for name, how in CHARTS]
        charts = [
            (name, opened.given.address(**how), message(table, opened.language))
            for name, how, table in asked_of
            if table.rows  # there is nothing to draw else
        ]
        found = tiles(ask, opened.language)
        return _show(request, opened, "overview.html", tiles=found, charts=charts)

    return _answer(request, company, page)


@pages.post("/build")
def build_now(request: Request, company: Company, admin: Admin) -> Response:
    """Bring the models up to date with the data, soon."""
    engine = request.app.state.engine
    engine.chores.want("build")
    engine.woken.set()
    request.app.state.people.note(admin.name, "build figures", company.name)
    return RedirectResponse(f"/connections/{company.id}/numbers", 303)


@pages.get("/waiting")
def waiting(request: Request, company: Company) -> Response:
    """How far the figures are that somebody waits for; a part of a page."""
    try:
        day = asked.as_of(Given.of(request.query_params), today(request))
        open_figures(request, company, day)
    except NotReadyError as error:
        return show(request, "numbers/_waiting.html", state=error)
    except BadQuestionError as error:
        raise HTTPException(422, error.sentence) from None
    answer = show(request, "numbers/_ready.html")
    answer.headers["HX-Refresh"] = "true"  # the page that waits loads itself again
    return answer


@pages.get("/explain/{figure}")
def explain(request: Request, company: Company, figure: str) -> Response:
    """The lines, customers or documents behind a figure, and the rules at work."""
    return _answer(request, company, lambda opened: _explain(request, opened, figure))


@pages.get("/explain/{figure}/{file}")
def explain_file(request: Request, company: Company, figure: str, file: str) -> Response:
    """The same as a file, all of it."""
    about = _figure(figure)
    return _answer(request, company, lambda opened: file_of_figure(opened, about, file), is_file=True)


@pages.get("/{report}")
def show_report(request: Request, company: Company, report: str) -> Response:
    """A report: its form, its chart, its table."""
    about = _report(report)
    return _answer(request, company, lambda opened: _report_page(request, opened, about))


@pages.get("/{report}/{file}")
def report_file(request: Request, company: Company, report: str, file: str) -> Response:
    """A report's chart or table as a file."""
    about = _report(report)
    return _answer(request, company, lambda opened: file_of_report(opened, about, file), is_file=True)


def _answer(
    request: Request, company: Company, page: Callable[[Opened], Response], *, is_file: bool = False
) -> Response:
    """A page of figures; what cannot be answered gets a sentence, and what is not made yet a wait."""
    try:
        day = asked.as_of(Given.of(request.query_params), today(request))
        return page(open_figures(request, company, day, is_file=is_file))
    except NotReadyError as error:
        if is_file:
            raise HTTPException(409, "These figures are not made yet.") from None
        return show(request, "numbers/not_ready.html", state=error)
    except BadQuestionError as error:
        return show(
            request, "numbers/refused.html", problem=error.sentence, status=422,
            titles=wording.TITLES,
        )  # fmt: skip


def _report_page(request: Request, opened: Opened, about: Report) -> Response:
    given = opened.given
    question = asked.question(given, about, opened.figures.built)
    table = opened.table(about.name, about.table, question)
    page = Page(wording.resolved(about, question, table), given, opened.here, opened.language)
    return _show(
        request,
        opened,
        "report.html",
        report=about,
        table=table,
        grid=lay_out(table, page, _number(given)),
        message=message(table, opened.language),
        form=wording.form(about, opened.figures.built),
        question=question,
        restated=_restated(opened) if about.name in {"mrr", "aging"} else 0,
        has_chart=bool(about.chart and table.rows),
    )


def _explain(request: Request, opened: Opened, figure: str) -> Response:
    about = _figure(figure)
    question = asked.behind(opened.given, opened.figures.built)
    table = opened.explained(about, question)
    page = Page(question, opened.given, opened.here, opened.language)
    return _show(
        request, opened, "explain.html", table=table, figure=figure,
        grid=lay_out(table, page, _number(opened.given)), back=wording.report_of(figure),
    )  # fmt: skip


def _restated(opened: Opened) -> int:
    """How many month-end figures are no longer what was first published; of a past day nothing was."""
    if opened.figures.is_past:
        return 0
    return len(opened.explained("restatements", Question()).rows)


def _show(request: Request, opened: Opened, template: str, **values: Any) -> Response:
    return show(
        request, f"numbers/{template}", opened=opened, given=opened.given, here=opened.here,
        titles=wording.TITLES, **values,
    )  # fmt: skip


def _report(name: str) -> Report:
    if name not in REPORTS:
        raise HTTPException(404, "There is no such report.")
    return REPORTS[name]


def _figure(name: str) -> str:
    if name not in FIGURES:
        raise HTTPException(404, "There is no such figure.")
    return name


def _number(given: Given) -> int:
    text = given.get("page")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
