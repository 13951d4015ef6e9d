"""Records become typed columns; what the tables need is insisted on, everything else passes."""

import json
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennybridge.errors import PayloadError
from pennybridge.store.batches import arrow_schema, batch_from_records
from pennybridge.store.landing import (
    BILLING_SUBSCRIPTIONS,
    CUSTOMER_INVOICES,
    CUSTOMERS,
    PRODUCTS,
    TABLES,
    Column,
    Table,
)

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)
PRODUCT: dict[str, Any] = {"id": 4096, "label": "Abonnement", "price_before_tax": "100.0", "currency": "EUR"}
INVOICE: dict[str, Any] = {
    "id": 8192,
    "status": "upcoming",
    "draft": False,
    "paid": False,
    "currency": "EUR",
    "amount": "1200.0",
    "tax": "200.0",
    "currency_amount": "1200.0",
    "currency_amount_before_tax": "1000.0",
    "currency_tax": "200.0",
}


def row(table: Table, record: dict[str, Any] | bytes, **changes: Any) -> dict[str, Any]:
    raw = record if isinstance(record, bytes) else json.dumps(record | changes).encode()
    [found] = batch_from_records(table, 7, [raw], NOON, 5 if table.parent else None).to_pylist()
    return dict(found)


def test_fields_become_typed_columns_and_the_record_is_kept_as_received() -> None:
    raw = json.dumps(
        INVOICE
        | {
            "date": "2026-07-08",
            "created_at": "2026-07-08T12:23:39.847701Z",
            "customer": {"id": 12288, "url": "https://x"},
            "discount": {"type": "relative", "value": "2.5"},
            "exchange_rate": "1.0987654321",
            "e_invoicing": None,
            "unknown_field": {"deep": [1]},
        },
        indent=1,
    ).encode()
    found = row(CUSTOMER_INVOICES, raw)
    expected = {
        "company_id": 7,
        "id": 8192,
        "customer_id": 12288,
        "date": date(2026, 7, 8),
        "created_at": datetime(2026, 7, 8, 12, 23, 39, 847701, tzinfo=UTC),
        "amount": Decimal("1200.000000"),
        "exchange_rate": Decimal("1.0987654321"),
        "discount_value": Decimal("2.5"),
        "draft": False,
        "e_invoicing_status": None,
        "credited_invoice_id": None,
        "payload": raw.decode(),
        "read_at": NOON,
    }
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_no_records_give_an_empty_batch_of_the_same_columns(table: Table) -> None:
    parents: list[int] | None = [] if table.parent else None
    batch = batch_from_records(table, 1, [], [], parents)
    assert batch.schema == arrow_schema(table)
    assert set(batch.column_names) == {n for n, _, _ in table.sql_columns()} - {"load_id", "deleted_at"} - {
        column.name for column in table.own
    }


def test_empty_texts_become_null_and_lists_are_joined() -> None:
    record = {
        "id": 1,
        "customer_type": "company",
        "name": "Nord",
        "vat_number": "",
        "emails": ["a@x.fr", "b@x.fr"],
    }
    found = row(CUSTOMERS, record, billing_address={"address": "", "city": "Lyon"})
    assert (found["vat_number"], found["emails"]) == (None, "a@x.fr, b@x.fr")
    assert (found["billing_address"], found["billing_city"], found["delivery_city"]) == (None, "Lyon", None)
    assert row(CUSTOMERS, record, emails=[])["emails"] is None


