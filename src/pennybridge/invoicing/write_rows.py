"""Drafts → the documented shape: a template to fill in, and batches written to be read again."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from pennybridge.invoicing.drafts import CategoryWeight, Discount, Draft, DraftLine
from pennybridge.invoicing.fields import FIELDS
from pennybridge.invoicing.references import external_reference

_ORDER = [field.name for field in FIELDS]
_LINE_FIELDS = {field.name for field in FIELDS if field.level == "line"}
_CUSTOMER = (
    "id", "external_reference", "reg_no", "vat_number", "emails", "name", "kind", "first_name", "last_name",
    "phone", "recipient", "reference", "payment_conditions", "language", "iban",
)  # fmt: skip
_DOCUMENT = (
    "reference", "number", "date", "due_date", "currency", "language", "subject", "description", "free_text",
    "special_mention", "ledger_label", "purchase_order", "sales_order", "template_id", "template", "credits",
    "categories",
)  # fmt: skip


def template_csv() -> str:
    """A CSV file to fill in: every column, and one invoice of two lines as an example."""
    example = {field.name: field.example for field in FIELDS}
    second = {
        **{name: example[name] for name in _LINE_FIELDS},
        "reference": example["reference"],
        "label": "Assistance",
    }
    first = {**example, "total_excl_tax": "", "total_tax": "", "total_incl_tax": ""}
    return _csv([first, second], _ORDER)


def template_json() -> str:
    """The same invoice as a JSON file to fill in."""
    filled = {field.name: field.example for field in FIELDS if field.example}
    invoice: dict[str, Any] = {name: text for name, text in filled.items() if name not in _LINE_FIELDS}
    customer = {
        name.removeprefix("customer_"): invoice.pop(name) for name in list(invoice) if "customer_" in name
    }
    line = {name: text for name, text in filled.items() if name in _LINE_FIELDS}
    invoice |= {"customer": customer, "lines": [line]}
    return msgspec.json.format(msgspec.json.encode([invoice]), indent=2).decode() + "\n"


def write_csv(drafts: Iterable[Draft]) -> str:
    """Drafts as CSV, only the columns that are used; `read_csv` gives the same drafts."""
    rows = [row for draft in drafts for row in draft_rows(draft)]
    used = {name for row in rows for name, text in row.items() if text}
    return _csv(rows, [name for name in _ORDER if name in used])


def draft_rows(draft: Draft) -> Iterator[dict[str, str]]:
    """The rows of one draft, one for each line, the invoice's own fields on the first."""
    head = _texts(_document(draft))
    key = "number" if draft.number and not draft.reference else "reference"
    head[key] = head[key] or external_reference(draft)
    for place, line in enumerate(draft.lines):
        own = _texts(_line(draft, line))
        yield {**head, **own} if place == 0 else {key: head.get(key, ""), **own}
    if not draft.lines:
        yield head


def _document(draft: Draft) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(draft, name) for name in _DOCUMENT}
    values |= {f"customer_{name}": getattr(draft.customer, name) for name in _CUSTOMER}
    for whose, address in (
        ("customer", draft.customer.billing_address),
        ("delivery", draft.customer.delivery_address),
    ):
        values |= {f"{whose}_{part}": value for part, value in msgspec.structs.asdict(address).items()}
    if draft.totals:
        totals = msgspec.structs.asdict(draft.totals)
        values |= {f"total_{name.removesuffix('_ccy')}": amount for name, amount in totals.items()}
    if draft.transaction:
        transaction = msgspec.structs.asdict(draft.transaction)
        values |= {f"transaction_{name}": text for name, text in transaction.items()}
    values["status"] = None if draft.is_final is None else ("final" if draft.is_final else "draft")
    values["invoice_discount"] = draft.discount
    values["file"] = draft.attachment.path if draft.attachment else None
    values["convert_to_e_invoice"] = "yes" if draft.convert_to_e_invoice else None
    return values


def _line(draft: Draft, line: DraftLine) -> dict[str, object]:
    section = draft.sections[line.section - 1] if line.section else None
    return {
        "label": line.label,
        "line_description": line.description,
        "unit_price": line.unit_price,
        "quantity": line.quantity,
        "unit": line.unit,
        "vat": line.vat_code,
        "line_discount": line.discount,
        "product_id": line.product.id,
        "product_reference": line.product.reference,
        "product_external_reference": line.product.external_reference,
        "product": line.product.label,
        "ledger_account_id": line.ledger_account_id,
        "ledger_account": line.ledger_account,
        "substance": line.substance,
        "section": section.title if section else None,
        "section_description": section.description if section else None,
        "imputation_start": line.imputation.start if line.imputation else None,
        "imputation_end": line.imputation.end if line.imputation else None,
        "line_tax": line.tax_ccy,
        "line_total_incl_tax": line.amount_incl_tax_ccy,
    }


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Discount):
        return f"{value.value:f} %" if value.kind == "relative" else f"{value.value:f}"
    if isinstance(value, tuple):
        weights = any(isinstance(part, CategoryWeight) for part in value)
        return (" | " if weights else ",").join(_part(part) for part in value)
    return str(value)


def _part(part: object) -> str:
    if not isinstance(part, CategoryWeight):
        return str(part)
    group = f"{part.group}/" if part.group else ""
    return f"{group}{part.id or part.label}={part.weight:f}"


def _csv(rows: Iterable[Mapping[str, str]], columns: list[str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
