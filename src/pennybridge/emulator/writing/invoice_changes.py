"""Changes of customer invoices: drafts, the few fields of finalized ones, imported ones.

Source:
    A draft has other fields than a finalized invoice; `update_imported` is not for drafts: documented. An
    archived invoice cannot be changed: observed. Assumed: the texts; that fields of the other state are
    refused with 422; that all amounts of a draft are computed again, at the rate of its date.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pennybridge.emulator.amounts import invoice_amounts
from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.documents import open_amount, remaining_fields, status_of
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import check_currency, check_reference
from pennybridge.emulator.writing.imported_lines import edit_imported_lines
from pennybridge.emulator.writing.imports import check_number, check_totals, totals_of
from pennybridge.emulator.writing.invoices import header_fields
from pennybridge.emulator.writing.line_edits import edit_lines
from pennybridge.emulator.writing.lines import discount_of, period_of, total_within_bounds
from pennybridge.emulator.writing.matching import match_by_reference
from pennybridge.emulator.writing.numbering import check_open, day_of
from pennybridge.money import format_amount

_LINES = "customer_invoice_lines"
_OF_FINAL = {"external_reference", "installments", "label", "transaction_reference", "invoice_lines"}
_TOTALS = ("currency_amount", "currency_amount_before_tax", "currency_tax", "amount", "tax")


def update(call: Call) -> Answer:
    """`PUT /customer_invoices/{id}`."""
    invoice = _changeable(call)
    changes = header_fields(call)
    if "transaction_reference" in changes and invoice["draft"]:
        raise Refusal(422, "transaction_reference can only be updated on finalized invoices")
    changes |= _of_draft(call, invoice) if invoice["draft"] else _of_final(call, invoice)
    _write(call, invoice, changes)
    return answer_record(call, "customer_invoices", invoice["id"])


def update_imported(call: Call) -> Answer:
    """`PUT /customer_invoices/{id}/update_imported`."""
    invoice = _changeable(call)
    if invoice["draft"]:
        raise Refusal(422, "This endpoint is not applicable for draft invoices")
    if not invoice.get("_imported"):
        raise Refusal(422, "Only imported invoices can be updated")
    check_number(call, call.data.get("invoice_number"), but=invoice["id"])
    changes = header_fields(call) | _dates_and_customer(call)
    check_open(call, day_of({**invoice, **changes}))
    if "invoice_number" in call.data:
        changes["invoice_number"] = call.data["invoice_number"]
    changes |= _imported_amounts(call, invoice)
    _write(call, invoice, changes)
    return answer_record(call, "customer_invoices", invoice["id"])


def _changeable(call: Call) -> Record:
    invoice = existing(call, "customer_invoices", call.record_id())
    if invoice["archived_at"] is not None:
        raise Refusal(422, "Archived invoices cannot be updated")
    check_reference(call, "customer_invoices", but=invoice["id"])
    return invoice


def _write(call: Call, invoice: Record, changes: Record) -> None:
    changed = {**invoice, **changes}
    changed["_credit_note"] = changed["amount"].startswith("-") or changed["credited_invoice"] is not None
    if changed["status"] != "incomplete":
        changed["status"] = status_of(changed, remaining=open_amount(changed), today=call.now.date())
    told = {name: changed[name] for name in (*changes, "status", "_credit_note")}
    written = call.books.update("customer_invoices", invoice["id"], told)
    if changes.get("transaction_reference"):
        match_by_reference(call, written)


def _of_draft(call: Call, invoice: Record) -> Record:
    edits = call.data.get("invoice_lines", {})
    if any("imputation_dates" in line for line in edits.get("update", ())):
        raise Refusal(422, "Imputation dates can only be updated on finalized invoices")
    changes = _dates_and_customer(call)
    changed = {**invoice, **changes}
    check_currency(changed["currency"])
    if "discount" in call.data:
        changes["discount"] = discount_of(call.data["discount"])
    rate = Decimal(invoice["exchange_rate"])
    if {"currency", "date"} & set(changes):
        rate = booked_rate(changed["currency"], day_of(changed) or call.now.date())
    lines = edit_lines(call, _LINES, invoice["id"], edits, rate)
    discount = {**invoice, **changes}["discount"]
    totals = invoice_amounts(lines, discount=discount, exchange_rate=rate)
    total_within_bounds(totals)
    return {**changes, **totals, "exchange_rate": format_amount(rate)}


def _of_final(call: Call, invoice: Record) -> Record:
    edits = call.data.get("invoice_lines", {})
    unknown = set(call.data) - _OF_FINAL or set(edits) - {"update"}
    lines = edits.get("update", ())
    if unknown or any(set(line) - {"id", "imputation_dates"} for line in lines):
        raise Refusal(
            422,
            "Finalized invoices can only be updated on label, external_reference, transaction_reference "
            "and imputation_dates of invoice lines",
        )
    _date_lines(call, invoice, lines)
    return {}


def _date_lines(call: Call, invoice: Record, changes: Sequence[Mapping[str, Any]]) -> None:
    own = {line["id"] for line in call.books.select(_LINES, parent_id=invoice["id"])}
    for line in changes:
        if line["id"] not in own:
            raise Refusal(404, "Not Found")
        if "imputation_dates" in line and period_of(line["imputation_dates"]):
            call.books.update(_LINES, line["id"], {"imputation_dates": line["imputation_dates"]})


def _dates_and_customer(call: Call) -> Record:
    changes = {name: call.data[name] for name in ("date", "deadline", "currency") if name in call.data}
    if "customer_id" in call.data:
        changes["customer"] = {"id": existing(call, "customers", call.data["customer_id"])["id"]}
    return changes


def _imported_amounts(call: Call, invoice: Record) -> Record:
    """The totals as they are then, and what remains: what was paid or credited stays so."""
    said = {name: call.data[name] for name in _TOTALS if call.data.get(name)}
    edits = call.data.get("invoice_lines", {})
    if not said and not edits:
        return {}
    rate = Decimal(invoice["exchange_rate"])
    lines = edit_imported_lines(call, _LINES, invoice["id"], edits, rate)
    kept = {name: invoice[name] for name in _TOTALS}
    if "currency_amount" in said:
        del kept["amount"]
    if "currency_tax" in said:
        del kept["tax"]
    totals = totals_of({**kept, **said}, rate)
    check_totals(totals, lines)
    settled = Decimal(invoice["amount"]) - open_amount(invoice)
    remaining = remaining_fields({**invoice, **totals}, Decimal(totals["amount"]) - settled)
    return {**totals, **(remaining | ({"paid": True} if invoice["status"] == "incomplete" else {}))}


CHANGE_WRITES: dict[str, Handler] = {
    "updateCustomerInvoice": update,
    "updateImportedCustomerInvoice": update_imported,
}
