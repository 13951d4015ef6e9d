"""Reads for people: `client.customers.list(name__start_with="A")`, page after page behind one loop."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pennybridge.api.filters import Filter, FilterValue, filters_from_words
from pennybridge.api.pages import Page
from pennybridge.api.payloads import (
    BillingSubscription,
    Category,
    Contact,
    Customer,
    CustomerInvoice,
    InvoiceLine,
    Payment,
    Record,
    Transaction,
    read_record,
)
from pennybridge.api.resources import RESOURCES, Resource

if TYPE_CHECKING:
    from pennybridge.api.client import Client

Filters = list[Filter]  # named here, because collections have a method called `list`
Lines = list[InvoiceLine]
R = TypeVar("R", bound=Record)
T = TypeVar("T", bound=Record)


class Listing(Generic[R]):
    """Records that are read while you loop over them; looping again reads them again."""

    def __init__(self, read: Callable[[int], Iterator[R]], limit: int | None, what: str) -> None:
        self._read = read
        self._limit = limit
        self._what = what

    def __iter__(self) -> Iterator[R]:
        if self._limit is None:
            yield from self._read(100)
        elif self._limit > 0:
            yield from (
                record for record, _ in zip(self._read(self._limit), range(self._limit), strict=False)
            )

    def __repr__(self) -> str:
        return f"<{self._what}: loop over it, or take .first() or .all()>"

    def first(self) -> R | None:
        """The first record, or None; reads one."""
        return next(iter(self._read(1)), None)

    def all(self) -> list[R]:
        """Every record, in a list."""
        return list(self)


class Collection(Generic[R]):
    """One resource of the company."""

    def __init__(self, client: "Client", name: str, kind: type[R]) -> None:
        self._client = client
        self._resource = RESOURCES[name]
        self._kind = kind

    def __repr__(self) -> str:
        return f"<{self._resource.name} of {self._client!r}>"

    def list(
        self, *, sort: str = "-id", limit: int | None = None, **filters: FilterValue | None
    ) -> Listing[R]:
        """Records, newest first.

        Args:
            sort: Another order, as `id`.
            limit: At most so many.
            filters: A field with what it must equal, or `field__operator`: `id__in=[1, 2]`,
                `name__start_with="A"`. What a resource offers: `pennybridge.api.resources.RESOURCES`.

        Raises:
            ConfigurationError: The resource does not offer the filter; raised by the first read.
        """
        return self._listing(self._resource, self._kind, filters_from_words(filters), sort=sort, limit=limit)

    def get(self, id: int) -> R:  # noqa: A002  (Pennylane's word)
        """One record.

        Raises:
            NotFoundError: There is none with this id in this company.
        """
        answer = self._client.get(f"{self._resource.list_path()}/{id}")
        return read_record(self._kind, answer.body)

    def _listing(
        self,
        resource: Resource,
        kind: type[T],
        filters: Filters | None = None,
        *,
        sort: str = "-id",
        limit: int | None = None,
        parent_id: int | None = None,
    ) -> Listing[T]:
        def read(wanted: int) -> Iterator[T]:
            pages = self._client.pages(
                resource,
                filter=filters or (),
                sort=sort,
                limit=min(wanted, resource.page_limit),
                parent_id=parent_id,
            )
            return (read_record(kind, record) for page in pages for record in page.items)

        return Listing(read, limit, resource.name)

    def _children(self, name: str, kind: type[T], parent_id: int, sort: str = "id") -> Listing[T]:
        return self._listing(RESOURCES[name], kind, sort=sort, parent_id=parent_id)


class Customers(Collection[Customer]):
    """Customers, with what hangs on each."""

    def contacts(self, customer_id: int) -> Listing[Contact]:
        """The persons at a customer."""
        return self._children("contacts", Contact, customer_id)

    def categories(self, customer_id: int) -> Listing[Category]:
        """The categories of a customer."""
        return self._children("customer_categories", Category, customer_id)


class BillingSubscriptions(Collection[BillingSubscription]):
    """Billing subscriptions, with their lines."""

    def lines(self, billing_subscription_id: int) -> Listing[InvoiceLine]:
        """The lines that each of its invoices will have."""
        return self._children("billing_subscription_lines", InvoiceLine, billing_subscription_id)


class CustomerInvoices(Collection[CustomerInvoice]):
    """Customer invoices and credit notes, with what hangs on each."""

    def list(  # type: ignore[override]  # the same, with the filters people need spelled out
        self,
        *,
        date_from: date | None = None,
        date_to: date | None = None,
        customer_id: int | None = None,
        draft: bool | None = None,
        credit_note: bool | None = None,
        external_reference: str | None = None,
        include_lines: bool = False,
        sort: str = "-id",
        limit: int | None = None,
        **filters: FilterValue | None,
    ) -> Listing[CustomerInvoice]:
        """Invoices, newest first.

        Args:
            date_from: Dated that day or later.
            date_to: Dated that day or earlier.
            customer_id: Of this customer.
            draft: Only drafts, or only what is not.
            credit_note: Only credit notes, or only what is not.
            external_reference: With this reference; there is one at most.
            include_lines: Read the lines too, all of them; `invoice.lines` is None otherwise.
            sort: `id`, `-id`, `date` or `-date`.
            limit: At most so many.
            filters: Any other, as `invoice_number__in=["F-1", "F-2"]`.

        Raises:
            ConfigurationError: The list does not offer the filter; raised by the first read.
        """
        words: dict[str, Any] = {
            "date_from": date_from,
            "date_to": date_to,
            "customer_id": customer_id,
            "draft": draft,
            "credit_note": credit_note,
            "external_reference": external_reference,
            **filters,
        }
        chosen = filters_from_words(words)
        if not include_lines:
            return self._listing(self._resource, CustomerInvoice, chosen, sort=sort, limit=limit)
        return Listing(lambda wanted: self._with_lines(chosen, sort, wanted), limit, "customer_invoices")

    def lines(self, customer_invoice_id: int) -> Listing[InvoiceLine]:
        """The lines of an invoice, in the order of the document."""
        return self._children("customer_invoice_lines", InvoiceLine, customer_invoice_id, sort="rank")

    def payments(self, customer_invoice_id: int) -> Listing[Payment]:
        """Payments that went through Pennylane; nearly always none."""
        return self._children("payments", Payment, customer_invoice_id)

    def matched_transactions(self, customer_invoice_id: int) -> Listing[Transaction]:
        """Bank lines reconciled with an invoice."""
        return self._children("matched_transactions", Transaction, customer_invoice_id)

    def categories(self, customer_invoice_id: int) -> Listing[Category]:
        """The categories of an invoice, with their weights."""
        return self._children("customer_invoice_categories", Category, customer_invoice_id)

    def _with_lines(self, filters: Filters, sort: str, wanted: int) -> Iterator[CustomerInvoice]:
        pages = self._client.pages(
            self._resource, filter=filters, sort=sort, limit=min(wanted, 100), include="invoice_lines"
        )
        for page in pages:
            for received in page.items:
                invoice = read_record(CustomerInvoice, received)
                invoice.lines = self._all_lines(page, invoice.id)
                yield invoice

    def _all_lines(self, page: Page, invoice_id: int) -> Lines:
        """The lines that came with an invoice, in the order of the document; if not all did, read anew."""
        included = (page.included_lines or {}).get(invoice_id)
        if included is None or included.has_more:
            return self.lines(invoice_id).all()
        lines = [read_record(InvoiceLine, line) for line in included.items]
        return sorted(lines, key=lambda line: line.id)
