"""Does the invoice at Pennylane say what was meant? Compared field by field, amounts to the cent."""

from collections.abc import Iterator
from decimal import Decimal

from pennybridge.api.payloads import CustomerInvoice
from pennybridge.invoicing.drafts import Draft, Totals
from pennybridge.invoicing.totals import draft_totals, import_totals, tolerance


def differences(draft: Draft, invoice: CustomerInvoice, *, customer_id: int | None = None) -> list[str]:
    """What is not as meant, in words; empty when all is.

    Args:
        draft: What was meant.
        invoice: What Pennylane has; its lines are compared if they were read.
        customer_id: Whom it was meant for, if that is known.
    """
    return [*_facts(draft, invoice, customer_id), *_amounts(draft, invoice), *_lines(draft, invoice)]


def _facts(draft: Draft, invoice: CustomerInvoice, customer_id: int | None) -> Iterator[str]:
    pairs: list[tuple[str, object, object]] = [
        ("date", draft.date, invoice.date),
        ("currency", draft.currency, invoice.currency),
    ]
    if draft.way != "e_invoice":
        pairs.append(("due date", draft.due_date, invoice.deadline))
    if draft.way != "create" and draft.number:
        pairs.append(("number", draft.number.strip(), invoice.invoice_number))
    if customer_id:
        pairs.append(("customer", customer_id, invoice.customer.id if invoice.customer else None))
    for name, meant, found in pairs:
        if meant is not None and meant != found:
            yield f"{name} is {found}, {meant} was meant"
    if draft.is_final and invoice.draft:
        yield "it is a draft, a final invoice was meant"


def _amounts(draft: Draft, invoice: CustomerInvoice) -> Iterator[str]:
    meant = meant_totals(draft)
    if meant is None:
        return
    # How Pennylane rounds a discount of the whole invoice is not known to the cent.
    allowed = tolerance(len(draft.lines)) if draft.way == "create" and draft.discount else Decimal(0)
    for name, amount, found in (
        ("amount before tax", meant.excl_tax_ccy, invoice.currency_amount_before_tax),
        ("tax", meant.tax_ccy, invoice.currency_tax),
        ("total", meant.incl_tax_ccy, invoice.currency_amount),
    ):
        if found is None or abs(amount - found) > allowed:
            yield f"{name} is {found}, {amount} was meant"


def meant_totals(draft: Draft) -> Totals | None:
    """The totals that the invoice is to have; None if only Pennylane can know them (prices of products)."""
    if draft.way == "create":
        return draft_totals(draft)
    return draft.totals if draft.way == "e_invoice" else import_totals(draft)


def _lines(draft: Draft, invoice: CustomerInvoice) -> Iterator[str]:
    if draft.way != "e_invoice" and invoice.lines is not None and len(invoice.lines) != len(draft.lines):
        yield f"it has {len(invoice.lines)} lines, {len(draft.lines)} were meant"
