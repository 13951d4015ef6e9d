"""Change feeds (documented: tracking-data-changes-with-pennylane-api; observed: answers of July 2026)."""

import base64
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from pennybridge.clock import format_instant, parse_instant
from pennybridge.emulator.books import Books
from pennybridge.emulator.clock import EmulatorClock
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import every_page

Event = dict[str, Any]


def events(http: httpx2.Client, feed: str = "customer_invoices", **query: Any) -> list[Event]:
    """All events of a feed."""
    return every_page(http, f"/changelogs/{feed}", **query)


def test_an_invoice_makes_an_insert_and_updates_a_moment_later(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Observed: one insert, then one to three updates within two seconds, as PDF and label are made."""
    emulator.add_company()
    emulator.books.insert("customer_invoices", 400_001, {"amount": "120.0"})
    emulator.settle()

    operations = [event["operation"] for event in events(http)]

    assert operations[0] == "insert"
    assert set(operations[1:]) == {"update"}
    assert 1 <= len(operations[1:]) <= 3


def test_customers_and_products_make_one_insert_and_one_update_per_change(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Observed."""
    product = emulator.add_product()
    emulator.update(product, label="Autre")

    assert [event["operation"] for event in events(http, "products")] == ["insert", "update"]


def test_a_deleted_draft_leaves_a_delete(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed."""
    draft = emulator.add_customer_invoice(draft=True)
    emulator.delete(draft)

    last = events(http)[-1]

    assert (last["id"], last["operation"]) == (draft.id, "delete")


def test_linking_a_credit_note_updates_both_documents(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed for `link_credit_note`."""
    invoice = emulator.add_customer_invoice()
    before = format_instant(emulator.now)

    note = emulator.credit(invoice)

    assert {event["id"] for event in events(http, start_date=before)} == {invoice.id, note.id}


def test_categories_make_no_event(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed in October 2026."""
    invoice, category = emulator.add_customer_invoice(), emulator.add_category()
    before = len(events(http))

    emulator.categorize(invoice, (category, "1.0"))
    emulator.settle()

    assert len(events(http)) == before


def test_an_event_appears_after_a_lag(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: 0.2 to 45 s between `updated_at` and `processed_at`; until then nothing shows."""
    emulator.add_company()
    emulator.books.insert("products", 400_001, {"label": "A", "price": "1.2", "price_before_tax": "1.0"})

    at_once = events(http, "products")
    emulator.settle()
    (event,) = events(http, "products")

    assert at_once == []
    lag = parse_instant(event["processed_at"]) - parse_instant(event["updated_at"])
    assert timedelta(seconds=0.2) < lag <= timedelta(seconds=45)


@pytest.mark.parametrize("lag", [1.0, 30.0])
def test_the_lag_can_be_stretched_and_repeats_with_the_seed(lag: float) -> None:
    """A run of the emulator can be repeated exactly."""

    def one_run() -> list[str]:
        books = Books(EmulatorClock(parse_instant("2026-11-02T09:00:00Z"), frozen=True), seed=3, lag=lag)
        company = books.add_company("A")
        for _ in range(20):
            books.insert("products", company.id, {"label": "A"})
        rows = books.database.execute("select processed_at from events order by rowid").fetchall()
        return [processed for (processed,) in rows]

    first = one_run()

    assert first == one_run()
    assert max(map(parse_instant, first)) <= parse_instant("2026-11-02T09:00:45.1Z")


def test_events_of_one_record_never_change_places(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: no inversion per id."""
    product = emulator.add_product()
    for number in range(30):
        emulator.books.update("products", product.id, {"label": str(number)})
    emulator.settle()

    updated = [event["updated_at"] for event in events(http, "products", limit=7)]

    assert updated == sorted(updated)
    assert len(set(updated)) == 31


def test_a_page_goes_on_after_the_last_processed_at(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed: the cursor is base64 of the last item's `processed_at`, null on the last page."""
    for _ in range(3):
        emulator.add_product()

    page = http.get("/changelogs/products", params={"limit": 2}).json()

    assert base64.b64decode(page["next_cursor"]).decode() == page["items"][-1]["processed_at"]
    assert [event["processed_at"] for event in events(http, "products", limit=1)] == sorted(
        event["processed_at"] for event in events(http, "products")
    )


def test_a_feed_begins_at_the_start_date(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented; that it is inclusive is assumed."""
    emulator.add_product()
    second = emulator.add_product()
    last = events(http, "products")[-1]

    assert [event["id"] for event in events(http, "products", start_date=last["processed_at"])] == [second.id]


def test_events_are_kept_four_weeks(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: an older `start_date` is 422; without one, what is kept."""
    emulator.add_product()
    start = emulator.now
    emulator.move_clock(days=28, hours=1)
    kept = emulator.add_product()

    too_old = http.get("/changelogs/products", params={"start_date": format_instant(start)})

    assert too_old.status_code == 422
    assert [event["id"] for event in events(http, "products")] == [kept.id]


def test_start_date_and_cursor_exclude_each_other(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: 400."""
    emulator.add_company()
    query = {
        "start_date": format_instant(emulator.now),
        "cursor": base64.b64encode(b"2026-11-01T00:00:00Z").decode(),
    }

    assert http.get("/changelogs/products", params=query).status_code == 400


@pytest.mark.parametrize("query", [{"cursor": "nonsense"}, {"start_date": "yesterday"}])
def test_nonsense_is_refused(emulator: Emulator, http: httpx2.Client, query: dict[str, str]) -> None:
    """Documented for cursors, assumed for dates."""
    emulator.add_company()

    assert http.get("/changelogs/products", params=query).status_code == 400


def test_events_can_be_made_to_come_late(emulator: Emulator, http: httpx2.Client) -> None:
    """A scripted fault: an event that shows up behind others that were already read."""
    emulator.hide_events(20)
    emulator.add_company()
    emulator.books.insert("products", 400_001, {"label": "A", "price": "1.2", "price_before_tax": "1.0"})
    emulator.hide_events(0)
    prompt = emulator.books.insert(
        "products", 400_001, {"label": "B", "price": "1.2", "price_before_tax": "1.0"}
    )
    emulator.move_clock(seconds=5)

    first = events(http, "products")
    emulator.move_clock(seconds=30)
    then = events(http, "products")

    assert [event["id"] for event in first] == [prompt["id"]]
    assert len(then) == 2


def test_events_can_be_doubled(emulator: Emulator, http: httpx2.Client) -> None:
    """A scripted fault."""
    emulator.add_product()
    emulator.fail_next("GET", "/changelogs/*", "duplicate_events")

    doubled = events(http, "products")

    assert doubled[0] == doubled[1]


def test_feeds_of_companies_are_apart(emulator: Emulator, http: httpx2.Client) -> None:
    """A company reads its own changes only."""
    mine = emulator.add_product()
    emulator.add_product(company=2)

    assert [event["id"] for event in events(http, "products")] == [mine.id]
