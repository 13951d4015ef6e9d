"""A build on PostgreSQL holds up neither those who read its tables nor another build."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from time import monotonic

import psycopg
import pytest

from pennybridge.models import catalog
from pennybridge.models.build import BuildReport, build
from pennybridge.store import Database, open_database
from tests.models.books import READ_AT, Books, Line
from tests.models.generated import chance, write_books
from tests.models.tables import everything

AS_OF = date(2025, 3, 20)


@pytest.fixture
def books() -> Books:
    books = Books()
    write_books(books, chance(7), customers=4)
    return books


def test_readers_see_the_old_tables_until_a_build_ends_and_wait_for_nothing(
    books: Books, postgresql_url: str
) -> None:
    last = list(catalog.checks())[-1]
    with (
        open_database(postgresql_url) as database,
        psycopg.connect(postgresql_url, autocommit=True) as reader,
    ):
        books.land(database)
        build(database, as_of=AS_OF)
        reader.execute("set lock_timeout = '1s'")  # a reader who has to wait is told so by an error
        before = _sizes(reader)
        books.add_invoice(books.add_customer("New"), "2025-01-01", [Line(100)])
        books.land(database, load_id="load-2", read_at=READ_AT + timedelta(hours=1))
        meanwhile = []

        build(
            database,
            as_of=AS_OF,
            whole=True,
            progress=lambda name: meanwhile.append(_sizes(reader)) if name == last else None,
        )

        assert meanwhile == [before]
        assert _sizes(reader)["billing.invoices"] == before["billing.invoices"] + 1


def test_a_snapshot_keeps_the_tables_that_it_began_with(books: Books, postgresql_url: str) -> None:
    """A publication under way must not take the tables of a build that ends meanwhile for emptied ones."""
    impatient = f"{postgresql_url}&options=-c%20lock_timeout%3D5s"  # a build that has to wait fails
    with open_database(impatient) as database:
        books.land(database)
        build(database, as_of=AS_OF)
        with database.snapshot() as snapshot:
            before = snapshot.rows("select * from billing.invoices order by 1, 2")

            build(database, as_of=AS_OF, whole=True)

            assert before
            assert snapshot.rows("select * from billing.invoices order by 1, 2") == before
            assert snapshot.rows("select count(*) from metrics.movements") != [(0,)]


def test_a_build_that_begins_during_another_waits_and_finds_its_work_done(
    books: Books, postgresql_url: str
) -> None:
    others: list[Future[BuildReport]] = []
    with (
        open_database(postgresql_url) as database,
        psycopg.connect(postgresql_url, autocommit=True) as looking,
        ThreadPoolExecutor(1) as pool,
    ):
        books.land(database)

        def begin_another(_: str) -> None:
            if not others:
                others.append(pool.submit(build, database, as_of=AS_OF))
                _wait_until_somebody_waits(looking)

        first = build(database, as_of=AS_OF, progress=begin_another)
        second = others[0].result()

    assert first.is_whole
    assert (second.models, second.checks) == ((), ())


def test_tables_made_by_other_models_or_missing_are_made_anew(books: Books, postgresql_url: str) -> None:
    with open_database(postgresql_url) as database:
        books.land(database)
        build(database, as_of=AS_OF)
        wanted = everything(database)
        with database.transaction() as transaction:
            transaction.execute("drop table metrics.mrr")
        build(database, as_of=AS_OF, whole=True)
        assert everything(database) == wanted
        _say_the_models_were_others(database)

        report = build(database, as_of=AS_OF)

        assert report.is_whole
        assert everything(database) == wanted


def _say_the_models_were_others(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.execute("alter table billing.invoices drop column invoice_number")
        transaction.execute("update build.state set value = 'others' where name = 'models'")


def _sizes(reader: psycopg.Connection[tuple[object, ...]]) -> dict[str, int]:
    kept = [name for name, model in catalog.models().items() if model.is_kept]
    return {
        name: int(str(row[0]))
        for name in kept
        if (row := reader.execute(f"select count(*) from {name}".encode()).fetchone())
    }


def _wait_until_somebody_waits(looking: psycopg.Connection[tuple[object, ...]]) -> None:
    until = monotonic() + 30
    while monotonic() < until:
        if looking.execute("select 1 from pg_locks where not granted").fetchone():
            return
    pytest.fail("The second build did not begin.")
