"""What the seeded company sells, and the axes and accounts it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from pennybridge.emulator.desk import Desk
from pennybridge.emulator.records import complete, product
from pennybridge.emulator.resources import Record

Kind = Literal["plan", "option", "usage", "one_off"]


@dataclass(frozen=True)
class Offer:
    """Something sold: `price` is a month's for plans and options, else a unit's, in its currency."""

    code: str
    label: str
    price: Decimal
    kind: Kind
    unit: str = "piece"
    vat_rate: str = "FR_200"
    currency: str = "EUR"
    english: str = ""


def _offers() -> tuple[Offer, ...]:
    table: tuple[tuple[str, str, str, str, Kind, str], ...] = (
        ("PLAN-S", "Abonnement Essentiel", "Starter plan", "49", "plan", "month"),
        ("PLAN-M", "Abonnement Pro", "Team plan", "129", "plan", "month"),
        ("PLAN-L", "Abonnement Entreprise", "Business plan", "390", "plan", "month"),
        ("PLAN-XL", "Abonnement Groupe", "Group plan", "890", "plan", "month"),
        ("SEAT", "Licence utilisateur", "User licence", "15", "option", "user"),
        ("PAY", "Module Paie", "Payroll module", "60", "option", "month"),
        ("STOCK", "Module Stocks", "Stock module", "45", "option", "month"),
        ("SIGN", "Module Signature", "Signature module", "25", "option", "month"),
        ("SUPPORT", "Support prioritaire", "Priority support", "99", "option", "month"),
        ("HOST", "Hébergement dédié", "Dedicated hosting", "180", "option", "month"),
        ("API", "Appels API (par millier)", "API calls (thousands)", "0.833333", "usage", "unit"),
        ("SMS", "SMS envoyés (par centaine)", "Texts sent (hundreds)", "6.5", "usage", "unit"),
        ("DISK", "Stockage supplémentaire (Go)", "Extra storage (GB)", "0.1275", "usage", "GB"),
        ("SETUP", "Frais de mise en service", "Setup fee", "750", "one_off", "piece"),
        ("TRAIN", "Formation (demi-journée)", "Training (half day)", "450", "one_off", "piece"),
        ("AUDIT", "Audit de configuration", "Configuration audit", "900", "one_off", "piece"),
        ("DEV", "Développement spécifique (jour)", "Custom development (day)", "720", "one_off", "day"),
        ("DATA", "Reprise de données", "Data migration", "1200", "one_off", "piece"),
        ("TRAVEL", "Frais de déplacement", "Travel expenses", "85.4", "one_off", "piece"),
    )
    offers = tuple(
        Offer(code, label, Decimal(price), kind, unit, english=english)
        for code, label, english, price, kind, unit in table
    )
    guide = Offer(
        "GUIDE", "Guide imprimé", Decimal("24.5"), "one_off", vat_rate="FR_55", english="Printed guide"
    )
    dollars = Offer(
        "PLAN-US", "Team plan (US)", Decimal(139), "plan", "month", "extracom", "USD", "Team plan"
    )
    return (*offers, guide, dollars)


OFFERS = _offers()

_ACCOUNTS = (
    ("411000", "Clients"),
    ("445710", "TVA collectée 20 %"),
    ("445712", "TVA collectée 5,5 %"),
    ("512000", "Banque"),
    ("706000", "Prestations de services"),
    ("706100", "Abonnements"),
    ("707000", "Ventes de marchandises"),
    ("416000", "Clients douteux"),
)
_JOURNALS = (
    ("VE", "Ventes", "sales"),
    ("BQ", "Banque", "finances"),
    ("OD", "Opérations diverses", "general"),
)
_AXES: Mapping[str, tuple[str, ...]] = {
    "Équipe": ("Ventes directes", "Partenaires", "Grands comptes"),
    "Région": ("Nord", "Sud", "Export"),
}


@dataclass(frozen=True)
class Foundations:
    """Records that everything else refers to."""

    bank_account: Record
    products: Mapping[str, int]
    categories: Mapping[str, tuple[int, ...]]
    customers_account_id: int


def lay_foundations(desk: Desk, *, first_year: int, last_year: int) -> Foundations:
    """Open a company's books: accounts, journals, bank, templates, categories, fiscal years and products."""
    accounts = {
        number: _add(desk, "ledger_accounts", number=number, label=label) for number, label in _ACCOUNTS
    }
    journals = {code: _journal(desk, code, label, kind) for code, label, kind in _JOURNALS}
    bank = _add(desk, "bank_establishments", name="Banque des Écluses")
    bank_account = _add(
        desk,
        "bank_accounts",
        name="Compte courant",
        bank_establishment={"id": bank["id"]},
        journal={"id": journals["BQ"]},
        ledger_account={"id": accounts["512000"]["id"]},
    )
    for name in ("Modèle standard", "English invoice"):
        _add(desk, "customer_invoice_templates", name=name)
    for year in range(first_year, last_year + 1):
        status = "closed" if year < last_year - 1 else "open"
        start = date(year, 1, 1)
        finish = date(year + 1, 1, 1) - timedelta(days=1)
        _add(desk, "fiscal_years", start=start, finish=finish, status=status)
    return Foundations(
        bank_account,
        {offer.code: _product(desk, offer, accounts["706100"]["id"]) for offer in OFFERS},
        {label: _axis(desk, label, values) for label, values in _AXES.items()},
        accounts["411000"]["id"],
    )


def _add(desk: Desk, resource: str, **fields: object) -> Record:
    return desk.insert(resource, complete(resource, desk.books.new_id(), desk.now, **fields))


def _journal(desk: Desk, code: str, label: str, kind: str) -> int:
    key = desk.books.new_id()
    desk.insert("journals", {"id": key, "code": code, "label": label, "type": kind})
    return key


def _axis(desk: Desk, label: str, values: tuple[str, ...]) -> tuple[int, ...]:
    group = _add(desk, "category_groups", label=label)
    fields = {"direction": "cash_in", "category_group": {"id": group["id"]}}
    return tuple(_add(desk, "categories", label=value, **fields)["id"] for value in values)


def _product(desk: Desk, offer: Offer, account_id: int) -> int:
    key = desk.books.new_id()
    record = product(
        key,
        desk.now,
        label=offer.label,
        price_before_tax=offer.price,
        vat_rate=offer.vat_rate,
        currency=offer.currency,
        unit=offer.unit,
        reference=offer.code,
        substance="goods" if offer.code == "GUIDE" else "services",
        ledger_account={"id": account_id},
    )
    desk.insert("products", record)
    return key
