"""Documents made elsewhere: import with their file, change afterwards.

Source:
    Amounts are kept as given, with a cent of tolerance per line; the rules of `convert_to_e_invoice` and of
    `credited_invoice_id`; 409 while the file is not there: documented,
    https://pennylane.readme.io/reference/importcustomerinvoices. The same bytes get 409 with the id of the
    document that has them; an invoice number in use is refused: observed, its text assumed. Assumed: an
    incomplete import shows as paid although all of it remains (observed once, after a while).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pennybridge.emulator.amounts import import_problem
from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.documents import finalized, open_amount
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.records import customer_invoice
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.actions import credit_problem, is_eligible, link
from pennybridge.emulator.writing.checks import check_reference, check_unused, number_of
from pennybridge.emulator.writing.files import attachment
from pennybridge.emulator.writing.imported_lines import imported_line
from pennybridge.emulator.writing.invoices import header_fields
from pennybridge.emulator.writing.lines import discount_of
from pennybridge.emulator.writing.matching import match_by_reference
from pennybridge.emulator.writing.numbering import check_open
from pennybridge.money import CENT, format_amount, to_cents

CONVERTED_AFTER = timedelta(seconds=2)
"""How long the conversion to an e-invoice takes (assumed: `shortly after`)."""

_WITH_CONVERSION = "can only be used when convert_to_e_invoice is true"
_TOTALS = ("currency_amount", "currency_amount_before_tax", "currency_tax", "amount", "tax")


def import_invoice(call: Call) -> Answer:
    """`POST /customer_invoices/import`."""
    data = call.data
    file = attachment(call, data["file_attachment_id"])
    check_new_content(call, file["_digest"])
    customer = existing(call, "customers", data["customer_id"])
    check_reference(call, "customer_invoices")
    check_number(call, data.get("invoice_number"))
    _check_conversion(data, file, customer)
    check_open(call, date.fromisoformat(data["date"]))
    invoice = _write(call, customer, file)
    if data.get("credited_invoice_id"):
        _credit(call, invoice, data["credited_invoice_id"])
    match_by_reference(call, invoice)
    if data.get("convert_to_e_invoice"):
        call.books.later(CONVERTED_AFTER, lambda: _converted(call, invoice["id"]))
    return answer_record(call, "customer_invoices", invoice["id"], 201)


def check_new_content(call: Call, digest: str) -> None:
    """Refuse with 409 a file whose bytes another document has, naming it (text observed)."""
    for known in call.books.select("customer_invoices", call.company.id, parent_id=None, digest=digest):
        raise Refusal(409, f"A document with ID {known['id']} already exists with such attachment.")


def check_number(call: Call, number: str | None, *, but: int | None = None) -> None:
    """Refuse with 422 a number that another document has (text assumed)."""
    if number:
        check_unused(call, "customer_invoices", "invoice_number", number, but=but)


def _check_conversion(data: Mapping[str, Any], file: Mapping[str, Any], customer: Mapping[str, Any]) -> None:
    if not data.get("convert_to_e_invoice"):
        if "discount" in data or any("discount" in line for line in data["invoice_lines"]):
            raise Refusal(422, f"discount {_WITH_CONVERSION}")
        return
    number = data.get("invoice_number", "")
    rules = [
        (file["_content_type"] == "application/pdf", "The file must be a PDF to convert to e-invoice"),
        (
            all(line.get("label", "").strip() for line in data["invoice_lines"]),
            "All invoice lines must have a label to convert to e-invoice",
        ),
        (
            re.fullmatch(r"[A-Za-z0-9+_/-]*", number),
            "invoice_number must only contain alphanumeric characters and -+_/ to convert to e-invoice",
        ),
        (len(number) <= 35, "invoice_number must be a maximum of 35 characters to convert to e-invoice"),
        (is_eligible(customer), "The customer is not eligible for e-invoicing"),
    ]
    for holds, message in rules:
        if not holds:
            raise Refusal(422, message)


def _write(call: Call, customer: Mapping[str, Any], file: Mapping[str, Any]) -> Record:
    data = call.data
    currency = data.get("currency", "EUR")
    day = date.fromisoformat(data["date"])
    rate = _rate(data, currency, day)
    lines = [imported_line(call, line, rank, rate) for rank, line in enumerate(data["invoice_lines"], 1)]
    totals = totals_of(data, rate)
    check_totals(totals, lines)
    invoice = customer_invoice(
        call.books.new_id(), call.at, customer=customer, lines=lines, day=day,
        deadline=date.fromisoformat(data["deadline"]), currency=currency, exchange_rate=rate, amounts=totals,
        discount=discount_of(data.get("discount")), filename=file["filename"], _digest=file["_digest"],
        _content_type=file["_content_type"],
        _file=file["id"], _imported=True, **header_fields(call),
    )  # fmt: skip
    invoice |= finalized(invoice, number=data.get("invoice_number", ""), today=call.now.date())
    if data.get("import_as_incomplete"):
        invoice |= {"status": "incomplete", "paid": True}
    if data.get("convert_to_e_invoice"):
        invoice["_converting"] = True
    written = call.insert("customer_invoices", invoice)
    for line in lines:
        call.insert("customer_invoice_lines", line, invoice["id"])
    return written


def _rate(data: Mapping[str, Any], currency: str, day: date) -> Decimal:
    """Euros for one unit: what the document's amounts in euros say, else the rate of its day."""
    in_currency = number_of(data["currency_amount"], "Currency amount")
    if currency == "EUR" or not data.get("amount") or not in_currency:
        return booked_rate(currency, day)
    rate = (number_of(data["amount"], "Amount") / in_currency).quantize(Decimal("0.000001"))
    return rate if rate > 0 else booked_rate(currency, day)


def totals_of(data: Mapping[str, Any], rate: Decimal) -> dict[str, str]:
    """The five totals of a document as it says them; what it does not say in euros is computed."""
    said = {name: number_of(data[name], name) for name in _TOTALS if data.get(name)}
    said.setdefault("amount", to_cents(said["currency_amount"] * rate))
    said.setdefault("tax", to_cents(said["currency_tax"] * rate))
    return {name: format_amount(amount) for name, amount in said.items()}


def check_totals(totals: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> None:
    """Refuse with 422 totals that do not add up, a cent per line aside."""
    before_tax, tax = Decimal(totals["currency_amount_before_tax"]), Decimal(totals["currency_tax"])
    if abs(before_tax + tax - Decimal(totals["currency_amount"])) > CENT * len(lines):
        raise Refusal(
            422,
            f'The sum of "currency_amount_before_tax" and "currency_tax" ({format_amount(before_tax + tax)}) '
            f"does not match with the total invoice currency_amount ({totals['currency_amount']})",
        )
    if problem := import_problem(totals, lines):
        raise Refusal(422, problem)


def _credit(call: Call, note: Mapping[str, Any], invoice_id: int) -> None:
    invoice = existing(call, "customer_invoices", invoice_id)
    if problem := credit_problem(invoice, note):
        raise Refusal(422, problem)
    if invoice["draft"]:
        raise Refusal(422, "The credited invoice must be finalized")
    if open_amount(invoice) < -open_amount(note):
        raise Refusal(422, "The credited invoice has not enough remaining amount")
    link(call, invoice, note)


def _converted(call: Call, invoice_id: int) -> None:
    invoice = call.books.get("customer_invoices", invoice_id)
    if invoice:
        done = {"factur_x": True, "schematron_validation_status": "valid", "_converting": False}
        call.books.update("customer_invoices", invoice_id, done)


IMPORT_WRITES: dict[str, Handler] = {"importCustomerInvoices": import_invoice}
