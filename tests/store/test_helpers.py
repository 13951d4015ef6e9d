"""What a transaction puts aside, by itself and with helpers."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from pennybridge.errors import StoreError
from pennybridge.store import Database


def test_what_helpers_put_aside_is_read_by_all_of_them_and_then_by_the_transaction(
    database: Database,
) -> None:
    with database.transaction() as transaction:
        transaction.execute("create table pennylane.numbers (n integer)")
        transaction.execute("insert into pennylane.numbers values (1), (2)")
    with database.transaction() as transaction:
        with transaction.helpers() as helpers, ThreadPoolExecutor(1) as other_thread:
            few = helpers[0].put_aside("few", "select n + 10 as n from pennylane.numbers")
            more = other_thread.submit(
                helpers[-1].put_aside,
                "more",
                f"select n from {few} union all select n from pennylane.numbers",
            ).result()
        transaction.execute(f"insert into pennylane.numbers select n + 100 from {more}")
    found = database.rows("select n from pennylane.numbers order by n")
    assert [n for (n,) in found] == [1, 2, 101, 102, 111, 112]


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("by_helper", [False, True])
def test_what_was_put_aside_goes_with_the_transaction(
    database: Database, *, fails: bool, by_helper: bool
) -> None:
    for turn in range(2):  # the second would meet what the first left
        ending = pytest.raises(ZeroDivisionError) if fails else nullcontext()
        with ending, database.transaction() as transaction:
            if by_helper:
                with transaction.helpers() as helpers:
                    name = helpers[-1].put_aside("few", f"select {turn} as n")
            else:
                name = transaction.put_aside("few", f"select {turn} as n")
            assert transaction.rows(f"select n from {name}") == [(turn,)]
            assert 1 // (not fails)
        with pytest.raises(StoreError):
            database.rows(f"select n from {name}")


def test_what_a_transaction_puts_aside_is_its_own(database: Database) -> None:
    with database.transaction() as transaction:
        name = transaction.put_aside("few", "select 1 as n")
        with pytest.raises(StoreError):
            database.rows(f"select n from {name}")
        assert transaction.rows(f"select n from {name}") == [(1,)]
