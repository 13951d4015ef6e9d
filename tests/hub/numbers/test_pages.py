"""The pages of figures, over HTTP, against the reports asked directly."""

import re
from html import unescape

import pytest

from pennybridge.reports.built import Built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.question import Question
from pennybridge.reports.text import Language
from tests.hub.conftest import Browser


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


def cells_of(page: str) -> list[list[str]]:
    """The rows of a page's tables as texts, without the empty ones."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    return [
        [
            *filter(
                None, (unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.split(r"</t[hd]>", row))
            )
        ]
        for row in rows
    ]
