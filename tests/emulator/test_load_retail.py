"""The retail books in the emulator are those of the file, to the cent after the documented rounding."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pennybridge.emulator.books import Books
from pennybridge.emulator.clock import EmulatorClock
from pennybridge.emulator.load_retail import load_retail
from pennybridge.emulator.resources import Record

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "retail"
ROUNDED_AWAY = Decimal("0.004")
"""Four lines of 0.001 become 0.00; the expected sums are exact."""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.exists(), reason="the retail data are not beside the checkout"),
]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "expected_2010_2011.json").read_text())
    return next(books for name, books in found.items() if name.startswith("online_retail"))


@pytest.fixture(scope="module")
def books() -> Books:
    books = Books(EmulatorClock(datetime(2026, 11, 2, tzinfo=UTC), frozen=True))
    fill = partial(load_retail, path=DATA / "online_retail_2010_2011.parquet")
    books.touch(books.add_company("Online Retail", fill=fill).id)
    return books


@pytest.fixture(scope="module")
def invoices(books: Books) -> list[Record]:
    return books.select("customer_invoices")


def lines(books: Books, field: str) -> Iterator[str]:
    path = f"$.{field}"
    rows = books.database.execute("select json_extract(body, ?) from customer_invoice_lines", (path,))
    return (str(value) for (value,) in rows)


def without_tax(invoice: Record) -> Decimal:
    return Decimal(invoice["currency_amount_before_tax"])


def test_counts_are_those_of_the_file(books: Books, invoices: list[Record], expected: dict[str, Any]) -> None:
    customers = books.select("customers")

    assert len(invoices) == expected["invoices"]
    assert books.count("customer_invoice_lines") == expected["lines"]
    assert books.count("products") == expected["stock_codes"]
    assert len({customer["reference"] for customer in customers} - {""}) == expected["customers"]
    assert (
        len({customer["billing_address"]["country_alpha2"] for customer in customers})
        == expected["countries"]
    )


def test_sums_are_those_of_the_file(books: Books, invoices: list[Record], expected: dict[str, Any]) -> None:
    of_lines = sum((Decimal(text) for text in lines(books, "currency_amount_before_tax")), Decimal(0))

    assert of_lines == sum(map(without_tax, invoices))
    assert Decimal(expected["sum_amount"]) - of_lines == ROUNDED_AWAY
    assert sum(Decimal(text) for text in lines(books, "quantity")) == expected["sum_quantity"]


def test_credit_notes_are_the_documents_below_zero(invoices: list[Record], expected: dict[str, Any]) -> None:
    cancelled = [invoice for invoice in invoices if invoice["invoice_number"].startswith("C")]
    notes = [invoice for invoice in invoices if invoice["_credit_note"]]

    assert len(cancelled) == expected["cancel_invoices"]
    assert len(notes) == expected["invoices_negative_total"]
    assert Counter(note["status"] for note in notes) == {"credit_note": len(notes)}
    assert sum(without_tax(invoice) == 0 for invoice in invoices) - expected["invoices_zero_total"] in range(
        5
    )


def test_each_month_has_its_documents_and_amounts(invoices: list[Record], expected: dict[str, Any]) -> None:
    for month in expected["monthly"]:
        documents = [invoice for invoice in invoices if invoice["date"].startswith(month["month"])]
        notes = [invoice for invoice in documents if invoice["invoice_number"].startswith("C")]

        assert (len(documents) - len(notes), len(notes)) == (month["invoices"], month["credit_notes"])
        assert abs(sum(map(without_tax, documents)) - Decimal(month["net"])) <= ROUNDED_AWAY
        assert sum(map(without_tax, notes)) == Decimal(month["credits"])


def test_each_country_has_its_documents_and_amounts(
    books: Books, invoices: list[Record], expected: dict[str, Any]
) -> None:
    codes = {"United Kingdom": "GB", "EIRE": "IE", "Australia": "AU", "Belgium": "BE", "Cyprus": "CY"}
    country = {
        customer["id"]: customer["billing_address"]["country_alpha2"]
        for customer in books.select("customers")
    }
    net: Counter[str] = Counter()
    for invoice in invoices:
        net[country[invoice["customer"]["id"]]] += int(without_tax(invoice) * 100)

    found = sorted(Decimal(cents) / 100 for cents in net.values())
    wanted = sorted(Decimal(entry["net"]) for entry in expected["by_country"])
    assert all(abs(one - other) <= ROUNDED_AWAY for one, other in zip(found, wanted, strict=True))
    for entry in expected["by_country"]:
        if entry["country"] in codes:
            assert abs(Decimal(net[codes[entry["country"]]]) / 100 - Decimal(entry["net"])) <= ROUNDED_AWAY


def test_the_longest_invoice_keeps_its_lines_in_order(books: Books, expected: dict[str, Any]) -> None:
    ((parent, count),) = books.database.execute(
        "select parent_id, count(*) from customer_invoice_lines group by 1 order by 2 desc limit 1"
    ).fetchall()

    ranks = [line["_rank"] for line in books.select("customer_invoice_lines", parent_id=parent)]
    assert count == expected["max_lines_per_invoice"]
    assert ranks == list(range(1, count + 1))


def test_no_change_is_told_of_books_that_old(books: Books) -> None:
    assert books.database.execute("select count(*) from events").fetchone() == (0,)
