"""What kinds of records the emulator keeps: one row of a table per resource.

A record is a document as Pennylane answers it (`dict`, money as decimal text, instants as RFC 3339 text),
without the links that follow from its id: those are added when it is answered. Keys that begin with `_` are
notes of the emulator's own and are never answered.
"""

from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
"""One document. Unknown shape on purpose: what may be in it is said, and checked, by the contract."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A kind of record, where it is found, and which of its fields can be searched."""

    name: str
    columns: dict[str, str] = field(default_factory=dict)
    """Searchable column → where its value stands in the record (`customer.id`)."""
    references: dict[str, str] = field(default_factory=dict)
    """Field that names another record with a `url` → the collection that url leads to."""
    links: dict[str, str] = field(default_factory=dict)
    """Field → path of a sub-resource or a related list; `{id}` stands for the record's id."""
    defaults: Record = field(default_factory=dict)
    """What Pennylane answers where nothing was said; empty strings where it has empty strings (observed)."""
    dated: bool = True
    """Tells when it was created and updated."""
    child: bool = False
    """Belongs to one parent record and is listed under it."""
    changelog: bool = False
    """Has a feed of changes under `/changelogs/`."""


_ADDRESS = {"address": "", "postal_code": "", "city": "", "country_alpha2": ""}
_NO_DISCOUNT = {"type": "relative", "value": "0.0"}
_MANDATES = (
    "?filter=%5B%7B%22field%22%3A%22customer_id%22%2C%22operator%22%3A%22eq%22%2C"
    "%22value%22%3A%22{id}%22%7D%5D"
)
_DOCUMENT_COLUMNS = {"date": "date", "customer_id": "customer.id", "external_reference": "external_reference"}
_DOCUMENT_DEFAULTS: Record = {
    "label": None, "currency": "EUR", "amount": "0.0", "currency_amount": "0.0",
    "currency_amount_before_tax": "0.0", "exchange_rate": "1.0", "date": None, "deadline": None,
    "currency_tax": "0.0",
    "tax": "0.0", "language": "fr_FR", "discount": _NO_DISCOUNT, "filename": None, "special_mention": None,
    "customer": None, "pdf_invoice_free_text": "", "pdf_invoice_subject": "", "pdf_description": None,
    "archived_at": None,
}  # fmt: skip


def _under(collection: str, *names: str) -> dict[str, str]:
    return {name: f"{collection}/{{id}}/{name}" for name in names}


def _line_resource(name: str, extra: Record) -> Resource:
    return Resource(
        name=name,
        child=True,
        columns={"rank": "_rank"},
        references={"product": "products"},
        defaults={
            "unit": "piece", "description": "", "product": None, "discount": _NO_DISCOUNT,
            "section_rank": 0, "_rank": 1, **extra,
        },
    )  # fmt: skip


def _sections(name: str) -> Resource:
    return Resource(
        name=name,
        child=True,
        columns={"rank": "rank"},
        defaults={"title": None, "description": None, "rank": 0},
    )


def _plain(name: str, /, *, child: bool = False, changelog: bool = False, **columns: str) -> Resource:
    return Resource(name=name, child=child, changelog=changelog, columns=columns)


