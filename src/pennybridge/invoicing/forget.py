"""Forget submissions whose invoices were deleted at Pennylane, so that they can be sent again.

    gone, problems = find_gone(client, submissions, ["SHOP-1001"])
    for submission in gone:
        submissions.forget(submission)

The journal keeps what they were.
"""

from collections.abc import Sequence

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice
from pennybridge.errors import ConfigurationError
from pennybridge.invoicing.existing import invoice_by_reference, records_in, side_by_side
from pennybridge.invoicing.submissions import Submission, Submissions


def find_gone(
    client: Client, submissions: Submissions, texts: Sequence[str]
) -> tuple[list[Submission], list[str]]:
    """Which of the submissions have lost their invoice, and why the others cannot be forgotten.

    Args:
        client: Of the company.
        submissions: The company's journal.
        texts: External references, ids or numbers, as the journal knows them.

    Raises:
        ConfigurationError: The journal knows one of them not at all.
        ApiError: Pennylane could not be asked.
    """
    named = _named(submissions, texts)
    ids = [one.invoice_id for one in named if one.invoice_id]
    there = {one.id for one in records_in(client, "customer_invoices", CustomerInvoice, "id", ids)}
    answers = side_by_side(lambda one: _why_not(client, one, there), named)
    pairs = list(zip(named, answers, strict=True))
    return [one for one, why in pairs if why is None], [why for _, why in pairs if why is not None]


def _named(submissions: Submissions, texts: Sequence[str]) -> list[Submission]:
    keys: dict[str, Submission] = {}
    for one in submissions.known().values():
        for key in (one.invoice_number, str(one.invoice_id), one.reference):
            keys[key or ""] = one
    unknown = [text for text in texts if text.strip() not in keys]
    if unknown:
        raise ConfigurationError(
            f"Nothing was sent from here under {', '.join(map(repr, unknown))}: see `pennybridge invoices "
            "list`. Nothing was changed."
        )
    return list({(one := keys[text.strip()]).reference: one for text in texts}.values())


def _why_not(client: Client, submission: Submission, there: set[int]) -> str | None:
    reference = submission.reference
    if not submission.exists:
        return f"{reference} was not sent ({submission.state}): there is nothing to forget"
    if submission.invoice_id in there:
        return f"{reference} is at Pennylane (id {submission.invoice_id}): delete it there first"
    other = invoice_by_reference(client, reference) if submission.way != "e_invoice" else None
    if other is not None:
        return f"{reference} is at Pennylane under another id ({other.id}): delete it there first"
    return None
