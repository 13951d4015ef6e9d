"""The pages of invoices: the list, one invoice, its PDF."""

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from pennybridge.errors import ApiError, PennybridgeError
from pennybridge.hub.accounts import customer, invoice
from pennybridge.hub.accounts.asked import CompanyBooks, invoice_filter, page_number, show_accounts
from pennybridge.hub.accounts.books import Books, to_id
from pennybridge.hub.accounts.csv_file import csv_answer
from pennybridge.hub.accounts.invoices import DEFAULT_ORDER, STATES, InvoiceRow, all_invoices, invoices
from pennybridge.hub.accounts.pdf import pdf_address
from pennybridge.hub.company import Company
from pennybridge.hub.gate import check_csrf, check_user
from pennybridge.hub.problems import Problem
from pennybridge.invoicing.vat import rate_of

pages = APIRouter(prefix="/connections/{number}", dependencies=[Depends(check_user), Depends(check_csrf)])


@pages.get("/invoices")
def list_invoices(request: Request, books: CompanyBooks) -> Response:
    """The invoices that the filters let through, fifty a page, with their sums."""
    given = request.query_params
    wanted, sort = invoice_filter(given), given.get("sort") or DEFAULT_ORDER
    page, totals = invoices(books, wanted, sort=sort, number=page_number(given))
    return show_accounts(
        request,
        "invoices.html",
        wanted=wanted,
        sort=sort,
        page=page,
        totals=totals,
        states=STATES,
        customer=customer.find_customer(books, wanted.customer_id) if wanted.customer_id else None,
    )


@pages.get("/invoices.csv")
def download_invoices(request: Request, books: CompanyBooks) -> Response:
    """The same list as a file, all pages of it."""
    given = request.query_params
    rows = all_invoices(books, invoice_filter(given), sort=given.get("sort") or DEFAULT_ORDER)
    return csv_answer("invoices", InvoiceRow, rows)


@pages.get("/invoices/{invoice_id}")
def show_invoice(request: Request, books: CompanyBooks, invoice_id: str) -> Response:
    """One invoice with its lines, credit notes and payments."""
    return _invoice(request, books, _found(books, invoice_id))


@pages.get("/invoices/{invoice_id}/pdf")
def open_pdf(request: Request, company: Company, books: CompanyBooks, invoice_id: str) -> Response:
    """Lead to the PDF at Pennylane, whose address is asked for now."""
    found = _found(books, invoice_id)
    try:
        return RedirectResponse(pdf_address(request.app.state.connections, company, found.id), 303)
    except PennybridgeError as error:
        status = 502 if isinstance(error, ApiError) else 409
        return _invoice(request, books, found, problem=error, status=status)


def _found(books: Books, invoice_id: str) -> invoice.Invoice:
    number = to_id(invoice_id)
    found = invoice.find_invoice(books, number) if number else None
    if found is None:
        raise HTTPException(404, "There is no such invoice.")
    return found


def _invoice(
    request: Request, books: Books, found: invoice.Invoice, *, problem: Problem = "", status: int = 200
) -> Response:
    return show_accounts(
        request,
        "invoice.html",
        status=status,
        problem=problem,
        books=books,
        invoice=found,
        lines=invoice.lines_of(books, found.id),
        credit_notes=invoice.credit_notes_of(books, found),
        payments=invoice.payments_of(books, found.id),
        transactions=invoice.transactions_of(books, found.id),
        rate_of=rate_of,
    )
