"""Worked examples of public sources, fed as the documents they describe."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pennybridge.models.build import build
from pennybridge.periods import add_months
from pennybridge.store import Database, open_database
from tests.models.books import Books, Line
from tests.models.vectors import NEEDED, SHARED, vector

PLAYBOOK = SHARED / "data" / "subscriptions" / "mrr_playbook"
pytestmark = NEEDED


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"duckdb:///{tmp_path}/vectors.duckdb") as opened:
        yield opened


def months_of(start: str, end_exclusive: str) -> Iterator[tuple[str, str]]:
    """First and last days of the months from one day to another."""
    first, end = date.fromisoformat(start), date.fromisoformat(end_exclusive)
    while first < end:
        following = min(add_months(first, 1), end)
        yield first.isoformat(), date.fromordinal(following.toordinal() - 1).isoformat()
        first = following


def bill_months(books: Books, customer: int, start: str, end: str, amount: object) -> None:
    for first, last in months_of(start, end):
        books.add_invoice(customer, first, [Line(str(amount), "Abonnement", (first, last))])


def one_line(books: Books, amount: object, start: str, months: int, discount: object = 0) -> None:
    last = date.fromordinal(add_months(date.fromisoformat(start), months).toordinal() - 1).isoformat()
    books.add_invoice(
        books.add_customer(), start, [Line(str(amount), "Abonnement", (start, last))], discount=str(discount)
    )


def scalar(database: Database, sql: str) -> Any:
    [(value,)] = database.rows(sql)
    return float(value) if isinstance(value, Decimal) else value


def test_mrr_of_mixed_plans(database: Database) -> None:
    given, expected = vector("mrr_stripe_mixed")
    books = Books()
    for plan in given["plans"]:
        for _ in range(plan["customers"]):
            one_line(books, plan["amount"], "2025-01-01", plan["months"])
    books.land(database)

    build(database, as_of=date(2025, 1, 31))

    assert scalar(database, "select mrr_base from metrics.mrr where granularity = 'month'") == expected["mrr"]


def test_line_mrr_to_four_decimals(database: Database) -> None:
    quarter, quarter_expected = vector("mrr_chartmogul_quarter")
    discounted, discounted_expected = vector("mrr_profitwell_discount_annual")
    table, table_expected = vector("mrr_killbill_unit_table")
    books = Books()
    one_line(books, quarter["lines"][0]["amount"], "2025-01-01", quarter["lines"][0]["months"])
    discount = discounted["list_amount"] * discounted["discount_pct"] // 100
    one_line(books, discounted["list_amount"], "2025-01-01", discounted["months"], discount)
    for months, amount in table["rows_months_amount"]:
        one_line(books, amount, "2025-01-01", months)
    books.land(database)

    build(database, as_of=date(2025, 1, 31))

    found = [
        float(row[0]) for row in database.rows("select mrr_base from metrics.segments order by invoice_id")
    ]
    assert found == [quarter_expected["mrr"], discounted_expected["mrr"], *table_expected["mrr"]]


@pytest.mark.parametrize(
    ("name", "lines"), [("mrr_fincome_mid_month", "line"), ("net_fincome_intramonth_gap", "lines2")]
)
def test_mrr_of_covered_days(database: Database, name: str, lines: str) -> None:
    """What invoices cover, before small gaps are neutralised."""
    given, expected = vector(name)
    books = Books()
    customer = books.add_customer()
    for line in given[lines] if isinstance(given[lines], list) else [given[lines]]:
        last = date.fromordinal(date.fromisoformat(line["end_exclusive"]).toordinal() - 1).isoformat()
        books.add_invoice(customer, line["start"], [Line(line["amount"], period=(line["start"], last))])
    books.land(database)

    build(database, as_of=date.fromisoformat(given["snapshots"][-1]))

    found = [
        scalar(
            database,
            "select coalesce(sum(mrr_base), 0) from metrics.segments "
            f"where start_date <= date '{day}' and covered_until > date '{day}'",
        )
        for day in given["snapshots"]
    ]
    assert found == expected["mrr"]


def test_a_life_of_sales(database: Database) -> None:
    """Yearly gold, a silver on top and gone, the end of gold, and a monthly return."""
    given, expected = vector("mov_chartmogul_syncalytics")
    price = {
        event["key"]: event["qty"] * event["price"] for event in given["events"] if event["op"] == "subscribe"
    }
    books = Books()
    customer = books.add_customer()
    books.add_invoice(
        customer, "2024-01-01", [Line(price["gold_y"], "Licence or", ("2024-01-01", "2024-12-31"))]
    )
    for first, last, key in (
        ("2024-03-01", "2024-03-31", "silver_m"),
        ("2025-06-01", "2025-06-30", "gold_m"),
    ):
        books.add_invoice(customer, first, [Line(price[key], f"Abonnement {key}", (first, last))])
    books.land(database)

    build(database, as_of=date(2025, 6, 30))

    found = database.rows(
        "select movement, movement_base from metrics.movements "
        "where granularity = 'month' order by period_index"
    )
    assert [[kind, round(float(amount), 2)] for kind, amount in found] == expected["movements"]


def test_a_plan_switch(database: Database) -> None:
    given, expected = vector("mov_chartmogul_plan_switch")
    books = Books()
    customer = books.add_customer()
    for line in given["lines"]:
        last = date.fromordinal(date.fromisoformat(line["end_exclusive"]).toordinal() - 1).isoformat()
        books.add_invoice(
            customer, line["start"], [Line(line["amount"], f"Plan {line['product']}", (line["start"], last))]
        )
    books.land(database)

    build(database, as_of=date.fromisoformat(given["snapshots"][-1]))

    mrr = database.rows("select mrr_base from metrics.mrr where granularity = 'month' order by period_index")
    [movement] = database.rows(
        "select movement, movement_base from metrics.movements "
        "where granularity = 'month' and movement <> 'new'"
    )
    assert [float(row[0]) for row in mrr] == expected["mrr"]
    assert [movement[0], float(movement[1])] == expected["movement"]


def test_a_late_renewal(database: Database) -> None:
    given, expected = vector("mov_saascfo_gap")
    books = Books()
    customer = books.add_customer()
    for line in given["lines"]:
        last = date.fromordinal(date.fromisoformat(line["end_exclusive"]).toordinal() - 1).isoformat()
        books.add_invoice(customer, line["start"], [Line(line["amount"], "Licence", (line["start"], last))])
    books.land(database)

    build(database, as_of=date.fromisoformat(given["snapshots"][-1]))

    covered = [
        scalar(
            database,
            "select coalesce(sum(mrr_base), 0) from metrics.segments "
            f"where start_date <= date '{day}' and covered_until > date '{day}'",
        )
        for day in given["snapshots"]
    ]
    counted = database.rows(
        "select mrr_base from metrics.mrr where granularity = 'month' and period_end >= date '2024-12-31' "
        "order by period_index"
    )
    assert covered == expected["naive_mrr"]
    assert [float(row[0]) for row in counted] == expected["neutralised_mrr"]


def playbook(database: Database, rows: list[tuple[str, str, str, str]]) -> dict[str, str]:
    """Periods as monthly invoices; gives the customers' names in the file by our ids."""
    books = Books()
    customers: dict[str, int] = {}
    for name, start, end, amount in rows:
        if name not in customers:
            customers[name] = books.add_customer(name)
        bill_months(books, customers[name], start, end, amount)
    books.land(database)
    build(database, as_of=date(2020, 6, 30))
    return {str(customer): name for name, customer in customers.items()}


