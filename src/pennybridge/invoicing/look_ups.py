"""Ids of what drafts name in words: products, ledger accounts, templates, credited invoices. Once per batch.

Each function gives, for each name asked, its id, or a sentence that says why there is none.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pennybridge.api.client import Client
from pennybridge.api.filters import Scalar
from pennybridge.api.payloads import CustomerInvoice, LedgerAccount, Record, Template
from pennybridge.api.payloads import Product as Known
from pennybridge.invoicing.drafts import Product
from pennybridge.invoicing.existing import invoice_by_reference, records, records_in, side_by_side
from pennybridge.invoicing.fields import plain

Id = int | str
"""An id, or why there is none."""

_PRODUCT_KEYS = ("id", "reference", "external_reference", "label")


def match_products(client: Client, products: Iterable[Product]) -> dict[Product, Id]:
    """Each product by the first given of id, reference, external reference, label."""
    wanted = {product: _product_key(product) for product in products if product.is_named()}
    found: dict[tuple[str, Scalar], list[Known]] = {}
    for field in _PRODUCT_KEYS:
        values = [value for name, value in wanted.values() if name == field]
        for record in records_in(client, "products", Known, field, values):
            if record.archived_at is None:
                found.setdefault((field, getattr(record, field)), []).append(record)
    return {
        product: _one(found.get(key, []), f"{key[0]} {key[1]!r}", "product")
        for product, key in wanted.items()
    }


def _product_key(product: Product) -> tuple[str, Scalar]:
    return next((name, value) for name in _PRODUCT_KEYS if (value := getattr(product, name)))


R = TypeVar("R", bound=Record)


def _one(found: Sequence[R], words: str, what: str) -> Id:
    if len(found) == 1:
        return found[0].id
    if not found:
        return f"no {what} has {words}"
    return f"{len(found)} {what}s have {words}: ids {', '.join(str(one.id) for one in found[:5])}"


def match_accounts(client: Client, numbers: Iterable[str]) -> dict[str, Id]:
    """Each ledger account by its number, or by its beginning where only one account begins so.

    706 also means 706000, as Pennylane pads numbers with zeros (assumed).
    """
    unique = list(dict.fromkeys(numbers))
    answers = side_by_side(lambda number: _account(client, number), unique)
    return dict(zip(unique, answers, strict=True))


def _account(client: Client, number: str) -> Id:
    found = records(client, "ledger_accounts", LedgerAccount, [("number", "start_with", number)])
    usable = [account for account in found if account.enabled is not False]
    exact = [one for one in usable if one.number.rstrip("0") == number.rstrip("0")]
    if len(usable) > 1 and not exact:
        some = ", ".join(f"{one.number} ({one.label})" for one in usable[:5])
        return f"{len(usable)} ledger accounts begin with {number}: {some}"
    best = [one for one in exact if one.number == number] or exact or usable
    return _one(best, f"number {number}", "ledger account")


def match_templates(client: Client, names: Iterable[str]) -> dict[str, Id]:
    """Each invoice template by its name; case and accents do not matter."""
    unique = list(dict.fromkeys(names))
    if not unique:
        return {}
    known = records(client, "customer_invoice_templates", Template)
    there_are = ", ".join(one.name for one in known) or "none"
    matched = {
        name: _one(
            [one for one in known if plain(one.name) == plain(name)], f"name {name!r}", "invoice template"
        )
        for name in unique
    }
    return {
        name: f"{one}; there are: {there_are}" if isinstance(one, str) else one
        for name, one in matched.items()
    }


def match_invoices(client: Client, texts: Iterable[str]) -> dict[str, CustomerInvoice | str]:
    """Each invoice by its id, its number or its external reference, tried in this order."""
    unique = list(dict.fromkeys(text.strip() for text in texts))
    found: dict[str, CustomerInvoice | str] = {}
    ids = [int(text) for text in unique if text.isdigit() and len(text) <= 18]
    for invoice in records_in(client, "customer_invoices", CustomerInvoice, "id", ids):
        found[str(invoice.id)] = invoice
    numbers: dict[str, list[CustomerInvoice]] = {}
    left = [text for text in unique if text not in found]
    for invoice in records_in(client, "customer_invoices", CustomerInvoice, "invoice_number", left):
        numbers.setdefault(invoice.invoice_number or "", []).append(invoice)
    for text, several in numbers.items():
        one = _one(several, f"number {text!r}", "invoice")
        found[text] = several[0] if isinstance(one, int) else one
    left = [text for text in unique if text not in found]
    by_reference = side_by_side(lambda text: invoice_by_reference(client, text), left)
    for text, same in zip(left, by_reference, strict=True):
        found[text] = same or f"no invoice has the id, number or external reference {text!r}"
    return found
