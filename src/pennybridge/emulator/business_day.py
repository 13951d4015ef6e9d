"""A day of business that one can follow: a handful of changes of every kind, told in sentences."""

from datetime import date, timedelta
from decimal import Decimal

from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.documents import open_amount
from pennybridge.emulator.life import desk_of
from pennybridge.emulator.paying import receive
from pennybridge.emulator.records import address, company_customer
from pennybridge.emulator.resources import Record
from pennybridge.emulator.selling import LineTerms, credit, issue, line_terms, relative
from pennybridge.money import format_amount


def do_business(books: Books, company: Company) -> list[str]:
    """Do a day's business in a company, now, and say what was done, one sentence a change.

    A new customer gets an invoice; a payment settles the last invoice that became late; one draft is edited,
    another deleted; the newest invoice that is not due yet gets a credit note. Changes for which the company
    has no document are left out.
    """
    now = books.clock()
    desk = desk_of(books, company, years=range(now.year, now.year + 1))
    late, upcoming = (_open_invoices(books, company, status) for status in ("late", "upcoming"))
    drafts = _open_invoices(books, company, "draft")
    told: list[str] = []
    desk.plan(now.date(), lambda: told.extend(_welcome(desk)))
    desk.plan(now.date(), lambda: told.extend(_settle(desk, late[-1:])))
    desk.plan(now.date(), lambda: told.extend(_tidy_drafts(desk, books, drafts)))
    desk.plan(now.date(), lambda: told.extend(_credit(desk, upcoming[-1:])))
    with books.transaction():
        desk.run(now, since=now)
    return told


def _welcome(desk: Desk) -> list[str]:
    customer = desk.insert(
        "customers",
        company_customer(
            desk.books.new_id(),
            desk.now,
            name="Librairie des Deux Rives SARL",
            reg_no="732829320",
            emails=["compta@deux-rives.example"],
            billing_address=address(street="4 quai du Port", postal_code="44000", city="Nantes"),
            _pays="punctual",
        ),
    )
    lines: list[LineTerms] = [
        {"label": "Abonnement Pro", "unit_price": Decimal(129)},
        {"label": "Licence utilisateur", "unit_price": Decimal(15), "quantity": Decimal(4)},
        {"label": "Frais de mise en service", "unit_price": Decimal(750), "discount": relative("10")},
    ]
    invoice = issue(desk, customer, lines)
    return [
        (
            f"A new customer, {customer['name']}, got its first invoice: {invoice['invoice_number']} "
            f"over {_money(invoice)}."
        )
    ]


def _settle(desk: Desk, invoices: list[Record]) -> list[str]:
    if not invoices or desk.bank_account is None:
        return []
    invoice = invoices[0]
    customer = desk.existing("customers", invoice["customer"]["id"])
    amount = open_amount(invoice)
    receive(desk, customer, [(invoice, amount)])
    return [
        (
            f"{customer['name']} paid {format_amount(amount)} EUR, which settled "
            f"{invoice['invoice_number']}, due since {invoice['deadline']}."
        )
    ]


def _tidy_drafts(desk: Desk, books: Books, drafts: list[Record]) -> list[str]:
    told = []
    if drafts:
        edited = drafts[-1]
        later = (date.fromisoformat(edited["deadline"]) + timedelta(days=15)).isoformat()
        changes = {"deadline": later, "pdf_invoice_subject": "Votre commande"}
        books.update("customer_invoices", edited["id"], changes)
        told.append(f"A draft for {_name(desk, edited)} was edited: it is now due on {later}.")
    if len(drafts) > 1:
        books.delete("customer_invoices", drafts[0]["id"])
        told.append(f"A draft for {_name(desk, drafts[0])} over {_money(drafts[0])} was deleted.")
    return told


def _credit(desk: Desk, invoices: list[Record]) -> list[str]:
    if not invoices:
        return []
    invoice = invoices[0]
    line = desk.books.select("customer_invoice_lines", parent_id=invoice["id"])[0]
    terms = line_terms(line)
    note = credit(
        desk, invoice, [terms | {"label": f"Avoir sur {terms['label']}", "quantity": -terms["quantity"]}]
    )
    return [
        (
            f"{_name(desk, invoice)} got a credit note, {note['invoice_number']} over {_money(note)}, "
            f"on invoice {invoice['invoice_number']}."
        )
    ]


def _open_invoices(books: Books, company: Company, status: str) -> list[Record]:
    """Invoices of a status that name a customer and carry no credit yet, oldest first."""
    found = [
        invoice
        for invoice in books.select("customer_invoices", company.id, status=status)
        if invoice["customer"] and invoice["deadline"] and "_credited" not in invoice
    ]
    return sorted(found, key=lambda invoice: (invoice["date"], invoice["id"]))


def _name(desk: Desk, invoice: Record) -> str:
    return str(desk.existing("customers", invoice["customer"]["id"])["name"])


def _money(invoice: Record) -> str:
    return f"{invoice['currency_amount']} {invoice['currency']}"
