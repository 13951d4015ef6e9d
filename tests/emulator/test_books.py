"""The books themselves: time, transactions, and companies that cost nothing until somebody looks."""

from datetime import UTC, datetime, timedelta

import pytest

from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.clock import EmulatorClock

MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def books() -> Books:
    """Empty books whose clock stands still."""
    return Books(EmulatorClock(MORNING, frozen=True))


def test_a_company_is_filled_when_it_is_first_touched(books: Books) -> None:
    filled: list[int] = []
    company = books.add_company("A", fill=lambda _, company: filled.append(company.number))

    before = list(filled)
    books.touch(company.id)
    books.touch(company.id)

    assert (before, filled) == ([], [1])


def test_a_company_lives_the_days_since_it_was_last_touched(books: Books) -> None:
    lived: list[tuple[datetime, datetime]] = []
    company = books.add_company("A")
    books.lives.append(lambda _books, _company, since, until: lived.append((since, until)))

    books.touch(company.id)
    books.clock.move(timedelta(hours=1))
    books.touch(company.id)
    books.clock.move(timedelta(days=30))
    books.touch(company.id)

    assert lived == [(MORNING, MORNING + timedelta(days=30, hours=1))]


def test_writes_can_be_of_another_time(books: Books) -> None:
    company = books.add_company("A")

    with books.at(MORNING - timedelta(days=2)):
        product = books.insert("products", company.id, {"label": "A"})

    assert product["created_at"] == "2026-10-31T09:00:00.000000Z"
    assert books.changelog.last_pending(MORNING) is None


def test_a_failure_leaves_nothing_behind(books: Books) -> None:
    company = books.add_company("A")

    def half_done() -> None:
        with books.transaction():
            books.insert("products", company.id, {"label": "A"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    assert books.count("products") == 0
    assert books.settled_at() is None


def test_notes_are_kept_and_never_part_of_the_document(books: Books) -> None:
    company = books.add_company("A")
    product = books.insert("products", company.id, {"label": "A", "_secret": 1})

    (body,) = books.database.execute("select body from products").fetchone()

    assert books.get("products", product["id"]) == product
    assert b"_secret" not in body


def test_no_two_writes_have_the_same_instant(books: Books) -> None:
    """A frozen clock must not make changes indistinguishable."""
    company = books.add_company("A")

    written = [books.insert("products", company.id, {"label": "A"})["updated_at"] for _ in range(5)]

    assert len(set(written)) == 5


def test_unmatching_a_transaction_frees_all_its_invoices(books: Books) -> None:
    """Observed."""
    books.match(1, 9)
    books.match(2, 9)

    assert books.unmatch(9) == [1, 2]
    assert books.unmatch(9) == []


def test_a_company_number_is_found(books: Books) -> None:
    made = books.add_company("A")

    assert books.company(1) is made
    assert books.company(2) is None
    assert isinstance(made, Company)


def test_a_clock_runs_stands_and_jumps() -> None:
    clock = EmulatorClock(MORNING)
    assert MORNING <= clock() < MORNING + timedelta(minutes=1)

    clock.freeze()
    stands = clock()
    clock.move(timedelta(days=1))

    assert clock() == stands + timedelta(days=1)
    clock.run()
    assert clock() >= stands + timedelta(days=1)
    assert not clock.frozen
