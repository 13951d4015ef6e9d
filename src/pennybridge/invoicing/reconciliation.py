"""Is an invoice paid, and by which bank transactions: what Pennylane says of it, read together."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice, Transaction
from pennybridge.invoicing.existing import records_in, side_by_side
from pennybridge.invoicing.submissions import Submission

State = Literal["draft", "open", "partly_paid", "paid", "credited"]


class Reconciliation(msgspec.Struct, frozen=True):
    """How an invoice stands."""

    invoice: CustomerInvoice
    state: State
    open_amount_eur: Decimal | None
    """What remains to be paid, tax included; in euros also for other currencies (observed once)."""
    transactions: tuple[Transaction, ...] | None
    """Matched with it; None if they were not read. What each of them pays is not told: one may settle
    several invoices."""


def reconcile(
    client: Client, invoices: Sequence[CustomerInvoice], *, transactions: bool = True
) -> list[Reconciliation]:
    """How each invoice stands.

    Args:
        client: Of the company.
        invoices: As they were just read.
        transactions: Whether their transactions are read: a request for each that is not a draft.

    Raises:
        ApiError: A list could not be read.
    """
    if not transactions:
        return [_reconciliation(invoice, None) for invoice in invoices]
    return side_by_side(lambda invoice: _with_transactions(client, invoice), invoices)


def _with_transactions(client: Client, invoice: CustomerInvoice) -> Reconciliation:
    matched = [] if invoice.draft else list(client.customer_invoices.matched_transactions(invoice.id))
    return _reconciliation(invoice, tuple(matched))


def _reconciliation(invoice: CustomerInvoice, matched: tuple[Transaction, ...] | None) -> Reconciliation:
    remaining = None if invoice.draft else invoice.remaining_amount_with_tax
    return Reconciliation(invoice, state_of(invoice), remaining, matched)


def of_submissions(
    client: Client, submissions: Iterable[Submission], *, transactions: bool = False
) -> tuple[list[Reconciliation], list[Submission]]:
    """How the invoices stand that were sent from here, a request a hundred, and which of them are gone.

    Raises:
        ApiError: A list could not be read.
    """
    sent = [one for one in submissions if one.invoice_id]
    ids = [one.invoice_id for one in sent if one.invoice_id]
    found = {one.id: one for one in records_in(client, "customer_invoices", CustomerInvoice, "id", ids)}
    there = [found[invoice_id] for invoice_id in ids if invoice_id in found]
    gone = [one for one in sent if one.invoice_id not in found]
    return reconcile(client, there, transactions=transactions), gone


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