def test_movements_of_seven_customers_of_the_playbook(database: Database) -> None:
    given, expected = vector("roll_dbt_playbook_subset")
    names = playbook(database, [(str(row[1]), row[2], row[3], str(row[4])) for row in given["rows"]])

    found = database.rows(
        "select cast(periods.period_start as text), movements.customer_id, movement, movement_base "
        "from metrics.movements as movements join metrics.periods as periods "
        "on periods.granularity = 'month' and periods.period_index = movements.period_index "
        "where movements.granularity = 'month'"
    )

    movements = sorted([day, int(names[who]), kind, float(amount)] for day, who, kind, amount in found)
    assert movements == sorted(expected["movements"])


def test_the_whole_playbook_month_by_month_with_its_retention(database: Database) -> None:
    _, expected = vector("roll_dbt_playbook_full")
    with (PLAYBOOK / "subscription_periods.csv").open() as file:
        rows = [
            (row["customer_id"], row["start_date"], row["end_date"], row["monthly_amount"])
            for row in csv.DictReader(file)
        ]
    playbook(database, rows)

    found = database.query(
        "select cast(period_start as text) as month, new_mrr_base as new, "
        "reactivation_mrr_base as reactivation, expansion_mrr_base as expansion, "
        "contraction_mrr_base as contraction, churn_mrr_base as churn, "
        "mrr_base as mrr, customers as active from metrics.mrr "
        "where granularity = 'month' order by period_index"
    ).to_pylist()

    months = {
        row["month"]: {name: float(value) if name != "month" else value for name, value in row.items()}
        for row in found
    }
    assert [months[row["month"]] for row in expected["rollforward"]] == expected["rollforward"]
    for name in ("ret_fightchurn_2018-12-01_2019-12-01", "ret_fightchurn_2018-11-01_2019-11-01"):
        given, retention = vector(name)
        [(nrr, grr, churn, start, kept, customers, lost)] = database.rows(
            "select nrr, grr, customer_churn_rate, start_mrr_base, kept_mrr_base, start_customers, "
            "lost_customers "
            f"from metrics.retention where months_back = 12 and month_start = date '{given['to']}'"
        )
        assert (nrr, grr, churn) == pytest.approx(
            (retention["nrr"], retention["grr"], retention["logo_churn"])
        )
        assert (float(start), float(kept)) == (retention["start_mrr"], retention["retained_mrr"])
        assert (customers, lost) == (retention["n_start"], retention["n_churn"])
        assert 1 - grr == pytest.approx(retention["gross_mrr_churn"])


