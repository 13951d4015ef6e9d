from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pennybridge.connections.exclusions import exclude, excluded_customers, find_customer, include
from pennybridge.errors import ConfigurationError
from pennybridge.store import Database

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
CUSTOMERS = [
    (4096, "Café de la Gare", "cafe"),
    (8192, "Jeanne Petit", None),
    (12288, "Jeanne Petit", "jeanne-2"),
    (16384, "cafe", None),
]


@pytest.fixture
def books(database: Database) -> Database:
    """Four customers of company 1, and one of company 2."""
    rows = [(1, *customer) for customer in CUSTOMERS] + [(2, 20480, "Jeanne Petit", None)]
    names = ("company_id", "id", "name", "external_reference")
    batch = pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    stamps = {"payload": ["{}"] * len(rows), "read_at": [NOW] * len(rows), "load_id": ["l"] * len(rows)}
    for name, values in stamps.items():
        batch = batch.append_column(name, [values])
    with database.transaction() as transaction:
        transaction.append("pennylane.customers", batch)
    return database


@pytest.mark.parametrize(
    ("text", "customer_id"),
    [("4096", 4096), ("cafe", 4096), ("café de la gare", 4096), ("jeanne-2", 12288), (" 8192 ", 8192)],
)
def test_a_customer_is_found_by_id_then_reference_then_name(
    books: Database, text: str, customer_id: int
) -> None:
    assert find_customer(books, 1, text).id == customer_id


def test_a_name_that_several_customers_have_asks_for_an_id(books: Database) -> None:
    with pytest.raises(ConfigurationError, match="use one of the ids 8192, 12288"):
        find_customer(books, 1, "Jeanne Petit")


def test_a_customer_of_another_company_is_not_found(books: Database) -> None:
    with pytest.raises(ConfigurationError, match="Nothing was changed"):
        find_customer(books, 1, "20480")


def test_an_exclusion_is_kept_once_and_can_be_undone(books: Database) -> None:
    assert exclude(books, 1, [4096, 8192], at=NOW, reason="test account") == 2
    assert exclude(books, 1, [8192], at=NOW) == 0
    assert excluded_customers(books, 1) == {4096, 8192}
    assert excluded_customers(books, 2) == frozenset()

    assert include(books, 1, [4096, 12288]) == 1
    assert excluded_customers(books, 1) == {8192}
