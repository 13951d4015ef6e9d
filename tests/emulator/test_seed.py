"""The seeded company has what people look for, adds up, and is the same twice."""

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.clock import EmulatorClock
from pennybridge.emulator.documents import PAYABLE
from pennybridge.emulator.life import live
from pennybridge.emulator.resources import Record
from pennybridge.emulator.seed.bulk import Size, seed_bulk
from pennybridge.emulator.seed.company import seed_company
from pennybridge.emulator.seed.small import seed_small

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def opened(fill: Any, *, seed: int = 1) -> tuple[Books, Company]:
    books = Books(EmulatorClock(START, frozen=True), seed=seed)
    books.lives.append(live)
    company = books.add_company("Cap Horizon", fill=fill)
    books.touch(company.id)
    return books, company


@pytest.fixture(scope="module")
def books() -> Books:
    return opened(seed_company)[0]


@pytest.fixture(scope="module")
def invoices(books: Books) -> list[Record]:
    return books.select("customer_invoices")


@pytest.fixture(scope="module")
def lines(books: Books) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = defaultdict(list)
    rows = books.database.execute("select parent_id, id from customer_invoice_lines").fetchall()
    parents = {key: parent for parent, key in rows}
    for line in books.select("customer_invoice_lines"):
        found[parents[line["id"]]].append(line)
    return found


def test_it_is_as_large_as_a_company_of_that_kind(books: Books, invoices: list[Record]) -> None:
    assert 120 <= books.count("customers") <= 160
    assert 15 <= books.count("products") <= 25
    assert 4_000 <= len(invoices) <= 6_000
    assert min(invoice["date"] for invoice in invoices) < "2023-06-01"
    assert max(invoice["date"] for invoice in invoices) >= "2026-10-30"


def test_every_status_that_matters_occurs(invoices: list[Record]) -> None:
    statuses = Counter(invoice["status"] for invoice in invoices)

    assert set(statuses) >= PAYABLE | {"paid", "cancelled", "credit_note", "draft", "incomplete"}
    assert statuses["draft"] >= 5


def test_customers_are_of_several_kinds_and_countries(books: Books, invoices: list[Record]) -> None:
    customers = books.select("customers")

    assert {customer["customer_type"] for customer in customers} == {"company", "individual"}
    assert len({customer["billing_address"]["country_alpha2"] for customer in customers}) >= 7
    assert {invoice["currency"] for invoice in invoices} == {"EUR", "USD", "GBP", "CHF"}
    assert books.count("contacts") > 100
    assert books.count("quotes") > 10


def test_subscriptions_of_every_cadence_run_and_have_ended(books: Books) -> None:
    subscriptions = books.select("billing_subscriptions")
    rules = {
        (item["recurring_rule"]["rule_type"], item["recurring_rule"]["interval"]) for item in subscriptions
    }

    assert rules >= {("weekly", 1), ("monthly", 1), ("monthly", 3), ("yearly", 1)}
    assert {item["status"] for item in subscriptions} >= {"in_progress", "stopped"}


def test_credit_notes_are_whole_partial_dated_linked_and_not(
    invoices: list[Record], lines: dict[int, list[Record]]
) -> None:
    notes = [invoice for invoice in invoices if invoice["_credit_note"] and not invoice["draft"]]
    by_id = {invoice["id"]: invoice for invoice in invoices}
    linked = [note for note in notes if note["credited_invoice"]]
    shares = [
        -Decimal(note["amount"]) / Decimal(by_id[note["credited_invoice"]["id"]]["amount"]) for note in linked
    ]

    assert len(notes) - len(linked) > 5
    assert sum(share == 1 for share in shares) > 10
    assert sum(share < 1 for share in shares) > 10
    assert any(line["imputation_dates"] for note in notes for line in lines[note["id"]])


def test_lines_come_with_and_without_products_dates_discounts_and_periods(
    invoices: list[Record], lines: dict[int, list[Record]]
) -> None:
    every = [line for group in lines.values() for line in group]

    for has in ("product", "imputation_dates"):
        assert 0.1 < sum(bool(line[has]) for line in every) / len(every) < 0.9
    assert {(line["discount"]["type"]) for line in every if line["discount"]["value"] != "0.0"} == {
        "relative",
        "absolute",
    }
    assert {invoice["discount"]["type"] for invoice in invoices if invoice["discount"]["value"] != "0.0"} == {
        "relative",
        "absolute",
    }
    labels = " ".join(line["label"] for line in every)
    periods = (r" du 1er ", r" - février 20", r" T2 20", r"Monthly - Feb 20", r"\([A-Z][a-z]+ \d+, 20")
    assert [pattern for pattern in periods if not re.search(pattern, labels)] == []
    assert sum(len(group) > 20 for group in lines.values()) > 10
    assert any(line["section_rank"] for line in every)


def test_customers_upgrade_leave_and_come_back(invoices: list[Record]) -> None:
    months: dict[int, set[str]] = defaultdict(set)
    for invoice in invoices:
        if invoice["customer"]:
            months[invoice["customer"]["id"]].add(invoice["date"][:7])
    last = {key: max(found) for key, found in months.items()}

    assert sum(month < "2026-05" for month in last.values()) > 10, "churn"
    assert any(_longest_gap(found) >= 4 for found in months.values()), "returns"


