"""What changed since the last build: which landing tables, and whose customers' rows have to be made again.

Landing rows carry the load that last changed them. A build remembers the loads it has seen finished; a row of
any other load is new to it. A load still running is never remembered, so its later pages are not missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pennybridge.store import Transaction

_OWNERS = {"customers": "id", "customer_invoices": "customer_id", "billing_subscriptions": "customer_id"}
"""Landing tables whose rows name their customer, and the column that does."""

_PARENTS = {
    "customer_invoice_lines": ("customer_invoices", "customer_invoice_id"),
    "payments": ("customer_invoices", "customer_invoice_id"),
    "matched_transactions": ("customer_invoices", "customer_invoice_id"),
    "billing_subscription_lines": ("billing_subscriptions", "billing_subscription_id"),
}
"""Landing tables whose rows belong to the customer of another row, which a column names."""

_BUILT = (
    ("customer_invoices", "billing.invoices", "original_id"),
    ("customer_invoices", "billing.documents_left_out", "original_id"),
    ("billing_subscriptions", "billing.subscriptions", "subscription_set_id"),
)
"""Where the last build noted whose a row was: it may have gone to another customer since."""

_LOADED = (*_OWNERS, *_PARENTS, "products")
WATCHED = (*_LOADED, "companies", "exclusions")
"""The landing tables that models read."""

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
_SCOPE = """
    select distinct company_id, cast(customer_id as text) as customer_id, customer_id as landing_id
    from ({}) as found"""
_NOBODY = "select company_id, id as customer_id from pennylane.customers where false"


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


@dataclass(frozen=True)
class Changes:
    """What a build finds in the landing tables when it begins."""

    present: frozenset[str]
    """The finished loads whose rows are there."""
    new: dict[str, list[str]]
    """By landing table, the loads with rows that the last build had not seen."""
    exclusions_moved: bool

    @property
    def tables(self) -> set[str]:
        """The landing tables that differ from what the last build saw."""
        return {*self.new, *(("exclusions",) if self.exclusions_moved else ())}


def known_basis(transaction: Transaction) -> dict[str, str]:
    """What the last build rested on, as `Basis.as_rows` gives it; empty when there was none."""
    return dict(transaction.rows("select name, value from build.state"))


def find(transaction: Transaction, *, is_built: bool) -> Changes:
    """What differs from what the last build saw; `is_built` when its tables are there to compare with."""
    found = _loads(transaction)
    seen, running = found.pop("build.seen_loads"), found.pop("pennylane.loads")
    return Changes(
        present=frozenset(set().union(*found.values()) - running),
        new={table: sorted(loads - seen) for table, loads in found.items() if loads - seen},
        exclusions_moved=is_built and bool(transaction.rows(f"{_EXCLUSIONS_MOVED} limit 1")),
    )


def everyone() -> str:
    """A SELECT of every customer, as `build.scope` holds them."""
    return _SCOPE.format(_EVERYONE)


def customers_of(changes: Changes) -> str:
    """A SELECT of the customers whose rows changed, as `build.scope` holds them."""
    return _SCOPE.format(" union ".join(_customers_of(changes)) or _NOBODY)


def remember(transaction: Transaction, basis: Basis, changes: Changes) -> None:
    """Note what this build has seen, for the next one."""
    transaction.execute("delete from build.state")
    for name, value in basis.as_rows().items():
        transaction.execute("insert into build.state values (:name, :value)", name=name, value=value)
    transaction.execute("delete from build.seen_loads")
    if changes.present:
        rows = ", ".join(f"({_text(load)})" for load in sorted(changes.present))
        transaction.execute(f"insert into build.seen_loads values {rows}")  # noqa: S608 — quoted


def _loads(transaction: Transaction) -> dict[str, set[str]]:
    """The loads of each landing table's rows; those seen by the last build; those still running."""
    sources = {
        "build.seen_loads": "build.seen_loads",
        "pennylane.loads": "pennylane.loads where finished_at is null",
    } | {table: f"pennylane.{table}" for table in _LOADED}
    found: dict[str, set[str]] = {name: set() for name in sources}
    statement = " union all ".join(
        f"select distinct '{name}' as source, load_id from {source}"  # noqa: S608 — names of ours
        for name, source in sources.items()
    )
    for name, load in transaction.rows(statement):
        found[name].add(load)
    return found


def _customers_of(changes: Changes) -> Iterator[str]:
    """Statements that find the customers of new rows, and those whom the rows belonged to before."""
    for table, loads in changes.new.items():
        # Named one by one the loads let DuckDB skip what cannot hold them; a subquery would not.
        new = f"rows.load_id in ({', '.join(map(_text, loads))})"
        if table in _OWNERS:
            yield (
                f"select company_id, coalesce({_OWNERS[table]}, 0) as customer_id "  # noqa: S608 — names of ours
                f"from pennylane.{table} as rows where {new}"
            )
        if table in _PARENTS:
            parents, parent = _PARENTS[table]
            yield (
                "select rows.company_id, coalesce(parents.customer_id, 0) as customer_id "  # noqa: S608 — names of ours
                f"from pennylane.{table} as rows join pennylane.{parents} as parents "
                f"on parents.company_id = rows.company_id and parents.id = rows.{parent} where {new}"
            )
        for landing, built, key in _BUILT:
            if landing == table:
                yield (
                    "select known.company_id, cast(known.customer_id as bigint) as customer_id "  # noqa: S608 — names of ours
                    f"from {built} as known join pennylane.{table} as rows on "
                    f"rows.company_id = known.company_id and cast(rows.id as text) = known.{key} where {new}"
                )
    if changes.exclusions_moved:
        yield _EXCLUSIONS_MOVED


def _text(value: str) -> str:
    quoted = value.replace("'", "''")
    return f"'{quoted}'"
