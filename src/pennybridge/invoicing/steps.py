"""What is done to one invoice after it is at Pennylane; done twice, each step is done once.

The exception is an e-mail, of which Pennylane keeps no trace that we could look up: after a lost answer it is
left at that (`OutcomeUnknownError`).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice, read_record
from pennybridge.errors import ApiError, InvoicingError, NotYetError, OutcomeUnknownError, RejectedError
from pennybridge.invoicing.bodies import categories_body
from pennybridge.invoicing.once import Patience, was_refused, write_once


def read_invoice(client: Client, invoice_id: int) -> CustomerInvoice:
    """The invoice as it is now.

    Raises:
        NotFoundError: It is gone.
    """
    return read_record(CustomerInvoice, client.get(f"/customer_invoices/{invoice_id}").body)


def finalize(client: Client, invoice_id: int, *, patience: Patience) -> CustomerInvoice:
    """Make a draft final: it gets its number, and cannot be undone.

    Raises:
        ApiError: Pennylane refused, as when the date is before that of the last final invoice.
    """

    def send() -> CustomerInvoice:
        return read_record(CustomerInvoice, client.put(f"/customer_invoices/{invoice_id}/finalize").body)

    def look(_: ApiError | None) -> CustomerInvoice | None:
        invoice = read_invoice(client, invoice_id)
        return None if invoice.draft else invoice

    return write_once(send, look, look_first=False, patience=patience)[0]


def link_credit_note(client: Client, note_id: int, invoice_id: int, *, patience: Patience) -> None:
    """Tell Pennylane which invoice a credit note reduces.

    Raises:
        ApiError: Pennylane refused.
        InvoicingError: The credit note is linked to another invoice.
    """

    def send() -> bool:
        client.post(f"/customer_invoices/{invoice_id}/link_credit_note", {"credit_note_id": note_id})
        return True

    def look(_: ApiError | None) -> bool | None:
        credited = read_invoice(client, note_id).credited_invoice
        if credited is not None and credited.id != invoice_id:
            raise InvoicingError(f"Credit note {note_id} is linked to invoice {credited.id} already.")
        return credited is not None or None

    write_once(send, look, look_first=True, patience=patience)


def categorize(
    client: Client, invoice_id: int, weights: Sequence[tuple[int, Decimal]], *, patience: Patience
) -> None:
    """Put categories on an invoice, in place of those it has.

    Raises:
        ApiError: Pennylane refused, as for a draft.
    """
    _repeat(
        lambda: client.put(f"/customer_invoices/{invoice_id}/categories", categories_body(weights)), patience
    )


def mark_as_paid(client: Client, invoice_id: int, *, patience: Patience) -> None:
    """Mark an invoice as paid; Pennylane then reconciles it with no transaction (documented).

    Raises:
        ApiError: Pennylane refused, as for a draft.
    """
    _repeat(lambda: client.put(f"/customer_invoices/{invoice_id}/mark_as_paid"), patience)


def send_by_email(client: Client, invoice_id: int, recipients: Sequence[str] = ()) -> None:
    """Have Pennylane mail an invoice, to these addresses or to its customer's.

    Raises:
        NotYetError: Its PDF is still being made; nothing was sent.
        OutcomeUnknownError: No clear answer: the e-mail may be on its way.
        ApiError: Pennylane refused; nothing was sent.
    """
    body = {"recipients": list(recipients)} if recipients else {}
    try:
        client.post(f"/customer_invoices/{invoice_id}/send_by_email", body)
    except ApiError as error:
        if isinstance(error, RejectedError) and error.status == 409:
            raise NotYetError(f"the PDF is not there yet: {error}") from error
        if was_refused(error):
            raise
        raise OutcomeUnknownError(
            f"the e-mail may or may not have been sent: {error} Ask the customer, or look in Pennylane, "
            "before sending it again."
        ) from error


def send_to_pa(client: Client, invoice_id: int, *, patience: Patience) -> None:
    """Hand an e-invoice to the platform (PA) that brings it to its buyer.

    Raises:
        NotYetError: Pennylane is still processing the e-invoice.
        ApiError: Pennylane refused, as when it is no e-invoice.
    """

    def send() -> bool:
        client.post(f"/customer_invoices/{invoice_id}/send_to_pa")
        return True

    def look(_: ApiError | None) -> bool | None:
        e_invoicing = read_invoice(client, invoice_id).raw.get("e_invoicing") or {}
        return bool(e_invoicing.get("flow") or e_invoicing.get("flow_id")) or None

    try:
        write_once(send, look, look_first=False, patience=patience)
    except RejectedError as error:
        if error.status == 409:
            raise NotYetError(f"the e-invoice is still being processed: {error}") from error
        raise


def _repeat(send: Callable[[], object], patience: Patience) -> None:
    """Send a write that does no more when it is done twice, until there is a clear answer."""
    for wait in (*patience.waits, None):
        try:
            send()
        except ApiError as error:
            if was_refused(error) or wait is None:
                raise
            patience.sleep(wait)
        else:
            return
