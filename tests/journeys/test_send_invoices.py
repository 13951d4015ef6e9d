"""A developer's afternoon: a table of invoices goes to Pennylane, once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pennybridge.emulator.server import Emulator
from tests.journeys.conftest import Hub, Visitor, run

pytestmark = pytest.mark.browser
TABLE = (
    "reference,status,customer_name,customer_address,customer_postal_code,customer_city,customer_country,"
    "date,due_date,label,quantity,unit,unit_price,vat\n"
    "S-1,,Atelier Martin,12 rue des Lilas,69003,Lyon,FR,2026-11-02,2026-12-02,Licence,1,piece,100.00,FR_200\n"
    "S-2,,Atelier Martin,12 rue des Lilas,69003,Lyon,FR,2026-11-02,2026-12-02,Support,2,hour,80.00,FR_200\n"
    "S-3,,Atelier Martin,12 rue des Lilas,69003,Lyon,FR,2026-11-02,2026-12-02,Gift,1,piece,10.00,FR_055\n"
)


def test_a_table_is_handed_over_checked_and_sent(
    emulator: Emulator,
    environment: dict[str, str],
    serve: Callable[[], Hub],
    visitor: Visitor,
    tmp_path: Path,
) -> None:
    company = emulator.add_company("Maison Lumière")
    run(environment, "connect", given=emulator.token(1))
    table = tmp_path / "november.csv"
    table.write_text(TABLE)
    page = visitor.page
    hub = serve()
    page.goto(hub.set_up_url)
    visitor.look("set-up")
    visitor.set_up(hub)
    page.get_by_role("link", name="Maison Lumière").click()
    page.get_by_role("link", name="Send invoices").click()
    visitor.look("outgoing")

    page.get_by_label("Files").set_input_files(table)
    page.get_by_label("create customers that are not there").check()
    page.get_by_role("button", name="Check", exact=True).click()

    expect(page.get_by_role("cell", name="ready")).to_have_count(2)
    expect(page.get_by_role("cell", name="FR_055").first).to_be_visible()
    visitor.look("outgoing-checked")

    page.get_by_role("button", name="Send what is ready").click()

    expect(page.get_by_role("cell", name="created")).to_have_count(2)
    visitor.look("outgoing-sent")
    page.get_by_role("link", name="All batches").click()
    expect(page.get_by_role("cell", name="verified")).to_have_count(2)
    visitor.look("outgoing-journal")
    assert emulator.books.count("customer_invoices", company.id) == 2
