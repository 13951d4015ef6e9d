"""What must hold for any books: checks, both engines, any order of builds."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pennybridge.models.build import build, steps
from pennybridge.store import Database, open_database
from tests.models.books import READ_AT, Books, Line
from tests.models.generated import chance, write_books, write_customer
from tests.models.tables import everything, types_of

AS_OF = date(2025, 3, 20)
# A build takes about a second, so chance gets few turns here; the checks of each build look at every row.
CHANCE = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@given(st.integers(0, 10**6), st.integers(-40, 400))
@CHANCE
def test_every_check_holds_for_any_books_on_any_day(
    tmp_path_factory: pytest.TempPathFactory, seed: int, days: int
) -> None:
    """The checks run in the build: MRR rolls forward, aging adds up, lines add up, nothing counts twice."""
    books = Books()
    write_books(books, chance(seed), customers=8)
    with open_database(f"duckdb:///{tmp_path_factory.mktemp('any')}/books.duckdb") as database:
        books.land(database)

        report = build(database, as_of=AS_OF + timedelta(days=days))

    assert len(report.checks) >= 14


@given(st.integers(0, 10**6))
@CHANCE
def test_building_for_changed_customers_alone_gives_what_building_everything_gives(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    random = chance(seed)
    books = Books()
    write_books(books, random, customers=8)
    with open_database(f"duckdb:///{tmp_path_factory.mktemp('parts')}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        customers = [
            row[0] for row in database.rows("select id from pennylane.customers order by id limit 2")
        ]
        for customer in customers:
            write_customer(books, random, customer, [], months=5)
        write_customer(books, random, books.add_customer("New"), [])
        books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))

        in_part = build(database, as_of=AS_OF)
        parts = everything(database)
        build(database, as_of=AS_OF, whole=True)

        assert in_part.is_whole or in_part.customers == 3
        assert everything(database) == parts


_BY_ITSELF = {
    "paid": "update pennylane.customer_invoices set paid = not paid, load_id = :load where id % 2 = 0",
    "label": "update pennylane.customer_invoice_lines set label = 'Abonnement mars 2025', load_id = :load "
    "where id % 3 = 0",
    "bank": "update pennylane.matched_transactions set deleted_at = read_at, load_id = :load "
    "where id % 2 = 0",
    "gone": "update pennylane.customer_invoices set deleted_at = read_at, load_id = :load where id % 5 = 0",
    "draft": "update pennylane.customer_invoices set draft = true, load_id = :load where id % 7 = 0",
    "stopped": "update pennylane.billing_subscriptions set status = 'stopped', load_id = :load",
    "excluded": "insert into pennylane.exclusions (company_id, customer_id, excluded_at) "
    "select company_id, min(id), min(read_at) from pennylane.customers group by company_id",
}
"""One kind of change each; what it does not move is left as it was."""


def test_after_one_kind_of_change_what_is_left_alone_is_what_building_it_would_give(tmp_path: Path) -> None:
    books = Books()
    write_books(books, chance(3), customers=8)
    books.add_subscription(books.add_customer(), [Line(10)])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        for kind, change in _BY_ITSELF.items():
            with database.transaction() as transaction:
                assert transaction.execute(change, load=kind), kind
            in_part = build(database, as_of=AS_OF)
            parts = everything(database)
            build(database, as_of=AS_OF, whole=True)

            assert in_part.models, kind
            assert everything(database) == parts, kind


def test_a_payment_leaves_all_that_is_made_from_lines_alone(tmp_path: Path) -> None:
    books = Books()
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(100, period=("2025-01-01", "2025-01-31"))])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        books.add_transaction(invoice, "2025-02-01", 100)
        books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))

        report = build(database, as_of=AS_OF)

    assert {"billing.invoices", "receivables.aging", "receivables.indicators"} <= set(report.models)
    assert not {"billing.invoice_lines", "metrics.segments", "metrics.mrr", "metrics.quality"} & set(
        report.models
    )


def test_both_engines_give_the_same_tables_cell_by_cell(
    tmp_path: Path, make_postgresql_url: Callable[[str], str]
) -> None:
    tables = []
    for url in (f"duckdb:///{tmp_path}/books.duckdb", make_postgresql_url("with_tables")):
        books = Books(base_currency="EUR")
        write_books(books, chance(20261121), customers=30)
        dollars = Books(company_id=2, base_currency="USD")
        write_books(dollars, chance(4), customers=10)
        with open_database(url) as database:
            books.land(database)
            dollars.land(database)
            build(database, as_of=AS_OF)
            tables.append(
                {name: (rows, types_of(database, name)) for name, rows in everything(database).items()}
            )

    duckdb, postgresql = tables
    for name in duckdb:
        assert duckdb[name] == postgresql[name], name


def test_nothing_is_built_when_nothing_changed(tmp_path: Path) -> None:
    books = Books()
    write_books(books, chance(1), customers=2)
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)

        again = build(database, as_of=AS_OF)

    assert (again.models, again.checks, again.customers) == ((), (), 0)


def test_what_one_model_alone_reads_is_made_with_it_and_progress_counts_what_is_made(tmp_path: Path) -> None:
    books = Books()
    books.add_invoice(books.add_customer(), "2025-01-01", [Line(100)])
    told: list[str] = []
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        report = build(database, as_of=AS_OF, progress=told.append)

    assert "intermediate.line_rules" not in report.models
    assert "intermediate.line_recurrence" in report.models
    assert len(told) == steps()


def test_only_what_a_changed_table_reaches_is_built(tmp_path: Path) -> None:
    """A new name changes what shows names and countries, not MRR."""
    books = Books()
    customer = books.add_customer("Old name")
    books.add_invoice(customer, "2025-01-01", [Line(100, period=("2025-01-01", "2025-01-31"))])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        books.add_customer("New name", id=customer)
        books.land(database, load_id="load-2", read_at=datetime(2026, 11, 20, 9, tzinfo=UTC))

        report = build(database, as_of=AS_OF)

        assert set(report.models) == {
            "billing.customers",
            "metrics.mrr_by_country",
            "metrics.customer_status",
        }
        assert database.rows("select name from billing.customers") == [("New name",)]


def test_what_went_to_another_customer_leaves_the_one_it_belonged_to(tmp_path: Path) -> None:
    """An invoice, a draft and a subscription are found where they were before, and taken away there."""
    books = Books()
    before, after = books.add_customer("Before"), books.add_customer("After")
    invoice = books.add_invoice(before, "2025-01-01", [Line(100)])
    draft = books.add_invoice(before, "2025-01-02", [Line(50)], draft=True)
    subscription = books.add_subscription(before, [Line(10)])
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        books.add_invoice(after, "2025-01-01", [Line(100)], id=invoice)
        books.add_invoice(after, "2025-01-02", [Line(50)], id=draft, draft=True)
        books.add_subscription(after, [], id=subscription)
        books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))

        report = build(database, as_of=AS_OF)
        parts = everything(database)
        build(database, as_of=AS_OF, whole=True)

        assert (report.is_whole, report.customers) == (False, 2)
        assert everything(database) == parts
        for table in ("billing.invoices", "billing.documents_left_out", "billing.subscriptions"):
            assert set(database.rows(f"select customer_id from {table}")) == {(str(after),)}, table


def test_a_customer_of_whom_only_payments_were_read_is_counted_once(tmp_path: Path) -> None:
    """A sync that reads nothing but details is common while a large company's are caught up."""
    books = Books()
    customer = books.add_customer()
    invoices = [books.add_invoice(customer, f"2025-0{month}-01", [Line(100)]) for month in (1, 2, 3)]
    with open_database(f"duckdb:///{tmp_path}/books.duckdb") as database:
        books.land(database)
        build(database, as_of=AS_OF)
        for invoice in invoices:
            books.add_transaction(invoice, "2025-03-10", 10)
        books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))

        report = build(database, as_of=AS_OF)
        parts = everything(database)
        build(database, as_of=AS_OF, whole=True)

        assert (report.is_whole, report.customers) == (False, 1)
        assert everything(database) == parts


