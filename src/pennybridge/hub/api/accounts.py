"""Customers and invoices over the JSON API, as the pages of accounts show them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

from fastapi import APIRouter, HTTPException, Query, Request

from pennybridge.hub.accounts import customer as one_customer
from pennybridge.hub.accounts import invoice as one_invoice
from pennybridge.hub.accounts.asked import CompanyBooks
from pennybridge.hub.accounts.books import LATEST
from pennybridge.hub.accounts.customers import CustomerFilter, CustomerRow, CustomerTotals, customers
from pennybridge.hub.accounts.invoices import InvoiceFilter, InvoiceRow, InvoiceTotals, invoices
from pennybridge.hub.accounts.listing import Page

router = APIRouter(tags=["accounts"])
Row = TypeVar("Row")
Totals = TypeVar("Totals")


@dataclass(frozen=True)
class Listed(Generic[Row, Totals]):
    """A page of a list, with the sums over all of it."""

    rows: list[Row]
    totals: Totals
    next: str | None
    """The address of the next page; null on the last."""


@dataclass(frozen=True)
class CustomerAccount:
    """A customer with what hangs on it; of payments and transactions the latest fifty."""

    customer: one_customer.Customer
    standing: one_customer.Standing
    contacts: list[one_customer.Contact]
    open_documents: list[one_customer.OpenDocument]
    payments: list[one_invoice.Payment]
    transactions: list[one_invoice.MatchedTransaction]
    to_do: one_customer.ToDo | None
    mrr: list[tuple[date, Decimal]]
    """By month, newest first; in the company's base currency."""


@dataclass(frozen=True)
class WholeInvoice:
    """An invoice with what hangs on it."""

    invoice: one_invoice.Invoice
    lines: list[one_invoice.InvoiceLine]
    credit_notes: list[one_invoice.CreditNote]
    payments: list[one_invoice.Payment]
    transactions: list[one_invoice.MatchedTransaction]


PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
Text = Annotated[str, Query(max_length=200)]
Only = Annotated[list[Literal["owes", "overdue", "mrr", "excluded", "deleted"]] | None, Query()]
State = Literal[
    "", "open", "overdue", "paid", "partially_paid", "credit_note", "cancelled", "incomplete", "draft",
    "deleted",
]  # fmt: skip


@router.get("/connections/{number}/customers")
def list_customers(
    request: Request,
    books: CompanyBooks,
    *,
    search: Text = "",
    only: Only = None,
    country: Text = "",
    customer_type: Text = "",
    rating: Text = "",
    sort: Text = "-open",
    page: PageNumber = 1,
) -> Listed[CustomerRow, CustomerTotals]:
    """Customers with what they owe and how they pay, fifty a page."""
    wanted = CustomerFilter(search, frozenset(only or ()), country, customer_type, rating)
    found, totals = customers(books, wanted, sort=sort, number=page)
    return Listed(list(found.rows), totals, _next(request, found))


@router.get("/connections/{number}/customers/{customer_id}")
def show_customer(books: CompanyBooks, customer_id: int) -> CustomerAccount:
    """One customer: standing, contacts, open documents, payments, what to do next."""
    found = one_customer.find_customer(books, customer_id) if 0 < customer_id <= LATEST else None
    if found is None:
        raise HTTPException(404, f"The company has no customer {customer_id}.")
    return CustomerAccount(
        found,
        one_customer.standing_of(books, customer_id),
        one_customer.contacts_of(books, customer_id),
        one_customer.open_documents_of(books, customer_id),
        one_customer.payments_of(books, customer_id),
        one_customer.transactions_of(books, customer_id),
        one_customer.to_do_of(books, customer_id),
        one_customer.mrr_of(books, customer_id),
    )


@router.get("/connections/{number}/invoices")
def list_invoices(
    request: Request,
    books: CompanyBooks,
    *,
    search: Text = "",
    state: State = "",
    first: date | None = None,
    last: date | None = None,
    customer_id: Annotated[int | None, Query(ge=1, le=LATEST)] = None,
    sort: Text = "-date",
    page: PageNumber = 1,
) -> Listed[InvoiceRow, InvoiceTotals]:
    """Invoices, drafts and credit notes, fifty a page."""
    wanted = InvoiceFilter(search, state, first, last, customer_id)
    found, totals = invoices(books, wanted, sort=sort, number=page)
    return Listed(list(found.rows), totals, _next(request, found))


@router.get("/connections/{number}/invoices/{invoice_id}")
def show_invoice(books: CompanyBooks, invoice_id: int) -> WholeInvoice:
    """One invoice: amounts, lines with period and class, credit notes, payments, matched transactions."""
    found = one_invoice.find_invoice(books, invoice_id) if 0 < invoice_id <= LATEST else None
    if found is None:
        raise HTTPException(404, f"The company has no invoice {invoice_id}.")
    return WholeInvoice(
        found,
        one_invoice.lines_of(books, invoice_id),
        one_invoice.credit_notes_of(books, found),
        one_invoice.payments_of(books, invoice_id),
        one_invoice.transactions_of(books, invoice_id),
    )


def _next(request: Request, page: Page[Row]) -> str | None:
    if page.number >= page.pages:
        return None
    return str(request.url.include_query_params(page=page.number + 1))
