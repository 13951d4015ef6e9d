"""The pages of customers: the list, one customer, its statement of account, leaving it out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.connections import exclusions
from pennybridge.connections.connection import Connection
from pennybridge.hub.accounts import customer as one
from pennybridge.hub.accounts.asked import (
    CompanyBooks,
    customer_filter,
    day,
    page_number,
    show_accounts,
)
from pennybridge.hub.accounts.books import Books, to_id
from pennybridge.hub.accounts.csv_file import csv_answer
from pennybridge.hub.accounts.customers import (
    DEFAULT_ORDER,
    CustomerRow,
    all_customers,
    choices,
    customers,
)
from pennybridge.hub.accounts.exclusion import exclusion_effect
from pennybridge.hub.accounts.invoices import InvoiceFilter, invoices
from pennybridge.hub.company import Company
from pennybridge.hub.engine.engine import Engine
from pennybridge.hub.gate import Admin, check_csrf, check_user
from pennybridge.hub.languages import language_of
from pennybridge.reports.statement import documents
from pennybridge.reports.statement.account import Account, account
from pennybridge.reports.tables import to_csv

pages = APIRouter(prefix="/connections/{number}", dependencies=[Depends(check_user), Depends(check_csrf)])

SHOWN = 20
"""Invoices, open documents, payments and transactions on the page of a customer."""


@pages.get("/customers")
def list_customers(request: Request, books: CompanyBooks) -> Response:
    """The customers that the filters let through, fifty a page."""
    given = request.query_params
    wanted, sort = customer_filter(given), given.get("sort") or DEFAULT_ORDER
    page, totals = customers(books, wanted, sort=sort, number=page_number(given))
    return show_accounts(
        request,
        "customers.html",
        books=books,
        wanted=wanted,
        sort=sort,
        page=page,
        totals=totals,
        choices=choices(books),
    )


@pages.get("/customers.csv")
def download_customers(request: Request, books: CompanyBooks) -> Response:
    """The same list as a file, all pages of it."""
    given = request.query_params
    rows = all_customers(books, customer_filter(given), sort=given.get("sort") or DEFAULT_ORDER)
    return csv_answer("customers", CustomerRow, rows)


@pages.get("/customers/{customer_id}")
def show_customer(request: Request, books: CompanyBooks, customer_id: str) -> Response:
    """One customer with everything that hangs on it."""
    return _customer(request, books, _found(books, customer_id))


@pages.get("/customers/{customer_id}/statement")
def show_statement(request: Request, books: CompanyBooks, customer_id: str) -> Response:
    """The statement of account: open items, or everything from a day on."""
    customer = _found(books, customer_id)
    statement = _statement(request, books, customer)
    return show_accounts(
        request,
        "statement.html",
        status=200 if statement else 409,
        customer=customer,
        is_open_items=_is_open_items(request),
        said=documents.as_words(statement, language_of(request)) if statement else None,
    )


@pages.get("/customers/{customer_id}/statement.csv")
def download_statement_csv(request: Request, books: CompanyBooks, customer_id: str) -> Response:
    """The statement as a file for spreadsheets."""
    statement = _statement(request, books, _found(books, customer_id))
    if statement is None:
        return show_statement(request, books, customer_id)
    return _file(to_csv(statement.table()), f"statement-{customer_id}.csv", "text/csv; charset=utf-8")


@pages.get("/customers/{customer_id}/statement.pdf")
def download_statement_pdf(request: Request, books: CompanyBooks, customer_id: str) -> Response:
    """The statement on paper, in the reader's language."""
    statement = _statement(request, books, _found(books, customer_id))
    if statement is None:
        return show_statement(request, books, customer_id)
    made = documents.to_pdf(statement, language_of(request))
    return _file(made, f"statement-{customer_id}.pdf", "application/pdf")


@pages.get("/customers/{customer_id}/exclusion")
def show_exclusion(request: Request, books: CompanyBooks, customer_id: str) -> Response:
    """What leaving the customer out changes, or taking it in again; then the question."""
    customer = _found(books, customer_id)
    effect = exclusion_effect(books, customer.id)
    return show_accounts(request, "exclusion.html", books=books, customer=customer, effect=effect)


@pages.post("/customers/{customer_id}/exclusion")
def change_exclusion(
    request: Request,
    *,
    admin: Admin,
    company: Company,
    books: CompanyBooks,
    customer_id: str,
    wanted: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Exclude or include the customer, and let the figures follow."""
    hub, customer = request.app.state, _found(books, customer_id)
    if wanted not in {"exclude", "include"}:
        raise HTTPException(422, "Say whether to exclude or to include. Nothing was changed.")
    if wanted == "exclude":
        changed = exclusions.exclude(
            hub.database, company.company_id, [customer.id], at=hub.clock(), reason=reason.strip() or None
        )
    else:
        changed = exclusions.include(hub.database, company.company_id, [customer.id])
    if changed:
        hub.people.note(admin.name, f"{wanted} customer", f"{company.name}: {customer.name} ({customer.id})")
        _let_figures_follow(hub.engine, company, wanted)
    return RedirectResponse(f"/connections/{company.id}/customers/{customer.id}", 303)


def _let_figures_follow(engine: Engine, company: Connection, wanted: str) -> None:
    """Have the models made again, after a sync that catches up on a customer who was taken in again."""
    engine.chores.want("build")
    if wanted == "include" and company.state == "active":
        engine.ask(company.id)
    engine.woken.set()


def _found(books: Books, customer_id: str) -> one.Customer:
    number = to_id(customer_id)
    customer = one.find_customer(books, number) if number else None
    if customer is None:
        raise HTTPException(404, "There is no such customer.")
    return customer


def _customer(request: Request, books: Books, customer: one.Customer) -> Response:
    page, totals = invoices(
        books,
        InvoiceFilter(customer_id=customer.id),
        number=page_number(request.query_params),
        size=SHOWN,
    )
    return show_accounts(
        request,
        "customer.html",
        books=books,
        customer=customer,
        contacts=one.contacts_of(books, customer.id),
        standing=one.standing_of(books, customer.id),
        open_documents=one.open_documents_of(books, customer.id),
        most=SHOWN,
        page=page,
        totals=totals,
        payments=one.payments_of(books, customer.id, most=SHOWN),
        transactions=one.transactions_of(books, customer.id, most=SHOWN),
        to_do=one.to_do_of(books, customer.id),
        mrr=one.mrr_of(books, customer.id),
    )


def _is_open_items(request: Request) -> bool:
    return request.query_params.get("items") != "all"


def _statement(request: Request, books: Books, customer: one.Customer) -> Account | None:
    """The statement asked for; None while no build has seen the customer."""
    if not books.is_built or not one.is_in_models(books, customer.id):
        return None
    return account(
        books.built(),
        str(customer.id),
        first=day(request.query_params, "from"),
        open_items=_is_open_items(request),
    )


def _file(content: str | bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
