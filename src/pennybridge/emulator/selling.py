"""What a seller does: issue invoices, keep drafts, import documents, give credit."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.emulator.amounts import NO_DISCOUNT
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.documents import deadline_of, finalized, linked
from pennybridge.emulator.paying import expect_payment
from pennybridge.emulator.records import customer_invoice, invoice_line
from pennybridge.emulator.resources import Record
from pennybridge.money import format_amount

LineTerms = Mapping[str, Any]
"""A line to be: the keyword arguments of `records.invoice_line`, less rank and exchange rate."""


def draft(
    desk: Desk,
    customer: Mapping[str, Any],
    lines: Sequence[LineTerms],
    *,
    payment_conditions: str | None = None,
    exchange_rate: Decimal = Decimal(1),
    sections: Sequence[str] = (),
    **fields: Any,
) -> Record:
    """Write a draft dated today; lines, fields and sections as the builders of `records` take them."""
    key = desk.books.new_id()
    priced = [
        invoice_line(desk.books.new_id(), desk.now, rank=rank, exchange_rate=exchange_rate, **terms)
        for rank, terms in enumerate(lines, 1)
    ]
    invoice = customer_invoice(
        key,
        desk.now,
        customer=customer,
        lines=priced,
        day=desk.day,
        deadline=deadline_of(desk.day, payment_conditions or customer["payment_conditions"]),
        exchange_rate=exchange_rate,
        **fields,
    )
    return _written(desk, invoice, priced, sections)


def issue(desk: Desk, customer: Mapping[str, Any], lines: Sequence[LineTerms], **terms: Any) -> Record:
    """Write an invoice dated today, finalize it, and expect its payment; arguments as for `draft`."""
    return finalize(desk, draft(desk, customer, lines, **terms))


def finalize(desk: Desk, invoice: Mapping[str, Any]) -> Record:
    """Give a draft its number, and expect its payment."""
    changes = finalized(invoice, number=desk.next_number(), today=desk.day)
    final = desk.books.update("customer_invoices", invoice["id"], changes)
    desk.finalized.append(invoice["id"])
    expect_payment(desk, final)
    return final


def credit(
    desk: Desk,
    invoice: Mapping[str, Any],
    lines: Sequence[LineTerms] = (),
    *,
    is_linked: bool = True,
    **fields: Any,
) -> Record:
    """Write and finalize a credit note over an invoice, whole unless lines say what is credited."""
    copied = [
        _credited_terms(line) for line in desk.books.select("customer_invoice_lines", parent_id=invoice["id"])
    ]
    customer = desk.existing("customers", invoice["customer"]["id"])
    note = draft(
        desk,
        customer,
        lines or copied,
        currency=invoice["currency"],
        exchange_rate=Decimal(invoice["exchange_rate"]),
        discount=NO_DISCOUNT if lines else invoice["discount"],
        **fields,
    )
    note = desk.books.update(
        "customer_invoices", note["id"], finalized(note, number=desk.next_number(), today=desk.day)
    )
    return link(desk, invoice["id"], note) if is_linked else note


def link(desk: Desk, invoice_id: int, note: Mapping[str, Any]) -> Record:
    """Link a credit note to an invoice; both change."""
    on_invoice, on_note = linked(desk.existing("customer_invoices", invoice_id), note, today=desk.day)
    desk.books.update("customer_invoices", invoice_id, on_invoice)
    return desk.books.update("customer_invoices", note["id"], on_note)


def line_terms(line: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of a line that exists, to write another like it."""
    dates = line["imputation_dates"]
    return {
        "label": line["label"],
        "unit_price": Decimal(line["raw_currency_unit_price"]),
        "quantity": Decimal(line["quantity"]),
        "vat_rate": line["vat_rate"],
        "unit": line["unit"],
        "description": line["description"],
        "product_id": (line["product"] or {}).get("id"),
        "discount": line["discount"],
        "section_rank": line["section_rank"],
        "period": tuple(map(date.fromisoformat, (dates["start_date"], dates["end_date"]))) if dates else None,
    }


def _credited_terms(line: Mapping[str, Any]) -> dict[str, Any]:
    terms = line_terms(line)
    return terms | {"quantity": -terms["quantity"]}


def _written(desk: Desk, invoice: Record, lines: Sequence[Record], sections: Sequence[str] = ()) -> Record:
    written = desk.insert("customer_invoices", invoice)
    for rank, title in enumerate(sections):
        section = {"id": desk.books.new_id(), "title": title, "rank": rank}
        desk.insert("customer_invoice_sections", section, invoice["id"])
    for line in lines:
        desk.insert("customer_invoice_lines", line, invoice["id"])
    return written


def import_document(
    desk: Desk,
    customer: Mapping[str, Any] | None,
    lines: Sequence[LineTerms],
    *,
    number: str,
    exchange_rate: Decimal = Decimal(1),
    **fields: Any,
) -> Record:
    """Take in a document made elsewhere, with its own number; incomplete when its customer is not known.

    An incomplete one shows as paid although all of it remains (observed).
    """
    priced = [
        invoice_line(desk.books.new_id(), desk.now, rank=rank, exchange_rate=exchange_rate, **terms)
        for rank, terms in enumerate(lines, 1)
    ]
    deadline = deadline_of(desk.day, customer["payment_conditions"]) if customer else None
    invoice = customer_invoice(
        desk.books.new_id(),
        desk.now,
        customer=customer,
        lines=priced,
        day=desk.day,
        deadline=deadline,
        exchange_rate=exchange_rate,
        filename=f"{number}.pdf",
        **fields,
    )
    invoice |= finalized(invoice, number=number, today=desk.day)
    if customer is None:
        invoice |= {"status": "incomplete", "paid": True, "label": f"{number}.pdf"}
    written = _written(desk, invoice, priced)
    if customer is not None:
        expect_payment(desk, written)
    return written


def relative(percent: str) -> dict[str, str]:
    """A discount in percent."""
    return {"type": "relative", "value": format_amount(Decimal(percent))}


def absolute(amount: str) -> dict[str, str]:
    """A discount of a sum, in the document's currency, without tax."""
    return {"type": "absolute", "value": format_amount(Decimal(amount))}
