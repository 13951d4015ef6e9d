"""The exact JSON bodies that Pennylane is sent, from checked drafts and the ids that look-ups found.

Pure functions. Decimals travel as text, quantities as numbers, `draft` is always said (left out it would
mean a final, numbered invoice), imputation dates and transaction references go only where the contract has
them.

Source:
    https://pennylane.readme.io/reference/postcustomerinvoices, importcustomerinvoices, postcompanycustomer,
    postindividualcustomer, putcustomerinvoicecategories (September 2026).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from pennybridge.errors import DraftError
from pennybridge.invoicing.drafts import Address, Customer, Discount, Draft, DraftLine, Totals
from pennybridge.invoicing.totals import import_totals, line_totals
from pennybridge.money import format_amount

Body = dict[str, Any]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Pennylane's ids of what a draft names in words."""

    customer_id: int
    product_ids: tuple[int | None, ...] = ()
    """One for each line."""
    ledger_account_ids: tuple[int | None, ...] = ()
    """One for each line."""
    template_id: int | None = None
    file_attachment_id: int | None = None
    credited_invoice_id: int | None = None


def create_body(draft: Draft, found: Found) -> Body:
    """The body of `POST /customer_invoices`.

    Raises:
        DraftError: A required value is missing; `check.check_draft` says which.
    """
    final = bool(draft.is_final)
    if draft.is_final is None:
        raise DraftError(f"{draft.reference}: neither draft nor final; nothing was sent")
    body: Body = {
        "draft": not final,
        "date": _day(draft, "date"),
        "deadline": _day(draft, "due_date"),
        "customer_id": found.customer_id,
        "currency": draft.currency,
        "external_reference": draft.reference,
        "customer_invoice_template_id": found.template_id or draft.template_id,
        "discount": _discount(draft.discount),
        "language": draft.language,
        "label": draft.ledger_label,
        "pdf_invoice_subject": draft.subject,
        "pdf_description": draft.description,
        "pdf_invoice_free_text": draft.free_text,
        "special_mention": draft.special_mention,
        "purchase_order_reference": draft.purchase_order,
        "sales_order_reference": draft.sales_order,
        "transaction_reference": _transaction(draft) if final else None,
        "invoice_line_sections": _sections(draft),
        "invoice_lines": [_created_line(draft, found, place) for place in range(len(draft.lines))],
    }
    return _given(body)


def e_invoice_options(draft: Draft, found: Found) -> dict[str, Any]:
    """What goes with an XML file beyond it: the customer, and products and ledger accounts of its lines."""
    ids = zip(draft.lines, found.product_ids, found.ledger_account_ids, strict=False)
    lines = [
        {
            "e_invoice_line_id": line.identifier,
            **({"product_id": product} if product else {}),
            **({"ledger_account_id": account} if account else {}),
        }
        for line, product, account in ids
        if line.identifier and (product or account)
    ]
    customer = {"customer_id": found.customer_id} if found.customer_id else {}
    return {**customer, **({"invoice_lines": lines} if lines else {})}


def import_body(draft: Draft, found: Found) -> Body:
    """The body of `POST /customer_invoices/import`, for a file already uploaded.

    Raises:
        DraftError: A required value is missing; `check.check_draft` says which.
    """
    totals = import_totals(draft)
    if found.file_attachment_id is None or totals is None:
        raise DraftError(f"{draft.reference}: no uploaded file or no amounts to import; nothing was sent")
    body: Body = {
        "file_attachment_id": found.file_attachment_id,
        "date": _day(draft, "date"),
        "deadline": _day(draft, "due_date"),
        "customer_id": found.customer_id,
        "currency": draft.currency,
        **_amounts(totals),
        "invoice_number": draft.number,
        "external_reference": draft.reference,
        "credited_invoice_id": found.credited_invoice_id,
        "label": draft.ledger_label,
        "purchase_order_reference": draft.purchase_order,
        "sales_order_reference": draft.sales_order,
        "transaction_reference": _transaction(draft),
        "convert_to_e_invoice": draft.convert_to_e_invoice or None,
        "discount": _discount(draft.discount),
        "invoice_lines": [_imported_line(draft, found, place) for place in range(len(draft.lines))],
    }
    return _given(body)


