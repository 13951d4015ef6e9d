"""Final invoices get their numbers in the order of their dates: what is too early for that is said before."""

from collections.abc import Sequence

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice, read_record
from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.problems import Problem


def too_early(client: Client, drafts: Sequence[Draft]) -> list[Problem]:
    """A warning for each final invoice that is dated before the last one at Pennylane; costs a request.

    It is no error, because Pennylane may count that one in another series, or not at all, if it was imported
    (unknown).

    Raises:
        ApiError: The last one could not be read.

    Source:
        422 `Date cannot be before latest finalized invoice.` (observed).
    """
    final = [draft for draft in drafts if draft.way == "create" and draft.is_final and draft.date]
    last = _last(client) if final else None
    if last is None or last.date is None:
        return []
    return [
        draft.source.warning(
            "date",
            f"is before {last.date.isoformat()}, the date of {last.invoice_number or last.id}: Pennylane "
            "refuses a final invoice that is earlier than the last one",
            "date it that day or later, unless that one is of another series",
        )
        for draft in final
        if draft.date and draft.date < last.date
    ]


def _last(client: Client) -> CustomerInvoice | None:
    page = client.page("customer_invoices", filter=[("draft", "eq", False)], sort="-date", limit=1)
    found = [read_record(CustomerInvoice, item) for item in page.items]
    return next((invoice for invoice in found if not invoice.draft), None)