def test_customer_cohorts(database: Database) -> None:
    given, expected = vector("cohort_logo_22rows")
    books = Books()
    for name, first, last in given["rows"]:
        end = add_months(date.fromisoformat(f"{last}-01"), 1).isoformat()
        bill_months(books, books.add_customer(name), f"{first}-01", end, 10)
    books.land(database)

    build(database, as_of=date(2026, 4, 30))

    found: dict[str, Any] = {}
    for month, size, customers in database.rows(
        "select cast(cohort_month as text), cohort_customers, customers from metrics.cohorts "
        "order by cohort_month_index, months_since"
    ):
        found.setdefault(month[:7], {"size": size, "retained": []})["retained"].append(customers)
    assert found == expected["cohorts"]


@pytest.mark.parametrize("name", ["delay_upflow_paid_only", "delay_weighted_dynamics"])
def test_payment_delay(database: Database, name: str) -> None:
    given, expected = vector(name)
    books = Books()
    customer = books.add_customer()
    as_of = date(2025, 6, 30)
    for invoice in given["invoices"]:
        due = date.fromordinal(as_of.toordinal() - invoice["days_late"])
        is_paid = invoice["state"] == "paid"
        made = books.add_invoice(
            customer,
            "2025-01-01",
            [Line(invoice["amount"], tax=0)],
            due=due.isoformat(),
            paid="all" if is_paid else 0,
        )
        if is_paid:
            books.add_transaction(made, as_of.isoformat(), invoice["amount"])
    books.land(database)

    build(database, as_of=as_of)

    [(delay, rating)] = database.rows(
        "select payment_delay_days, payment_rating from receivables.payment_delays"
    )
    assert delay == pytest.approx(expected["avg_delay"], abs=0.5)
    assert rating == expected.get("rating", "A")
