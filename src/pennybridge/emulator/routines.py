"""Invoices that the seller writes by hand, or imports, period after period, without a billing subscription.

A routine is a note on its customer, so that it goes on when the clock moves. Its lines say the period in
their label (`labels`), in their imputation dates, in both, or nowhere.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypedDict

from pennybridge.emulator.amounts import NO_DISCOUNT
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.labels import label
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.recurrence import next_occurrence
from pennybridge.emulator.resources import Record
from pennybridge.emulator.selling import LineTerms, import_document, issue


class RoutineLine(TypedDict, total=False):
    """A line of a routine; money is decimal text."""

    text: str
    style: str
    """How the label says the period: a style of `labels`."""
    price: str
    quantity: str
    vat_rate: str
    unit: str
    product_id: int | None
    discount: Mapping[str, str]
    is_usage: bool
    """Bills what was used over the period before, a quantity that differs each time."""
    is_dated: bool
    """Carries imputation dates."""


class Routine(TypedDict):
    """What is billed, how often, from when, and until when (the first day no longer billed)."""

    rule: Record
    start: str
    end: str | None
    currency: str
    discount: Mapping[str, str]
    is_imported: bool
    """Made elsewhere, with a number of its own, and uploaded as PDF."""
    lines: list[RoutineLine]


def plan_routines(desk: Desk, customer: Mapping[str, object], *, after: date) -> None:
    """Plan the next occurrence of each routine of a customer after a day."""
    routines = customer.get("_routines")
    for routine in routines if isinstance(routines, list) else ():
        _plan(desk, int(str(customer["id"])), routine, after)


def _plan(desk: Desk, customer_id: int, routine: Routine, after: date) -> None:
    day = next_occurrence(routine["rule"], date.fromisoformat(routine["start"]), after)
    if day and (routine["end"] is None or day.isoformat() < routine["end"]):
        desk.plan(day, lambda: _bill(desk, customer_id, routine, day))


def _bill(desk: Desk, customer_id: int, routine: Routine, day: date) -> None:
    customer = desk.books.get("customers", customer_id)
    if customer is None:
        return
    start = date.fromisoformat(routine["start"])
    following = next_occurrence(routine["rule"], start, day) or day + timedelta(days=31)
    chance = Random(f"{desk.seed}:{customer_id}:{day}")  # noqa: S311 - repeatable on purpose
    lines = [_terms(line, day, following - timedelta(days=1), chance) for line in routine["lines"]]
    terms: dict[str, Any] = {
        "currency": routine["currency"],
        "exchange_rate": booked_rate(routine["currency"], day),
        "discount": routine["discount"],
    }
    if routine["is_imported"]:
        import_document(desk, customer, lines, number=f"EXT-{customer_id // 4096}-{day:%Y%m%d}", **terms)
    else:
        issue(desk, customer, lines, **terms)
    _plan(desk, customer_id, routine, day)


def _terms(line: RoutineLine, first: date, last: date, chance: Random) -> LineTerms:
    quantity = Decimal(line["quantity"])
    if line.get("is_usage"):
        length = (last - first).days + 1
        first, last = first - timedelta(days=length), first - timedelta(days=1)
        quantity = (quantity * chance.randint(40, 180) / 100).quantize(Decimal(1))
    return {
        "label": label(line["text"], line["style"], first, last),
        "unit_price": Decimal(line["price"]),
        "quantity": quantity,
        "vat_rate": line["vat_rate"],
        "unit": line["unit"],
        "product_id": line["product_id"],
        "discount": line.get("discount", NO_DISCOUNT),
        "period": (first, last) if line.get("is_dated") else None,
    }
