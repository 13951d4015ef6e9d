"""Customer invoices made by Pennylane: create, change, finalize, delete.

Source:
    `draft` omitted makes a finalized invoice; finalized ones change in few fields and are never deleted:
    documented, https://pennylane.readme.io/reference/postcustomerinvoices. An archived one is refused:
    observed, its text assumed. Installments are ignored (documented: alpha, `ignored until further
    rollout`). The exchange rate is booked by Pennylane for the invoice date; here it is invented.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.documents import deadline_of
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.records import customer_invoice
from pennybridge.emulator.resources import Record
from pennybridge.emulator.selling import line_terms
from pennybridge.emulator.writing.actions import credit_with_number
from pennybridge.emulator.writing.checks import check_reference, reference_in
from pennybridge.emulator.writing.lines import (
    check_sections,
    discount_of,
    line_terms_of,
    priced,
    total_within_bounds,
)
from pennybridge.emulator.writing.matching import match_by_reference
from pennybridge.emulator.writing.numbering import check_order, final_fields

_AS_SENT = (
    "label", "language", "pdf_description", "special_mention", "external_reference", "transaction_reference",
    "purchase_order_reference", "sales_order_reference",
)  # fmt: skip
_NEVER_NULL = ("pdf_invoice_free_text", "pdf_invoice_subject")
_LONGEST = {"pdf_description": 5_000, "special_mention": 20_000}


def create(call: Call) -> Answer:
    """`POST /customer_invoices`."""
    data = call.data
    customer = existing(call, "customers", data["customer_id"])
    check_reference(call, "customer_invoices")
    sections = data.get("invoice_line_sections", ())
    check_sections(sections, data["invoice_lines"])
    day = date.fromisoformat(data["date"])
    currency = data.get("currency", "EUR")
    terms = [line_terms_of(call, line) for line in data["invoice_lines"]]
    invoice = write_invoice(
        call, terms, sections, final=not data.get("draft", False), customer=customer, day=day,
        deadline=date.fromisoformat(data["deadline"]), currency=currency,
        exchange_rate=booked_rate(currency, day), discount=discount_of(data.get("discount")),
        **header_fields(call),
    )  # fmt: skip
    match_by_reference(call, invoice)
    return answer_record(call, "customer_invoices", invoice["id"], 201)


def write_invoice(
    call: Call,
    terms: Sequence[Mapping[str, Any]],
    sections: Sequence[Mapping[str, Any]] = (),
    *,
    final: bool,
    exchange_rate: Decimal = Decimal(1),
    **fields: Any,
) -> Record:
    """Write an invoice with its lines and sections, finalized at once if told so; gives it as written.

    Args:
        call: The request.
        terms: Of each line, as `lines.line_terms_of` gives them.
        sections: As a request has them.
        final: Whether it gets its number.
        exchange_rate: Euros for one unit of its currency.
        fields: As `records.customer_invoice` takes them.
    """
    books = call.books
    lines = [
        priced(books.new_id(), call.at, line, rank=rank, exchange_rate=exchange_rate)
        for rank, line in enumerate(terms, 1)
    ]
    invoice = customer_invoice(books.new_id(), call.at, lines=lines, exchange_rate=exchange_rate, **fields)
    total_within_bounds(invoice)
    if final:
        invoice |= final_fields(call, invoice)
    written = call.insert("customer_invoices", invoice)
    for section in sections:
        call.insert("customer_invoice_sections", {**section, "id": None}, invoice["id"])
    for line in lines:
        call.insert("customer_invoice_lines", line, invoice["id"])
    return written


def header_fields(call: Call) -> Record:
    """The fields of a request that an invoice takes as they are; absent ones are left out."""
    data = call.data
    for name, longest in _LONGEST.items():
        if len(data.get(name) or "") > longest:
            raise Refusal(
                422, f"{name.replace('_', ' ').capitalize()} is too long (maximum is {longest} characters)"
            )
    fields = {name: data[name] for name in _AS_SENT if name in data}
    fields |= {name: data[name] or "" for name in _NEVER_NULL if name in data}
    if "label" in fields and fields["label"] is None:
        del fields["label"]  # null leaves the one that Pennylane makes
    if "customer_invoice_template_id" in data:
        template = reference_in(call, "customer_invoice_template_id", "customer_invoice_templates")
        fields["customer_invoice_template"] = template
    return fields


def create_from_quote(call: Call) -> Answer:
    """`POST /customer_invoices/create_from_quote`: dated today, which has to be in order (observed)."""
    quote = existing(call, "quotes", call.data["quote_id"])
    check_reference(call, "customer_invoices")
    customer = existing(call, "customers", quote["customer"]["id"])
    day = call.now.date()
    check_order(call, day)
    terms = [
        line_terms({"imputation_dates": None, **line})
        for line in call.books.select("quote_lines", parent_id=quote["id"])
    ]
    invoice = write_invoice(
        call, terms, call.books.select("quote_sections", parent_id=quote["id"]), final=not call.data["draft"],
        customer=customer, day=day, deadline=deadline_of(day, customer["payment_conditions"]),
        currency=quote["currency"], exchange_rate=booked_rate(quote["currency"], day),
        discount=quote["discount"], quote={"id": quote["id"]}, **header_fields(call),
    )  # fmt: skip
    call.books.update("quotes", quote["id"], {"status": "invoiced"})
    return answer_record(call, "customer_invoices", invoice["id"], 201)


def finalize(call: Call) -> Answer:
    """`PUT /customer_invoices/{id}/finalize`."""
    invoice = existing(call, "customer_invoices", call.record_id())
    if not invoice["draft"]:
        raise Refusal(422, "Only draft invoices can be finalized")
    final = call.books.update("customer_invoices", invoice["id"], final_fields(call, invoice))
    credit_with_number(call, final)
    return answer_record(call, "customer_invoices", invoice["id"])


def delete(call: Call) -> Answer:
    """`DELETE /customer_invoices/{id}`."""
    invoice = existing(call, "customer_invoices", call.record_id())
    if not invoice["draft"]:
        raise Refusal(422, "Only draft invoices can be deleted")
    call.books.delete("customer_invoices", invoice["id"])
    return Answer(204)


INVOICE_WRITES: dict[str, Handler] = {
    "postCustomerInvoices": create,
    "createCustomerInvoiceFromQuote": create_from_quote,
    "finalizeCustomerInvoice": finalize,
    "deleteCustomerInvoices": delete,
}
