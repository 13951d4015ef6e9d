"""Keeps several requests under way, so that latencies overlap; the limiter sets the pace."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

REQUESTS_AHEAD = 8


def fetch_ahead(
    pool: Executor, fetch: Callable[[Item], Answer], items: Iterable[Item]
) -> Iterator[tuple[Item, Answer]]:
    """Each item with its answer, as answers come; items are taken as places become free."""
    todo = iter(items)
    running: dict[Future[Answer], Item] = {}
    for item in islice(todo, REQUESTS_AHEAD):
        running[pool.submit(fetch, item)] = item
    try:
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                item = running.pop(future)
                for following in islice(todo, 1):
                    running[pool.submit(fetch, following)] = following
                yield item, future.result()
    finally:
        for future in running:
            future.cancel()
