"""The seeded company has what people look for, and the same twice."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.clock import EmulatorClock
from pennybridge.emulator.life import live
from pennybridge.emulator.resources import Record
from pennybridge.emulator.seed.company import seed_company

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def seeded(seed: int = 1) -> tuple[Books, Company]:
    books = Books(EmulatorClock(START, frozen=True), seed=seed)
    books.lives.append(live)
    company = books.add_company("Cap Horizon", fill=seed_company)
    books.touch(company.id)
    return books, company


@pytest.fixture(scope="module")
def books() -> Books:
    return seeded()[0]


@pytest.fixture(scope="module")
def invoices(books: Books) -> list[Record]:
    return books.select("customer_invoices")


def test_invoices_equal_their_lines(books: Books, invoices: list[Record]) -> None:
    for invoice in invoices[::7]:
        lines = books.select("customer_invoice_lines", parent_id=invoice["id"])
        if invoice["discount"]["value"] == "0.0":
            added = sum((Decimal(line["currency_amount"]) for line in lines), Decimal(0))
            assert added == Decimal(invoice["currency_amount"]), invoice["id"]


def test_numbers_and_dates_grow_together(invoices: list[Record]) -> None:
    own = sorted(
        (invoice["invoice_number"], invoice["date"])
        for invoice in invoices
        if invoice["invoice_number"].startswith("F-")
    )

    assert len({number for number, _ in own}) == len(own)
    assert [day for _, day in own] == sorted(day for _, day in own)


def test_the_same_seed_gives_the_same_books() -> None:
    first, second, other = (seeded(seed)[0].select("customer_invoices") for seed in (3, 3, 4))

    assert first == second
    assert first != other
