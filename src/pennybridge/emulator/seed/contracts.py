"""What each customer of the seeded company buys over the years: plans that change, end and come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from pennybridge.emulator.amounts import NO_DISCOUNT
from pennybridge.emulator.billing import stop, subscribe
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.records import recurring_rule
from pennybridge.emulator.recurrence import next_occurrence
from pennybridge.emulator.resources import Record
from pennybridge.emulator.routines import Routine, RoutineLine, plan_routines
from pennybridge.emulator.seed.catalogue import OFFERS, Offer
from pennybridge.emulator.seed.customers import vat_code
from pennybridge.emulator.selling import absolute, relative

_PLANS = [offer for offer in OFFERS if offer.kind == "plan" and offer.currency == "EUR"]
_OPTIONS = [offer for offer in OFFERS if offer.kind == "option"]
_USAGE = [offer for offer in OFFERS if offer.kind == "usage"]
_CADENCES: dict[str, tuple[Record, Decimal]] = {
    "weekly": (recurring_rule("weekly", week_start=1), Decimal("0.25")),
    "monthly": (recurring_rule("monthly"), Decimal(1)),
    "quarterly": (recurring_rule("monthly", interval=3), Decimal(3)),
    "half_yearly": (recurring_rule("monthly", interval=6), Decimal(6)),
    "yearly": (recurring_rule("yearly"), Decimal(10)),  # two months free
}
_CADENCE_WEIGHTS = {"weekly": 3, "monthly": 66, "quarterly": 13, "half_yearly": 3, "yearly": 15}
_STYLES_FR = {
    "weekly": ("plain", "from_to"),
    "monthly": ("month", "month", "from_to", "from_to_words", "plain"),
    "quarterly": ("quarter", "quarter", "from_to", "plain"),
    "half_yearly": ("from_to", "from_to_words"),
    "yearly": ("since", "from_to_words", "from_to", "plain"),
}
_STYLES_EN = {
    "weekly": ("plain",),
    "monthly": ("month_en", "range_en", "plain"),
    "quarterly": ("quarter_en", "range_en"),
    "half_yearly": ("range_en",),
    "yearly": ("range_en", "plain"),
}
_LIKELY_PERIODS = {"weekly": 70, "monthly": 28, "quarterly": 8, "half_yearly": 5, "yearly": 3}


@dataclass(frozen=True)
class Manner:
    """How a customer is billed, for good."""

    cadence: str
    way: str
    """`subscription`, `routine` or `import`."""
    style: str
    is_dated: bool
    names_products: bool
    sites: int
    """Lines of the plan: more than 20 for chains that are billed shop by shop."""


@dataclass(frozen=True)
class Phase:
    """A span over which a customer buys the same things; `end` is the first day without."""

    start: date
    end: date | None
    plan: Offer
    seats: int
    options: tuple[Offer, ...]
    usage: Offer | None
    line_discount: Mapping[str, str]
    invoice_discount: Mapping[str, str]


def choose_manner(chance: Random, customer: Record, *, rank: int) -> Manner:
    """How a customer will be billed; the first ones by subscription, each in another cadence."""
    cadence = chance.choices(list(_CADENCE_WEIGHTS), weights=list(_CADENCE_WEIGHTS.values()))[0]
    way = chance.choices(("subscription", "routine", "import"), weights=(48, 47, 5))[0]
    if rank < len(_CADENCES):
        cadence, way = list(_CADENCES)[rank], "subscription"
    english = customer["billing_language"] != "fr_FR"
    return Manner(
        cadence,
        way,
        style=chance.choice((_STYLES_EN if english else _STYLES_FR)[cadence]),
        is_dated=chance.random() < 0.4,
        names_products=way == "subscription" or chance.random() < 0.35,
        sites=chance.randint(22, 40) if way == "routine" and chance.random() < 0.05 else 1,
    )


def first_day(chance: Random, manner: Manner, day: date) -> date:
    """When a customer who comes on a day begins: at once, or with the month or quarter that labels name."""
    first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    if manner.style.startswith("quarter"):
        months = first_of_next.year * 12 + (first_of_next.month + 1) // 3 * 3
        return date(months // 12, months % 12 + 1, 1)
    return first_of_next if manner.style.startswith("month") or chance.random() < 0.4 else day


def phases(chance: Random, manner: Manner, start: date, today: date) -> list[Phase]:
    """The phases of a customer's time: each change happens at the end of a period."""
    rule, _ = _CADENCES[manner.cadence]
    level, seats = chance.choices((0, 1, 2, 3), weights=(35, 40, 20, 5))[0], chance.randint(0, 12)
    found: list[Phase] = []
    day: date | None = start
    while day and day <= today:
        periods = 1 + int(chance.expovariate(1 / _LIKELY_PERIODS[manner.cadence]))
        end = _after(rule, day, periods)
        found.append(_phase(chance, day, end if end <= today else None, level, seats))
        if end > today:
            break
        day, level, seats = _change(chance, end, level, seats)
    return found


