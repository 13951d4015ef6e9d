"""Quotes: create, change, set their status, send them by email.

Source:
    Fields and statuses: the contract. Assumed: everything else, in the manner of customer invoices; numbers
    go `D-2026-0001`; the PDF is there a second later; an invoiced quote changes no more; any status may
    follow any other.
"""

from datetime import date, timedelta
from decimal import Decimal

from pennybridge.emulator.amounts import invoice_amounts
from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.outbox import Mail
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.records import quote
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import check_currency, check_emails, check_present, check_reference
from pennybridge.emulator.writing.line_edits import edit_lines, new_lines, write_lines, write_sections
from pennybridge.emulator.writing.lines import check_sections, discount_of, total_within_bounds
from pennybridge.money import format_amount

_FILE_READY = timedelta(seconds=1)
_AS_SENT = ("external_reference", "language", "pdf_description", "special_mention", "currency")
_NEVER_NULL = ("pdf_invoice_free_text", "pdf_invoice_subject")


def _create(call: Call) -> Answer:
    data = call.data
    customer = existing(call, "customers", data["customer_id"])
    fields = _fields(call)
    day, deadline = date.fromisoformat(data["date"]), date.fromisoformat(data["deadline"])
    _check_days(day, deadline)
    rate = booked_rate(data.get("currency", "EUR"), day)
    sections = data.get("invoice_line_sections", ())
    check_sections(sections, data["invoice_lines"])
    lines = new_lines(call, data["invoice_lines"], rate)
    discount = discount_of(data.get("discount"))
    amounts = invoice_amounts(lines, discount=discount, exchange_rate=rate)
    total_within_bounds(amounts)
    number = f"D-{call.now.year}-{call.books.count('quotes', call.company.id) + 1:04d}"
    key = call.books.new_id()
    record = quote(key, call.at, number=number, customer=customer, lines=lines, day=day, deadline=deadline)
    filename, record["filename"] = record["filename"], None
    money = {**amounts, "discount": discount, "exchange_rate": format_amount(rate)}
    call.insert("quotes", {**record, "language": customer["billing_language"], **fields, **money})
    write_sections(call, "quote_sections", key, sections)
    write_lines(call, "quote_lines", key, lines)
    books = call.books
    books.later(_FILE_READY, lambda: books.update("quotes", key, {"filename": filename}))
    return answer_record(call, "quotes", key, 201)


def _change(call: Call) -> Answer:
    data = call.data
    record = existing(call, "quotes", call.record_id())
    if record["status"] == "invoiced":
        raise Refusal(422, "An invoiced quote can't be updated")
    changes = _fields(call, but=record["id"])
    if "customer_id" in data:
        changes["customer"] = {"id": existing(call, "customers", data["customer_id"])["id"]}
    changes |= {name: data[name] for name in ("date", "deadline") if name in data}
    after = {**record, **changes}
    check_currency(after["currency"])
    _check_days(date.fromisoformat(after["date"]), date.fromisoformat(after["deadline"]))
    moved = "currency" in data or "date" in data
    rate = (
        booked_rate(after["currency"], date.fromisoformat(after["date"]))
        if moved
        else Decimal(record["exchange_rate"])
    )
    lines = edit_lines(call, "quote_lines", record["id"], data.get("invoice_lines", {}), rate)
    discount = discount_of(data["discount"]) if "discount" in data else record["discount"]
    amounts = invoice_amounts(lines, discount=discount, exchange_rate=rate)
    total_within_bounds(amounts)
    changes |= {**amounts, "discount": discount, "exchange_rate": format_amount(rate)}
    call.books.update("quotes", record["id"], changes)
    return answer_record(call, "quotes", record["id"])


def _set_status(call: Call) -> Answer:
    record = existing(call, "quotes", call.record_id())
    call.books.update("quotes", record["id"], {"status": call.data["status"]})
    return answer_record(call, "quotes", record["id"])


def _send(call: Call) -> Answer:
    record = existing(call, "quotes", call.record_id())
    customer = existing(call, "customers", record["customer"]["id"])
    recipients = call.data.get("recipients") or customer["emails"]
    if not recipients:
        raise Refusal(422, "The customer has no email address")
    check_emails(recipients)
    if record["filename"] is None:
        raise Refusal(409, "The PDF file is not generated yet. Please retry in a few minutes.")
    subject = f"Devis {record['quote_number']} de {call.company.name}"
    call.books.outbox.append(
        Mail(call.company.number, call.at, "quotes", record["id"], recipients, subject, record["filename"])
    )
    return Answer(204)


def _fields(call: Call, *, but: int | None = None) -> Record:
    data = call.data
    check_present(data, "external_reference")
    check_reference(call, "quotes", but=but)
    fields: Record = {name: data[name] for name in _AS_SENT if name in data}
    fields |= {name: data[name] or "" for name in _NEVER_NULL if name in data}
    if "quote_template_id" in data:
        template = existing(call, "customer_invoice_templates", data["quote_template_id"])
        fields["quote_template"] = {"id": template["id"]}
    return fields


def _check_days(day: date, deadline: date) -> None:
    if deadline < day:
        raise Refusal(422, "Deadline must be after date")


QUOTE_WRITES: dict[str, Handler] = {
    "postQuotes": _create,
    "updateQuote": _change,
    "updateStatusQuote": _set_status,
    "sendByEmailQuote": _send,
}
