"""While time passes, subscriptions bill, invoices become late, and customers pay."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from pennybridge.emulator.billing import stop, subscribe
from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.clock import EmulatorClock
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.life import desk_of, latest_finalized, live
from pennybridge.emulator.records import company_customer, recurring_rule
from pennybridge.emulator.resources import Record
from pennybridge.emulator.seed.catalogue import lay_foundations
from pennybridge.emulator.selling import issue

START = datetime(2026, 1, 15, 9, tzinfo=UTC)
YEARS = range(2026, 2028)


class Town:
    """A company with one customer, and a clock to move."""

    def __init__(self, *, announces_late: bool = False, **customer: Any) -> None:
        self.clock = EmulatorClock(START, frozen=True)
        self.books = Books(self.clock)
        self.books.lives.append(partial(live, announces_late=announces_late))
        self.company: Company = self.books.add_company("Cap Horizon")
        self.books.touch(self.company.id)
        self.desk = desk_of(self.books, self.company, years=YEARS)
        self.desk.plan(START.date(), lambda: lay_foundations(self.desk, first_year=2026, last_year=2026))
        record = company_customer(self.books.new_id(), "", name="Boréal SAS", **customer)
        self.customer = self.books.insert("customers", self.company.id, record)
        self.desk.run(START)

    def do(self, action: Any, *arguments: Any, **terms: Any) -> Record:
        """Do one thing at the desk, now."""
        done: list[Record] = []
        desk = desk_of(self.books, self.company, years=YEARS)
        desk.plan(self.clock().date(), lambda: done.append(action(desk, *arguments, **terms)))
        desk.run(self.clock())
        return done[0]

    def move(self, **span: float) -> None:
        """Let time pass."""
        self.clock.move(timedelta(**span))
        self.books.touch(self.company.id)

    def invoices(self) -> list[Record]:
        """All invoices, oldest first."""
        return self.books.select("customer_invoices", self.company.id)

    def events(self, record_id: int) -> list[str]:
        """What the changelog says of a record."""
        rows = self.books.database.execute(
            "select operation from events where id = ? order by rowid", (record_id,)
        )
        return [operation for (operation,) in rows]


LINE = {"label": "Abonnement", "unit_price": Decimal(100)}


def test_a_monthly_subscription_bills_each_month_and_says_when_next() -> None:
    town = Town()
    subscription = town.do(
        subscribe, town.customer, [LINE], label="Abonnement", rule=recurring_rule("monthly")
    )

    town.move(days=75)

    assert [invoice["date"] for invoice in town.invoices()] == ["2026-01-15", "2026-02-15", "2026-03-15"]
    after = town.books.get("billing_subscriptions", subscription["id"])
    assert after is not None
    assert (after["status"], after["prev_occurrence"], after["next_occurrence"]) == (
        "in_progress",
        "2026-03-15",
        "2026-04-15",
    )
    assert all(invoice["billing_subscription"] == {"id": subscription["id"]} for invoice in town.invoices())


def test_moving_in_steps_bills_the_same_as_moving_at_once() -> None:
    at_once, in_steps = Town(), Town()
    for town in (at_once, in_steps):
        town.do(subscribe, town.customer, [LINE], label="Abonnement", rule=recurring_rule("weekly"))

    at_once.move(days=60)
    for _ in range(60):
        in_steps.move(days=1)

    shown = [
        [(invoice["date"], invoice["invoice_number"], invoice["status"]) for invoice in town.invoices()]
        for town in (at_once, in_steps)
    ]
    assert shown[0] == shown[1]
    assert len(shown[0]) == 9


def test_a_subscription_that_awaits_validation_makes_drafts() -> None:
    town = Town()
    town.do(
        subscribe,
        town.customer,
        [LINE],
        label="A",
        rule=recurring_rule("monthly"),
        mode="awaiting_validation",
    )

    town.move(days=40)

    assert [invoice["status"] for invoice in town.invoices()] == ["draft", "draft"]


def test_a_subscription_with_a_count_finishes() -> None:
    town = Town()
    rule = recurring_rule("monthly", count=2)
    subscription = town.do(subscribe, town.customer, [LINE], label="A", rule=rule)

    town.move(days=200)

    after = town.books.get("billing_subscriptions", subscription["id"])
    assert after is not None
    assert len(town.invoices()) == 2
    assert (after["status"], after["finish"], after["next_occurrence"]) == ("finished", "2026-02-15", None)


def test_a_stopped_subscription_bills_no_more() -> None:
    town = Town()
    subscription = town.do(subscribe, town.customer, [LINE], label="A", rule=recurring_rule("monthly"))
    town.move(days=20)
    town.do(stop, subscription["id"])

    town.move(days=100)

    assert len(town.invoices()) == 1


def test_a_dated_subscription_dates_each_line_by_its_occurrence() -> None:
    town = Town()
    town.do(subscribe, town.customer, [LINE], label="A", rule=recurring_rule("monthly"), dates_lines=True)

    town.move(days=40)

    dates = [
        town.books.select("customer_invoice_lines", parent_id=invoice["id"])[0]["imputation_dates"]
        for invoice in town.invoices()
    ]
    assert dates == [
        {"start_date": "2026-01-15", "end_date": "2026-02-14"},
        {"start_date": "2026-02-15", "end_date": "2026-03-14"},
    ]


@pytest.mark.parametrize("announces_late", [False, True])
def test_an_invoice_becomes_late_silently_unless_told_otherwise(*, announces_late: bool) -> None:
    """Whether Pennylane tells of it is unknown; by default the emulator does not: harder for a sync."""
    town = Town(announces_late=announces_late)
    invoice = town.do(issue, town.customer, [LINE])
    before = len(town.events(invoice["id"]))

    town.move(days=31)

    (after,) = town.invoices()
    assert after["status"] == "late"
    assert (len(town.events(invoice["id"])) > before) == announces_late
    assert (after["updated_at"] > "2026-02-14") == announces_late


def test_a_punctual_customer_pays_by_a_transaction_that_is_matched() -> None:
    town = Town(_pays="punctual")
    invoice = town.do(issue, town.customer, [LINE])

    town.move(days=40)

    (after,), (received,) = town.invoices(), town.books.select("transactions", town.company.id)
    assert (after["status"], after["remaining_amount_with_tax"]) == ("paid", "0.0")
    assert (received["amount"], received["outstanding_balance"]) == ("120.0", "0.0")
    ties = town.books.database.execute("select invoice_id, transaction_id from matches").fetchall()
    assert ties == [(invoice["id"], received["id"])]
    assert town.events(invoice["id"])[-1] == "update"


def test_a_customer_who_pays_once_a_month_settles_several_invoices_with_one_transaction() -> None:
    town = Town(_pays="monthly_run")
    for _ in range(3):
        town.do(issue, town.customer, [LINE])

    town.move(days=60)

    assert Counter(invoice["status"] for invoice in town.invoices()) == {"paid": 3}
    assert [received["amount"] for received in town.books.select("transactions")] == ["360.0"]


def test_a_customer_without_habits_waits_to_be_told() -> None:
    town = Town()
    town.do(issue, town.customer, [LINE])

    town.move(days=400)

    assert [invoice["status"] for invoice in town.invoices()] == ["late"]


def test_the_numbers_go_on_where_they_stood() -> None:
    town = Town()
    numbers = [town.do(issue, town.customer, [LINE])["invoice_number"] for _ in range(2)]
    town.move(days=20)
    numbers.append(town.do(issue, town.customer, [LINE])["invoice_number"])

    assert numbers == ["F-2026-000001", "F-2026-000002", "F-2026-000003"]
    assert latest_finalized(town.books, town.company.id) == date(2026, 2, 4)


def test_a_plan_for_a_past_day_is_done_today() -> None:
    town = Town()
    done: list[date] = []
    desk: Desk = desk_of(town.books, town.company, years=YEARS)
    desk.day = date(2026, 1, 15)
    desk.plan(date(2025, 6, 1), lambda: done.append(desk.day))

    desk.run(START)

    assert done == [date(2026, 1, 15)]
