"""Finds the invoices that carry categories: changing them was observed to give no change (October 2026).

The list of invoices can be filtered by category, so one walk over the categorized ones replaces a request
per invoice.
"""

from datetime import timedelta
from functools import partial

import msgspec

from pennybridge.api.pages import Page
from pennybridge.sync import details
from pennybridge.sync.bookmarks import Bookmark, read_bookmarks
from pennybridge.sync.crawl import Crawl
from pennybridge.sync.load import Load, SyncRun

FIND_EVERY = timedelta(hours=24)
CATEGORIES_PER_REQUEST = 100


class _Identified(msgspec.Struct):
    id: int


_decode_id = msgspec.json.Decoder(_Identified).decode


def find(load: Load) -> None:
    """Once a day, want the categories of all invoices that have some; costs a request per 100 of them."""
    run = load.run
    bookmark = read_bookmarks(run.database, run.company_id).get(load.resource)
    bookmark = bookmark or Bookmark(run.company_id, load.resource)
    if bookmark.checked_at and run.clock() - bookmark.checked_at < FIND_EVERY:
        return
    invoices: set[int] = set()
    categories = _categories(run)
    for at in range(0, len(categories), CATEGORIES_PER_REQUEST):
        chosen = categories[at : at + CATEGORIES_PER_REQUEST]
        walk = Crawl(partial(_page, load), run.pool, where=[("category_id", "in", chosen)])
        for crawled in walk.pages():
            invoices.update(_decode_id(record).id for record in crawled.records)
    with run.writing() as transaction:
        details.want_categories(transaction, run.company_id, invoices, basis=load.load_id)
        load.finish(transaction, bookmark)


def _categories(run: SyncRun) -> list[int]:
    rows = run.database.rows(
        "select id from pennylane.categories where company_id = :company_id and deleted_at is null",
        company_id=run.company_id,
    )
    return sorted(id_ for (id_,) in rows)


def _page(load: Load, **how: object) -> Page:
    load.count_request()
    return load.run.client.page("customer_invoices", **how)  # type: ignore[arg-type]
