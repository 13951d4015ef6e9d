"""What the books said on a day, what was published, and what a mistake costs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pennybridge.errors import ModelError
from pennybridge.models import catalog
from pennybridge.models.build import build
from pennybridge.models.catalog import Check
from pennybridge.models.graph import reads
from pennybridge.store import Database
from tests.models.books import READ_AT, Books, Line
from tests.models.conftest import plain
from tests.models.tables import everything
from tests.models.test_mrr import MRR, monthly

Ask = Callable[..., list[tuple[Any, ...]]]
RESTATED = """
    select figure, cast(period_end as text), published_value, current_value, difference
    from metrics.restatements order by 1, 2"""


def test_a_build_as_of_a_past_day_says_what_the_books_said_then(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 100, "2025-02-01": 100, "2025-03-01": 300})

    assert ask(MRR, as_of="2025-02-10") == [("2025-01-01", 100.0), ("2025-02-01", 100.0)]
    assert ask(MRR, as_of="2025-03-31")[-1] == ("2025-03-01", 300.0)
    assert ask("select count(*) from billing.invoices", as_of="2025-02-10") == [(2,)]


def test_a_day_built_again_after_others_gives_the_same_tables(
    books: Books, ask: Ask, duckdb_database: Database
) -> None:
    monthly(books, books.add_customer(), {"2025-01-01": 100, "2025-02-01": 90})
    ask("select 1", as_of="2025-02-28")
    before = everything(duckdb_database)
    ask("select 1", as_of="2025-03-31")

    ask("select 1", as_of="2025-02-28")

    after = everything(duckdb_database)
    for name in ("metrics.published_figures", "metrics.restatements"):  # these remember what was published
        before.pop(name), after.pop(name)
    assert after == before


def test_a_published_month_that_changes_shows_as_a_restatement(
    books: Books, ask: Ask, duckdb_database: Database
) -> None:
    """January was published at 100; an invoice of January, found in March, makes it 150."""
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 100, "2025-02-01": 100})
    assert ask(RESTATED, as_of="2025-02-28") == []
    monthly(books, customer, {"2025-01-01": 50}, "Abonnement Plus")
    books.land(duckdb_database, load_id="load-2")

    restated = ask(RESTATED, as_of="2025-03-01")

    assert restated == [
        ("contraction_mrr", "2025-02-28", 0.0, -50.0, -50.0),
        ("mrr", "2025-01-31", 100.0, 150.0, 50.0),
        ("new_mrr", "2025-01-31", 100.0, 150.0, 50.0),
        ("open_amount", "2025-01-31", 120.0, 180.0, 60.0),
        ("open_amount", "2025-02-28", 240.0, 300.0, 60.0),
        ("overdue_amount", "2025-02-28", 120.0, 180.0, 60.0),
        ("revenue", "2025-01-31", 100.0, 150.0, 50.0),
    ]


def test_less_than_a_cent_is_no_restatement(books: Books, ask: Ask, duckdb_database: Database) -> None:
    """As the four decimals of MRR leave it when a rule is made finer."""
    monthly(books, books.add_customer(), {"2025-01-01": 100, "2025-02-01": 100})
    ask("select 1", as_of="2025-02-28")
    with duckdb_database.transaction() as transaction:
        transaction.execute(
            "update metrics.published_figures "
            "set value = value + case figure when 'mrr' then 0.0099 else 0.01 end "
            "where month_index = 2025 * 12 + 1 and figure in ('mrr', 'revenue')"
        )

    restated = ask(RESTATED, as_of="2025-03-01")

    assert restated == [("revenue", "2025-01-31", 100.01, 100.0, -0.01)]


def test_a_published_figure_that_is_gone_altogether_is_restated_to_nothing(
    books: Books, ask: Ask, duckdb_database: Database
) -> None:
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(100, period=("2025-01-01", "2025-01-31"))])
    assert ask(RESTATED, as_of="2025-02-28") == []
    deleted = datetime(2025, 3, 1, tzinfo=UTC)
    books.add_invoice(customer, "2025-01-01", [Line(100)], id=invoice, deleted_at=deleted)
    books.land(duckdb_database, load_id="load-2")

    restated = {(figure, day): value for figure, day, _, value, _ in ask(RESTATED, as_of="2025-03-01")}

    assert restated[("mrr", "2025-01-31")] == restated[("revenue", "2025-01-31")] == 0.0
    assert restated[("churn_mrr", "2025-02-28")] == restated[("overdue_amount", "2025-02-28")] == 0.0


def test_a_failed_check_names_itself_and_its_rows_and_changes_nothing(
    books: Books, ask: Ask, duckdb_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = books.add_customer()
    monthly(books, customer, {"2025-01-01": 100})
    ask("select 1", as_of="2025-01-31")
    before = everything(duckdb_database)
    monthly(books, customer, {"2025-02-01": 100})
    books.land(duckdb_database, load_id="load-2")
    sql = "select company_id, mrr_base from metrics.mrr where mrr_base > 99"
    wrong = Check("mrr_is_small", "MRR is too large.", "all", sql)
    monkeypatch.setattr(catalog, "checks", lambda: {"mrr_is_small": wrong})

    with pytest.raises(ModelError, match=r"mrr_is_small.*MRR is too large.*mrr_base.*as it was") as failure:
        build(duckdb_database, as_of=date(2025, 2, 28))

    assert failure.value.model == "mrr_is_small"
    assert 0 < len(failure.value.rows) <= 5
    assert everything(duckdb_database) == before


def test_a_model_that_fails_is_named(books: Books, duckdb_database: Database) -> None:
    """A landing column gone is the commonest way."""
    books.add_customer()
    books.land(duckdb_database)
    with duckdb_database.transaction() as transaction:
        transaction.execute("alter table pennylane.products drop column unit")

    with pytest.raises(ModelError, match=r"staging\.products.*unit") as failure:
        build(duckdb_database, as_of=date(2025, 1, 31))

    assert failure.value.model == "staging.products"


@pytest.fixture
def paid_since(books: Books, database: Database) -> Database:
    """Built books of which a payment has come since: the next build makes one customer's rows."""
    customer = books.add_customer()
    invoice = books.add_invoice(customer, "2025-01-01", [Line(100)])
    books.land(database)
    build(database, as_of=date(2025, 1, 31))
    books.add_transaction(invoice, "2025-01-20", 10)
    books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))
    return database


