"""However reads and deletions are mixed and delayed, the tables end as the newest read says."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pennybridge.store import Database, Transaction
from pennybridge.store.batches import batch_from_records
from pennybridge.store.landing import CONTACTS

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)
IDS = range(1, 5)
PARENT = 100


@dataclass(frozen=True)
class Page:
    """A page of the parent's contacts: ids and their names."""

    names: dict[int, str]

    def write(self, transaction: Transaction, at: datetime) -> None:
        contacts = [{"id": number, "first_name": name} for number, name in self.names.items()]
        records = [json.dumps(contact).encode() for contact in contacts]
        batch = batch_from_records(CONTACTS, 1, records, at, PARENT)
        transaction.upsert(CONTACTS, batch, f"load {at:%M}")


@dataclass(frozen=True)
class Gone:
    """Ids that the changelog says were deleted."""

    ids: frozenset[int]

    def write(self, transaction: Transaction, at: datetime) -> None:
        transaction.mark_deleted(CONTACTS, 1, sorted(self.ids), at, f"load {at:%M}")


@dataclass(frozen=True)
class Whole:
    """The parent's whole list: what it does not hold is gone."""

    page: Page

    def write(self, transaction: Transaction, at: datetime) -> None:
        self.page.write(transaction, at)
        transaction.mark_children_absent_deleted(CONTACTS, 1, [PARENT], at, f"load {at:%M}")


Read = Page | Gone | Whole
pages = st.dictionaries(st.sampled_from(IDS), st.sampled_from(["Ada", "Bo"])).map(Page)
reads = st.one_of(pages, st.frozensets(st.sampled_from(IDS)).map(Gone), pages.map(Whole))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Read], list[int]]:
    """Reads in the order in which they were made, and the order of their writing, some of them twice."""
    made = draw(st.lists(reads, max_size=7))
    twice = draw(st.lists(st.sampled_from(range(len(made))), max_size=2)) if made else []
    return made, draw(st.permutations([*range(len(made)), *twice]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_the_newest_read_decides_in_whatever_order_reads_are_written(
    database: Database, history: tuple[list[Read], list[int]]
) -> None:
    made, order = history
    with database.transaction() as transaction:
        transaction.execute("delete from pennylane.contacts")
        Page(dict.fromkeys(IDS, "Ada")).write(transaction, NOON)
    for place in order:
        with database.transaction() as transaction:
            made[place].write(transaction, NOON + timedelta(minutes=1 + place))
    found = database.rows("select id, first_name, deleted_at is not null from pennylane.contacts order by id")
    assert [number for number, _, _ in found] == list(IDS)
    for number, name, gone in found:
        newest = newest_name(made, number)
        assert gone == (newest is None)
        assert name == newest if newest else name in {"Ada", "Bo"}


def newest_name(made: list[Read], number: int) -> str | None:
    """The name in the newest read that speaks of this id; None when that read says it is gone."""
    for read in reversed(made):
        page = read.page if isinstance(read, Whole) else read
        if isinstance(page, Page) and number in page.names:
            return page.names[number]
        if isinstance(read, Whole) or (isinstance(page, Gone) and number in page.ids):
            return None
    return "Ada"
