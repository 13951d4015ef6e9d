"""The figures of a request, opened: those of today or of a past day; or the reason why there are none yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from fastapi import Request

from pennybridge.connections.connection import Connection
from pennybridge.errors import ConfigurationError
from pennybridge.hub.engine.chores import ChoreState
from pennybridge.hub.languages import language_of
from pennybridge.hub.numbers.answers import Answers
from pennybridge.hub.numbers.asked import BadQuestionError, Given
from pennybridge.hub.numbers.books import Figures, open_past, open_present, past_days
from pennybridge.hub.numbers.past_days import PastDay
from pennybridge.hub.problems import in_words
from pennybridge.reports.built import Built
from pennybridge.reports.explain.catalog import FIGURES
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Language, Text


class NotReadyError(Exception):
    """There are no figures to show yet."""

    def __init__(
        self, kind: Literal["empty", "unbuilt", "building", "past"], *, past: PastDay | None = None,
        build: ChoreState | None = None,
    ) -> None:  # fmt: skip
        """Say why.

        Args:
            kind: Nothing was synced; nothing was built; a build is under way; a past day is being made.
            past: The past day.
            build: The latest build of the models.
        """
        super().__init__(kind)
        self.kind, self.past, self.build = kind, past, build

    @property
    def is_busy(self) -> bool:
        """Whether waiting helps."""
        return self.kind == "building" or bool(self.past and not self.past.problem)


@dataclass(frozen=True)
class Opened:
    """What a page of figures works with."""

    figures: Figures
    answers: Answers
    given: Given
    language: Language
    here: str
    """The address of the company's pages."""
    build: ChoreState | None
    """The latest build of the models."""

    @property
    def is_building(self) -> bool:
        """Whether newer figures are on their way."""
        return bool(self.build and (self.build.is_running or self.build.wanted_at))

    def table(
        self, name: str, make: Callable[[Built, Question], ReportTable], asked: Question
    ) -> ReportTable:
        """A report's answer.

        Raises:
            BadQuestionError: The report refuses the question.
        """
        try:
            return self.answers.table(self.figures, name, make, asked)
        except ConfigurationError as error:
            raise BadQuestionError(Text(str(error), in_words(error, "fr"))) from error

    def explained(self, figure: str, asked: Question) -> ReportTable:
        """What stands behind a figure.

        Raises:
            BadQuestionError: There is no such thing.
        """
        return self.table(f"explain {figure}", FIGURES[figure].explain, asked)


def open_figures(request: Request, company: Connection, day: date | None, *, is_file: bool = False) -> Opened:
    """The figures as of a day.

    Args:
        request: The request.
        company: Whose figures.
        day: A past day; None, or the day that the models speak for, means the present.
        is_file: Whether a chart or table of a page is wanted, for which a past day made earlier will do.

    Raises:
        NotReadyError: They are not there yet; a past day's are being made from now on.
    """
    figures = open_present(request, company)
    build = request.app.state.engine.queue().build
    if figures is None:
        raise NotReadyError(_why_none(request, company, build), build=build)
    if day is not None and day != figures.built.as_of:
        days = past_days(request)
        made = days.ready(company.company_id, day) if is_file else None
        made = made or days.ask(company.company_id, day, figures.version)
        past = open_past(made)
        if past is None:
            raise NotReadyError("past", past=made)
        figures = past
    return Opened(
        figures, request.app.state.answers, Given.of(request.query_params), language_of(request),
        f"/connections/{company.id}", build,
    )  # fmt: skip


def _why_none(
    request: Request, company: Connection, build: ChoreState | None
) -> Literal["empty", "unbuilt", "building"]:
    if build and (build.is_running or build.wanted_at):
        return "building"
    synced = request.app.state.database.rows(
        "select 1 from pennylane.customer_invoices where company_id = :company_id limit 1",
        company_id=company.company_id,
    )
    return "unbuilt" if synced else "empty"