def test_a_model_that_fails_for_changed_customers_is_named_and_changes_nothing(paid_since: Database) -> None:
    with paid_since.transaction() as transaction:
        transaction.execute("drop table metrics.periods")

    with pytest.raises(ModelError, match=r"(?s)The model .* failed: .*as it was before") as failure:
        build(paid_since, as_of=date(2025, 1, 31))

    assert "metrics.periods" in reads(catalog.models()[failure.value.model])
    assert not paid_since.rows("select 1 from billing.payments")
    assert build(paid_since, as_of=date(2025, 1, 31), whole=True).customers == 1
    assert paid_since.rows("select 1 from billing.payments")


def test_a_check_of_changed_customers_looks_at_what_stays_of_their_rows(paid_since: Database) -> None:
    with paid_since.transaction() as transaction:
        transaction.execute("update billing.invoice_lines set amount_excluding_tax_after_discount_base = 77")
    before = everything(paid_since)

    with pytest.raises(ModelError, match=r"lines_add_up_to_invoices.*77.*as it was before") as failure:
        build(paid_since, as_of=date(2025, 1, 31))

    assert failure.value.model == "lines_add_up_to_invoices"
    assert everything(paid_since) == before


def test_companies_do_not_mix(books: Books, ask: Ask, duckdb_database: Database) -> None:
    """The same ids in two companies are two customers."""
    other = Books(company_id=2)
    for one in (books, other):
        one._last_id = -one.company_id * 10**10
        monthly(one, one.add_customer(), {"2025-01-01": 100 * one.company_id})
    other.land(duckdb_database)

    ask("select 1", as_of="2025-01-31")

    found = plain(
        duckdb_database.rows(
            "select company_id, mrr_base, customers from metrics.mrr where granularity = 'month' order by 1"
        )
    )
    assert found == [(1, 100.0, 1), (2, 200.0, 1)]


def test_currency_moves_show_apart_from_what_customers_did(books: Books, ask: Ask) -> None:
    """100 dollars a month at 0.90, 0.95, then 120 dollars at 1.00."""
    customer = books.add_customer()
    for first, last, dollars, rate in (
        ("2025-01-01", "2025-01-31", 100, "0.90"),
        ("2025-02-01", "2025-02-28", 100, "0.95"),
        ("2025-03-01", "2025-03-31", 120, "1.00"),
    ):
        books.add_invoice(customer, first, [Line(dollars, period=(first, last))], currency="USD", rate=rate)

    rows = ask(
        "select movement, movement_base, currency_effect_base, end_mrr_base from metrics.movements "
        "where granularity = 'month' order by period_index",
        as_of="2025-03-31",
    )

    assert rows == [
        ("new", 90.0, 0.0, 90.0),
        ("currency", 0.0, 5.0, 95.0),
        ("expansion", 20.0, 5.0, 120.0),
    ]


def test_a_base_other_than_the_euro_takes_the_fixing_of_the_day_or_the_last_before(
    duckdb_database: Database,
) -> None:
    """29 March 2024 is Good Friday; the fixing of the 28th was 1.0811 dollars."""
    books = Books(base_currency="USD")
    books.add_invoice(books.add_customer(), "2024-03-29", [Line(1000)])
    books.land(duckdb_database)

    build(duckdb_database, as_of=date(2024, 3, 31))

    found = duckdb_database.rows("select total_excl_tax_base, base_rate, rate_source from billing.invoices")
    assert plain(found) == [(1081.1, 1.0811, "ecb")]


def test_a_discount_of_the_invoice_falls_on_its_lines_to_the_cent(books: Books, ask: Ask) -> None:
    """100 less 10 on lines of 50, 30 and 20: five, three and two; an odd cent goes to the largest rest."""
    for lines, discount in (((50, 30, 20), 10), (("33.34", "33.33", "33.33"), "9.99")):
        books.add_invoice(
            books.add_customer(), "2025-01-01", [Line(amount) for amount in lines], discount=discount
        )

    rows = ask(
        "select amount_excluding_tax_after_discount, invoice_discount_amount from billing.invoice_lines "
        "order by original_id"
    )

    assert rows == [(45.0, 5.0), (27.0, 3.0), (18.0, 2.0), (30.01, 3.33), (30.0, 3.33), (30.0, 3.33)]