def customer_body(customer: Customer) -> tuple[str, Body]:
    """The path and body that create a customer.

    Raises:
        DraftError: Name or address are not complete; `check.missing_for_creation` says what is missing.
    """
    address = customer.billing_address
    named = (customer.first_name and customer.last_name) if customer.kind == "individual" else customer.name
    if not named or not (address.address and address.postal_code and address.city and address.country):
        raise DraftError(
            f"Customer {customer.full_name()!r} lacks a name or a full address; nothing was created"
        )
    body: Body = {
        "billing_address": _address(address),
        "delivery_address": _address(customer.delivery_address),
        "emails": list(customer.emails) or None,
        "external_reference": customer.external_reference,
        "phone": customer.phone,
        "recipient": customer.recipient,
        "reference": customer.reference,
        "payment_conditions": customer.payment_conditions,
        "billing_language": customer.language,
        "billing_iban": customer.iban,
    }
    if customer.kind == "individual":
        names = {"first_name": customer.first_name, "last_name": customer.last_name}
        return "/individual_customers", _given({**names, **body})
    registered = {"name": customer.name, "reg_no": customer.reg_no, "vat_number": customer.vat_number}
    return "/company_customers", _given({**registered, **body})


def categories_body(weights: Sequence[tuple[int, Decimal]]) -> list[Body]:
    """The body of `PUT /customer_invoices/{id}/categories`, which replaces them all: ids with weights."""
    return [{"id": category_id, "weight": f"{weight.normalize():f}"} for category_id, weight in weights]


def _created_line(draft: Draft, found: Found, place: int) -> Body:
    line = draft.lines[place]
    product_id = _at(found.product_ids, place) or line.product.id
    body: Body = {
        "product_id": product_id,
        "label": line.label,
        "description": line.description,
        "quantity": _number(line),
        "raw_currency_unit_price": None if line.unit_price is None else format_amount(line.unit_price),
        "unit": line.unit if product_id else line.unit or "",
        "vat_rate": line.vat_code,
        "discount": _discount(line.discount),
        "ledger_account_id": _at(found.ledger_account_ids, place) or line.ledger_account_id,
        "substance": line.substance,
        "section_rank": line.section,
        "imputation_dates": _imputation(line) if draft.is_final else None,
    }
    return _given(body)


def _imported_line(draft: Draft, found: Found, place: int) -> Body:
    line = draft.lines[place]
    totals = line_totals(line)
    if totals is None or line.unit_price is None or line.vat_code is None:
        raise DraftError(f"{draft.reference}: line {place + 1} has no amounts or VAT code; nothing was sent")
    body: Body = {
        "label": line.label,
        "quantity": _number(line),
        "raw_currency_unit_price": format_amount(line.unit_price),
        "unit": line.unit or "",
        "vat_rate": line.vat_code,
        "currency_amount": format_amount(totals.incl_tax_ccy),
        "currency_tax": format_amount(totals.tax_ccy),
        "discount": _discount(line.discount),
        "product_id": _at(found.product_ids, place) or line.product.id,
        "ledger_account_id": _at(found.ledger_account_ids, place) or line.ledger_account_id,
        "substance": line.substance,
        "imputation_dates": _imputation(line),
    }
    return _given(body)


def _given(body: Body) -> Body:
    """Without what is not known: Pennylane refuses null in most places."""
    return {name: value for name, value in body.items() if value is not None}


def _day(draft: Draft, field: str) -> str:
    day = getattr(draft, field)
    if day is None:
        raise DraftError(f"{draft.reference}: {field} is missing; nothing was sent")
    return str(day.isoformat())


def _number(line: DraftLine) -> int | float:
    """A quantity as JSON's number; a float carries the 15 digits a quantity may have."""
    quantity = Decimal(1) if line.quantity is None else line.quantity
    return int(quantity) if quantity == quantity.to_integral_value() else float(quantity)


def _amounts(totals: Totals) -> Body:
    return {
        "currency_amount_before_tax": format_amount(totals.excl_tax_ccy),
        "currency_tax": format_amount(totals.tax_ccy),
        "currency_amount": format_amount(totals.incl_tax_ccy),
    }


def _discount(discount: Discount | None) -> Body | None:
    return None if discount is None else {"type": discount.kind, "value": format_amount(discount.value)}


def _address(address: Address) -> Body | None:
    if not (address.address and address.postal_code and address.city and address.country):
        return None
    return {
        "address": address.address,
        "postal_code": address.postal_code,
        "city": address.city,
        "country_alpha2": address.country,
    }


def _transaction(draft: Draft) -> Body | None:
    transaction = draft.transaction
    if transaction is None:
        return None
    return {
        "banking_provider": transaction.provider,
        "provider_field_name": transaction.field,
        "provider_field_value": transaction.value,
    }


def _sections(draft: Draft) -> list[Body] | None:
    sections = [
        _given({"title": section.title, "description": section.description, "rank": rank})
        for rank, section in enumerate(draft.sections, start=1)
    ]
    return sections or None


def _imputation(line: DraftLine) -> Body | None:
    period = line.imputation
    if period is None or period.start is None or period.end is None:
        return None
    return {"start_date": period.start.isoformat(), "end_date": period.end.isoformat()}


def _at(ids: Sequence[int | None], place: int) -> int | None:
    return ids[place] if place < len(ids) else None
