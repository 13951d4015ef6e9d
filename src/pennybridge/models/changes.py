"""What changed since the last build: which landing tables, and whose customers' rows have to be made again.

Landing rows carry the load that last changed them. A build remembers the loads it has seen finished; a row of
any other load is new to it. A load still running is never remembered, so its later pages are not missed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pennybridge.store import Transaction

_CUSTOMERS_OF = {
    "customers": """
        select company_id, id as customer_id from pennylane.customers as rows where {new}""",
    "customer_invoices": """
        select company_id, coalesce(customer_id, 0) as customer_id
        from pennylane.customer_invoices as rows where {new}
        union
        select invoices.company_id, cast(invoices.customer_id as bigint) as customer_id
        from billing.invoices as invoices
        join pennylane.customer_invoices as rows
            on rows.company_id = invoices.company_id and rows.id = cast(invoices.original_id as bigint)
        where {new}""",
    "customer_invoice_lines": "{of_invoice}",
    "payments": "{of_invoice}",
    "matched_transactions": "{of_invoice}",
    "billing_subscriptions": """
        select company_id, coalesce(customer_id, 0) as customer_id
        from pennylane.billing_subscriptions as rows where {new}""",
    "billing_subscription_lines": """
        select rows.company_id, coalesce(parents.customer_id, 0) as customer_id
        from pennylane.billing_subscription_lines as rows
        join pennylane.billing_subscriptions as parents
            on parents.company_id = rows.company_id and parents.id = rows.billing_subscription_id
        where {new}""",
}
_OF_INVOICE = """
    select rows.company_id, coalesce(invoices.customer_id, 0) as customer_id
    from pennylane.{table} as rows
    join pennylane.customer_invoices as invoices
        on invoices.company_id = rows.company_id and invoices.id = rows.customer_invoice_id
    where {new}"""
_NEW = "rows.load_id not in (select load_id from build.seen_loads)"
_EXCLUSIONS_MOVED = """
    select customers.company_id, cast(customers.original_id as bigint) as customer_id
    from billing.customers as customers
    left join pennylane.exclusions as exclusions
        on exclusions.company_id = customers.company_id
        and exclusions.customer_id = cast(customers.original_id as bigint)
    where customers.excluded <> (exclusions.customer_id is not null)"""
_EVERYONE = """
    select company_id, id as customer_id from pennylane.customers
    union select company_id, coalesce(customer_id, 0) from pennylane.customer_invoices
    union select company_id, coalesce(customer_id, 0) from pennylane.billing_subscriptions"""
_INTO_SCOPE = (
    "insert into build.scope select company_id, cast(customer_id as text), customer_id from ({}) as found"
)

WATCHED = (*_CUSTOMERS_OF, "products", "companies", "exclusions")
"""The landing tables that models read."""


@dataclass(frozen=True)
class Basis:
    """What a whole build rests on beside the landing tables; any difference means that all is made again."""

    as_of: date
    models_digest: str
    settings_digest: str

    def as_rows(self) -> dict[str, str]:
        """As remembered in `build.state`."""
        return {
            "as_of": self.as_of.isoformat(),
            "models": self.models_digest,
            "settings": self.settings_digest,
        }


def is_whole_build_due(transaction: Transaction, basis: Basis) -> bool:
    """Whether the last build rested on something else, or there was none."""
    known = dict(transaction.rows("select name, value from build.state"))
    return known != basis.as_rows()


def changed_tables(transaction: Transaction) -> set[str]:
    """The landing tables with rows that the last build had not seen."""
    changed = {
        table
        for table in (*_CUSTOMERS_OF, "products")
        if transaction.rows(f"select 1 from pennylane.{table} as rows where {_NEW} limit 1")  # noqa: S608 — names of ours
    }
    if transaction.rows(f"{_EXCLUSIONS_MOVED} limit 1"):
        changed.add("exclusions")
    return changed


def scope_everyone(transaction: Transaction) -> int:
    """Put every customer in `build.scope`; their number."""
    transaction.execute("delete from build.scope")
    return transaction.execute(_INTO_SCOPE.format(_EVERYONE))


def scope_changed(transaction: Transaction, tables: Iterable[str]) -> int:
    """Put the customers whose rows changed in `build.scope`; their number."""
    parts = [_customers_of(table) for table in tables if table in _CUSTOMERS_OF or table == "exclusions"]
    transaction.execute("delete from build.scope")
    if not parts:
        return 0
    return transaction.execute(_INTO_SCOPE.format(" union ".join(parts)))


def remember(transaction: Transaction, basis: Basis) -> None:
    """Note what this build has seen, for the next one."""
    transaction.execute("delete from build.state")
    for name, value in basis.as_rows().items():
        transaction.execute("insert into build.state values (:name, :value)", name=name, value=value)
    loads = " union ".join(
        f"select load_id from pennylane.{table}"  # noqa: S608 — names of ours
        for table in (*_CUSTOMERS_OF, "products")
    )
    transaction.execute("delete from build.seen_loads")
    transaction.execute(
        f"insert into build.seen_loads select load_id from ({loads}) as present where load_id not in "  # noqa: S608 — names of ours
        "(select load_id from pennylane.loads where finished_at is null)"
    )


def _customers_of(table: str) -> str:
    if table == "exclusions":
        return _EXCLUSIONS_MOVED
    of_invoice = _OF_INVOICE.format(table=table, new=_NEW)
    return _CUSTOMERS_OF[table].format(new=_NEW, of_invoice=of_invoice)
