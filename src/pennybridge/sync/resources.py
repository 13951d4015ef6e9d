"""What is synced: one row per resource, in the order in which it is loaded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from pennybridge.api.resources import RESOURCES
from pennybridge.connections.scopes import covers
from pennybridge.store import landing

EVERY_RUN = timedelta(0)


@dataclass(frozen=True)
class SyncedResource:
    """A list that fills one landing table.

    `every` is how long an answer stays good enough: what rarely changes is not asked for at each run, so
    that a run with nothing new costs a handful of requests. `details` are the resources that hang on each of
    its records.
    """

    table: landing.Table
    has_changelog: bool
    every: timedelta = EVERY_RUN
    core: bool = False
    details: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's name, which is its table's."""
        return self.table.name


LISTS: dict[str, SyncedResource] = {
    resource.name: resource
    for resource in (
        SyncedResource(
            landing.CUSTOMER_INVOICES,
            has_changelog=True,
            core=True,
            details=(
                "customer_invoice_lines",
                "payments",
                "matched_transactions",
                "customer_invoice_categories",
            ),
        ),
        SyncedResource(landing.CUSTOMERS, has_changelog=True, core=True, details=("contacts",)),
        SyncedResource(landing.PRODUCTS, has_changelog=True, core=True),
        SyncedResource(
            landing.BILLING_SUBSCRIPTIONS,
            has_changelog=False,
            core=True,
            details=("billing_subscription_lines",),
        ),
        SyncedResource(landing.QUOTES, has_changelog=True, every=timedelta(hours=1)),
        SyncedResource(landing.CATEGORY_GROUPS, has_changelog=False, every=timedelta(hours=6)),
        SyncedResource(landing.CATEGORIES, has_changelog=False, every=timedelta(hours=6)),
        SyncedResource(landing.LEDGER_ACCOUNTS, has_changelog=False, every=timedelta(hours=6)),
    )
}
"""The resources that have a list of their own."""

DETAILS: dict[str, str] = {
    "billing_subscription_lines": "billing_subscriptions",
    "customer_invoice_lines": "customer_invoices",
    "matched_transactions": "customer_invoices",
    "payments": "customer_invoices",
    "customer_invoice_categories": "customer_invoices",
    "contacts": "customers",
}
"""The resources that cost a request per parent, most wanted first, with the resource of that parent."""

NAMES: tuple[str, ...] = (*LISTS, *DETAILS)
"""Every synced resource."""


def missing_scope(resource: str, scopes: Collection[str]) -> str | None:
    """The scope without which a grant cannot read the resource, or None when it can."""
    scope = RESOURCES[resource].read_scope
    return None if covers(scopes, scope) else scope


def missing_scopes(scopes: Collection[str]) -> list[tuple[str, str]]:
    """The resources that a grant with these scopes cannot read, each with the scope it lacks."""
    return [(name, scope) for name in NAMES if (scope := missing_scope(name, scopes))]