def test_what_comes_to_recur_makes_everything_again_after_new_texts_were_read(database: Database) -> None:
    """A build begins with the customer who changed, and has read the text by the time it finds out."""
    books = Books()
    product = books.add_product("Pro")
    silent, *telling = (books.add_customer(name) for name in ("Silent", "One", "Two", "Three"))
    books.add_invoice(silent, "2025-01-05", [Line(100, "Formule Pro", product=product)])
    months = ("Abonnement Pro, janvier", "Abonnement Pro, le premier", "Abonnement Pro, le nouveau")
    sales = [Line(100, text, period=("2025-01-01", "2025-01-31"), product=product) for text in months]
    for customer, sale in zip(telling[:2], sales, strict=False):
        books.add_invoice(customer, "2025-01-05", [sale])
    books.land(database)
    build(database, as_of=AS_OF)
    first = database.rows("select price_id from intermediate.recurring_products")
    books.add_invoice(telling[2], "2025-01-05", [sales[2]])
    books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))

    report = build(database, as_of=AS_OF)
    tables = everything(database)
    build(database, as_of=AS_OF, whole=True)

    assert not first
    assert database.rows("select price_id from intermediate.recurring_products")
    assert (report.is_whole, report.customers) == (True, 4)
    assert database.rows("select 1 from intermediate.label_readings where line_text like '%le nouveau%'")
    assert everything(database) == tables


def test_a_subscription_with_a_new_text_is_there_once(database: Database) -> None:
    """Its rows are made while the text is still to be added to those that were read before."""
    books = Books()
    customer = books.add_customer()
    books.add_subscription(customer, [Line(10, "Abonnement Pro")])
    books.land(database)
    build(database, as_of=AS_OF)
    books.add_subscription(customer, [Line(20, "Abonnement Sérénité")])
    books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))

    report = build(database, as_of=AS_OF)
    tables = everything(database)
    build(database, as_of=AS_OF, whole=True)

    assert (report.is_whole, report.customers) == (False, 1)
    assert len(tables["billing.subscriptions"]) == 2
    assert everything(database) == tables
