"""Is an invoice paid, and by which bank transactions: what Pennylane says of it, read together."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice, Transaction
from pennybridge.invoicing.existing import side_by_side

State = Literal["draft", "open", "partly_paid", "paid", "credited"]


class Reconciliation(msgspec.Struct, frozen=True):
    """How an invoice stands."""

    invoice: CustomerInvoice
    state: State
    open_amount_eur: Decimal | None
    """What remains to be paid, tax included; in euros also for other currencies (observed once)."""
    transactions: tuple[Transaction, ...]
    """Matched with it. What each of them pays is not told: one may settle several invoices."""


def reconcile(client: Client, invoices: Sequence[CustomerInvoice]) -> list[Reconciliation]:
    """How each invoice stands; one request for each that is not a draft.

    Raises:
        ApiError: A list could not be read.
    """
    return side_by_side(lambda invoice: _reconcile(client, invoice), invoices)


def _reconcile(client: Client, invoice: CustomerInvoice) -> Reconciliation:
    transactions = [] if invoice.draft else list(client.customer_invoices.matched_transactions(invoice.id))
    remaining = None if invoice.draft else invoice.remaining_amount_with_tax
    return Reconciliation(invoice, state_of(invoice), remaining, tuple(transactions))


def state_of(invoice: CustomerInvoice) -> State:
    """Paid or not. `paid` decides: it, `status` and what remains can disagree (observed)."""
    if invoice.draft:
        return "draft"
    if invoice.status == "cancelled":
        return "credited"
    if invoice.paid:
        return "paid"
    total, remaining = invoice.amount, invoice.remaining_amount_with_tax
    if total is not None and remaining is not None and 0 < abs(remaining) < abs(total):
        return "partly_paid"
    return "open"
