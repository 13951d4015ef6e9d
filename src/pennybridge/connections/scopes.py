"""What is asked of a company when it grants us access, and what does not work without it: one table.

Scopes are documented at https://pennylane.readme.io/docs/v2-scopes (2026-03-31): `:readonly` reads, `:all`
reads and writes. Contacts need the customers' scope; payments and matched transactions the invoices'.
"""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One scope that something of ours needs."""

    scope: str
    without: str
    """What does not work without it, for people."""

    @property
    def is_read(self) -> bool:
        """Whether it only reads."""
        return self.scope.endswith(":readonly")


NEEDS: tuple[Need, ...] = (
    Need(
        "customer_invoices:readonly",
        "Invoices, credit notes, their lines, payments and matched transactions are not synced.",
    ),
    Need("customers:readonly", "Customers and their contacts are not synced."),
    Need("products:readonly", "Products are not synced."),
    Need("billing_subscriptions:readonly", "Billing subscriptions are not synced; MRR knows invoices only."),
    Need("quotes:readonly", "Quotes are not synced."),
    Need("categories:readonly", "Categories are not synced."),
    Need("ledger_accounts:readonly", "Ledger accounts are not synced, and drafts cannot name one."),
    Need("customer_invoices:all", "Invoices cannot be created, imported, sent, categorized or marked paid."),
    Need("customers:all", "Customers that Pennylane lacks cannot be created with their invoices."),
    Need("file_attachments:all", "PDFs cannot be uploaded, so invoices cannot be imported."),
    Need("categories:all", "Categories that Pennylane lacks cannot be created."),
    Need("customer_invoice_templates:readonly", "Drafts cannot name a template."),
)
"""Reads of the sync first, then what sending invoices needs."""


def covers(scopes: Collection[str], needed: str) -> bool:
    """Whether a grant with these scopes covers one.

    >>> covers(["customers:all"], "customers:readonly"), covers(["customers:readonly"], "customers:all")
    (True, False)
    """
    return needed in scopes or f"{needed.partition(':')[0]}:all" in scopes


def to_request() -> tuple[str, ...]:
    """The scopes asked for at Pennylane: the widest of each kind."""
    wanted = [need.scope for need in NEEDS]
    return tuple(
        scope for scope in wanted if scope.endswith(":all") or f"{scope.partition(':')[0]}:all" not in wanted
    )


def missing(scopes: Collection[str]) -> list[Need]:
    """What does not work with a grant of these scopes."""
    return [need for need in NEEDS if not covers(scopes, need.scope)]
