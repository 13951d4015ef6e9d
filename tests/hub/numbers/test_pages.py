"""The pages of figures, over HTTP, against the reports asked directly."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI

from pennybridge.reports.built import Built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.explain.catalog import FIGURES
from pennybridge.reports.question import BREAKDOWNS, Breakdown, Granularity, Measure, Question
from pennybridge.reports.tables import to_csv
from pennybridge.reports.text import Language, show
from tests.hub.conftest import Browser, Time
from tests.hub.numbers.conftest import hub_over
from tests.reports.synced import NOW

SHAPE = re.compile(r"\d+")


@pytest.fixture(scope="module")
def app(synced_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """One application for all tests here: nothing is changed by looking."""
    home = tmp_path_factory.mktemp("pages") / "home"
    shutil.copytree(synced_home, home)
    clock = Time()
    clock.now = NOW
    with hub_over(home, f"duckdb:///{home}/pennybridge.duckdb", clock) as app:
        yield app


@pytest.fixture(scope="module")
def signed_in(app: FastAPI) -> Browser:
    browser = Browser(app)
    browser.sign_in("vera")
    return browser


@pytest.fixture
def person(app: FastAPI, signed_in: Browser) -> Browser:
    """The viewer, in a browser of their own."""
    return Browser(app, cookies=dict(signed_in.cookies))


def cells_of(page: str) -> list[list[str]]:
    """The rows of a page's tables as texts, without the empty ones."""
    return [
        [text for text in (words(cell) for cell in re.split(r"</t[hd]>", row)) if text]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    ]


