"""Whatever the seeds make is answered over HTTP, and every answer is one that the contract allows.

The emulator under test holds each answer against the contract and fails the request if it is not.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx2
import pytest

from pennybridge.emulator.business_day import do_business
from pennybridge.emulator.seed.bulk import Size, seed_bulk
from pennybridge.emulator.seed.company import seed_company
from pennybridge.emulator.seed.small import seed_small
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import every_page

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
LISTS = (
    "customers", "products", "billing_subscriptions", "transactions", "categories",
    "category_groups", "ledger_accounts", "journals", "customer_invoice_templates", "bank_accounts",
    "bank_establishments", "fiscal_years", "quotes",
)  # fmt: skip
OF_AN_INVOICE = (
    "invoice_lines", "invoice_line_sections", "payments", "matched_transactions", "categories",
    "appendices", "custom_header_fields",
)  # fmt: skip


def crawl(http: httpx2.Client, *, details: int) -> dict[str, int]:
    """Read everything, and the sub-resources of about so many records; gives how many of each."""
    found: dict[str, list[dict[str, Any]]] = {name: every_page(http, f"/{name}", limit=100) for name in LISTS}
    found["customer_invoices"] = every_page(http, "/customer_invoices", limit=100, include="invoice_lines")
    below = {
        "customer_invoices": OF_AN_INVOICE,
        "customers": ("contacts", "categories"),
        "billing_subscriptions": ("invoice_lines", "invoice_line_sections"),
        "quotes": ("invoice_lines", "invoice_line_sections", "appendices"),
        "transactions": ("matched_invoices", "categories"),
    }
    for name, parts in below.items():
        for record in found[name][:: max(1, len(found[name]) // details)]:
            for part in parts:
                key = f"{name}.{part}"
                found.setdefault(key, []).extend(
                    every_page(http, f"/{name}/{record['id']}/{part}", limit=100)
                )
    return {name: len(records) for name, records in found.items()}


def test_the_seeded_company_is_answered_as_the_contract_says(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.clock.set(START)
    company = emulator.books.add_company("Cap Horizon", fill=seed_company)

    counts = crawl(http, details=25)

    assert counts["customer_invoices"] == emulator.books.count("customer_invoices", company.id)
    assert all(
        counts[f"customer_invoices.{part}"]
        for part in ("invoice_lines", "matched_transactions", "categories")
    )
    assert all(counts[name] for name in LISTS)


@pytest.mark.parametrize(
    "fill", [seed_small, partial(seed_bulk, size=Size(300, 40, 20, 10, 25))], ids=["small", "bulk"]
)
def test_other_seeds_are_answered_as_the_contract_says(
    emulator: Emulator, http: httpx2.Client, fill: Callable[..., None]
) -> None:
    emulator.clock.set(START)
    emulator.books.add_company("Cap Horizon", fill=fill)

    assert crawl(http, details=10)["customer_invoices.invoice_lines"] > 0


def test_a_day_of_business_changes_what_it_says(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.clock.set(START)
    company = emulator.books.add_company("Cap Horizon", fill=seed_company)
    emulator.books.touch(company.id)
    emulator.settle()
    before = {invoice["id"]: invoice for invoice in emulator.books.select("customer_invoices", company.id)}

    sentences = do_business(emulator.books, company)
    emulator.settle()
    after = {invoice["id"]: invoice for invoice in emulator.books.select("customer_invoices", company.id)}

    changed = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    assert len(sentences) == 5
    assert len(after.keys() - before.keys()) == 2, "an invoice for the new customer, and a credit note"
    assert len(before.keys() - after.keys()) == 1, "a draft was deleted"
    assert len(changed) == 3, "one paid, one draft edited, one credited"
    told = [change["id"] for change in every_page(http, "/changelogs/customer_invoices", limit=1000)]
    assert set(changed) | (after.keys() - before.keys()) <= set(told)
    assert all(after[key]["invoice_number"] in " ".join(sentences) for key in after.keys() - before.keys())


def test_a_day_of_business_in_an_empty_company_is_only_a_new_customer(emulator: Emulator) -> None:
    company = emulator.books.add_company("Empty")
    emulator.books.touch(company.id)

    (sentence,) = do_business(emulator.books, company)

    assert "first invoice" in sentence