_ALL = (
    Resource(
        name="customers",
        changelog=True,
        columns={
            "customer_type": "customer_type", "name": "name", "external_reference": "external_reference",
            "reg_no": "reg_no", "emails": "emails", "ledger_account_id": "ledger_account.id",
        },
        links={
            "mandates": f"gocardless_mandates{_MANDATES}",
            "pro_account_mandates": f"pro_account/mandates{_MANDATES}",
            "contacts": "customers/{id}/contacts",
        },
        defaults={
            "billing_iban": None, "payment_conditions": "30_days", "recipient": "", "phone": "",
            "reference": "",
            "notes": None, "ledger_account": None, "emails": [], "billing_address": _ADDRESS,
            "delivery_address": _ADDRESS, "billing_language": "fr_FR",
        },
    ),
    Resource(
        name="contacts",
        child=True,
        defaults={
            "first_name": "", "last_name": "", "role": "", "email": "", "telephone_number": "",
            "mobile_number": "",
        },
    ),
    Resource(
        name="products",
        changelog=True,
        columns={"label": "label", "reference": "reference", "external_reference": "external_reference"},
        defaults={
            "description": "", "unit": "piece", "currency": "EUR", "reference": "", "substance": None,
            "ledger_account": None, "archived_at": None,
        },
    ),
    Resource(
        name="customer_invoices",
        changelog=True,
        columns={
            **_DOCUMENT_COLUMNS, "billing_subscription_id": "billing_subscription.id",
            "quote_id": "quote.id",
            "invoice_number": "invoice_number", "draft": "draft", "credit_note": "_credit_note",
            "flow_id": "e_invoicing.flow.id", "status": "status", "digest": "_digest",
        },
        references={"customer": "customers", "credited_invoice": "customer_invoices"},
        links=_under(
            "customer_invoices", "invoice_line_sections", "invoice_lines", "custom_header_fields",
            "categories", "payments", "matched_transactions", "appendices",
        ),
        defaults={
            **_DOCUMENT_DEFAULTS, "invoice_number": "", "paid": False, "status": "draft", "draft": True,
            "remaining_amount_with_tax": None, "remaining_amount_without_tax": None,
            "billing_subscription": None,
            "credited_invoice": None, "customer_invoice_template": None, "transaction_reference": None,
            "quote": None,
            "e_invoicing": None, "factur_x": False, "schematron_validation_status": None,
        },
    ),
    _line_resource("customer_invoice_lines", {"imputation_dates": None, "substance": None}),
    _sections("customer_invoice_sections"),
    Resource(name="customer_invoice_payments", child=True, defaults={"currency": "EUR", "label": ""}),
    Resource(name="customer_invoice_appendices", child=True),
    _plain("file_attachments"),
    Resource(name="customer_invoice_header_fields", child=True, defaults={"value": None, "rank": 0}),
    Resource(
        name="billing_subscriptions",
        columns={"start": "start", "customer_id": "customer.id", "status": "status"},
        references={"customer": "customers"},
        links={
            "customer_invoice_data.invoice_line_sections": "billing_subscriptions/{id}/invoice_line_sections",
            "customer_invoice_data.invoice_lines": "billing_subscriptions/{id}/invoice_lines",
        },
        defaults={
            "next_occurrence": None, "prev_occurrence": None, "stopped_at": None, "finish": None,
            "activated_at": None, "payment_conditions": "30_days", "payment_method": "offline",
            "label": None,
            "email_settings": None, "customer": None,
        },
    ),
    _line_resource("billing_subscription_lines", {"imputation_dates": None}),
    _sections("billing_subscription_sections"),
    Resource(
        name="quotes",
        changelog=True,
        columns={**_DOCUMENT_COLUMNS, "status": "status"},
        references={"customer": "customers"},
        links=_under("quotes", "invoice_line_sections", "invoice_lines", "appendices")
        | {"linked_invoices": "customer_invoices" + _MANDATES.replace("customer_id", "quote_id")},
        defaults={**_DOCUMENT_DEFAULTS, "status": "pending", "quote_template": None},
    ),
    _line_resource("quote_lines", {}),
    _sections("quote_sections"),
    Resource(name="quote_appendices", child=True),
    Resource(
        name="commercial_documents",
        columns={**_DOCUMENT_COLUMNS, "document_type": "document_type"},
        references={"customer": "customers", "quote": "quotes"},
        links=_under("commercial_documents", "invoice_line_sections", "invoice_lines", "appendices"),
        defaults={**_DOCUMENT_DEFAULTS, "quote": None, "commercial_document_template": None},
    ),
    _line_resource("commercial_document_lines", {}),
    _sections("commercial_document_sections"),
    Resource(name="commercial_document_appendices", child=True),
    Resource(
        name="transactions",
        changelog=True,
        columns={"bank_account_id": "bank_account.id", "journal_id": "journal.id", "date": "date"},
        references={
            "journal": "journals", "bank_account": "bank_accounts", "customer": "customers",
            "supplier": "suppliers",
        },
        links=_under("transactions", "matched_invoices"),
        defaults={
            "attachment_required": True, "outstanding_balance": None, "archived_at": None,
            "currency": "EUR",
            "currency_fee": None, "fee": None, "pro_account_expense": None, "customer": None,
            "supplier": None,
            "categories": [], "interbank_code": None,
        },
    ),
    Resource(
        name="categories",
        columns={"label": "label", "category_group_id": "category_group.id",
        "analytical_code": "analytical_code"},
        defaults={"direction": None, "analytical_code": None},
    ),
    Resource(name="category_groups", links=_under("category_groups", "categories")),
    Resource(
        name="ledger_accounts",
        columns={"number": "number", "enabled": "enabled"},
        defaults={
            "vat_rate": "any", "country_alpha2": "any", "enabled": True, "type": "standard",
            "letterable": False,
        },
    ),
    Resource(name="journals", columns={"type": "type"}, dated=False),
    _plain("customer_invoice_templates"),
    _plain("bank_establishments"),
    Resource(
        name="bank_accounts",
        references={"journal": "journals", "ledger_account": "ledger_accounts"},
        defaults={"currency": "EUR", "balance": "0.0", "journal": None},
    ),
    _plain("fiscal_years", start="start"),
    _plain("pa_registrations"),
    _plain(
        "suppliers", changelog=True, name="name", external_reference="external_reference", emails="emails",
        ledger_account_id="ledger_account.id",
    ),
    _plain(
        "supplier_invoices", changelog=True, date="date", supplier_id="supplier.id",
        invoice_number="invoice_number",
        external_reference="external_reference", payment_status="payment_status",
        flow_id="e_invoicing.flow.id",
    ),
    Resource(
        name="ledger_entries",
        columns={"date": "date", "journal_id": "journal.id"},
        references={"journal": "journals"},
        defaults={
            "attachment": None, "categories": [], "due_date": None, "invoice_number": None,
            "ledger_attachment_filename": None, "piece_number": None, "status": "entry",
        },
    ),
    Resource(
        name="ledger_entry_lines",
        changelog=True,
        columns={
            "date": "date", "journal_id": "journal.id", "ledger_account_id": "ledger_account.id",
            "ledger_entry_id": "ledger_entry.id",
        },
        references={"journal": "journals", "ledger_account": "ledger_accounts"},
        defaults={"categories": [], "debit": "0.0", "credit": "0.0"},
    ),
    Resource(name="exports"),
    Resource(
        name="sepa_mandates",
        columns={"customer_id": "customer.id"},
        references={"customer": "customers"},
        defaults={"bank": None, "sequence_type": "RCUR"},
    ),
    Resource(
        name="webhook_subscriptions",
        defaults={
            "enabled": True, "disabled_at": None, "disabled_reason": None, "last_failure_status": None,
            "last_failure_at": None, "consecutive_failures": 0,
        },
    ),
    _plain("gocardless_mandates", customer_id="customer.id", external_reference="external_reference"),
    _plain("purchase_requests", reviewed_by_id="_reviewed_by_id", user_id="_user_id",
    supplier_id="supplier.id"),
)  # fmt: skip

RESOURCES: dict[str, Resource] = {resource.name: resource for resource in _ALL}
