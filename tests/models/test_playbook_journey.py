"""The playbook's subscriptions billed in the emulator, synced, built: MRR and movements of every month."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from pennybridge.emulator.server import Emulator
from pennybridge.models.build import build
from pennybridge.periods import add_months
from pennybridge.store import open_database
from tests.models.vectors import NEEDED, SHARED
from tests.sync.conftest import OurClock, Workspace

PLAYBOOK = SHARED / "data" / "subscriptions" / "mrr_playbook"
pytestmark = NEEDED


def read(name: str) -> list[dict[str, str]]:
    with (PLAYBOOK / name).open() as file:
        return list(csv.DictReader(file))


def invoices() -> Iterator[tuple[date, str, Decimal]]:
    """Each month of each subscription: its first day, the customer, the amount."""
    for row in read("subscription_periods.csv"):
        day, end = date.fromisoformat(row["start_date"]), date.fromisoformat(row["end_date"])
        while day < end:
            yield day, row["customer_id"], Decimal(row["monthly_amount"])
            day = add_months(day, 1)


def test_the_playbook_billed_synced_and_built_gives_its_movements(emulator: Emulator, tmp_path: Path) -> None:
    emulator.set_clock(datetime(2017, 1, 1, tzinfo=UTC))
    company = emulator.books.add_company("Playbook")
    customers = {}
    for day, name, amount in sorted(invoices()):
        emulator.set_clock(datetime.combine(day, time(9), UTC))
        if name not in customers:
            customers[name] = emulator.add_customer(f"Customer {name}", company=company.number)
        month = (day, add_months(day, 1) - timedelta(days=1))
        line = {"label": "Abonnement", "unit_price": amount, "period": month}
        emulator.add_customer_invoice(customer=customers[name], lines=[line])
    emulator.set_clock(datetime(2020, 6, 30, 9, tzinfo=UTC))

    with open_database(f"duckdb:///{tmp_path}/playbook.duckdb") as database:
        workspace = Workspace(
            emulator, database, company, clock=OurClock(datetime(2020, 6, 30, 10, tzinfo=UTC))
        )
        workspace.sync(request_budget=0)
        build(database, as_of=date(2020, 6, 30))
        mrr = database.query(
            "select cast(period_start as text) as date_month, mrr_base as mrr, "
            "customers as active_customers, "
            "new_mrr_base as new_mrr, reactivation_mrr_base as reactivation_mrr, "
            "expansion_mrr_base as upgrade_mrr, contraction_mrr_base as downgrade_mrr, "
            "churn_mrr_base as churn_mrr, new_customers, churned_customers, reactivated_customers, "
            "expanded_customers as upgrades, contracted_customers as downgrades "
            "from metrics.mrr where granularity = 'month' order by period_index"
        ).to_pylist()
        by_customer = database.rows(
            "select cast(periods.period_start as text), customers.name, months.mrr_base "
            "from metrics.customer_months as months "
            "join metrics.periods as periods "
            "on periods.granularity = 'month' and periods.period_index = months.month_index "
            "join billing.customers as customers on customers.original_id = months.customer_id"
        )

    found = {row["date_month"]: row for row in mrr}
    for row in read("expected_monthly_waterfall_full_history.csv"):
        month = found[row["date_month"]]
        assert {name: float(month[name]) for name in row if name in month and name != "date_month"} == {
            name: float(row[name]) for name in row if name in month and name != "date_month"
        }
    assert {(day, name, float(amount)) for day, name, amount in by_customer} == {
        (row["date_month"], f"Customer {row['customer_id']}", float(row["mrr"]))
        for row in read("expected_mrr_full_history.csv")
        if float(row["mrr"])
    }
