"""Customers that a company leaves out: kept in `pennylane.exclusions`, read by the sync and by the models.

New and changed documents of an excluded customer are not written; what was there stays. Undoing an exclusion
makes the next sync catch up.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pennybridge.errors import ConfigurationError
from pennybridge.store import Database, Transaction


@dataclass(frozen=True)
class Customer:
    """What it takes to recognise a customer."""

    id: int
    name: str
    external_reference: str | None


_FIND = """
    select id, name, external_reference
    from pennylane.customers
    where company_id = :company_id
      and (cast(id as text) = :text or external_reference = :text or lower(name) = lower(:text))
    order by id
"""

_EXCLUDE = """
    insert into pennylane.exclusions (company_id, customer_id, excluded_at, reason)
    values (:company_id, :customer_id, :excluded_at, :reason)
    on conflict (company_id, customer_id) do nothing
"""

_INCLUDE = "delete from pennylane.exclusions where company_id = :company_id and customer_id = :customer_id"

# The next sync reads the customer's invoices and quotes again, whatever the changelog says.
_CATCH_UP = """
    insert into pennylane.details (company_id, resource, parent_id, basis)
    values (:company_id, 'customer_documents', :customer_id, 'included again'),
        (:company_id, 'customer_quotes', :customer_id, 'included again')
    on conflict (company_id, resource, parent_id) do nothing
"""


def find_customer(database: Database | Transaction, company_id: int, text: str) -> Customer:
    """The customer meant by a Pennylane id, an external reference or a name, tried in this order.

    Raises:
        ConfigurationError: None is meant, or more than one.
    """
    found = [Customer(*row) for row in database.rows(_FIND, company_id=company_id, text=text.strip())]
    for matches in (
        [customer for customer in found if str(customer.id) == text.strip()],
        [customer for customer in found if customer.external_reference == text.strip()],
        found,
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(str(customer.id) for customer in matches)
            raise ConfigurationError(
                "Several customers are called {text!r}: use one of the ids {ids}.", text=text, ids=ids
            )
    raise ConfigurationError(
        f"No customer has {text!r} as its id, external reference or name. Nothing was changed. "
        "`pennybridge customers list` shows those there are."
    )


def excluded_customers(database: Database, company_id: int) -> frozenset[int]:
    """The ids of the customers that the company leaves out."""
    rows = database.rows(
        "select customer_id from pennylane.exclusions where company_id = :company_id", company_id=company_id
    )
    return frozenset(int(customer_id) for (customer_id,) in rows)


def exclude(
    database: Database,
    company_id: int,
    customer_ids: Collection[int],
    *,
    at: datetime,
    reason: str | None = None,
) -> int:
    """Leave customers out of the syncs from now on; the number that were not left out before."""
    with database.transaction() as transaction:
        return sum(
            transaction.execute(
                _EXCLUDE, company_id=company_id, customer_id=customer_id, excluded_at=at, reason=reason
            )
            for customer_id in customer_ids
        )


def include(database: Database, company_id: int, customer_ids: Collection[int]) -> int:
    """Take customers into the syncs again; the number that had been left out."""
    undone = 0
    with database.transaction() as transaction:
        for customer_id in customer_ids:
            whose = {"company_id": company_id, "customer_id": customer_id}
            if transaction.execute(_INCLUDE, **whose):
                transaction.execute(_CATCH_UP, **whose)
                undone += 1
    return undone
