"""Rows that are gone are marked, keep their last values, and do not come back from an older page."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from pennybridge.store import Database, Transaction, UpsertCounts
from pennybridge.store.batches import batch_from_records
from pennybridge.store.landing import CONTACTS, CUSTOMER_INVOICES, MATCHED_TRANSACTIONS, Table

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def put(
    transaction: Transaction, ids: list[int], at: datetime, parent: int = 100, company_id: int = 1
) -> UpsertCounts:
    records = [b'{"id": %d, "first_name": "Ada"}' % number for number in ids]
    return transaction.upsert(
        CONTACTS, batch_from_records(CONTACTS, company_id, records, at, parent), f"put {at:%H}"
    )


def mark_absent(
    transaction: Transaction,
    *,
    company_id: int = 1,
    dry_run: bool = False,
    id_range: tuple[int, int] | None = None,
) -> int:
    """A crawl from one hour after noon until three hours after it."""
    return transaction.mark_absent_deleted(
        CONTACTS,
        company_id,
        read_before=NOON + HOUR,
        deleted_at=NOON + 3 * HOUR,
        load_id="gone",
        dry_run=dry_run,
        id_range=id_range,
    )


def deleted(database: Database, table: Table = CONTACTS) -> dict[int, datetime | None]:
    rows = database.rows(
        f"select id, deleted_at, first_name from pennylane.{table.name} where company_id = 1"
    )
    assert all(name == "Ada" for _, _, name in rows)
    return {number: at for number, at, _ in rows}


def test_a_deleted_row_keeps_its_values_and_carries_the_load(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1, 2], NOON)
        assert transaction.mark_deleted(CONTACTS, 1, [1, 1, 77], NOON + HOUR, "gone") == 1
    assert deleted(database) == {1: NOON + HOUR, 2: None}
    assert database.rows("select load_id, read_at from pennylane.contacts where id = 1") == [
        ("gone", NOON + HOUR)
    ]


def test_no_ids_mark_nothing(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1], NOON)
        assert transaction.mark_deleted(CONTACTS, 1, [], NOON + HOUR, "gone") == 0


def test_a_row_read_after_the_deletion_was_known_stays(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1], NOON + HOUR)
        assert transaction.mark_deleted(CONTACTS, 1, [1], NOON, "gone") == 0
    assert deleted(database) == {1: None}


def test_an_older_page_does_not_bring_a_deleted_row_back(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1], NOON)
        transaction.mark_deleted(CONTACTS, 1, [1], NOON + HOUR, "gone")
        assert transaction.mark_deleted(CONTACTS, 1, [1], NOON + 3 * HOUR, "gone again") == 0
        assert put(transaction, [1], NOON + 2 * HOUR) == UpsertCounts(older=1)
    assert deleted(database) == {1: NOON + HOUR}
    assert database.rows("select load_id from pennylane.contacts") == [("gone",)]


def test_a_newer_page_brings_a_row_back_even_unchanged(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1], NOON)
        transaction.mark_deleted(CONTACTS, 1, [1], NOON + HOUR, "gone")
        assert put(transaction, [1], NOON + 2 * HOUR) == UpsertCounts(updated=1)
    assert deleted(database) == {1: None}


def test_deletions_of_one_company_do_not_touch_another(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1], NOON)
        put(transaction, [1, 2], NOON, company_id=2)
        transaction.mark_deleted(CONTACTS, 2, [1], NOON + HOUR, "gone")
        transaction.mark_children_deleted(CONTACTS, 2, [100], NOON + HOUR, "gone")
        transaction.mark_children_absent_deleted(CONTACTS, 2, [100], NOON + HOUR, "gone")
        mark_absent(transaction, company_id=2)
    assert deleted(database) == {1: None}


def test_rows_that_a_crawl_did_not_meet_are_marked(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1, 2, 3], NOON)
        put(transaction, [2], NOON + 2 * HOUR)
        assert mark_absent(transaction, dry_run=True) == 2
        assert mark_absent(transaction) == 2
        assert mark_absent(transaction) == 0
    assert deleted(database) == {1: NOON + 3 * HOUR, 2: None, 3: NOON + 3 * HOUR}


def test_absence_counts_only_within_the_ids_that_the_crawl_covered(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1, 2, 3, 4], NOON)
        assert mark_absent(transaction, id_range=(2, 3)) == 2
    assert deleted(database) == {1: None, 2: NOON + 3 * HOUR, 3: NOON + 3 * HOUR, 4: None}


def test_a_page_read_during_the_crawl_is_better_evidence_than_absence(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1], NOON)
        mark_absent(transaction)
        assert put(transaction, [1], NOON + 2 * HOUR) == UpsertCounts(updated=1)
    assert deleted(database) == {1: None}


def test_a_list_read_whole_replaces_what_its_parent_had(database: Database) -> None:
    later = NOON + HOUR
    with database.transaction() as transaction:
        put(transaction, [1, 2], NOON, parent=100)
        put(transaction, [3], NOON, parent=200)
        put(transaction, [4], NOON, parent=300)
        put(transaction, [2], later, parent=100)
        times = [later, NOON - HOUR]
        assert transaction.mark_children_absent_deleted(CONTACTS, 1, [100, 200], times, "gone") == 1
    assert deleted(database) == {1: later, 2: None, 3: None, 4: None}


def test_with_a_parent_all_that_hangs_on_it_is_marked(database: Database) -> None:
    with database.transaction() as transaction:
        put(transaction, [1, 2], NOON, parent=100)
        put(transaction, [3], NOON, parent=200)
        assert transaction.mark_children_deleted(CONTACTS, 1, [100], NOON, "gone") == 2
    assert deleted(database) == {1: NOON, 2: NOON, 3: None}


def test_a_transaction_matched_to_two_invoices_is_unmatched_from_one(database: Database) -> None:
    record = b'{"id": 1, "date": "2026-07-08", "amount": "1.0", "currency_amount": "1.0"}'
    table = MATCHED_TRANSACTIONS
    with database.transaction() as transaction:
        batch = batch_from_records(table, 1, [record, record], NOON, [100, 200])
        assert transaction.upsert(table, batch, "put") == UpsertCounts(inserted=2)
        assert transaction.mark_children_absent_deleted(table, 1, [100], NOON + HOUR, "gone") == 1
        again = batch_from_records(table, 1, [record], NOON + HOUR, 200)
        assert transaction.upsert(table, again, "again") == UpsertCounts(unchanged=1)
    found = database.rows(
        "select customer_invoice_id, deleted_at from pennylane.matched_transactions order by 1"
    )
    assert found == [(100, NOON + HOUR), (200, None)]


@pytest.mark.parametrize(("label", "kept"), [("Same", True), ("Changed", False)])
def test_own_columns_speak_of_the_content_and_change_with_it(
    database: Database, label: str, kept: bool
) -> None:
    """An invoice read again as it was still has all its lines, whatever this page brought of them."""
    texts = [
        f"""{{"id": 1, "status": "upcoming", "draft": false, "paid": false, "currency": "EUR",
        "label": "{name}", "amount": "1.2", "tax": "0.2", "currency_amount": "1.2",
        "currency_amount_before_tax": "1.0",
        "currency_tax": "0.2"}}""".encode()
        for name in ("Same", label)
    ]
    with database.transaction() as transaction:
        first = batch_from_records(CUSTOMER_INVOICES, 1, texts[:1], NOON)
        transaction.upsert(CUSTOMER_INVOICES, first, "a")
        transaction.execute("update pennylane.customer_invoices set lines_complete = true, lines_read = 25")
        again = batch_from_records(CUSTOMER_INVOICES, 1, texts[1:], NOON + HOUR)
        again = again.append_column("lines_read", pa.array([20], pa.int32()))
        transaction.upsert(CUSTOMER_INVOICES, again, "b")

    found = database.rows("select lines_read, load_id from pennylane.customer_invoices")
    assert found == [(25, "a") if kept else (20, "b")]
