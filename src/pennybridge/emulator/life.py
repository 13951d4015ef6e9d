"""What happens in a company while time passes: subscriptions bill, invoices become late, customers pay.

`live` is one of `Books.lives`: the books call it for the days that have passed since a company was last
looked at.
"""

from datetime import date, datetime, timedelta

from pennybridge.emulator.billing import BILLING, plan_billing
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.documents import PAYABLE
from pennybridge.emulator.paying import expect_payment
from pennybridge.emulator.routines import plan_routines

_OUR_NUMBERS = "F-[0-9][0-9][0-9][0-9]-" + "[0-9]" * 6
"""Imported documents have numbers of any kind."""


def live(
    books: Books, company: Company, since: datetime, until: datetime, *, announces_late: bool = False
) -> None:
    """Play the days after `since`'s up to `until`, each write at its own time, with its events.

    What is overdue (an occurrence of a subscription made today that starts today) happens on the first day.
    Only customers with the note `_pays` pay. `announces_late` makes `upcoming` → `late` an event: unknown
    of Pennylane.
    """
    desk = desk_of(books, company, years=range(since.year, until.year + 1), announces_late=announces_late)
    desk.day = since.date() + timedelta(days=1)
    for status in BILLING:
        for subscription in books.select("billing_subscriptions", company.id, status=status):
            plan_billing(desk, subscription)
    for customer in books.select("customers", company.id):
        plan_routines(desk, customer, after=since.date())
    for status in PAYABLE:
        for invoice in books.select("customer_invoices", company.id, status=status):
            expect_payment(desk, invoice, after=since.date())
    desk.run(until)


def desk_of(books: Books, company: Company, *, years: range, announces_late: bool = False) -> Desk:
    """A desk that goes on where a company's books stand: their numbers, their bank account."""
    accounts = books.select("bank_accounts", company.id)
    numbers = {year: number for year in years if (number := last_number(books, company.id, year))}
    return Desk(
        books,
        company,
        seed=books.seed,
        numbers=numbers,
        bank_account=accounts[0] if accounts else None,
        announces_late=announces_late,
    )


def last_number(books: Books, company_id: int, year: int | None = None) -> str | None:
    """The last number given in a year's series, or in all, if any was."""
    first, last = (f"F-{year}-", f"F-{year}-~") if year else ("F-0", "F-9~")
    with books.lock:
        row = books.database.execute(
            "select invoice_number from customer_invoices"
            " where company_id = ? and invoice_number between ? and ? and invoice_number glob ?"
            " order by invoice_number desc limit 1",
            (company_id, first, last, _OUR_NUMBERS),
        ).fetchone()
    return str(row[0]) if row else None


def latest_finalized(books: Books, company_id: int) -> date | None:
    """The date of the document that bears the last number: no earlier one may be finalized."""
    number = last_number(books, company_id)
    if number is None:
        return None
    (invoice,) = books.select("customer_invoices", company_id, invoice_number=number)
    return date.fromisoformat(invoice["date"])
