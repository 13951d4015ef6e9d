"""The collections of Pennylane's Company API that we read: one row each.

Paths, scopes, page limits, sorts and filters are those of the OpenAPI file of July 2026
(https://pennylane.readme.io/openapi/accounting.json). Adding a resource is adding a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pennybridge.errors import ConfigurationError

_ORDER = ("lt", "lteq", "gt", "gteq", "eq", "not_eq", "in", "not_in")
_EQUAL = ("eq", "not_eq")
_MEMBER = ("eq", "not_eq", "in", "not_in")


@dataclass(frozen=True)
class Resource:
    """One collection of the API."""

    name: str
    path: str
    """Of its list; `{parent_id}` stands for the parent's id."""
    scope: str
    """Without `:readonly` or `:all`."""
    parent: str | None = None
    """The resource whose records it hangs on; its list exists only per parent."""
    page_limit: int = 100
    changelog: str | None = None
    """The path of its feed of changes; None when Pennylane keeps none."""
    sorts: tuple[str, ...] = ("id",)
    """Fields it can be sorted by; empty when the list takes no `sort`."""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Operators offered per field."""
    includes: tuple[str, ...] = ()

    @property
    def read_scope(self) -> str:
        """The least scope that lets us read it."""
        return f"{self.scope}:readonly"

    @property
    def has_id_filter(self) -> bool:
        """Whether `filter id in` can fetch many records by id at once."""
        return "in" in self.filters.get("id", ())

    def list_path(self, parent_id: int | None = None) -> str:
        """The path of its list.

        Raises:
            ConfigurationError: A parent id is missing, or given where there is none.
        """
        if (parent_id is None) != (self.parent is None):
            need = f"needs the id of its {self.parent} record" if self.parent else "takes no parent id"
            raise ConfigurationError(f"The list of {self.name} {need}. Nothing was sent.")
        return self.path.format(parent_id=parent_id)


_ROWS = (
    Resource(
        "customers",
        "/customers",
        "customers",
        changelog="/changelogs/customers",
        filters={
            "id": _ORDER,
            "customer_type": _EQUAL,
            "ledger_account_id": _EQUAL,
            "name": ("start_with", "eq"),
            "external_reference": ("start_with", *_MEMBER),
            "reg_no": _MEMBER,
            "emails": ("in",),
        },
    ),
    Resource("contacts", "/customers/{parent_id}/contacts", "customers", parent="customers"),
    Resource(
        "customer_categories", "/customers/{parent_id}/categories", "customers", parent="customers", sorts=()
    ),
    Resource(
        "products",
        "/products",
        "products",
        changelog="/changelogs/products",
        filters={
            "id": _ORDER,
            "label": ("eq", "in"),
            "reference": ("eq", "in"),
            "external_reference": _MEMBER,
        },
    ),
    Resource(
        "billing_subscriptions",
        "/billing_subscriptions",
        "billing_subscriptions",
        filters={"id": _ORDER, "start": _ORDER, "customer_id": _ORDER, "status": _MEMBER},
    ),
    Resource(
        "billing_subscription_lines",
        "/billing_subscriptions/{parent_id}/invoice_lines",
        "billing_subscriptions",
        parent="billing_subscriptions",
    ),
    Resource(
        "customer_invoices",
        "/customer_invoices",
        "customer_invoices",
        changelog="/changelogs/customer_invoices",
        sorts=("id", "date"),
        filters={
            "id": _ORDER,
            "date": _ORDER,
            "customer_id": _ORDER,
            "billing_subscription_id": _ORDER,
            "quote_id": _ORDER,
            "invoice_number": _MEMBER,
            "draft": ("eq",),
            "credit_note": ("eq",),
            "external_reference": ("eq",),
            "flow_id": _MEMBER,
            "category_id": ("in",),
        },
        includes=("invoice_lines",),
    ),
    Resource(
        "customer_invoice_lines",
        "/customer_invoices/{parent_id}/invoice_lines",
        "customer_invoices",
        parent="customer_invoices",
        sorts=("id", "rank"),
    ),
    Resource(
        "payments", "/customer_invoices/{parent_id}/payments", "customer_invoices", parent="customer_invoices"
    ),
    Resource(
        "matched_transactions",
        "/customer_invoices/{parent_id}/matched_transactions",
        "customer_invoices",
        parent="customer_invoices",
    ),
    Resource(
        "customer_invoice_categories",
        "/customer_invoices/{parent_id}/categories",
        "customer_invoices",
        parent="customer_invoices",
        sorts=(),
    ),
    Resource("customer_invoice_templates", "/customer_invoice_templates", "customer_invoice_templates"),
    Resource(
        "categories",
        "/categories",
        "categories",
        filters={
            "id": _ORDER,
            "label": ("start_with", "eq", "in"),
            "category_group_id": _ORDER,
            "analytical_code": _MEMBER,
        },
    ),
    Resource("category_groups", "/category_groups", "categories", sorts=()),
    Resource(
        "ledger_accounts",
        "/ledger_accounts",
        "ledger_accounts",
        page_limit=1000,
        filters={"id": _ORDER, "number": ("start_with", "eq", "in"), "enabled": ("eq",)},
    ),
    Resource(
        "quotes",
        "/quotes",
        "quotes",
        changelog="/changelogs/quotes",
        filters={"id": _ORDER, "customer_id": _ORDER, "status": _MEMBER},
    ),
    Resource(
        "transactions",
        "/transactions",
        "transactions",
        changelog="/changelogs/transactions",
        filters={
            "id": _MEMBER,
            "bank_account_id": _MEMBER,
            "journal_id": _MEMBER,
            "date": ("eq", "not_eq", "gt", "gteq", "lt", "lteq"),
        },
    ),
    Resource("bank_accounts", "/bank_accounts", "bank_accounts"),
    Resource("journals", "/journals", "journals", filters={"type": _MEMBER}),
)

RESOURCES: dict[str, Resource] = {row.name: row for row in _ROWS}
"""Every resource by its name, which is also the name of its landing table."""


def resource(name: str | Resource) -> Resource:
    """The row of that name.

    Raises:
        ConfigurationError: There is none.
    """
    if isinstance(name, Resource):
        return name
    try:
        return RESOURCES[name]
    except KeyError:
        raise ConfigurationError(
            f"There is no resource {name!r}; there are: {', '.join(RESOURCES)}. Nothing was sent."
        ) from None
