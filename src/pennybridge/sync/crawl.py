"""Reads a whole list in as few requests as it has pages, from several places at once when answers are slow.

A list is walked in order of id. One chain of pages hides no latency, so when answers take long a second
chain walks down from the top, and ranges between chains are split; each extra chain costs at most one page
read twice.
What is left to read is a list of id ranges, which survives a kill: the crawl goes on from there.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field

import msgspec

from pennybridge.api.filters import Filter
from pennybridge.api.pages import Cursors, Page

FetchPage = Callable[..., Page]
"""Called with `filter`, `sort` and `cursor`; gives one page."""

PAGES_BEFORE_SPREADING = 3
"""A list that ends within so many pages is not worth a second chain."""
REQUESTS_PER_SECOND = 5
"""What the rate limit allows: more chains than that times the latency would only wait for each other."""
MOST_CHAINS = 8


class _Identified(msgspec.Struct):
    id: int


_decode_id = msgspec.json.Decoder(_Identified).decode


@dataclass(eq=False)
class Span:
    """A range of ids still to be read: above `low`, below `high` (None: up to the newest)."""

    low: int
    high: int | None
    climbing: bool = False
    descending: bool = False

    @property
    def is_read(self) -> bool:
        """Whether nothing can be left between the bounds."""
        return self.high is not None and self.high - self.low <= 1


@dataclass(eq=False)
class _Chain:
    span: Span
    ascending: bool
    filter: list[Filter]
    cursor: str | None = None
    cursors: Cursors = field(default_factory=Cursors)


@dataclass(frozen=True)
class CrawledPage:
    """One page, with the records on it that no other chain has read."""

    page: Page
    records: Sequence[msgspec.Raw]


class Crawl:
    """One walk over a list; iterate `pages()` and save `remaining()` with each batch of pages committed."""

    def __init__(
        self,
        fetch: FetchPage,
        pool: Executor,
        *,
        remaining: Sequence[tuple[int, int | None]] = ((0, None),),
        where: Sequence[Filter] = (),
        others: Callable[[], int] = lambda: 0,
    ) -> None:
        """Nothing is asked yet.

        Args:
            fetch: Reads one page.
            pool: Carries the requests.
            remaining: What is left to read; everything unless told otherwise.
            where: Filters that every page is asked with.
            others: How many other crawls are using up the rate limit at this moment.
        """
        self._others = others
        self._fetch = fetch
        self._pool = pool
        self._where = list(where)
        self._spans = [Span(low, high) for low, high in remaining]
        self._running: dict[Future[tuple[Page, float]], _Chain] = {}
        self._pages = 0
        self._latency = 0.0

    def remaining(self) -> list[tuple[int, int | None]]:
        """The ranges of ids not yet handed over by `pages()`."""
        return [(span.low, span.high) for span in self._spans]

    def pages(self) -> Iterator[CrawledPage]:
        """Every page once, in the order in which answers come; `remaining()` is exact at each yield.

        Raises:
            ApiError: A request failed for good; pages handed over before stay valid.
        """
        for span in list(self._spans):
            self._start(span, ascending=True)
        try:
            while self._running:
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in done:
                    page, seconds = future.result()
                    yield self._advance(self._running.pop(future), page, seconds)
        finally:
            for future in self._running:
                future.cancel()

    def _start(self, span: Span, *, ascending: bool) -> None:
        bounds: list[Filter] = []
        if span.low:
            bounds.append(("id", "gt", span.low))
        if span.high is not None:
            bounds.append(("id", "lt", span.high))
        if ascending:
            span.climbing = True
        else:
            span.descending = True
        self._submit(_Chain(span, ascending, [*self._where, *bounds]))

    def _submit(self, chain: _Chain) -> None:
        self._running[self._pool.submit(self._read, chain)] = chain

    def _read(self, chain: _Chain) -> tuple[Page, float]:
        page = self._fetch(filter=chain.filter, sort="id" if chain.ascending else "-id", cursor=chain.cursor)
        return page, page.seconds

    def _advance(self, chain: _Chain, page: Page, seconds: float) -> CrawledPage:
        self._pages += 1
        self._latency = seconds if self._pages == 1 else 0.7 * self._latency + 0.3 * seconds
        records = self._take(chain, page)
        if chain.span not in self._spans:  # the chain from the other end has read the rest
            return CrawledPage(page, records)
        if page.has_more and not chain.span.is_read:
            chain.cursor = chain.cursors.after(page)
            self._submit(chain)
            self._spread()
        else:
            self._spans.remove(chain.span)
        return CrawledPage(page, records)

    def _take(self, chain: _Chain, page: Page) -> Sequence[msgspec.Raw]:
        """Move the bounds of the chain's span over the page; give the records that were still inside them."""
        span = chain.span
        ids = [_decode_id(record).id for record in page.items]
        top = math.inf if span.high is None else span.high
        inside = [span.low < id_ < top for id_ in ids]
        if ids and chain.ascending:
            reached = ids[-1] if span.high is None else min(ids[-1], span.high - 1)
            span.low = max(span.low, reached)
        elif ids:
            span.high = max(ids[-1], span.low + 1)
        if all(inside):
            return page.items
        return [record for record, is_inside in zip(page.items, inside, strict=True) if is_inside]

    def _spread(self) -> None:
        """Add a chain if answers are so slow that those running cannot use up the rate limit."""
        if self._pages < PAGES_BEFORE_SPREADING:
            return
        wanted = min(MOST_CHAINS, math.ceil(self._latency * REQUESTS_PER_SECOND))
        if len(self._running) + self._others() >= wanted:
            return
        span = max(self._spans, key=lambda span: math.inf if span.high is None else span.high - span.low)
        if not span.descending:
            self._start(span, ascending=False)
        elif span.high is not None and span.high - span.low > 2:
            self._split(span, span.high)

    def _split(self, span: Span, high: int) -> None:
        """Give the upper half to a new span with a chain that climbs; the descending chain goes with it."""
        middle = (span.low + high) // 2
        upper = Span(middle, high, descending=True)
        for chain in self._running.values():
            if chain.span is span and not chain.ascending:
                chain.span = upper
        span.high, span.descending = middle + 1, False
        self._spans.append(upper)
        self._start(upper, ascending=True)
