"""Brings back what was not written while a customer was excluded."""

from functools import partial

from pennybridge.sync.crawl import Crawl
from pennybridge.sync.load import PAGES_PER_COMMIT, Load, ReadPage

CUSTOMERS_PER_REQUEST = 100
WORK = {"customer_invoices": "customer_documents", "quotes": "customer_quotes"}
"""What lifting an exclusion leaves on the work list, for each resource that follows a changelog."""


def load_included_again(load: Load) -> None:
    """Read the documents of customers whose exclusion was lifted since the last sync.

    Lifting an exclusion leaves a row per kind of document on the work list (see `WORK`); it is done when the
    documents are written.
    """
    run = load.run
    rows = run.database.rows(
        """
        select parent_id from pennylane.details
        where company_id = :company_id and resource = :work order by parent_id
        """,
        company_id=run.company_id,
        work=WORK[load.resource],
    )
    customers = [id_ for (id_,) in rows if id_ not in run.excluded]
    for at in range(0, len(customers), CUSTOMERS_PER_REQUEST):
        _load(load, customers[at : at + CUSTOMERS_PER_REQUEST])


def _load(load: Load, customers: list[int]) -> None:
    include = "invoice_lines" if load.resource == "customer_invoices" else None
    walk = Crawl(
        partial(load.page, include=include),
        load.run.pool,
        where=[("customer_id", "in", customers)],
    )
    waiting: list[ReadPage] = []
    for crawled in walk.pages():
        waiting.append(ReadPage.of(crawled.page, crawled.records))
        if len(waiting) >= PAGES_PER_COMMIT:
            load.commit(waiting)
            waiting.clear()
    with load.run.writing() as transaction:
        load.write(transaction, waiting)
        for customer_id in customers:
            transaction.execute(
                """
                delete from pennylane.details
                where company_id = :company_id and resource = :work and parent_id = :customer_id
                """,
                company_id=load.run.company_id,
                work=WORK[load.resource],
                customer_id=customer_id,
            )
