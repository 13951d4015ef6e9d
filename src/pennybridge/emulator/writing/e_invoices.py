"""Customer invoices imported from an e-invoice file.

Source:
    Factur-X, CII or UBL; lines are named by their identifier; lines that override replace the file's; only
    a Factur-X is then an electronic invoice: documented,
    https://pennylane.readme.io/reference/createcustomerinvoiceeinvoiceimport. Assumed: the customer is found
    by SIREN, then by name, else made; the same bytes and a number in use get 422;
    VAT codes are those of France; the texts.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal, json_answer
from pennybridge.emulator.calls import Call, Handler, existing
from pennybridge.emulator.documents import finalized
from pennybridge.emulator.e_invoice_files import EInvoice, ELine, UnreadableError, read_e_invoice
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.records import address, company_customer, customer_invoice
from pennybridge.emulator.resources import Record
from pennybridge.emulator.vat import rate_of
from pennybridge.emulator.writing.actions import SENT_AFTER
from pennybridge.emulator.writing.files import file_record
from pennybridge.emulator.writing.imported_lines import imported_line
from pennybridge.emulator.writing.imports import check_new_content, check_number, check_totals
from pennybridge.emulator.writing.numbering import check_open
from pennybridge.money import format_amount, to_cents


def import_e_invoice(call: Call) -> Answer:
    """`POST /customer_invoices/e_invoices/imports`."""
    upload = call.data["file"]
    file = file_record(call, upload, None)
    try:
        check_new_content(call, upload.digest)
    except Refusal as known:  # this operation has no 409 in the contract
        raise Refusal(422, known.message) from known
    path = call.books.files.path(upload.digest)
    try:
        read = read_e_invoice(path.read_bytes() if path else b"")
    except UnreadableError as problem:
        raise Refusal(422, f"The e-invoice file is invalid: {problem}") from problem
    check_number(call, read.number)
    check_open(call, read.day)
    call.insert("file_attachments", file)
    invoice = _write(call, read, file)
    if call.data.get("send_to_pa"):
        _send(call, invoice["id"])
    url = f"{call.rendering.base_url}/customer_invoices/{invoice['id']}"
    return json_answer({"id": invoice["id"], "url": url}, 201)


def _write(call: Call, read: EInvoice, file: Mapping[str, Any]) -> Record:
    rate = booked_rate(read.currency, read.day)
    customer = _customer(call, read)
    totals = {
        "currency_amount": read.total, "currency_amount_before_tax": read.before_tax,
        "currency_tax": read.tax,
        "amount": to_cents(read.total * rate), "tax": to_cents(read.tax * rate),
    }  # fmt: skip
    amounts = {name: format_amount(amount) for name, amount in totals.items()}
    lines = _lines(call, read, rate)
    if "override_invoice_lines" in call.data:
        check_totals(amounts, lines)
    invoice = customer_invoice(
        call.books.new_id(), call.at, customer=customer, lines=lines, day=read.day, deadline=read.deadline,
        currency=read.currency, exchange_rate=rate, amounts=amounts, filename=file["filename"],
        factur_x=read.is_factur_x, schematron_validation_status="valid" if read.is_factur_x else None,
        _digest=file["_digest"], _content_type=file["_content_type"], _file=file["id"], _imported=True,
    )  # fmt: skip
    invoice |= finalized(invoice, number=read.number, today=call.now.date())
    written = call.insert("customer_invoices", invoice)
    for line in lines:
        call.insert("customer_invoice_lines", line, invoice["id"])
    return written


def _lines(call: Call, read: EInvoice, rate: Decimal) -> list[Record]:
    wanted: Sequence[Mapping[str, Any]] = call.data.get("override_invoice_lines", ())
    if not wanted:
        options = {
            line["e_invoice_line_id"]: line
            for line in call.data.get("invoice_options", {}).get("invoice_lines", ())
        }
        if unknown := set(options) - {line.id for line in read.lines}:
            raise Refusal(422, f"e_invoice_line_id {min(unknown)} does not exist in the e-invoice")
        wanted = [_terms(line, options.get(line.id, {})) for line in read.lines or [_whole(read)]]
    return [imported_line(call, line, rank, rate) for rank, line in enumerate(wanted, 1)]


def _terms(line: ELine, options: Mapping[str, Any]) -> Record:
    """A line as an import would send it."""
    tax = to_cents(line.net * line.rate / 100)
    return {
        "label": line.label, "quantity": line.quantity or Decimal(1), "vat_rate": vat_code(line.rate),
        "raw_currency_unit_price": format_amount(round(line.price, 6)), "unit": "piece",
        "currency_amount": format_amount(line.net + tax), "currency_tax": format_amount(tax),
        **{name: options[name] for name in ("product_id", "ledger_account_id") if options.get(name)},
    }  # fmt: skip


def _whole(read: EInvoice) -> ELine:
    """The one line of a document that has none: profiles below BASIC give totals only."""
    percent = round(read.tax * 100 / read.before_tax, 1) if read.before_tax else Decimal(0)
    return ELine("1", read.number, Decimal(1), read.before_tax, percent, read.before_tax)


def vat_code(percent: Decimal) -> str:
    """The French code of a rate; `mixed` where there is none.

    >>> vat_code(Decimal("5.5")), vat_code(Decimal(0)), vat_code(Decimal("13.37"))
    ('FR_55', 'exempt', 'mixed')
    """
    if not percent:
        return "exempt"
    code = f"FR_{format(percent * 10, '.0f')}"
    try:
        return code if rate_of(code) == percent else "mixed"
    except KeyError:
        return "mixed"


def _customer(call: Call, read: EInvoice) -> Record:
    wanted = call.data.get("invoice_options", {}).get("customer_id")
    if wanted is not None:
        return existing(call, "customers", wanted)
    by_number = call.books.select("customers", call.company.id, reg_no=read.reg_no) if read.reg_no else []
    found = by_number or call.books.select("customers", call.company.id, name=read.buyer)
    if found:
        return found[0]
    place = address(country=read.country if len(read.country) == 2 else "FR")
    numbers = {"reg_no": read.reg_no, "vat_number": read.vat_number}
    fields = {"billing_address": place, **numbers}
    return call.insert("customers", company_customer(call.books.new_id(), call.at, name=read.buyer, **fields))


def _send(call: Call, invoice_id: int) -> None:
    flow = {"id": f"{invoice_id:032x}"}
    books = call.books

    def becomes(status: str) -> None:
        about = {"flow": flow, "status": status, "reason": None}
        books.update("customer_invoices", invoice_id, {"e_invoicing": about})

    becomes("submitted")
    books.later(SENT_AFTER, lambda: becomes("sent"))


E_INVOICE_WRITES: dict[str, Handler] = {"createCustomerInvoiceEInvoiceImport": import_e_invoice}
