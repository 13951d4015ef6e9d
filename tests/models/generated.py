"""Books that chance writes: everything a company's books can hold, and much that they should not."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from pennybridge.periods import add_months, month_end
from tests.models.books import Books, Line

FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
)  # fmt: skip
_PLANS = ("Abonnement Pro", "Abonnement Équipe", "Maintenance", "Licence annuelle", "Forfait mensuel")
_OTHERS = (
    "Formation",
    "Audit",
    "Consommation SMS",
    "Divers",
    "Mise en service et abonnement",
    "Frais de port",
)
_CURRENCIES = (
    ("EUR", Decimal(1)),
    ("EUR", Decimal(1)),
    ("USD", Decimal("0.9217")),
    ("GBP", Decimal("1.1734")),
)


def chance(seed: int) -> Random:
    """Chance that repeats itself."""
    return Random(seed)  # noqa: S311 — invented books, not secrets


def write_books(books: Books, random: Random, customers: int = 6, months: int = 14) -> None:
    """Fill books with customers who subscribe, change, pause, leave, pay late, and get credit notes."""
    products = [books.add_product(label) for label in ("Plan A", "Plan B")]
    for number in range(customers):
        customer = books.add_customer(f"Customer {number}", billing_country=random.choice(["FR", "BE", None]))
        write_customer(books, random, customer, products, months)


def write_customer(
    books: Books, random: Random, customer: int, products: list[int], months: int = 14
) -> None:
    """The documents of one customer, from a chance day of 2024 on."""
    sale = _Sale.by_chance(random, products)
    day = date(2024, 1, 1) + timedelta(days=random.choice([0, 14, random.randrange(200)]))
    for _ in range(0, months, sale.every):
        if random.random() < 0.1:
            day = add_months(day, sale.every)  # a period skipped
        if random.random() < 0.2:
            sale.amount = max(Decimal("0.01"), sale.amount + Decimal(random.randrange(-3000, 3000)) / 100)
        if random.random() < 0.03:
            sale.currency, sale.rate = random.choice(_CURRENCIES)
        end = add_months(day, sale.every)
        _write_invoice(books, random, customer, sale, (day, end))
        day = end + timedelta(days=random.choice([0, 0, 0, 0, 3, -2, 20]))


@dataclass
class _Sale:
    """What a customer buys again and again."""

    label: str
    product: int | None
    every: int
    amount: Decimal
    currency: str
    rate: Decimal

    @classmethod
    def by_chance(cls, random: Random, products: list[int]) -> "_Sale":
        currency, rate = random.choice(_CURRENCIES)
        return cls(
            label=random.choice(_PLANS),
            product=random.choice([None, None, *products]),
            every=random.choice([1, 1, 1, 3, 12]),
            amount=Decimal(random.randrange(1, 90000)) / 100,
            currency=currency,
            rate=rate,
        )

    @property
    def unit(self) -> str | None:
        """What is counted, of some sales."""
        return {"A": "piece", "M": "month"}.get(self.label[0])

    def lines(self, random: Random, day: date, end: date) -> list[Line]:
        """One period's lines, some with a discount or something sold once."""
        written = random.choice(["dates", "label", "label", "nothing"])
        period = (day.isoformat(), (end - timedelta(days=1)).isoformat()) if written == "dates" else None
        dated = f"{self.label} - {FRENCH_MONTHS[day.month - 1]} {day.year}"
        text = dated if written == "label" else self.label
        quantity = int(self.amount) % 6 * (self.every if self.unit == "month" else 1)
        lines = [Line(self.amount, text, period, self.product, quantity=quantity, unit=self.unit)]
        if random.random() < 0.3:
            lines.append(Line(Decimal(random.randrange(1, 50000)) / 100, random.choice(_OTHERS)))
        if random.random() < 0.15:
            lines.append(Line(_cents(-self.amount / 10), "Remise commerciale"))
        if random.random() < 0.1:
            lines.append(Line(_cents(-self.amount / 4), text, None, self.product))
        return lines


def _write_invoice(books: Books, random: Random, customer: int, sale: _Sale, days: tuple[date, date]) -> None:
    day, end = days
    lines = sale.lines(random, day, end)
    total = sum((Decimal(line.amount) for line in lines), Decimal(0))
    discount = _cents(total / 7) if random.random() < 0.2 and total > 1 else Decimal(0)
    drift = Decimal(random.randrange(-300, 300)) / 10000 if sale.currency != "EUR" else Decimal(0)
    rate = sale.rate + drift
    euros = _cents((total - discount) * Decimal("1.2") * rate)
    ways: tuple[Decimal | str, ...] = ("all", "all", Decimal(0), _cents(max(euros, Decimal(0)) / 3))
    paid = random.choice(ways)
    invoice = books.add_invoice(
        customer, day.isoformat(), lines, currency=sale.currency, rate=rate, discount=discount, paid=paid
    )
    if paid and random.random() < 0.7:
        paid_on = day + timedelta(days=random.randrange(70))
        books.add_transaction(invoice, paid_on.isoformat(), max(euros, Decimal(1)))
    if random.random() < 0.15:
        middle = day + (end - day) / 2
        share = random.choice([Decimal(1), Decimal(1), Decimal("0.5"), Decimal("0.2")])
        rest = (middle.isoformat(), (end - timedelta(days=1)).isoformat()) if random.random() < 0.4 else None
        books.add_invoice(
            customer,
            min(middle, month_end(day)).isoformat(),
            [Line(_cents(-Decimal(line.amount) * share), line.label, rest, line.product) for line in lines],
            currency=sale.currency,
            rate=rate,
            credited_invoice_id=invoice if random.random() < 0.7 else None,
            status="credit_note",
        )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