def test_invoices_equal_their_lines(invoices: list[Record], lines: dict[int, list[Record]]) -> None:
    for invoice in invoices:
        added = sum((Decimal(line["currency_amount"]) for line in lines[invoice["id"]]), Decimal(0))
        if invoice["discount"]["value"] == "0.0":
            assert added == Decimal(invoice["currency_amount"]), invoice["id"]
        else:
            assert abs(added) >= abs(Decimal(invoice["currency_amount"]))


def test_what_remains_agrees_with_status_and_paid(invoices: list[Record]) -> None:
    for invoice in invoices:
        remaining = Decimal(invoice["remaining_amount_with_tax"] or 0)
        assert (invoice["status"] in PAYABLE) == (remaining > 0 and invoice["status"] != "incomplete")
        if invoice["status"] == "incomplete":
            assert invoice["paid"], "observed: incomplete documents show as paid"
        elif not invoice["draft"]:
            assert invoice["paid"] == (remaining == 0)


def test_transactions_cover_what_they_settle(books: Books, invoices: list[Record]) -> None:
    by_id = {invoice["id"]: invoice for invoice in invoices}
    ties = books.database.execute("select transaction_id, invoice_id from matches").fetchall()
    settled: dict[int, list[int]] = defaultdict(list)
    for transaction_id, invoice_id in ties:
        settled[transaction_id].append(invoice_id)
    amounts = {record["id"]: Decimal(record["amount"]) for record in books.select("transactions")}

    for transaction_id, invoice_ids in settled.items():
        total = sum(Decimal(by_id[key]["amount"]) for key in invoice_ids)
        assert 0 < amounts[transaction_id] <= total
    assert sum(len(group) > 1 for group in settled.values()) > 20
    assert len(amounts) - len(settled) > 20, "money that nobody matched"


def test_numbers_and_dates_grow_together(invoices: list[Record]) -> None:
    own = sorted(
        (invoice["invoice_number"], invoice["date"])
        for invoice in invoices
        if invoice["invoice_number"].startswith("F-")
    )
    years = Counter(number[:6] for number, _ in own)

    assert [day for _, day in own] == sorted(day for _, day in own)
    assert all(own_number.endswith(f"{rank:06d}") for own_number, rank in _ranks(own))
    assert len(years) >= 4


def test_the_changelogs_tell_of_the_last_weeks_only(books: Books) -> None:
    first, last, feeds = books.database.execute(
        "select min(processed_at), max(processed_at), count(distinct feed) from events"
    ).fetchone()

    assert first >= "2026-10-05"
    assert last <= "2026-11-02T09:01"
    assert feeds >= 2


def test_the_same_seed_gives_the_same_books() -> None:
    first, second, other = (
        opened(partial(seed_small, customers=12), seed=seed)[0].select("customer_invoices")
        for seed in (3, 3, 4)
    )

    assert first == second
    assert first != other


def test_months_go_by_in_about_a_second() -> None:
    books, company = opened(seed_company)
    before = books.count("customer_invoices")
    books.clock.move(timedelta(days=90))
    books.touch(company.id)

    after = books.select("customer_invoices")
    assert len(after) - before > 200
    assert max(invoice["date"] for invoice in after) > "2027-01-25"


def test_bulk_books_have_the_size_asked_for() -> None:
    size = Size(invoices=1_200, customers=50, products=20, subscriptions=10, max_lines=20)
    books, company = opened(partial(seed_bulk, size=size))
    books.clock.move(timedelta(days=1))
    books.touch(company.id)

    counts = {name: books.count(name) for name in ("customer_invoices", "customers", "products")}
    assert counts == {"customer_invoices": 1_200, "customers": 50, "products": 20}
    assert books.count("billing_subscriptions") == 10
    longest = books.database.execute(
        "select max(n) from (select count(*) as n from customer_invoice_lines group by parent_id)"
    ).fetchone()
    assert longest == (20,)
    assert len({invoice["invoice_number"] for invoice in books.select("customer_invoices")}) == 1_200


def test_many_small_companies_are_made_when_they_are_looked_at() -> None:
    books = Books(EmulatorClock(START, frozen=True))
    companies = [books.add_company(f"Company {number}", fill=seed_small) for number in range(500)]
    assert books.count("customers") == 0

    books.touch(companies[250].id)

    assert books.count("customers") == books.count("customers", companies[250].id) == 4
    assert books.count("customer_invoices", companies[250].id) > 0


def _longest_gap(months: set[str]) -> int:
    numbers = sorted(int(month[:4]) * 12 + int(month[5:]) for month in months)
    return max((later - earlier for earlier, later in pairwise(numbers)), default=0)


def _ranks(own: list[tuple[str, str]]) -> list[tuple[str, int]]:
    counts: Counter[int] = Counter()
    ranked = []
    for number, day in own:
        year = date.fromisoformat(day).year
        counts[year] += 1
        ranked.append((number, counts[year]))
    return ranked