def test_nested_fields_of_subscriptions_are_found() -> None:
    data = {"currency": "EUR", "amount": "1", "currency_amount": "1", "currency_amount_before_tax": "1"}
    record = {
        "id": 1,
        "customer": {"id": 2},
        "status": "a",
        "recurring_rule": {"rule_type": "monthly", "day_of_month": [1, 15]},
    }
    found = row(BILLING_SUBSCRIPTIONS, record, customer_invoice_data=data | {"discount": {"value": "3.0"}})
    assert (found["rule_day_of_month"], found["discount_value"]) == ("1, 15", Decimal(3))
    with pytest.raises(PayloadError, match=r"record 1.*`amount`.*customer_invoice_data"):
        row(BILLING_SUBSCRIPTIONS, record, customer_invoice_data={"currency": "EUR"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": None}, r"Expected `str`, got `null` in field amount"),
        ({"amount": 12.5}, r"Expected `str`, got `float` in field amount"),
        ({"amount": "twelve"}, r"decimal expected, got 'twelve' in field amount"),
        ({"amount": "1234567890123.0"}, r"decimal expected, got '1234567890123.0' in field amount"),
        ({"draft": "no"}, r"Expected `bool`, got `str` in field draft"),
        ({"date": "08/07/2026"}, r"date expected, got '08/07/2026' in field date"),
        ({"created_at": "yesterday"}, r"timestamp expected, got 'yesterday' in field created_at"),
        ({"label": 3}, r"Expected `str \| null`, got `int` in field label"),
        ({"customer": 3}, r"Expected `object \| null`, got `int` in field customer"),
        ({"customer": {"id": "3"}}, r"Expected `int \| null`, got `str` in field customer.id"),
        ({"customer": {"id": 2**70}}, r"bigint expected, got 1180591620717411303424 in field customer.id"),
    ],
)
def test_a_retyped_field_names_resource_record_and_field(changes: dict[str, Any], said: str) -> None:
    good = json.dumps(INVOICE | {"id": 1}).encode()
    bad = json.dumps(INVOICE | changes).encode()
    with pytest.raises(PayloadError, match=f"customer_invoices record 8192: {said}"):
        batch_from_records(CUSTOMER_INVOICES, 1, [good, bad], NOON)


def test_a_missing_field_that_models_need_is_named() -> None:
    without = {name: value for name, value in PRODUCT.items() if name != "currency"}
    with pytest.raises(PayloadError, match=r"products record 4096: .*missing required field `currency`"):
        row(PRODUCTS, without)


@pytest.mark.parametrize(
    "raw", [b"<html>", b'{"id": "x"}', b'{"label": "no id"}', b'"text"', b'{"id": 1, "label": "\xff']
)
def test_what_is_no_record_is_refused(raw: bytes) -> None:
    with pytest.raises(PayloadError, match=r"products record (of unknown id|1): "):
        row(PRODUCTS, raw)


def test_addresses_that_change_at_every_read_are_not_kept() -> None:
    label = 'say "public_file_url": "https://kept"'
    first, second = (
        row(
            CUSTOMER_INVOICES,
            INVOICE,
            label=label,
            public_file_url=f'https://x/{n}?a="b"\\',
            filename="f.pdf",
        )
        for n in (1, 2)
    )
    assert first == second
    payload = json.loads(first["payload"])
    assert payload == INVOICE | {"label": label, "public_file_url": None, "filename": "f.pdf"}


def test_a_character_that_postgresql_cannot_hold_is_left_out_of_columns() -> None:
    found = row(PRODUCTS, PRODUCT, label="Abon\0nement")
    assert found["label"] == "Abonnement"
    assert json.loads(found["payload"])["label"] == "Abon\0nement"


@given(st.decimals(min_value=-(10**11), max_value=10**11, allow_nan=False, allow_infinity=False, places=9))
def test_amounts_are_rounded_half_away_from_zero_at_six_decimals(amount: Decimal) -> None:
    found = row(PRODUCTS, PRODUCT, price_before_tax=f"{amount:f}")["price_before_tax"]
    assert found == amount.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-08T12:00:00Z", NOON),
        ("2026-07-08T14:00:00+02:00", NOON),
        ("2026-07-08T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
        ("2026-07-08T12:00:00", NOON),
    ],
)
def test_instants_are_read_in_any_offset(text: str, expected: datetime) -> None:
    assert row(PRODUCTS, PRODUCT, created_at=text)["created_at"] == expected


def test_slices_of_a_page_are_records_too() -> None:
    page = json.dumps({"items": [PRODUCT, PRODUCT | {"id": 1}]}).encode()
    items = msgspec.json.decode(page, type=dict[str, list[msgspec.Raw]])["items"]
    batch = batch_from_records(PRODUCTS, 1, items, [NOON, NOON])
    assert batch["id"].to_pylist() == [4096, 1]
    assert json.loads(batch["payload"][0].as_py()) == PRODUCT


def test_each_record_can_hang_on_a_parent_of_its_own() -> None:
    table = Table("things", (Column("label", "text", "label"),), parent="customer_id")
    batch = batch_from_records(table, 1, [b'{"id": 1}', b'{"id": 2}'], NOON, [10, 20])
    assert batch["customer_id"].to_pylist() == [10, 20]
