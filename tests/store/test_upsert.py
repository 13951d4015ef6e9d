"""The guarded upsert: older never overwrites newer, and what did not change costs nothing downstream."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pennybridge.store import Database, UpsertCounts
from pennybridge.store.batches import batch_from_records
from pennybridge.store.landing import CATEGORIES, CONTACTS

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def category(number: int, label: str = "Nord") -> bytes:
    return json.dumps({"id": number, "label": label, "category_group": {"id": 5}}).encode()


def put(database: Database, records: list[bytes], at: datetime, load_id: str) -> UpsertCounts:
    with database.transaction() as transaction:
        return transaction.upsert(CATEGORIES, batch_from_records(CATEGORIES, 1, records, at), load_id)


def stored(database: Database) -> list[tuple[Any, ...]]:
    return database.rows(
        "select id, label, read_at, load_id, deleted_at from pennylane.categories order by id"
    )


def test_new_rows_are_inserted_with_their_load(database: Database) -> None:
    assert put(database, [category(1), category(2)], NOON, "a") == UpsertCounts(inserted=2)
    assert stored(database) == [(1, "Nord", NOON, "a", None), (2, "Nord", NOON, "a", None)]


def test_a_changed_row_is_replaced(database: Database) -> None:
    put(database, [category(1)], NOON, "a")
    assert put(database, [category(1, "Sud")], NOON + HOUR, "b") == UpsertCounts(updated=1)
    assert stored(database) == [(1, "Sud", NOON + HOUR, "b", None)]


def test_an_unchanged_row_only_moves_its_reading_time(database: Database) -> None:
    put(database, [category(1)], NOON, "a")
    assert put(database, [category(1)], NOON + HOUR, "b") == UpsertCounts(unchanged=1)
    assert stored(database) == [(1, "Nord", NOON + HOUR, "a", None)]


def test_an_older_page_does_not_overwrite(database: Database) -> None:
    put(database, [category(1)], NOON, "a")
    assert put(database, [category(1, "Sud")], NOON - HOUR, "b") == UpsertCounts(older=1)
    assert stored(database) == [(1, "Nord", NOON, "a", None)]


def test_of_the_same_key_twice_in_a_batch_the_one_read_last_counts(database: Database) -> None:
    batch = batch_from_records(
        CATEGORIES, 1, [category(1, "later"), category(1, "earlier")], [NOON, NOON - HOUR]
    )
    with database.transaction() as transaction:
        assert transaction.upsert(CATEGORIES, batch, "a") == UpsertCounts(inserted=1)
    assert stored(database) == [(1, "later", NOON, "a", None)]


def test_two_companies_with_the_same_ids_do_not_meet(database: Database) -> None:
    for company_id in (1, 2):
        with database.transaction() as transaction:
            batch = batch_from_records(CATEGORIES, company_id, [category(1)], NOON)
            assert transaction.upsert(CATEGORIES, batch, "a") == UpsertCounts(inserted=1)


def test_a_row_that_moved_to_another_parent_is_changed(database: Database) -> None:
    contact = b'{"id": 9}'
    with database.transaction() as transaction:
        transaction.upsert(CONTACTS, batch_from_records(CONTACTS, 1, [contact], NOON, 100), "a")
        moved = batch_from_records(CONTACTS, 1, [contact], NOON + HOUR, 200)
        assert transaction.upsert(CONTACTS, moved, "b") == UpsertCounts(updated=1)
    assert database.rows("select customer_id from pennylane.contacts") == [(200,)]


def test_an_empty_batch_does_nothing(database: Database) -> None:
    assert put(database, [], NOON, "a") == UpsertCounts()
