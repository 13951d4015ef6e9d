"""Figures over the JSON API: each report, and what stands behind a figure."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field

from pennybridge.hub.company import Company
from pennybridge.hub.numbers import asked
from pennybridge.hub.numbers.asked import BadQuestionError, Given
from pennybridge.hub.numbers.books import today
from pennybridge.hub.numbers.opened import NotReadyError, Opened, open_figures
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.explain.catalog import FIGURES
from pennybridge.reports.table import ReportTable
from pennybridge.reports.tables import as_data

router = APIRouter(tags=["figures"])


class ReportColumn(BaseModel):
    """A column of a report."""

    name: str
    kind: str = Field(description="`amount`, `count`, `share`, `month`, `date`, `text`, …")
    title: str


class Report(BaseModel):
    """A report as a table."""

    report: str
    title: str
    company: str
    as_of: str
    currency: str = Field(description="Of every amount.")
    columns: list[ReportColumn]
    rows: list[dict[str, Any]] = Field(
        description="By column name, with the ids of what a row is about; amounts are strings."
    )
    totals: dict[str, Any] | None
    notes: list[str] = Field(description="The rules that made it.")


Text = Annotated[str, Query(max_length=asked.LONGEST)]
From = Annotated[
    str, Query(alias="from", description="First day: 2026-03-31, 2026-03, 2026-Q1 or 2026.", max_length=20)
]
To = Annotated[str, Query(description="Last day.", max_length=20)]
AsOf = Annotated[str, Query(description="What the books said on this past day.", max_length=20)]


@router.get("/connections/{number}/reports/{report}")
def show_report(
    request: Request,
    company: Company,
    report: Literal[
        "mrr", "movements", "bridge", "retention", "cohorts", "revenue", "aging", "dso", "to-do", "quality"
    ],
    *,
    first: From = "",
    to: To = "",
    by: Annotated[str, Query(description="`month`, `quarter` or `year`.")] = "",
    cut: Annotated[str, Query(description="`product`, `country` or `customer`.")] = "",
    currency: Text = "",
    measure: Annotated[str, Query(description="Of cohorts: `customers`, `revenue` or `gross`.")] = "",
    customer: Annotated[str, Query(description="Id, external reference or name.")] = "",
    as_of: AsOf = "",
) -> Report:
    """A report; which parameters it reads is the same as for `pennybridge report`."""
    del first, to, by, cut, currency, measure, customer  # read from the address, as the pages do
    about = REPORTS[report]

    def table(opened: Opened) -> ReportTable:
        wanted = asked.question(opened.given, about, opened.figures.built)
        return opened.table(report, about.table, wanted)

    return _answer(request, company, as_of, table)


@router.get("/connections/{number}/explain/{figure}")
def explain(
    request: Request,
    company: Company,
    figure: str,
    *,
    which: Annotated[
        str, Query(description="An aging bucket, a class of revenue, a line's id, a finding as `topic/item`.")
    ] = "",
    first: From = "",
    to: To = "",
    by: Annotated[str, Query(description="The kind of period: `month`, `quarter` or `year`.")] = "",
    age: Annotated[str, Query(description="Of a cohort: so many months after its beginning.")] = "",
    measure: Annotated[str, Query(description="Of a cohort: `customers`, `revenue` or `gross`.")] = "",
    customer: Text = "",
    as_of: AsOf = "",
) -> Report:
    """The lines, customers and rules behind a figure."""
    del which, first, to, by, age, measure, customer
    if figure not in FIGURES:
        raise HTTPException(404, f"There is no figure {figure!r}; there are: {', '.join(FIGURES)}.")

    def table(opened: Opened) -> ReportTable:
        return opened.explained(figure, asked.behind(opened.given, opened.figures.built))

    return _answer(request, company, as_of, table)


def _answer(request: Request, company: Company, as_of: str, make: Callable[[Opened], ReportTable]) -> Report:
    try:
        day = asked.as_of(Given({"as_of": as_of} if as_of else {}), today(request))
        return Report.model_validate(as_data(make(open_figures(request, company, day))))
    except BadQuestionError as error:
        raise HTTPException(422, error.sentence.en) from None
    except NotReadyError as error:
        if error.is_busy:
            said = "The figures are being made. Ask again in a moment."
            raise HTTPException(503, said, {"retry-after": "2"}) from None
        raise HTTPException(409, "There are no figures yet: sync the company first.") from None