def _change(chance: Random, end: date, level: int, seats: int) -> tuple[date | None, int, int]:
    kind = chance.choices(("up", "down", "seats", "leaves", "returns"), weights=(28, 14, 20, 26, 12))[0]
    if kind == "leaves":
        return None, level, seats
    if kind == "returns":
        return end + timedelta(days=chance.randint(50, 260)), level, seats
    if kind == "seats":
        return end, level, max(0, seats + chance.choice((-3, -1, 2, 4, 8)))
    return end, min(3, level + 1) if kind == "up" else max(0, level - 1), seats


def _phase(chance: Random, start: date, end: date | None, level: int, seats: int) -> Phase:
    line_discount = chance.choices(
        (NO_DISCOUNT, relative("10"), relative("12.5"), absolute("15")), weights=(82, 9, 4, 5)
    )[0]
    invoice_discount = chance.choices((NO_DISCOUNT, relative("5"), absolute("20")), weights=(92, 5, 3))[0]
    return Phase(
        start,
        end,
        _PLANS[level],
        seats,
        tuple(chance.sample(_OPTIONS[1:], chance.choices((0, 1, 2, 3), weights=(45, 30, 18, 7))[0])),
        chance.choice(_USAGE) if chance.random() < 0.15 else None,
        line_discount,
        invoice_discount,
    )


def begin(desk: Desk, customer: Record, manner: Manner, phase: Phase, products: Mapping[str, int]) -> None:
    """Start billing a phase today, and plan its end."""
    lines = _lines(customer, manner, phase, products)
    rule, _ = _CADENCES[manner.cadence]
    if manner.way == "subscription":
        _subscribe(desk, customer, manner, phase, lines)
        lines = [line for line in lines if line.get("is_usage")]
        rule = recurring_rule("monthly")
    if lines:
        routine: Routine = {
            "rule": rule,
            "start": phase.start.isoformat(),
            "end": phase.end.isoformat() if phase.end else None,
            "currency": customer["_currency"],
            "discount": phase.invoice_discount,
            "is_imported": manner.way == "import",
            "lines": lines,
        }
        current = desk.existing("customers", customer["id"])
        kept = [*current.get("_routines", ()), routine]
        desk.books.insert_many("customers", desk.company.id, [({**current, "_routines": kept}, None)])
        plan_routines(
            desk, {"id": customer["id"], "_routines": [routine]}, after=phase.start - timedelta(days=1)
        )


def _subscribe(desk: Desk, customer: Record, manner: Manner, phase: Phase, lines: list[RoutineLine]) -> None:
    fixed: list[dict[str, Any]] = [
        {
            "label": line["text"],
            "unit_price": Decimal(line["price"]),
            "quantity": Decimal(line["quantity"]),
            "vat_rate": line["vat_rate"],
            "unit": line["unit"],
            "product_id": line["product_id"],
            "discount": line["discount"],
        }
        for line in lines
        if not line.get("is_usage")
    ]
    subscription = subscribe(
        desk,
        customer,
        fixed,
        label=f"{phase.plan.label} - {customer['name']}",
        rule=_CADENCES[manner.cadence][0],
        currency=customer["_currency"],
        discount=phase.invoice_discount,
        dates_lines=manner.is_dated,
        payment_method="gocardless_direct_debit" if customer["_pays"] == "direct_debit" else "offline",
        payment_conditions=customer["payment_conditions"],
        mode="email" if customer["emails"] and customer["id"] % 3 == 0 else "finalized",
    )
    if phase.end:
        desk.plan(phase.end, lambda: stop(desk, subscription["id"]))


def _lines(customer: Record, manner: Manner, phase: Phase, products: Mapping[str, int]) -> list[RoutineLine]:
    _, months = _CADENCES[manner.cadence]
    english = customer["billing_language"] != "fr_FR"
    wanted = [(phase.plan, Decimal(1))] * manner.sites
    wanted += [(OFFERS[4], Decimal(phase.seats))] if phase.seats else []
    wanted += [(option, Decimal(1)) for option in phase.options]
    wanted += [(phase.usage, Decimal(120))] if phase.usage else []
    lines: list[RoutineLine] = []
    for rank, (offer, quantity) in enumerate(wanted):
        text = offer.english if english else offer.label
        is_usage = offer.kind == "usage"
        lines.append(
            {
                "text": f"{text} - site {rank + 1}" if rank < manner.sites > 1 else text,
                "style": manner.style,
                "price": str(offer.price if is_usage else offer.price * months),
                "quantity": str(quantity),
                "vat_rate": vat_code(customer),
                "unit": offer.unit,
                "product_id": products[offer.code] if manner.names_products else None,
                "discount": phase.line_discount if rank == 0 else NO_DISCOUNT,
                "is_usage": is_usage,
                "is_dated": manner.is_dated,
            }
        )
    return lines


def _after(rule: Record, start: date, periods: int) -> date:
    day = start
    for _ in range(periods):
        day = next_occurrence(rule, start, day) or day
    return day
