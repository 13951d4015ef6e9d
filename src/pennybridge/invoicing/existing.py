"""What is at Pennylane already: invoices looked up by id, reference or number, customers and other records.

Ids, numbers and the references of customers and products are looked up a hundred at a time; the reference
of an invoice only one at a time, because its list offers `eq` alone (OpenAPI file of July 2026).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TypeVar

from pennybridge.api.client import Client
from pennybridge.api.filters import Filter, Scalar
from pennybridge.api.payloads import CustomerInvoice, InvoiceLine, Record, read_record

R = TypeVar("R", bound=Record)
T = TypeVar("T")
V = TypeVar("V")

CHUNK = 100
"""Values in one `in`: how many Pennylane takes is not documented; a page holds no more."""
WORKERS = 8
"""Threads that send: enough for 25 requests in 5 s at a latency of 1.5 s."""


def side_by_side(work: Callable[[T], V], items: Sequence[T]) -> list[V]:
    """The results of the work on each item, in order; the items are worked on in a few threads."""
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(WORKERS, len(items)), "invoicing") as pool:
        return list(pool.map(work, items))


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, each once and in order, a hundred at a time."""
    unique = list(dict.fromkeys(values))
    for start in range(0, len(unique), CHUNK):
        yield unique[start : start + CHUNK]


def records(client: Client, resource: str, kind: type[R], filters: Sequence[Filter] = ()) -> list[R]:
    """Every record of a list that fits the filters."""
    pages = client.pages(resource, filter=filters)
    return [read_record(kind, item) for page in pages for item in page.items]


def records_in(client: Client, resource: str, kind: type[R], field: str, values: Iterable[Scalar]) -> list[R]:
    """Every record whose field holds one of the values; a request per hundred of them."""

    def read(chunk: list[Scalar]) -> list[R]:
        return records(client, resource, kind, [(field, "in", chunk)])

    return [record for found in side_by_side(read, list(chunks(values))) for record in found]


def invoice_by_reference(client: Client, reference: str) -> CustomerInvoice | None:
    """The invoice with this external reference, if there is one."""
    found = records(client, "customer_invoices", CustomerInvoice, [("external_reference", "eq", reference)])
    # Pennylane ignores what it does not know as a filter (observed): the answer is not taken on trust.
    return next((invoice for invoice in found if invoice.external_reference == reference), None)


def invoices_with_lines(client: Client, ids: Iterable[int]) -> dict[int, CustomerInvoice]:
    """The invoices with these ids, by id, `lines` filled; those that are gone are left out."""

    def read(chunk: list[int]) -> list[CustomerInvoice]:
        found = []
        for page in client.pages("customer_invoices", filter=[("id", "in", chunk)], include="invoice_lines"):
            for item in page.items:
                invoice = read_record(CustomerInvoice, item)
                lines = (page.included_lines or {}).get(invoice.id)
                if lines is None or lines.has_more:
                    invoice.lines = records_of_parent(client, invoice.id)
                else:
                    invoice.lines = [read_record(InvoiceLine, line) for line in lines.items]
                found.append(invoice)
        return found

    return {invoice.id: invoice for found in side_by_side(read, list(chunks(ids))) for invoice in found}


def records_of_parent(client: Client, invoice_id: int) -> list[InvoiceLine]:
    """Every line of one invoice."""
    pages = client.pages("customer_invoice_lines", parent_id=invoice_id)
    return [read_record(InvoiceLine, item) for page in pages for item in page.items]


def references_of_customers(
    client: Client, customer_ids: Iterable[int], days: Sequence[date], most: int
) -> dict[str, int] | None:
    """External references of the customers' invoices of some days, with their ids.

    Args:
        client: Of the company.
        customer_ids: Whose invoices.
        days: From the first to the last of these.
        most: Requests after which it is cheaper to ask for each reference: then None comes back.
    """
    found: dict[str, int] = {}
    spent = 0
    between: list[Filter] = [("date", "gteq", min(days)), ("date", "lteq", max(days))] if days else []
    for chunk in chunks(customer_ids):
        for page in client.pages("customer_invoices", filter=[("customer_id", "in", chunk), *between]):
            spent += 1
            if spent > most:
                return None
            invoices = (read_record(CustomerInvoice, item) for item in page.items)
            found |= {one.external_reference: one.id for one in invoices if one.external_reference}
    return found