def words(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def link_of(page: str, text: str, part: str = "") -> str:
    """Where the last figure with this text leads, of those that lead to such an address."""
    found = re.findall(rf'<td[^>]*><a href="([^"]+)">{re.escape(text)}</a>', page)
    links = [unescape(link) for link in found if part in link]
    assert links, (text, found)
    return links[-1]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", REPORTS)
def test_each_report_shows_the_figures_of_the_report_itself(
    person: Browser, here: str, built: Built, name: str, language: Language
) -> None:
    person.headers["accept-language"] = language

    answer = person.get(f"{here}/{name}")

    table = REPORTS[name].table(built, Question())
    assert answer.status_code == 200
    page = cells_of(answer.text)
    for row in table.rows[:50]:
        assert [*filter(None, table.shown(row, language))] in page
    assert unescape(answer.text).count(table.heading(language)) > 1


def test_the_overview_tells_today_s_figures_and_where_they_come_from(
    person: Browser, here: str, built: Built
) -> None:
    page = person.get(here).text

    tiles = re.findall(r'<a class="tile" href="([^"]+)">(.*?)</a>', page, re.DOTALL)
    mrr = REPORTS["mrr"].table(built, Question())
    aging = REPORTS["aging"].table(built, Question())
    assert [address.rsplit("/", 1)[1] for address, _ in tiles] == [
        "mrr", "mrr", "mrr", "retention", "retention", "aging", "aging", "dso", "quality",
    ]  # fmt: skip
    assert show(mrr.values("mrr")[-1], "whole") in words(tiles[0][1])
    assert "since end of Mar 2025" in words(tiles[0][1])
    assert show(sum(aging.values("open_amount")), "whole") in words(tiles[5][1])
    assert show(sum(aging.values("overdue")), "whole") in words(tiles[6][1])


@pytest.mark.parametrize("name", [name for name, report in REPORTS.items() if report.chart])
def test_each_chart_can_be_seen_and_taken_away(person: Browser, here: str, built: Built, name: str) -> None:
    address = f"{here}/{name}"
    page = person.get(address).text
    pictures = re.findall(r'(?:srcset|src)="([^"]+chart[^"]*)"', page)

    assert len(pictures) == 4
    assert len({person.get(picture).text for picture in pictures}) == 4
    assert all(person.get(picture).text.startswith("<svg") for picture in pictures)
    assert person.get(f"{address}/chart.png").content.startswith(b"\x89PNG")
    table = REPORTS[name].table(built, Question())
    assert person.get(f"{address}/table.csv").text == to_csv(table)
    assert json.loads(person.get(f"{address}/table.json").text)["title"] == table.heading("en")
    (said,) = re.findall(r'<img src="[^"]+chart[^"]*" alt="([^"]+)"', page)
    assert f'<p class="lead">{said}</p>' in page


def test_every_link_of_these_pages_leads_somewhere(person: Browser, here: str) -> None:
    """Of links that differ in their numbers only, the first is followed."""
    waiting, seen = (
        [here, *(f"{here}/{name}{cut}" for name in REPORTS for cut in ("", "?cut=customer"))],
        set(),
    )
    company = here.removesuffix("/numbers")
    while waiting:
        address = waiting.pop()
        answer = person.get(address)
        if answer.status_code == 422 and address.endswith("?cut=customer"):
            continue  # not every report can be cut so
        assert answer.status_code == 200, address
        if not address.startswith(here) or "as_of=" in address:
            continue
        for found in re.findall(r'(?:href|src|srcset)="([^"]+)"', answer.text):
            link = unescape(found)
            link = (address.partition("?")[0] + link if link.startswith("?") else link).partition("#")[0]
            shape = SHAPE.sub("", link)
            if link.startswith(company) and "/chart" not in link and shape not in seen:
                seen.add(shape)
                waiting.append(link)

    assert len(seen) > 60


@pytest.mark.parametrize(
    "case",
    [
        "mrr mrr mrr:mrr",
        "movements expansion_mrr expansion:movement_mrr",
        "movements churn_mrr churn:movement_mrr",
        "revenue unknown revenue:amount",
        "aging over_90 aging:open_amount",
        "cohorts cohort_mrr cohort:mrr_then",
    ],
)
def test_what_stands_behind_a_figure_adds_up_to_it(
    person: Browser, here: str, built: Built, case: str
) -> None:
    report, column, behind = case.split()
    figure, summed = behind.split(":")
    table = REPORTS[report].table(built, Question())
    (kind,) = (each.kind for each in table.columns if each.name == column)
    value = [each for each in table.values(column) if each][-1]

    link = link_of(person.get(f"{here}/{report}").text, show(value, kind), f"explain/{figure}?")
    found = json.loads(person.get(link.replace(f"explain/{figure}?", f"explain/{figure}/table.json?")).text)

    assert found["rows"]
    assert abs(sum(Decimal(row[summed]) for row in found["rows"]) - value) < Decimal("0.01")


@pytest.mark.parametrize("measure", ["customers", "revenue", "gross"])
def test_a_cell_of_the_cohorts_leads_to_its_customers_and_on_to_the_lines_of_each_month(
    person: Browser, here: str, built: Built, measure: Measure
) -> None:
    table = REPORTS["cohorts"].table(built, Question(granularity="quarter", measure=measure))
    cell = table.values("month_9")[0]

    link = link_of(
        person.get(f"{here}/cohorts?by=quarter&measure={measure}").text, show(cell, "percent"), "age=9"
    )
    found = json.loads(person.get(link.replace("cohort?", "cohort/table.json?")).text)
    assert found["totals"]["share"] == cell

    page = person.get(link).text
    customer = next(row for row in found["rows"] if row["mrr_now"] not in {"0", row["mrr_then"]})
    for column in ("mrr_then", "mrr_now", "kept_without_growth"):
        lines = link_of(
            page, show(Decimal(customer[column]), "amount"), f"customer={customer['customer_id']}"
        )
        listed = json.loads(person.get(lines.replace("mrr?", "mrr/table.json?")).text)
        assert sum(Decimal(row["mrr"]) for row in listed["rows"]) == Decimal(customer[column])


@pytest.mark.parametrize("cut", BREAKDOWNS)
def test_what_a_report_is_broken_down_by_narrows_what_stands_behind_it(
    person: Browser, here: str, built: Built, cut: Breakdown
) -> None:
    for name, column, summed in (
        ("mrr", "mrr", "mrr"),
        ("movements", "expansion_mrr", "movement_mrr"),
        ("revenue", "revenue", "amount"),
    ):
        # As the form sends it: revenue has no periods when it is broken down.
        by: Granularity | None = None if name == "revenue" else "year"
        table = REPORTS[name].table(built, Question(first=date(2024, 1, 1), breakdown=cut, granularity=by))
        value = max(value for value in table.values(column)[:50] if value)
        text = show(value, "amount" if name == "revenue" else "whole")
        page = person.get(f"{here}/{name}?from=2024-01-01&cut={cut}&by=year").text

        link = link_of(page, text, "/explain/")
        found = json.loads(person.get(re.sub(r"(explain/\w+)\?", r"\1/table.json?", link)).text)

        assert abs(sum(Decimal(row[summed]) for row in found["rows"]) - value) < Decimal("0.01"), link


@pytest.mark.parametrize(
    ("question", "sentence", "phrase"),
    [
        ("mrr?from=2025-13", "is no date", "n’est pas une date"),
        ("mrr?from=2025-03-01&to=2025-02-01", "after it ends", "après sa fin"),
        ("mrr?from=2030", "after it ends", "après sa fin"),
        ("mrr?as_of=2030-01-01", "has not come yet", "n’est pas encore venu"),
        ("mrr?as_of=yesterday", "is no date", "n’est pas une date"),
        ("mrr?currency=XXX", "Nothing is billed in", "Rien n’est facturé en"),
        ("mrr?by=week", "is no choice here", "n’est pas un choix ici"),
        ("mrr?cut=colour", "is no choice here", "n’est pas un choix ici"),
        ("mrr?customer=nobody", "No customer has", "Aucun client"),
        ("mrr?customer=Les+Deux+Frères", "Several customers", "Plusieurs clients"),
        ("cohorts?measure=weight", "is no choice here", "n’est pas un choix ici"),
        ("movements?currency=EUR", "cannot be asked for: currency", "ne peut pas être demandé"),
        ("aging?cut=country&by=month", "leave the period away", "retirez la période"),
        ("explain/line?which=7", "No invoice line", "No invoice line"),
        ("explain/cohort?from=2019-Q1&to=2019-Q1", "There is no cohort 2019-Q1", "pas de cohorte 2019-Q1"),
        ("explain/cohort?from=2023&to=2023&age=99", "has come 20 months", "n’a encore que 20 mois"),
        ("explain/cohort?age=many", "is no number of months", "n’est pas un nombre de mois"),
        ("explain/cohort?measure=weight", "is no choice here", "n’est pas un choix ici"),
        ("explain/findings?which=x", "There is no finding “x”", "pas de constat « x »"),
    ],
)
def test_a_question_without_an_answer_gets_a_sentence(
    person: Browser, here: str, question: str, sentence: str, phrase: str
) -> None:
    english = person.get(f"{here}/{question}")
    person.headers["accept-language"] = "fr"
    french = person.get(f"{here}/{question}")

    assert (english.status_code, french.status_code) == (422, 422)
    assert sentence in unescape(english.text)
    assert phrase in unescape(french.text)


@pytest.mark.parametrize(
    "address", ["profit", "explain/profit", "mrr/chart.gif", "quality/chart.svg", "explain/mrr/chart.svg"]
)
def test_what_does_not_exist_is_not_found(person: Browser, here: str, address: str) -> None:
    assert person.get(f"{here}/{address}").status_code == 404


@pytest.mark.parametrize("name", FIGURES)
def test_hostile_parameters_break_no_page(person: Browser, here: str, name: str) -> None:
    for value in ("'", "%00", "9" * 400, "<script>"):
        for parameter in ("which", "age", "measure", "product", "country", "page", "by", "customer", "from"):
            answer = person.get(f"{here}/explain/{name}", params={parameter: value})
            assert answer.status_code in {200, 422}
            assert "<script>" not in answer.text


def test_long_lists_come_in_pages(person: Browser, here: str, built: Built) -> None:
    whole = FIGURES["revenue"].explain(built, Question(first=date(2025, 1, 1), last=date(2025, 3, 31)))
    address = f"{here}/explain/revenue?from=2025-01-01&to=2025-03-31"

    first, last = person.get(address).text, person.get(f"{address}&page=999").text

    assert len(whole.rows) > 50
    assert f"1 to 50 of {len(whole.rows)}" in words(first)
    assert f"to {len(whole.rows)} of {len(whole.rows)}" in words(last)
    assert whole.shown(whole.rows[-1], "en")[1] in words(last)


def test_a_chart_is_drawn_once_for_a_build(
    person: Browser, app: FastAPI, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    original: Callable[..., bytes] = app.state.answers._charts.get

    def watched(key: object, make: Callable[[], bytes], weigh: Callable[[bytes], int]) -> bytes:
        def noted() -> bytes:
            drawn.append("once")
            return make()

        return original(key, noted, weigh)

    monkeypatch.setattr(app.state.answers._charts, "get", watched)
    charts = [person.get(f"{here}/mrr/chart.svg?from=2024-09-01").content for _ in range(3)]

    assert len(set(charts)) == len(drawn) == 1
