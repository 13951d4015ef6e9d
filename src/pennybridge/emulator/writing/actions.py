"""What is done with a finished customer invoice: paid, mailed, sent to the PA, credited.

Source:
    `mark_as_paid` is 204, also when repeated: observed; a draft gets a sentence in French: observed in v1.
    `send_by_email` is 409 until the PDF exists, and `send_to_pa` while an e-invoice is being processed:
    documented. `link_credit_note` answers the invoice and updates both documents: observed. Assumed: the
    other texts; that the mailed invoice of an eligible customer is refused to the PA with 422 (that it does
    not go there any more is documented); that a document of our own goes to the PA if its customer is a
    French company with a number; `submitted` becomes `sent` ten seconds later.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.documents import is_credit_note, linked, open_amount
from pennybridge.emulator.outbox import Mail
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import check_emails
from pennybridge.emulator.writing.matching import settled_fields

SENT_AFTER = timedelta(seconds=10)


def mark_as_paid(call: Call) -> Answer:
    """`PUT /customer_invoices/{id}/mark_as_paid`."""
    invoice = existing(call, "customer_invoices", call.record_id())
    if invoice["draft"]:
        raise Refusal(422, "Cette facture ne peut pas être classer comme payée")
    if not invoice["paid"]:
        is_incomplete = invoice["status"] == "incomplete"  # these stay so, with all of it open (observed)
        fields = {"paid": True} if is_incomplete else settled_fields(call, invoice, open_amount(invoice))
        call.books.update("customer_invoices", invoice["id"], fields)
    return Answer(204)


def send_by_email(call: Call) -> Answer:
    """`POST /customer_invoices/{id}/send_by_email`."""
    invoice = existing(call, "customer_invoices", call.record_id())
    if invoice["draft"]:
        raise Refusal(422, "This endpoint is not applicable for draft invoices")
    customer = _customer(call, invoice)
    recipients = call.data.get("recipients") or customer.get("emails") or []
    if not recipients:
        raise Refusal(422, "The customer has no email address")
    check_emails(recipients)
    if invoice["filename"] is None:
        raise Refusal(409, "The PDF file is not generated yet. Please retry in a few minutes.")
    word = "Avoir" if invoice["_credit_note"] else "Facture"
    subject = f"{word} {invoice['invoice_number']} de {call.company.name}"
    call.books.outbox.append(
        Mail(
            company=call.company.number,
            sent_at=call.at,
            resource="customer_invoices",
            document_id=invoice["id"],
            recipients=recipients,
            subject=subject,
            filename=invoice["filename"],
        )
    )
    call.books.rewrite("customer_invoices", invoice["id"], {"_mailed": True})
    return Answer(204)


def send_to_pa(call: Call) -> Answer:
    """`POST /customer_invoices/{id}/send_to_pa`."""
    invoice = existing(call, "customer_invoices", call.record_id())
    if invoice.get("_converting"):
        raise Refusal(409, "The e-invoice is still being processed. Please retry in a few seconds.")
    if problem := _why_not_to_pa(call, invoice):
        raise Refusal(422, problem)
    flow = {"id": str(uuid.UUID(int=invoice["id"], version=4))}
    _set_e_invoicing(call, invoice["id"], {"flow": flow, "status": "submitted", "reason": None})
    sent = {"flow": flow, "status": "sent", "reason": None}
    call.books.later(SENT_AFTER, lambda: _set_e_invoicing(call, invoice["id"], sent))
    return Answer(204)


def _why_not_to_pa(call: Call, invoice: Mapping[str, Any]) -> str | None:
    if invoice["draft"]:
        return "This endpoint is not applicable for draft invoices"
    if (invoice["e_invoicing"] or {}).get("flow"):
        return "This customer invoice has already been sent to the PA"
    if invoice.get("_mailed"):
        return "This customer invoice has already been sent by email"
    if not invoice["factur_x"] and (invoice.get("_imported") or not is_eligible(_customer(call, invoice))):
        return "This customer invoice is not an electronic invoice"
    return None


def _set_e_invoicing(call: Call, invoice_id: int, about: Mapping[str, Any]) -> None:
    if call.books.get("customer_invoices", invoice_id):
        call.books.update("customer_invoices", invoice_id, {"e_invoicing": about})


def is_eligible(customer: Mapping[str, Any]) -> bool:
    """Whether invoices of a customer are e-invoices: a French company with its number (assumed)."""
    address = customer.get("billing_address") or {}
    return bool(customer.get("reg_no")) and address.get("country_alpha2") == "FR"


def _customer(call: Call, invoice: Mapping[str, Any]) -> Record:
    key = (invoice["customer"] or {}).get("id")
    return existing(call, "customers", key) if key else {}


def link_credit_note(call: Call) -> Answer:
    """`POST /customer_invoices/{id}/link_credit_note`."""
    invoice = existing(call, "customer_invoices", call.record_id())
    note = existing(call, "customer_invoices", call.data["credit_note_id"])
    if problem := credit_problem(invoice, note):
        raise Refusal(422, problem)
    link(call, invoice, note)
    return answer_record(call, "customer_invoices", invoice["id"])


def link(call: Call, invoice: Mapping[str, Any], note: Mapping[str, Any]) -> None:
    """Link a credit note to an invoice; both change, their amounts once both are finalized."""
    on_invoice, on_note = linked(invoice, note, today=call.now.date())
    notes = dict.fromkeys([*invoice.get("_credit_notes", ()), note["id"]])
    call.books.update("customer_invoices", invoice["id"], on_invoice | {"_credit_notes": list(notes)})
    call.books.update("customer_invoices", note["id"], on_note)


def credit_with_number(call: Call, final: Mapping[str, Any]) -> None:
    """Let the links of a document that was a draft take effect now that it is finalized (assumed)."""
    if final["credited_invoice"]:
        pairs = [(final["credited_invoice"]["id"], final["id"])]
    else:
        pairs = [(final["id"], note_id) for note_id in final.get("_credit_notes", ())]
    for pair in pairs:
        invoice, note = (call.books.get("customer_invoices", key) for key in pair)
        if invoice and note and not invoice["draft"] and not note["draft"]:
            link(call, invoice, note)


def credit_problem(invoice: Mapping[str, Any], note: Mapping[str, Any]) -> str | None:
    """Why a document cannot credit an invoice."""
    if not note["_credit_note"]:
        return "The document to link is not a credit note"
    if note["credited_invoice"]:
        return "Credit note is already linked to an invoice"
    if is_credit_note(invoice) or invoice["id"] == note["id"]:
        return "A credit note cannot be linked to a credit note"
    if _billed(invoice) != _billed(note):
        return "Credit note and invoice must have the same customer and currency"
    return None


def _billed(document: Mapping[str, Any]) -> tuple[int | None, str]:
    return (document["customer"] or {}).get("id"), document["currency"]


ACTION_WRITES: dict[str, Handler] = {
    "markAsPaidCustomerInvoice": mark_as_paid,
    "sendByEmailCustomerInvoice": send_by_email,
    "sendToPaCustomerInvoice": send_to_pa,
    "linkCreditNote": link_credit_note,
}
