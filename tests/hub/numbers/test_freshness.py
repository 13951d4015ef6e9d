"""Which day figures speak for, and what is said when they are old, missing, or of a past day."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from pennybridge.connections.exclusions import exclude
from pennybridge.hub.numbers.answers import Kept
from pennybridge.hub.numbers.past_days import MOST, PastDays
from pennybridge.models.build import build
from pennybridge.models.past_day import build_past_day
from pennybridge.models.preview import preview
from pennybridge.reports.built import Built, built_as_of, open_built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.question import Question
from pennybridge.store import open_database
from tests.hub.conftest import Browser, Time
from tests.hub.numbers.conftest import hub_over
from tests.hub.numbers.test_pages import cells_of
from tests.reports.synced import AS_OF

PAST = date(2024, 12, 31)


def wait_for(days: PastDays) -> None:
    """Until every past day that was asked for is there."""
    for each in [*days._days.values()]:
        assert each.work
        each.work.result(60)
        assert each.problem is None


def test_a_past_day_says_what_a_build_of_that_day_says_and_touches_nothing(
    person: Browser, app: FastAPI, here: str, built: Built
) -> None:
    address = f"{here}/aging?as_of={PAST}"
    waiting = person.get(address)
    assert "are being made" in waiting.text
    assert "hx-get" in waiting.text
    wait_for(app.state.past_days)

    page = person.get(address)

    assert person.get(f"{here}/waiting?as_of={PAST}").headers["HX-Refresh"] == "true"
    with preview(app.state.database, as_of=PAST) as transaction:
        table = REPORTS["aging"].table(open_built(transaction, built.company_id), Question())
    assert "Figures as of 2024-12-31" in page.text
    for row in table.rows:
        assert [*filter(None, table.shown(row, "en"))] in cells_of(page.text)
    assert person.get(f"{here}/aging/chart.svg?as_of={PAST}").status_code == 200
    assert person.get(f"{here}/explain/aging?which=over_90&as_of={PAST}").status_code == 200
    assert built_as_of(app.state.database) == AS_OF


def test_a_file_of_a_past_day_that_nobody_opened_says_so(person: Browser, here: str) -> None:
    assert person.get(f"{here}/mrr/table.csv?as_of=2024-06").status_code == 409


def test_few_past_days_are_kept_and_the_oldest_makes_room(app: FastAPI, built: Built) -> None:
    days: PastDays = app.state.past_days
    for month in range(1, MOST + 3):
        days.ask(built.company_id, date(2024, month, 1), "version")

    assert len(days._days) == MOST
    assert days.ready(built.company_id, date(2024, 1, 1)) is None


def test_figures_older_than_the_data_say_so_and_an_admin_can_have_new_ones(
    person: Browser, app: FastAPI, here: str, time: Time
) -> None:
    assert "newer data came since" not in person.get(here).text
    app.state.people.add("Otto", "correct horse battery", "admin")
    admin = Browser(app)
    admin.sign_in("otto")

    time.now += timedelta(days=1)
    page = person.get(here).text
    assert "newer data came since" in page
    assert "Make the figures now" not in page
    assert "Make the figures now" in admin.get(here).text
    after = admin.submit(here, f"{here}/build")

    assert "newer ones are being made" in after
    assert app.state.engine.queue().build.wanted_at == time.now
    assert "build figures" in admin.get("/people").text


def test_a_load_after_the_build_makes_figures_old(
    person: Browser, app: FastAPI, here: str, time: Time
) -> None:
    with app.state.database.transaction() as transaction:
        transaction.execute(
            "insert into pennylane.loads (load_id, company_id, resource, kind, status, started_at, "
            "finished_at, updated) select 'later', company_id, 'customer_invoices', 'incremental', 'done', "
            ":now, :now, 3 from pennylane.companies",
            now=time.now + timedelta(hours=1),
        )

    assert "newer data came since" in person.get(here).text


def test_a_build_shows_at_once(person: Browser, app: FastAPI, here: str, built: Built, time: Time) -> None:
    before = person.get(f"{here}/mrr/table.csv").text
    database = app.state.database
    ((customer,),) = database.rows(
        "select customer_id from metrics.customer_status where mrr_base > 0 order by mrr_base desc limit 1"
    )
    exclude(database, built.company_id, [int(customer)], at=time.now)
    assert person.get(f"{here}/mrr/table.csv").text == before
    build(database, as_of=AS_OF)

    assert person.get(f"{here}/mrr/table.csv").text != before


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("billing.customers", "figures have not been made"),
        ("pennylane.customer_invoices", "No invoice of this"),
    ],
)
def test_a_company_without_figures_is_told_what_to_do(
    person: Browser, app: FastAPI, here: str, table: str, sentence: str
) -> None:
    for emptied in {"billing.customers", table}:
        with app.state.database.transaction() as transaction:
            transaction.execute(f"delete from {emptied}")

    for address in (here, f"{here}/mrr", f"{here}/explain/mrr"):
        answer = person.get(address)
        assert answer.status_code == 200
        assert sentence in answer.text
    assert person.get(f"{here}/mrr/chart.svg").status_code == 409


def test_what_was_not_asked_for_longest_makes_room() -> None:
    kept, made = Kept(3), []

    def ask(name: str, weight: int = 1) -> None:
        kept.get(name, lambda: made.append(name), lambda _: weight)

    for name in ("a", "b", "c", "a", "d", "a", "b"):
        ask(name)
    ask("huge", 99)
    ask("a")

    assert made == ["a", "b", "c", "d", "b", "huge"]


def test_postgresql_shows_the_same_figures(
    synced_home: Path, tmp_path: Path, time: Time, make_postgresql_url: Callable[[str], str]
) -> None:
    home = tmp_path / "home"
    shutil.copytree(synced_home, home)
    url = make_postgresql_url("with_tables")
    with open_database(f"duckdb:///{home}/pennybridge.duckdb") as source, open_database(url) as target:
        ((company_id,),) = source.rows("select company_id from pennylane.companies")
        build_past_day(source, target, company_id=company_id, as_of=AS_OF)
    pages = {}
    for database in (f"duckdb:///{home}/pennybridge.duckdb", url):
        with hub_over(home, database, time) as app:
            browser = Browser(app)
            browser.sign_in("vera")
            (connection,) = app.state.connections.known()
            here = f"/connections/{connection.id}/numbers"
            pages[database] = [cells_of(browser.get(f"{here}/{name}").text) for name in REPORTS]
            assert browser.get(here).status_code == 200
            browser.get(f"{here}?as_of={PAST}")
            wait_for(app.state.past_days)
            assert "Figures as of 2024-12-31" in browser.get(f"{here}?as_of={PAST}").text

    first, second = pages.values()
    assert first == second
