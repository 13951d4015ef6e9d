"""What happens besides contracts: one-off work, credit notes, imports, quotes, drafts, bank noise.

Each month has its share of it, on random days. A story ends on the day that the company is seeded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from pennybridge.emulator.billing import stop
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.documents import PAYABLE
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.records import invoice_line, quote, transaction, without
from pennybridge.emulator.resources import Record
from pennybridge.emulator.seed.catalogue import OFFERS, Foundations, Offer
from pennybridge.emulator.seed.customers import vat_code
from pennybridge.emulator.selling import (
    LineTerms,
    absolute,
    credit,
    draft,
    import_document,
    issue,
    line_terms,
    relative,
)
from pennybridge.money import to_cents

_ONE_OFF = [offer for offer in OFFERS if offer.kind == "one_off"]
_QUOTE_STATUSES = ("pending", "accepted", "denied", "expired")


@dataclass
class Story:
    """The means of the story; `customers` grows as they come."""

    desk: Desk
    chance: Random
    foundations: Foundations
    customers: list[Record] = field(default_factory=list)
    told: int = 0
    """How many of the finalized invoices the months before have seen."""
    quotes: int = 0

    def plan(self, first: date, last: date) -> None:
        """Plan every month from a first to a last day, and what is unfinished at the end."""
        month = first
        while month < last:
            length = min(28, (last - month).days)
            for happening, times in self._month():
                for _ in range(times):
                    self.desk.plan(month + timedelta(days=self.chance.randrange(length)), happening)
            month = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
        for happening, times in ((self.leave_draft, 9), (self.take_in_unknown, 3), (self.draft_credit, 1)):
            for _ in range(times):
                self.desk.plan(last - timedelta(days=self.chance.randint(0, 24)), happening)

    def _month(self) -> Sequence[tuple[Callable[[], object], int]]:
        some = self.chance.choice
        return (
            (self.sell_once, some((10, 13, 16, 20))),
            (self.correct, some((0, 1, 1, 2))),
            (partial(self.give_back, is_linked=True), some((0, 1, 2))),
            (partial(self.give_back, is_linked=False), some((0, 0, 1, 1))),
            (self.end_early, some((0, 0, 0, 1))),
            (self.make_bank_noise, 3),
            (self.offer, some((0, 1, 1))),
            (self.take_in_unknown, some((0, 0, 0, 0, 0, 1))),
            (self.categorize, 1),
        )

    # What happens

    def sell_once(self) -> None:
        """A service or a delivery that is billed once, sometimes under headings or with a discount."""
        if not self.customers:
            return
        customer = self.chance.choice(self.customers)
        offers = self.chance.sample(_ONE_OFF, self.chance.choice((1, 1, 2, 3)))
        discount = self.chance.choices((relative("0"), relative("10"), absolute("50")), weights=(85, 9, 6))[0]
        has_sections = len(offers) > 1 and self.chance.random() < 0.4
        lines = [
            {**self._line(customer, offer), "section_rank": int(has_sections and rank > 0)}
            for rank, offer in enumerate(offers)
        ]
        sections = ("Mise en place", "Accompagnement") if has_sections else ()
        issue(
            self.desk, customer, lines, sections=sections, discount=discount, **_currency(self.desk, customer)
        )

    def correct(self) -> None:
        """Credit a whole invoice; then a right one follows, or the subscription ends, or neither."""
        invoice = self._recent()
        if invoice is None:
            return
        credit(self.desk, invoice)
        then = self.chance.random()
        if then < 0.5:
            self.desk.plan(self.desk.day + timedelta(days=3), partial(self._issue_again, invoice))
        elif then < 0.7 and invoice["billing_subscription"]:
            stop(self.desk, invoice["billing_subscription"]["id"])

    def give_back(self, *, is_linked: bool) -> None:
        """A credit note over a tenth or a third of an invoice."""
        invoice = self._recent()
        if invoice is None:
            return
        share = self.chance.choice((Decimal("0.1"), Decimal("0.3333")))
        line = {
            "label": f"Geste commercial sur {invoice['invoice_number']}",
            "unit_price": to_cents(Decimal(invoice["currency_amount_before_tax"]) * share),
            "quantity": Decimal(-1),
            "vat_rate": self._lines_of(invoice)[0]["vat_rate"],
        }
        credit(self.desk, invoice, [line], is_linked=is_linked)

    def end_early(self) -> None:
        """A customer leaves in the middle of a billed period: the rest is credited, with dates."""
        for key in reversed(self.desk.finalized[-120:]):
            invoice = self.desk.existing("customer_invoices", key)
            dated = (
                [line for line in self._lines_of(invoice) if self._rest(line)] if _creditable(invoice) else []
            )
            if dated:
                lines = [self._unused(line) for line in dated]
                credit(self.desk, invoice, lines)
                if invoice["billing_subscription"]:
                    stop(self.desk, invoice["billing_subscription"]["id"])
                return

    def take_in_unknown(self) -> None:
        """A PDF is uploaded and nobody has said yet whose it is."""
        line = {
            "label": "Prestation",
            "unit_price": Decimal(self.chance.randint(80, 900)),
            "quantity": Decimal(1),
        }
        import_document(self.desk, None, [line], number=f"SCAN-{self.chance.randint(1000, 9999)}")

    def leave_draft(self) -> None:
        """An invoice is begun and waits."""
        customer = self.chance.choice(self.customers)
        draft(
            self.desk,
            customer,
            [self._line(customer, self.chance.choice(_ONE_OFF))],
            **_currency(self.desk, customer),
        )

    def draft_credit(self) -> None:
        """A credit note is begun and waits."""
        customer = self.chance.choice(self.customers)
        line = self._line(customer, _ONE_OFF[0])
        draft(self.desk, customer, [{**line, "quantity": Decimal(-1)}], **_currency(self.desk, customer))

    def make_bank_noise(self) -> None:
        """Money that has to do with no invoice, or that nobody has matched yet."""
        label, amount = self.chance.choice(
            (
                ("PRLV LOYER BUREAUX", "-2400"),
                ("FRAIS BANCAIRES", "-18.5"),
                ("VIR RECU SANS REFERENCE", "360"),
            )
        )
        record = transaction(
            self.desk.books.new_id(),
            self.desk.now,
            label=label,
            day=self.desk.day,
            amount=Decimal(amount),
            bank_account=self.foundations.bank_account,
        )
        self.desk.insert("transactions", record)

    def offer(self) -> None:
        """A quote; an accepted one is billed a week later."""
        if not self.customers:
            return
        customer = self.chance.choice(self.customers)
        terms = [self._line(customer, offer) for offer in self.chance.sample(_ONE_OFF, 2)]
        lines = [
            invoice_line(self.desk.books.new_id(), self.desk.now, rank=rank, **line)
            for rank, line in enumerate(terms, 1)
        ]
        self.quotes += 1
        record = self.desk.insert(
            "quotes",
            quote(
                self.desk.books.new_id(),
                self.desk.now,
                number=f"D-{self.desk.day.year}-{self.quotes:04d}",
                customer=customer,
                lines=lines,
                day=self.desk.day,
                deadline=self.desk.day + timedelta(days=30),
                status=self.chance.choice(_QUOTE_STATUSES),
            ),
        )
        for line in lines:
            self.desk.insert("quote_lines", without(line, "substance", "imputation_dates"), record["id"])
        if record["status"] == "accepted":
            self.desk.plan(
                self.desk.day + timedelta(days=7), partial(self._bill_quote, record, customer, terms)
            )

    def categorize(self) -> None:
        """Somebody puts the month's invoices on the axes of analysis: one value, or two with weights."""
        seen, self.told = self.told, len(self.desk.finalized)
        for key in self.desk.finalized[seen:]:
            if self.chance.random() < 0.45:
                self.desk.books.set_categories(key, self._weights())

    # How

    def _weights(self) -> dict[int, str]:
        weights: dict[int, str] = {}
        for values in self.foundations.categories.values():
            first, second = self.chance.sample(values, 2)
            weights |= self.chance.choice(({first: "1.0"}, {first: "0.7", second: "0.3"}))
        return weights

    def _line(self, customer: Record, offer: Offer) -> dict[str, Any]:
        code = vat_code(customer)
        return {
            "label": offer.label if customer["billing_language"] == "fr_FR" else offer.english,
            "unit_price": offer.price,
            "quantity": Decimal(self.chance.choice((1, 1, 1, 2, 3))),
            "vat_rate": offer.vat_rate if code == "FR_200" else code,
            "unit": offer.unit,
            "description": self.chance.choice(("", "", "Réf. commande 4500017")),
            "product_id": self.foundations.products[offer.code] if self.chance.random() < 0.5 else None,
        }

    def _recent(self) -> Record | None:
        for key in self.chance.sample(self.desk.finalized[-60:], min(8, len(self.desk.finalized[-60:]))):
            invoice = self.desk.existing("customer_invoices", key)
            if _creditable(invoice):
                return invoice
        return None

    def _lines_of(self, invoice: Mapping[str, Any]) -> list[Record]:
        return self.desk.books.select("customer_invoice_lines", parent_id=invoice["id"])

    def _rest(self, line: Record) -> tuple[date, date] | None:
        """The days of a line's period from today on, when that is a long one's smaller part."""
        if line["imputation_dates"] is None:
            return None
        first, last = (
            date.fromisoformat(line["imputation_dates"][name]) for name in ("start_date", "end_date")
        )
        is_long = (last - first).days > 80
        return (self.desk.day, last) if is_long and first < self.desk.day <= last else None

    def _unused(self, line: Record) -> LineTerms:
        terms, rest = line_terms(line), self._rest(line)
        assert rest  # noqa: S101 - chosen so
        first = date.fromisoformat(line["imputation_dates"]["start_date"])
        share = Decimal((rest[1] - rest[0]).days + 1) / ((rest[1] - first).days + 1)
        return terms | {
            "label": f"Résiliation anticipée - {terms['label']}",
            "unit_price": to_cents(Decimal(line["currency_amount_before_tax"]) * share),
            "quantity": Decimal(-1),
            "discount": relative("0"),
            "period": rest,
        }

    def _issue_again(self, invoice: Record) -> None:
        customer = self.desk.existing("customers", invoice["customer"]["id"])
        lines = [line_terms(line) for line in self._lines_of(invoice)]
        issue(self.desk, customer, lines, discount=invoice["discount"], **_currency(self.desk, customer))

    def _bill_quote(self, record: Record, customer: Record, lines: Sequence[LineTerms]) -> None:
        self.desk.books.update("quotes", record["id"], {"status": "invoiced"})
        issue(self.desk, customer, lines, quote={"id": record["id"]})


def _creditable(invoice: Record) -> bool:
    is_settled = invoice["status"] in PAYABLE or invoice["status"] == "paid"
    return is_settled and "_credited" not in invoice and not invoice["_credit_note"]


def _currency(desk: Desk, customer: Record) -> dict[str, Any]:
    currency = customer["_currency"]
    return {"currency": currency, "exchange_rate": booked_rate(currency, desk.day)}
