"""Half a million lines of a real shop: revenue and cohorts are those that others counted."""
# ruff: noqa: E501 — the SQL that lands the file reads better unbroken

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pennybridge.models.build import build
from pennybridge.store import Database, open_database

RETAIL = Path(__file__).parents[3] / "shared" / "data" / "retail"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not RETAIL.exists(), reason="the retail books are not beside the checkout"),
]

_STAMPS = "'{}' as payload, timestamptz '2012-01-01 00:00:00Z' as read_at, 'load-1' as load_id"
# Company 1 has a customer per number and country, as the emulator reads the file; company 2 one per number.
_LAND = (
    "insert into pennylane.companies (company_id, name, base_currency) values (1, 'By country', 'EUR'), (2, 'Whole', 'EUR')",
    """create temporary table buyers as
        select row_number() over (order by customer_id nulls first, country) as id, customer_id, country
        from (select distinct customer_id, country from sold)""",
    f"""insert into pennylane.customers by name
        select 1 as company_id, id, cast(customer_id as text) as name, 'company' as customer_type, country as billing_country, {_STAMPS}
        from buyers""",
    """create temporary table documents as
        select row_number() over (order by invoice_no) as id, invoice_no, min(invoice_date) as sold_at, any_value(country) as country,
            any_value(customer_id) as customer_id, sum(round(quantity * unit_price, 2)) as total
        from sold group by invoice_no""",
    f"""insert into pennylane.customer_invoices by name
        select companies.company_id, documents.id,
            case companies.company_id when 1 then buyers.id else documents.customer_id end as customer_id,
            invoice_no as invoice_number, 'upcoming' as status, false as draft, false as paid,
            cast(sold_at as date) as date, cast(sold_at as date) + 30 as deadline, 'EUR' as currency, total as amount, 0 as tax,
            total as currency_amount, total as currency_amount_before_tax, 0 as currency_tax, 1 as exchange_rate,
            total as remaining_amount_with_tax, 0 as discount_value, true as lines_complete, {_STAMPS}
        from documents
        join buyers on buyers.country = documents.country and buyers.customer_id is not distinct from documents.customer_id
        cross join pennylane.companies as companies""",
    f"""insert into pennylane.customer_invoice_lines by name
        select 1 as company_id, line_no as id, documents.id as customer_invoice_id, coalesce(description, '') as label,
            quantity, 'exempt' as vat_rate, round(quantity * unit_price, 2) as amount, 0 as tax, amount as currency_amount,
            amount as currency_amount_before_tax, 0 as currency_tax, unit_price as raw_currency_unit_price, {_STAMPS}
        from sold join documents on documents.invoice_no = sold.invoice_no""",
    f"""insert into pennylane.customer_invoice_lines by name
        select 2 as company_id, id, id as customer_invoice_id, 'Goods' as label, 1 as quantity, 'exempt' as vat_rate, total as amount,
            0 as tax, total as currency_amount, total as currency_amount_before_tax, 0 as currency_tax,
            total as raw_currency_unit_price, {_STAMPS}
        from documents""",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(f"duckdb:///{tmp_path_factory.mktemp('retail')}/shop.duckdb") as database:
        with database.transaction() as transaction:
            with transaction.stage(
                "sold_lines", pq.read_table(RETAIL / "online_retail_2010_2011.parquet")
            ) as sold:
                transaction.execute(f"create temporary table sold as select * from {sold}")
            for statement in _LAND:
                transaction.execute(statement)
        build(database, as_of=date(2011, 12, 31))
        yield database


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((RETAIL / "expected_2010_2011.json").read_text())
    return read


def same(found: object, counted: str) -> bool:
    """Equal up to the cents of four lines at 0.001."""
    return abs(Decimal(str(found)) - Decimal(counted)) < Decimal("0.02")


def test_revenue_by_month_is_what_others_counted(shop: Database, expected: dict[str, Any]) -> None:
    found = shop.rows(
        "select cast(month_start as text), sum(revenue_base), sum(invoiced_base), sum(credited_base) "
        "from metrics.revenue where company_id = 2 group by month_start order by month_start"
    )

    counted = expected["online_retail (2010-12..2011-12)"]["monthly"]
    assert [row[0][:7] for row in found] == [row["month"] for row in counted]
    assert all(same(row[1], month["net"]) for row, month in zip(found, counted, strict=True))


def test_revenue_by_country_and_best_customers_are_what_others_counted(
    shop: Database, expected: dict[str, Any]
) -> None:
    counted = expected["online_retail (2010-12..2011-12)"]
    by_country = dict(
        shop.rows(
            "select customers.country, sum(revenue_base) from metrics.revenue as revenue "
            "join billing.customers as customers on customers.company_id = revenue.company_id "
            "and customers.original_id = revenue.customer_id where revenue.company_id = 1 group by customers.country"
        )
    )
    by_customer = dict(
        shop.rows(
            "select customer_id, sum(revenue_base) from metrics.revenue where company_id = 2 group by customer_id"
        )
    )

    assert all(same(by_country[row["country"]], row["net"]) for row in counted["by_country"])
    assert all(same(by_customer[str(row["customer"])], row["net"]) for row in counted["top_customers"])


@pytest.mark.parametrize(
    ("basis", "name"),
    [("documents", "cohorts_2010_2011_all_documents"), ("invoices", "cohorts_2010_2011_invoices_only")],
)
def test_cohorts_of_buyers_are_what_others_counted(
    shop: Database, expected: dict[str, Any], basis: str, name: str
) -> None:
    found: dict[str, dict[str, int]] = {}
    for month, since, customers in shop.rows(
        "select cast(cohort_month as text), months_since, customers from metrics.purchase_cohorts "
        "where company_id = 2 and basis = :basis and customers > 0 order by cohort_month_index, months_since",
        basis=basis,
    ):
        found.setdefault(month[:7], {})[str(since)] = customers

    assert found == expected[name]


def test_the_published_cohort_table_differs_only_by_the_unknown_customer(shop: Database) -> None:
    """Its author counted all documents without a customer number as one customer more."""
    published = json.loads((RETAIL / "published_results.json").read_text())["peerchristensen_cohorts_readme"][
        "rows"
    ]
    first_rows = shop.rows(
        "select months_since, customers from metrics.purchase_cohorts "
        "where company_id = 2 and basis = 'documents' and cohort_month = date '2010-12-01' and months_since < 6 order by 1"
    )

    assert [customers + 1 for _, customers in first_rows] == published["1"]
