"""A crawl reads everything once, in as few requests as the list has pages, and goes on where it was."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennybridge.api.pages import Page
from pennybridge.errors import ApiError
from pennybridge.sync.crawl import Crawl

NOW = datetime(2026, 11, 2, tzinfo=UTC)


class PagedList:
    """A list of ids served as Pennylane serves lists: keyset cursors, filters on id, either order."""

    def __init__(self, ids: Sequence[int], limit: int, seconds: float) -> None:
        self.ids = sorted(ids)
        self.limit = limit
        self.seconds = seconds
        self.requests = 0

    def fetch(self, *, filter: list[tuple[str, str, int]], sort: str, cursor: str | None) -> Page:  # noqa: A002
        self.requests += 1
        ids = self.ids if sort == "id" else self.ids[::-1]
        for _, operator, value in filter:
            ids = [id_ for id_ in ids if (id_ > value if operator == "gt" else id_ < value)]
        if cursor:
            ids = [id_ for id_ in ids if (id_ > int(cursor) if sort == "id" else id_ < int(cursor))]
        found, rest = ids[: self.limit], ids[self.limit :]
        records = [msgspec.Raw(msgspec.json.encode({"id": id_})) for id_ in found]
        return Page(records, bool(rest), str(found[-1]) if rest else None, NOW, None, None, self.seconds)


def ids_of(records: Sequence[msgspec.Raw]) -> list[int]:
    return [msgspec.json.decode(record)["id"] for record in records]


@given(
    ids=st.sets(st.integers(1, 5000), max_size=150),
    limit=st.integers(1, 9),
    seconds=st.sampled_from([0.001, 0.3, 0.9, 3.0]),
)
@settings(max_examples=150, deadline=None)
def test_every_record_is_handed_over_exactly_once(ids: set[int], limit: int, seconds: float) -> None:
    served = PagedList(sorted(ids), limit, seconds)
    with ThreadPoolExecutor(8) as pool:
        seen = [id_ for crawled in Crawl(served.fetch, pool).pages() for id_ in ids_of(crawled.records)]

    assert sorted(seen) == sorted(ids)


@given(
    ids=st.sets(st.integers(1, 5000), max_size=150),
    limit=st.integers(1, 9),
    stop_after=st.integers(1, 20),
    seconds=st.sampled_from([0.001, 0.9, 3.0]),
)
@settings(max_examples=100, deadline=None)
def test_a_crawl_goes_on_from_what_was_left(
    ids: set[int], limit: int, stop_after: int, seconds: float
) -> None:
    served = PagedList(sorted(ids), limit, seconds)
    seen: list[int] = []
    with ThreadPoolExecutor(8) as pool:
        crawl = Crawl(served.fetch, pool)
        remaining = crawl.remaining()
        for count, crawled in enumerate(crawl.pages(), start=1):
            seen += ids_of(crawled.records)
            remaining = crawl.remaining()
            if count == stop_after:
                break
        for crawled in Crawl(served.fetch, pool, remaining=remaining).pages() if remaining else ():
            seen += ids_of(crawled.records)

    assert sorted(seen) == sorted(ids)


def test_quick_answers_are_read_by_one_chain_in_the_fewest_requests() -> None:
    served = PagedList(range(1, 1001), 10, seconds=0.005)
    with ThreadPoolExecutor(8) as pool:
        pages = list(Crawl(served.fetch, pool).pages())

    assert len(pages) == served.requests == 100


def test_slow_answers_are_read_by_several_chains_at_the_cost_of_a_page_or_two() -> None:
    served = PagedList(range(1, 1001), 10, seconds=0.3)
    with ThreadPoolExecutor(8) as pool:
        list(Crawl(served.fetch, pool).pages())

    assert served.requests <= 102


def test_a_cursor_that_leads_nowhere_stops_the_crawl() -> None:
    def fetch(**_: object) -> Page:
        return Page([msgspec.Raw(b'{"id":1}')], True, "same", NOW, None)

    with ThreadPoolExecutor(2) as pool, pytest.raises(ApiError, match="leads nowhere new"):
        list(Crawl(fetch, pool).pages())
