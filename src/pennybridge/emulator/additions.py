"""What tests and demos add to the books by hand: one call a thing, numbers and totals as the rules make them.

After each the clock is moved until every event of it has appeared, so that the next sync sees it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pennybridge.clock import format_instant
from pennybridge.emulator import documents, paying, records, selling
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.life import desk_of
from pennybridge.emulator.resources import Record
from pennybridge.money import to_cents

_FRENCH_VAT = Decimal("1.2")


class Kept(dict[str, Any]):
    """A record as it was when it was written, which also knows its resource, its id and its company."""

    def __init__(self, resource: str, record: Mapping[str, Any], company: int) -> None:
        super().__init__(record)
        self.resource = resource
        self.id: int = record["id"]
        self.company = company


class Additions:
    """The part of `Emulator` that writes; `company` is a number, 1 unless said otherwise."""

    @property
    def books(self) -> Books:
        """All state."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        """The emulator's instant."""
        return self.books.clock()

    def settle(self) -> None:
        """Move time on until nothing is under way."""
        raise NotImplementedError

    def add_company(self, name: str = "Atelier Numérique") -> Company:
        """An empty company."""
        return self.books.add_company(name)

    def add_customer(self, name: str = "Cap Horizon", *, company: int = 1, **fields: Any) -> Kept:
        """A company customer, or an individual one if `first_name` and `last_name` are given."""
        with self._desk(company) as desk:
            make = records.individual_customer if "last_name" in fields else records.company_customer
            names = {} if "last_name" in fields else {"name": name}
            customer = make(self.books.new_id(), desk.now, **names, **fields)
            return Kept("customers", desk.insert("customers", customer), company)

    def add_contact(self, customer: Kept, email: str = "camille@example.com", **fields: Any) -> Kept:
        """A contact of a customer."""
        with self._desk(customer.company) as desk:
            contact = {"email": email, "first_name": "Camille", "last_name": "Martin", **fields}
            return Kept("contacts", desk.insert("contacts", contact, customer.id), customer.company)

    def add_product(
        self, label: str = "Abonnement", price: str = "100.00", *, company: int = 1, **fields: Any
    ) -> Kept:
        """A product; `price` is without tax."""
        with self._desk(company) as desk:
            product = records.product(
                self.books.new_id(), desk.now, label=label, price_before_tax=Decimal(price), **fields
            )
            return Kept("products", desk.insert("products", product), company)

    def add_customer_invoice(
        self,
        total: str = "120.00",
        *,
        customer: Kept | None = None,
        lines: Sequence[selling.LineTerms] = (),
        draft: bool = False,
        company: int = 1,
        **fields: Any,
    ) -> Kept:
        """An invoice dated today, finalized unless `draft`; a negative total makes it a credit note.

        Args:
            total: With French VAT of 20 %, on one line; not looked at if there are `lines`.
            customer: Whom it bills; a new one by default.
            lines: Terms of each line, as `records.invoice_line` takes them.
            draft: Leave it a draft.
            company: Whose it is.
            fields: Any other field, as the API has it.
        """
        customer = customer or self.add_customer(company=company)
        with self._desk(customer.company) as desk:
            terms = lines or [_line_of_total(Decimal(total))]
            invoice = (selling.draft if draft else selling.issue)(desk, customer, terms, **fields)
            return Kept("customer_invoices", invoice, customer.company)

    def credit(self, invoice: Kept, total: str | None = None, *, linked: bool = True) -> Kept:
        """A finalized credit note over an invoice, whole by default, or over a (positive) total."""
        with self._desk(invoice.company) as desk:
            lines = [_line_of_total(-Decimal(total))] if total else ()
            note = selling.credit(desk, self._present(invoice), lines, is_linked=linked)
            return Kept("customer_invoices", note, invoice.company)

    def pay(self, invoice: Kept, amount: str | None = None) -> Kept:
        """A transfer matched with an invoice, of all that remains or of some euros; gives the transaction."""
        with self._desk(invoice.company) as desk:
            desk.bank_account = desk.bank_account or _open_bank_account(desk)
            present = self._present(invoice)
            euros = documents.open_amount(present) if amount is None else Decimal(amount)
            customer = desk.existing("customers", present["customer"]["id"])
            received = paying.receive(desk, customer, [(present, euros)])
            return Kept("transactions", received, invoice.company)

    def add_billing_subscription(
        self,
        price: str = "100.00",
        *,
        customer: Kept | None = None,
        rule_type: str = "monthly",
        interval: int = 1,
        start: date | None = None,
        company: int = 1,
        **fields: Any,
    ) -> Kept:
        """A subscription that bills a price without tax from today, or from `start`, when the clock moves."""
        customer = customer or self.add_customer(company=company)
        with self._desk(customer.company) as desk:
            line = records.invoice_line(
                self.books.new_id(), desk.now, label="Abonnement", unit_price=Decimal(price)
            )
            begins = start or desk.day
            parts = {"day_of_month": [begins.day]} if rule_type == "monthly" else {}
            subscription = records.billing_subscription(
                self.books.new_id(),
                desk.now,
                label="Abonnement",
                customer=customer,
                lines=[line],
                start=begins,
                rule=records.recurring_rule(rule_type, interval=interval, **parts),
                **fields,
            )
            written = desk.insert("billing_subscriptions", subscription)
            desk.insert("billing_subscription_lines", records.without(line, "substance"), written["id"])
            return Kept("billing_subscriptions", written, customer.company)

    def add_category(self, label: str = "Paris", group: str = "Agences", *, company: int = 1) -> Kept:
        """A category of a group (an analytical axis), which is made if there is none of that name."""
        with self._desk(company) as desk:
            groups = {
                found["label"]: found for found in self.books.select("category_groups", desk.company.id)
            }
            axis = groups.get(group) or desk.insert("category_groups", {"label": group})
            category = desk.insert("categories", {"label": label, "category_group": {"id": axis["id"]}})
            return Kept("categories", category, company)

    def categorize(self, record: Kept, *weights: tuple[Kept, str]) -> None:
        """Replace the categories of a record: pairs of category and weight. No event (observed)."""
        self.books.set_categories(record.id, {category.id: weight for category, weight in weights})

    def add(
        self, resource: str, record: Mapping[str, Any], *, parent: Kept | None = None, company: int = 1
    ) -> Kept:
        """A record of any resource, as it stands."""
        with self._desk(parent.company if parent else company) as desk:
            written = desk.insert(resource, record, parent.id if parent else None)
            return Kept(resource, written, company)

    def update(self, record: Kept, **changes: Any) -> Kept:
        """Change fields of a record."""
        with self._desk(record.company):
            return Kept(
                record.resource, self.books.update(record.resource, record.id, changes), record.company
            )

    def delete(self, record: Kept) -> None:
        """Remove a record, with what belongs to it."""
        with self._desk(record.company):
            self.books.delete(record.resource, record.id)

    def _present(self, record: Kept) -> Record:
        present = self.books.get(record.resource, record.id)
        if present is None:
            raise KeyError(f"{record.resource} {record.id} was deleted")
        return present

    @contextmanager
    def _desk(self, number: int) -> Iterator[Desk]:
        while len(self.books.companies) < number:
            self.add_company()
        company = self.books.company(number)
        assert company is not None  # noqa: S101 - just made
        with self.books.transaction():
            self.books.touch(company.id)
            now = self.now
            desk = desk_of(self.books, company, years=range(now.year, now.year + 1))
            desk.day = now.date()
            desk.now = format_instant(now)
            yield desk
        self.settle()


def _open_bank_account(desk: Desk) -> Record:
    journal = desk.insert("journals", {"code": "BQ1", "label": "Banque", "type": "finances"})
    account = desk.insert("ledger_accounts", {"number": "512000", "label": "Banque"})
    establishment = desk.insert("bank_establishments", {"name": "Banque de Touraine"})
    named = {"journal": journal, "ledger_account": account, "bank_establishment": establishment}
    references = {name: {"id": record["id"]} for name, record in named.items()}
    return desk.insert("bank_accounts", {"name": "Compte courant", **references})


def _line_of_total(total: Decimal) -> dict[str, Any]:
    """A line that comes to a total with French VAT; it has a negative quantity if the total is negative."""
    return {
        "label": "Prestation",
        "unit_price": to_cents(abs(total) / _FRENCH_VAT),
        "quantity": Decimal(1 if total >= 0 else -1),
    }
