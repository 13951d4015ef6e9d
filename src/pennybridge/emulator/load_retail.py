"""The UCI Online Retail books (2010-12 to 2011-12, CC BY 4.0) as the books of a company.

What the file does not say is decided here, the same for every line:

- Each `InvoiceNo` is one finalized document with that number, dated by its first timestamp. Those below
  zero (`C…`, and two of the adjustments `A…`) are credit notes; none is linked, as nothing says to what.
- Prices are without tax; FR_200 is added. A line is `quantity × price` rounded to the cent (four lines of
  0.001 become 0.00), the exact price kept in `raw_currency_unit_price`.
- Amounts are in euros, not the sterling they were: published totals then are totals in euros too, and no
  exchange rate had to be invented.
- A customer is a customer number in a country (eight bought in two), the number in `reference`. Documents
  without customer number go to one customer per country.
- Every stock code is a product, named and priced by its first line that has a description, or a price.
- An invoice is due after 30 days. Those without customer number are paid; so are the others due by the end
  of October 2011, save each whose number is divisible by 25. Credit notes are not paid back.

Source:
    https://archive.ics.uci.edu/dataset/352/online+retail
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pennybridge.clock import format_instant
from pennybridge.emulator.amounts import NO_DISCOUNT, invoice_amounts, line_amounts
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.documents import finalized, settled
from pennybridge.emulator.records import address, company_customer, customer_invoice, product
from pennybridge.emulator.resources import Record
from pennybridge.money import format_amount

_TERMS = timedelta(days=30)
_PAID_IF_DUE_BY = date(2011, 10, 31)
_BATCH = 1000

_COUNTRIES = {
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Channel Islands": "JE", "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE",
    "European Community": "EU", "Finland": "FI", "France": "FR", "Germany": "DE", "Greece": "GR",
    "Hong Kong": "HK", "Iceland": "IS", "Israel": "IL", "Italy": "IT", "Japan": "JP", "Lebanon": "LB",
    "Lithuania": "LT", "Malta": "MT", "Netherlands": "NL", "Norway": "NO", "Poland": "PL", "Portugal": "PT",
    "RSA": "ZA", "Saudi Arabia": "SA", "Singapore": "SG", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH",
    "USA": "US", "United Arab Emirates": "AE", "United Kingdom": "GB", "Unspecified": "",
}  # fmt: skip
"""Country of the file → two letters, each its own, so that totals by country compare."""


class _Sale(NamedTuple):
    """A line of the file."""

    invoice_no: str
    stock_code: str
    description: str | None
    quantity: int
    invoice_date: datetime
    unit_price: Decimal
    customer_id: int | None
    country: str


@dataclass
class _Shop:
    """What documents refer to, made when first met."""

    books: Books
    products: dict[str, Record] = field(default_factory=dict)
    customers: dict[tuple[int | None, str], Record] = field(default_factory=dict)

    def product_of(self, sale: _Sale) -> Record:
        """The product of a stock code."""
        found = self.products.get(sale.stock_code)
        if found is None:
            found = self.products[sale.stock_code] = product(
                self.books.new_id(),
                _text(sale.invoice_date),
                label=sale.stock_code,
                reference=sale.stock_code,
                price_before_tax=Decimal(0),
                external_reference=f"uci-{sale.stock_code}",
                substance="goods",
            )
        if found["label"] == sale.stock_code and sale.description:
            found["label"] = sale.description
        if found["price_before_tax"] == "0.0" and sale.unit_price > 0:
            found["price_before_tax"] = format_amount(sale.unit_price)
            found["price"] = _amounts(sale.unit_price, 1)["amount"]
        return found

    def customer_of(self, sale: _Sale) -> Record:
        """The customer of a customer number in a country, or the one for those without number."""
        key = sale.customer_id, sale.country
        if key not in self.customers:
            number = str(sale.customer_id or "")
            self.customers[key] = company_customer(
                self.books.new_id(),
                _text(sale.invoice_date),
                name=f"Customer {number}" if number else f"Unnamed customers, {sale.country}",
                reference=number,
                external_reference=f"uci-{number or 'unnamed'}-{sale.country}",
                billing_language="en_GB",
                billing_address=address(country=_COUNTRIES[sale.country]),
            )
        return self.customers[key]


def load_retail(books: Books, company: Company, path: Path) -> None:
    """Fill a company with the retail books of a parquet file; `partial(…, path=path)` is a `fill`."""
    shop = _Shop(books)
    today = books.clock().date()
    documents = _documents(path)
    while batch := [_document(shop, sales, today) for sales in islice(documents, _BATCH)]:
        books.insert_many("customer_invoices", company.id, ((invoice, None) for invoice, _ in batch))
        books.insert_many(
            "customer_invoice_lines",
            company.id,
            ((line, invoice["id"]) for invoice, lines in batch for line in lines),
        )
    books.insert_many("customers", company.id, ((record, None) for record in shop.customers.values()))
    books.insert_many("products", company.id, ((record, None) for record in shop.products.values()))


def _documents(path: Path) -> Iterator[list[_Sale]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    grouped: dict[str, list[_Sale]] = {}
    for sale in map(_Sale._make, zip(*(table[name].to_pylist() for name in _Sale._fields), strict=True)):
        grouped.setdefault(sale.invoice_no, []).append(sale)
    yield from grouped.values()


def _document(shop: _Shop, sales: list[_Sale], today: date) -> tuple[Record, list[Record]]:
    first = sales[0]
    at, day = _text(first.invoice_date), first.invoice_date.date()
    lines = [
        _line(shop.books.new_id(), at, rank, sale, shop.product_of(sale)["id"])
        for rank, sale in enumerate(sales, 1)
    ]
    invoice = customer_invoice(
        shop.books.new_id(),
        at,
        customer=shop.customer_of(first),
        lines=(),
        amounts=invoice_amounts(lines),
        day=day,
        deadline=day + _TERMS,
        filename=f"{first.invoice_no}.pdf",
        external_reference=f"uci-{first.invoice_no}",
    )
    invoice |= finalized(invoice, number=first.invoice_no, today=today)
    if first.customer_id is None or _is_paid(first.invoice_no, day + _TERMS):
        invoice |= _paid(invoice, today)
    return invoice, lines


def _is_paid(invoice_no: str, deadline: date) -> bool:
    return deadline <= _PAID_IF_DUE_BY and not (invoice_no.isdigit() and int(invoice_no) % 25 == 0)


def _paid(invoice: Mapping[str, Any], today: date) -> Record:
    if invoice["_credit_note"]:
        return {}
    return settled(invoice, Decimal(invoice["amount"]), today=today)


def _line(key: int, at: str, rank: int, sale: _Sale, product_id: int) -> Record:
    return {
        "id": key,
        "label": sale.description or sale.stock_code,
        "unit": "piece",
        **_amounts(sale.unit_price, sale.quantity),
        "vat_rate": "FR_200",
        "description": "",
        "section_rank": 0,
        "discount": NO_DISCOUNT,
        "product": {"id": product_id},
        "imputation_dates": None,
        "substance": None,
        "created_at": at,
        "updated_at": at,
        "_rank": rank,
    }


@lru_cache(maxsize=20_000)
def _amounts(unit_price: Decimal, quantity: int) -> dict[str, str]:
    return {
        "quantity": format_amount(Decimal(quantity)),
        **line_amounts(unit_price=unit_price, quantity=Decimal(quantity), vat_rate="FR_200"),
        "raw_currency_unit_price": format_amount(unit_price),
    }


def _text(instant: datetime) -> str:
    return format_instant(instant.replace(tzinfo=UTC))
