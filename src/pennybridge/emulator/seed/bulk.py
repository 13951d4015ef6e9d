"""Very large books, quickly: plain invoices by the thousand for load tests, without a story.

Invoices are finalized, in euros, half of them paid; customers, products and prices repeat. Made in batches,
so that memory stays flat: a million invoices need a file (`Books(path=…)`) rather than memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from pennybridge.clock import format_instant
from pennybridge.emulator.amounts import invoice_amounts
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.documents import finalized, settled
from pennybridge.emulator.records import (
    billing_subscription,
    company_customer,
    customer_invoice,
    invoice_line,
    product,
    recurring_rule,
    without,
)
from pennybridge.emulator.resources import Record

_BATCH = 1000
_YEARS = timedelta(days=3 * 365)


@dataclass(frozen=True)
class Size:
    """How much of everything; invoices have from one to `max_lines` lines."""

    invoices: int = 10_000
    customers: int = 2_000
    products: int = 200
    subscriptions: int = 100
    max_lines: int = 20


def seed_bulk(books: Books, company: Company, size: Size | None = None) -> None:
    """Fill a company with plain records by number: with `size` given, a `fill` for `Books.add_company`."""
    size = size or Size()
    chance = Random(f"{books.seed}:{company.number}")  # noqa: S311 - repeatable on purpose
    start = books.clock() - _YEARS
    at = format_instant(start)
    products = [_product(books.new_id(), at, number) for number in range(1, size.products + 1)]
    customers = [
        company_customer(books.new_id(), at, name=f"Client {number:06d}", reference=f"C{number:06d}")
        for number in range(1, size.customers + 1)
    ]
    books.insert_many("products", company.id, ((record, None) for record in products))
    books.insert_many("customers", company.id, ((record, None) for record in customers))
    _add_subscriptions(books, company, customers, products, size)
    patterns = [
        _lines(chance, products, at, length) for length in range(1, size.max_lines + 1) for _ in range(5)
    ]
    for first in range(0, size.invoices, _BATCH):
        batch = [
            _invoice(
                books,
                customers[number % len(customers)],
                chance.choice(patterns),
                number=number,
                made_at=start + _YEARS * (number / size.invoices),
            )
            for number in range(first, min(first + _BATCH, size.invoices))
        ]
        books.insert_many("customer_invoices", company.id, ((invoice, None) for invoice, _ in batch))
        books.insert_many("customer_invoice_lines", company.id, _numbered(books, batch))


def _product(key: int, at: str, number: int) -> Record:
    price = Decimal(10 + number % 90) + Decimal(number % 4) / 4
    return product(key, at, label=f"Produit {number}", reference=f"P{number:05d}", price_before_tax=price)


def _lines(chance: Random, products: list[Record], at: str, length: int) -> list[Record]:
    chosen = [chance.choice(products) for _ in range(length)]
    return [
        invoice_line(
            0,
            at,
            label=item["label"],
            unit_price=Decimal(item["price_before_tax"]),
            quantity=Decimal(chance.randint(1, 9)),
            product_id=item["id"],
            rank=rank,
        )
        for rank, item in enumerate(chosen, 1)
    ]


def _invoice(
    books: Books, customer: Record, lines: list[Record], *, number: int, made_at: datetime
) -> tuple[Record, list[Record]]:
    today = books.clock().date()
    invoice = customer_invoice(
        books.new_id(),
        format_instant(made_at),
        customer=customer,
        lines=(),
        amounts=invoice_amounts(lines),
        day=made_at.date(),
        deadline=made_at.date() + timedelta(days=30),
        filename=f"facture-{number}.pdf",
    )
    invoice |= finalized(invoice, number=f"B-{number + 1:07d}", today=today)
    if number % 2:
        invoice |= settled(invoice, Decimal(invoice["amount"]), today=today)
    return invoice, lines


def _numbered(
    books: Books, batch: list[tuple[Record, list[Record]]]
) -> Iterator[tuple[Mapping[str, object], int]]:
    for invoice, lines in batch:
        stamps = {name: invoice[name] for name in ("created_at", "updated_at")}
        for line in lines:
            yield {**line, "id": books.new_id(), **stamps}, invoice["id"]


def _add_subscriptions(
    books: Books, company: Company, customers: list[Record], products: list[Record], size: Size
) -> None:
    now = books.clock()
    at, start = format_instant(now), now.date() + timedelta(days=60)
    subscriptions = []
    for number in range(size.subscriptions):
        item = products[number % len(products)]
        price = Decimal(item["price_before_tax"])
        line = invoice_line(books.new_id(), at, label=item["label"], unit_price=price, product_id=item["id"])
        record = billing_subscription(
            books.new_id(),
            at,
            label=f"Abonnement {number + 1}",
            customer=customers[number % len(customers)],
            lines=[line],
            rule=recurring_rule("monthly"),
            start=start,
        )
        subscriptions.append((record, without(line, "substance")))
    books.insert_many("billing_subscriptions", company.id, ((record, None) for record, _ in subscriptions))
    books.insert_many(
        "billing_subscription_lines", company.id, ((line, record["id"]) for record, line in subscriptions)
    )
