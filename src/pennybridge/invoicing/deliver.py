"""One draft to Pennylane, once: create, import with its file, or hand over an e-invoice."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice, read_record
from pennybridge.errors import ApiError, NotFoundError, RejectedError
from pennybridge.invoicing.bodies import create_body, e_invoice_options, import_body
from pennybridge.invoicing.existing import invoice_by_reference, records_in
from pennybridge.invoicing.once import Patience, was_refused, write_once
from pennybridge.invoicing.prepare import is_same
from pennybridge.invoicing.resolve import Job

KeepFile = Callable[[int], None]
"""Notes the id of an uploaded file."""


class Delivered(msgspec.Struct, frozen=True):
    """The invoice at Pennylane, and whether it was there before."""

    invoice: CustomerInvoice
    was_there: bool


def deliver(
    job: Job,
    client: Client,
    *,
    look_first: bool,
    patience: Patience,
    file_id: int | None = None,
    keep_file: KeepFile = lambda _: None,
) -> Delivered:
    """Send a job's invoice, unless it is there.

    Args:
        job: With its customer.
        client: Of the company.
        look_first: Whether an earlier attempt may have made it.
        patience: How long an unclear outcome is followed up.
        file_id: Of the file, if an earlier attempt uploaded it.
        keep_file: Told the id of the file once it is uploaded.

    Raises:
        ApiError: Pennylane refused it, or could not be reached; nothing was made.
        OutcomeUnknownError: It may have been made.
    """

    def look(error: ApiError | None) -> CustomerInvoice | None:
        return _find(job, client, error)

    def send() -> CustomerInvoice:
        if job.draft.way == "create":
            return read_record(
                CustomerInvoice, client.post("/customer_invoices", create_body(job.draft, job.found)).body
            )
        if job.draft.way == "e_invoice":
            return _hand_over(job, client)
        return _import(job, client, uploaded(), patience)

    def uploaded() -> int:
        nonlocal file_id
        if file_id is None:
            file_id = upload(job, client, patience)
            keep_file(file_id)
        return file_id

    may_repeat = job.draft.way != "e_invoice"  # it has no external reference that would be unique
    found, was_there = write_once(send, look, look_first=look_first, patience=patience, may_repeat=may_repeat)
    return Delivered(found, was_there)


def _find(job: Job, client: Client, error: ApiError | None) -> CustomerInvoice | None:
    """The job's invoice: by its reference, by its number, or by the id in Pennylane's refusal of the file."""
    if job.draft.way != "e_invoice":
        found = invoice_by_reference(client, job.draft.reference)
        if found is not None or job.draft.way == "create":
            return found
    numbers = [job.draft.number] if job.draft.number else []
    candidates = records_in(client, "customer_invoices", CustomerInvoice, "invoice_number", numbers)
    if error is not None and error.status == 409:
        # The id is a hint: the text is not a contract, and the document may be a supplier's.
        hinted = [int(digits) for digits in re.findall(r"\d{4,18}", error.body)]
        candidates += records_in(client, "customer_invoices", CustomerInvoice, "id", hinted)
    return next((invoice for invoice in candidates if is_same(job, invoice)), None)


def upload(job: Job, client: Client, patience: Patience) -> int:
    """The id of the job's file once it is at Pennylane. An upload that is lost leaves a file nobody uses."""
    path = Path(job.draft.attachment.path if job.draft.attachment else "")
    for wait in (*patience.waits, None):
        try:
            return int(client.upload(path).json()["id"])
        except ApiError as error:
            if was_refused(error) or wait is None:
                raise
            patience.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def _import(job: Job, client: Client, file_id: int, patience: Patience) -> CustomerInvoice:
    body = import_body(job.draft, msgspec.structs.replace(job.found, file_attachment_id=file_id))
    for wait in (*patience.waits, None):
        try:
            return read_record(CustomerInvoice, client.post("/customer_invoices/import", body).body)
        except RejectedError as error:
            # 409 also means that the file is still being taken in (documented, September 2026).
            if error.status != 409 or wait is None or re.search(r"\d{4,}|already", error.body):
                raise
            patience.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


def _hand_over(job: Job, client: Client) -> CustomerInvoice:
    """Import a UBL or CII file, which Pennylane reads itself; the answer gives only the id."""
    options = e_invoice_options(job.draft, job.found)
    fields = {"invoice_options": msgspec.json.encode(options).decode()} if options else {}
    path = Path(job.draft.attachment.path if job.draft.attachment else "")
    answer = client.upload(path, to="/customer_invoices/e_invoices/imports", fields=fields)
    made = int(answer.json()["id"])
    found = records_in(client, "customer_invoices", CustomerInvoice, "id", [made])
    return found[0] if found else CustomerInvoice(id=made, external_reference=job.draft.reference)


def file_is_gone(error: Exception) -> bool:
    """Whether the file that was uploaded must be uploaded anew."""
    return isinstance(error, NotFoundError)
