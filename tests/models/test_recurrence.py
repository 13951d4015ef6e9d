"""What is recurring, by which rule, and what people can decide otherwise."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pennybridge.errors import ConfigurationError
from pennybridge.models.build import build
from pennybridge.models.overrides import (
    Override,
    list_overrides,
    read_overrides,
    remove_override,
    set_overrides,
)
from pennybridge.store import Database
from tests.models.books import Books, Line
from tests.models.conftest import plain
from tests.models.test_mrr import MRR

Ask = Callable[..., list[tuple[Any, ...]]]
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
RULES = "select description, recurrence, recurrence_rule from billing.invoice_lines order by original_id"


def clock() -> datetime:
    return NOW


def test_each_line_names_the_rule_that_classed_it(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    january = ("2025-01-01", "2025-01-31")
    subscription = books.add_subscription(customer, [Line(10, "Pro")])
    books.add_invoice(
        customer, "2025-01-01", [Line(10, "Pro"), Line(5, "Frais de mise en service")],
        billing_subscription_id=subscription,
    )  # fmt: skip
    books.add_invoice(
        customer,
        "2025-01-01",
        [
            Line(100, "Abonnement", january),
            Line(100, "Formation", january),
            Line(100, "Formation et abonnement", january),
            Line(100, "Consommation de janvier 2025"),
            Line(100, "SMS envoyés (par centaine) - licence annuelle"),
            Line(100, "API calls (thousands) (Jan 1, 2025 - Jan 31, 2025)"),
            Line(100, "Forfait mensuel"),
            Line(100, "Divers", january),
            Line(100, "Divers"),
        ],
    )

    assert ask(RULES) == [
        ("Pro", "recurring", "subscription"),
        ("Frais de mise en service", "one_off", "one_off_word"),
        ("Abonnement", "recurring", "dates_and_word"),
        ("Formation", "one_off", "one_off_word"),
        ("Formation et abonnement", "unknown", "conflict"),
        ("Consommation de janvier 2025", "usage", "usage_word"),
        ("SMS envoyés (par centaine) - licence annuelle", "usage", "usage_word"),
        ("API calls (thousands) (Jan 1, 2025 - Jan 31, 2025)", "usage", "usage_word"),
        ("Forfait mensuel", "recurring", "cadence_word"),
        ("Divers", "unknown", "none"),
        ("Divers", "unknown", "none"),
    ]


CADENCES: list[tuple[str, list[tuple[str, int]], int | None]] = [
    ("drifting days", [("2025-01-05", 10), ("2025-02-07", 10), ("2025-03-03", 10), ("2025-04-04", 10)], 1),
    ("month ends", [("2024-11-30", 10), ("2024-12-31", 10), ("2025-01-31", 10), ("2025-02-28", 10)], 1),
    ("a month skipped", [("2025-01-01", 10), ("2025-02-01", 10), ("2025-04-01", 10), ("2025-05-01", 10)], 1),
    ("two years, nine days late", [("2024-03-01", 10), ("2025-03-10", 10)], 12),
    ("yearly with a small addition", [("2024-01-01", 100), ("2024-06-01", 10), ("2025-01-01", 100)], 12),
    ("issued again", [("2025-01-01", 10), ("2025-02-01", 10), ("2025-02-05", 10), ("2025-03-01", 10)], 1),
    ("two months only", [("2025-01-01", 10), ("2025-02-01", 10)], None),
    ("one invoice", [("2025-01-01", 10)], None),
    ("all amounts", [("2025-01-01", 10), ("2025-02-01", 90), ("2025-03-01", 400), ("2025-04-01", 55)], None),
    ("quarters", [("2024-01-15", 30), ("2024-04-15", 30), ("2024-07-16", 30)], 3),
]  # fmt: skip


def test_a_cadence_is_found_from_the_days_of_invoices(books: Books, ask: Ask) -> None:
    for name, invoices, _ in CADENCES:
        customer = books.add_customer(name)
        for day, amount in invoices:
            books.add_invoice(customer, day, [Line(amount, "Prestige")])

    found = ask(
        """select customers.name, max(case when lines.recurrence_rule = 'cadence' then lines.months end)
        from billing.invoice_lines as lines
        join billing.customers as customers on customers.original_id = lines.customer_id
        group by customers.original_id, customers.name order by customers.original_id"""
    )

    assert found == [(name, months) for name, _, months in CADENCES]


def test_a_product_that_three_customers_subscribe_to_is_recurring_for_the_fourth(
    books: Books, ask: Ask
) -> None:
    product = books.add_product("Pro")
    month = ("2025-01-01", "2025-01-31")
    for _ in range(3):
        books.add_invoice(books.add_customer(), "2025-01-01", [Line(10, "Abonnement", month, product)])
    books.add_invoice(books.add_customer(), "2025-01-01", [Line(10, "Pro", month, product)])

    assert ask(RULES)[-1] == ("Pro", "recurring", "dates_and_product")


def test_what_cannot_be_classed_is_listed_with_its_amount_and_kept_out_of_mrr(books: Books, ask: Ask) -> None:
    books.add_invoice(
        books.add_customer(), "2025-01-01", [Line(700, "Divers"), Line(50, "Audit et maintenance")]
    )

    listed = ask("select sale_name, problem, amount_base from metrics.to_classify order by amount_base")

    assert listed == [("audit et maintenance", "conflicting words", 50.0), ("divers", "no rule", 700.0)]
    assert ask(MRR) == []


def test_an_override_applies_to_the_past_and_the_nearest_wins(
    books: Books, ask: Ask, duckdb_database: Database
) -> None:
    """By product: usage. For this customer: a yearly sale. For one of its lines: sold once."""
    customer, other = books.add_customer(), books.add_customer()
    lines: list[int] = []
    for buyer, day in ((customer, "2024-03-01"), (customer, "2025-03-01"), (other, "2025-01-15")):
        books.add_invoice(buyer, day, [Line(1200, "Divers")], line_ids=lines)
    [(price,)] = ask("select distinct price_id from billing.invoice_lines")
    made = [
        Override(1, "product", price_id=price, recurrence="usage"),
        Override(
            1,
            "customer_product",
            customer_id=str(customer),
            price_id=price,
            recurrence="recurring",
            cadence_months=12,
        ),
        Override(1, "line", line_id=str(lines[1]), recurrence="one_off"),
    ]

    set_overrides(duckdb_database, made, clock=clock)

    assert [row[1:] for row in ask(RULES)] == [
        ("recurring", "override_customer_product"),
        ("one_off", "override_line"),
        ("usage", "override_product"),
    ]
    assert ask(MRR)[:2] == [("2024-03-01", 100.0), ("2024-04-01", 100.0)]
    assert {override.level for override in list_overrides(duckdb_database, 1)} == {
        "line",
        "customer_product",
        "product",
    }
    assert remove_override(duckdb_database, made[2])
    assert ask(RULES)[1][1:] == ("recurring", "override_customer_product")


def test_overrides_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "overrides.csv"
    file.write_text(
        "price_id,customer_id,line_id,recurrence,cadence_months,period_start,period_end,note\n"
        "8192,,,recurring,3,,,Sold by the quarter\n"
        ",,4096,recurring,,2025-01-01,2025-12-31,\n"
    )

    assert read_overrides(file, 7) == [
        Override(
            7,
            "product",
            price_id="8192",
            recurrence="recurring",
            cadence_months=3,
            note="Sold by the quarter",
        ),
        Override(
            7,
            "line",
            line_id="4096",
            recurrence="recurring",
            period_start=date(2025, 1, 1),
            period_end=date(2025, 12, 31),
        ),
    ]


def test_every_bad_row_of_an_overrides_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "overrides.csv"
    file.write_text(
        "line_id,customer_id,price_id,recurrence,cadence_months,period_start,period_end\n"
        ",5,,recurring,,,\n"
        "4096,,,sometimes,,,\n"
        "4096,,,recurring,,2025-02-01,2025-01-01\n"
        "4096,,,recurring,,first of May,\n"
    )

    with pytest.raises(ConfigurationError) as refusal:
        read_overrides(file, 1)

    assert [f"line {number}" in str(refusal.value) for number in (2, 3, 4, 5)] == [True] * 4


def test_quality_says_what_share_was_classed_by_which_rule(
    books: Books, ask: Ask, duckdb_database: Database
) -> None:
    customer = books.add_customer()
    books.add_invoice(
        customer, "2025-01-01", [Line(75, "Abonnement", ("2025-01-01", "2025-01-31")), Line(25, "Divers")]
    )
    books.add_invoice(customer, "2025-01-02", [Line(5, "Divers")], draft=True, status="draft")
    ask("select 1")

    build(duckdb_database, as_of=date(2026, 1, 31))

    found = plain(
        duckdb_database.rows("select topic, item, amount_base, share from metrics.quality order by 1, 2")
    )
    assert found == [
        ("left_out", "draft", 6.0, 1.0),
        ("period", "imputation_dates", 75.0, 1.0),
        ("recurrence", "recurring: dates_and_word", 75.0, 0.75),
        ("recurrence", "unknown: none", 25.0, 0.25),
    ]
