"""What a company's books hold, read over plain HTTP without any of our code."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from pennybridge.store import Database
from pennybridge.store.landing import TABLES

Record = dict[str, Any]
Rows = dict[tuple[int, ...], Record]

_CHILDREN = {
    "contacts": ("customers", "/customers/{}/contacts"),
    "billing_subscription_lines": ("billing_subscriptions", "/billing_subscriptions/{}/invoice_lines"),
    "customer_invoice_lines": ("customer_invoices", "/customer_invoices/{}/invoice_lines"),
    "payments": ("customer_invoices", "/customer_invoices/{}/payments"),
    "matched_transactions": ("customer_invoices", "/customer_invoices/{}/matched_transactions"),
    "customer_invoice_categories": ("customer_invoices", "/customer_invoices/{}/categories"),
}


def read_books(base_url: str, token: str, *, lists_only: bool = False) -> dict[str, Rows]:
    """Every record of every synced resource, by the key of its landing table without the company.

    `lists_only` leaves out what costs a request per parent.
    """
    books: dict[str, Rows] = {}
    for name in TABLES:
        if name not in _CHILDREN:
            books[name] = {(record["id"],): record for record in _walk(base_url, token, f"/{name}")}
    for name, (parents, path) in () if lists_only else _CHILDREN.items():
        rows: Rows = {}
        for (parent_id,) in books[parents]:
            for record in _walk(base_url, token, path.format(parent_id)):
                key = (parent_id, record["id"]) if TABLES[name].key_has_parent else (record["id"],)
                rows[key] = record
        books[name] = rows
    return books


def assert_same(database: Database, company_id: int, books: dict[str, Rows], *, leave_out: str = "") -> None:
    """The landing tables hold the books' records as answered, and everything else is marked as deleted."""
    for name, expected in books.items():
        if name == leave_out:
            continue
        live = landed(database, company_id, name)
        assert set(live) == set(expected), (
            f"{name}: missing {sorted(set(expected) - set(live))[:5]}, "
            f"extra {sorted(set(live) - set(expected))[:5]}"
        )
        for key, record in expected.items():
            lasting = {**record, "public_file_url": None} if "public_file_url" in record else record
            assert live[key] == lasting, f"{name} {key}"


def landed(database: Database, company_id: int, name: str) -> Rows:
    """The payloads of a landing table's rows that are not marked as deleted."""
    key = ", ".join(column for column in TABLES[name].key if column != "company_id")
    rows = database.rows(
        f"select {key}, payload from pennylane.{name} where company_id = :company_id and deleted_at is null",
        company_id=company_id,
    )
    return {tuple(key): json.loads(payload) for *key, payload in rows}


def _walk(base_url: str, token: str, path: str) -> Iterator[Record]:
    cursor = None
    while True:
        page = _get(base_url, token, path, {"limit": 100, **({"cursor": cursor} if cursor else {})})
        yield from page["items"]
        if not page["has_more"]:
            return
        cursor = page["next_cursor"]


def _get(base_url: str, token: str, path: str, query: dict[str, Any]) -> Record:
    url = f"{base_url}{path}?{urlencode(query)}"
    request = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 — our own loopback server
    try:
        with urlopen(request, timeout=20) as answer:  # noqa: S310 — as above
            body: Record = json.load(answer)
            return body
    except HTTPError as error:
        raise AssertionError(f"{path}: {error.code} {error.read()[:300]!r}") from error
