"""What sending would write at Pennylane, request by request, without sending it: `--dry-run`."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from pennybridge.invoicing.bodies import (
    categories_body,
    create_body,
    customer_body,
    e_invoice_options,
    import_body,
)
from pennybridge.invoicing.follow_up import FollowUp
from pennybridge.invoicing.resolve import Job, customers_to_create

Request = dict[str, Any]
"""`method`, `path`, and `body`, or `file` with the fields that go with it."""


def writes(
    jobs: Sequence[Job], weights: Mapping[str, list[tuple[int, Decimal]]], after: FollowUp
) -> list[Request]:
    """Every write in order, with its exact body.

    Ids that only an earlier request gives (of a new customer, invoice, category or file) are 0.
    """
    customers = (customer_body(customer) for customer in customers_to_create(jobs).values())
    requests = [_post(path, body=body) for path, body in customers]
    for job in jobs:
        requests += [*_sending(job), *_following(job, weights.get(job.draft.reference), after)]
    return requests


def _post(path: str, **content: Any) -> Request:
    return {"method": "POST", "path": path, **content}


def _sending(job: Job) -> Iterator[Request]:
    draft, found = job.draft, job.found
    file = draft.attachment.path if draft.attachment else None
    if draft.way == "create":
        yield _post("/customer_invoices", body=create_body(draft, found))
    elif draft.way == "import":
        yield _post("/file_attachments", file=file)
        body = import_body(draft, msgspec.structs.replace(found, file_attachment_id=0))
        yield _post("/customer_invoices/import", body=body)
    else:
        options = e_invoice_options(draft, found)
        fields = {"invoice_options": options} if options else {}
        yield _post("/customer_invoices/e_invoices/imports", file=file, **fields)


def _following(job: Job, weights: Sequence[tuple[int, Decimal]] | None, after: FollowUp) -> Iterator[Request]:
    """The steps afterwards; what waits until a draft is final is left out."""
    invoice = "/customer_invoices/0"
    if job.draft.way == "create" and not job.draft.is_final:
        return
    if weights:
        yield {"method": "PUT", "path": f"{invoice}/categories", "body": categories_body(weights)}
    if after.email:
        yield _post(f"{invoice}/send_by_email", body={})
    if after.send_to_pa:
        yield _post(f"{invoice}/send_to_pa", body={})
    if after.paid:
        yield {"method": "PUT", "path": f"{invoice}/mark_as_paid"}
