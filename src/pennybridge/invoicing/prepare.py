"""Before anything is sent: what the journal and Pennylane know already of the drafts of a batch.

All problems of all drafts come out of here at once; nothing is changed at Pennylane, nor in the journal.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice
from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.existing import records_in, references_of_customers
from pennybridge.invoicing.identifiers import siren_of
from pennybridge.invoicing.numbering import too_early
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.references import content_digest
from pennybridge.invoicing.resolve import Job, resolve
from pennybridge.invoicing.submissions import Submission, Submissions
from pennybridge.invoicing.verify import differences


class Prepared(msgspec.Struct, frozen=True):
    """A batch ready to be sent."""

    jobs: tuple[Job, ...]
    """What to send."""
    there: Mapping[str, int]
    """Ids of invoices that are at Pennylane though the journal does not know, by our reference."""
    settled: tuple[tuple[Draft, Submission], ...]
    """What earlier runs have sent."""
    problems: tuple[Problem, ...]

    def only(self, drafts: Iterable[Draft]) -> "Prepared":
        """Without what is to be sent, or was, for other drafts than these."""
        wanted = {(draft.reference, draft.source) for draft in drafts}
        return Prepared(
            tuple(job for job in self.jobs if (job.draft.reference, job.draft.source) in wanted),
            self.there,
            tuple(pair for pair in self.settled if (pair[0].reference, pair[0].source) in wanted),
            self.problems,
        )


def prepare(
    drafts: Sequence[Draft], *, client: Client, submissions: Submissions, create_customers: bool = False
) -> Prepared:
    """Look up everything that the drafts name, and whether they are at Pennylane already.

    Args:
        drafts: Checked, each with its reference; see `validate`.
        client: Of the company.
        submissions: The company's journal.
        create_customers: Whether customers that are not there may be created later.

    Raises:
        ApiError: A look-up failed; nothing was changed.
    """
    known = submissions.known(draft.reference for draft in drafts)
    settled, problems, todo = [], [], []
    for draft in drafts:
        before = known.get(draft.reference)
        if before is None or not before.exists:
            todo.append(draft)
        elif before.digest == content_digest(draft):
            settled.append((draft, before))
        else:
            problems.append(_changed(draft, before))
    again = _sent_files(submissions, todo)
    problems += again.values()
    todo = [draft for draft in todo if draft.source not in again]
    if not todo:
        return Prepared((), {}, tuple(settled), tuple(problems))
    jobs, found = resolve(client, todo, create_customers=create_customers)
    numbers, taken = _imported_already(client, jobs)
    fresh = [job for job in jobs if known.get(job.draft.reference) is None and job.draft.way == "create"]
    there = {**_created_already(client, fresh), **numbers}
    sent = [job.draft for job in jobs if job.draft.reference not in there]
    warnings = [*_other_sellers(client, sent), *too_early(client, sent)]
    stopped = {problem.file + str(problem.row) for problem in taken}
    return Prepared(
        tuple(job for job in jobs if job.draft.source.file + str(job.draft.source.row) not in stopped),
        there,
        tuple(settled),
        (*problems, *found, *taken, *warnings),
    )


def _changed(draft: Draft, before: Submission) -> Problem:
    where = before.file if before.row is None else f"{before.file}:{before.row}"
    return draft.source.problem(
        "reference",
        f"{draft.reference!r} was sent already with other content (from {where}, invoice id "
        f"{before.invoice_id})",
        "to change that invoice, change it at Pennylane; to send a new one, give it another reference",
    )


def _sent_files(submissions: Submissions, drafts: Sequence[Draft]) -> dict[Source, Problem]:
    """A problem for each draft whose file was sent under another number: Pennylane takes a file once."""
    files = [(draft, draft.attachment.sha256) for draft in drafts if draft.attachment and draft.number]
    sent = submissions.of_files(digest for _, digest in files if digest)
    return {
        draft.source: draft.source.problem(
            "file",
            f"is the file of {before.invoice_number}, which was sent from {before.file} (invoice id "
            f"{before.invoice_id})",
            "leave it out, or name the file that is meant",
        )
        for draft, digest in files
        if (before := sent.get(digest)) and (draft.number or "").strip() != before.invoice_number
    }


def _created_already(client: Client, jobs: Sequence[Job]) -> dict[str, int]:
    """Which of the references are taken by invoices of the customers that are there, in few requests.

    Customers who are not there have no invoices. What this does not find (another date or customer, one that
    another process makes meanwhile), Pennylane refuses as a second one, and it is found then.
    """
    customers = [job.found.customer_id for job in jobs if job.found.customer_id]
    if not customers:
        return {}
    days = [job.draft.date for job in jobs if job.draft.date]
    known = references_of_customers(client, customers, days, most=len(customers)) or {}
    return {job.draft.reference: known[job.draft.reference] for job in jobs if job.draft.reference in known}


def _imported_already(client: Client, jobs: Sequence[Job]) -> tuple[dict[str, int], list[Problem]]:
    """Imports that are at Pennylane under their number: the same invoice, or another that has the number."""
    imports = [job for job in jobs if job.draft.way != "create" and job.draft.number]
    numbers = [job.draft.number for job in imports if job.draft.number]
    known: dict[str, list[CustomerInvoice]] = {}
    for invoice in records_in(client, "customer_invoices", CustomerInvoice, "invoice_number", numbers):
        known.setdefault(invoice.invoice_number or "", []).append(invoice)
    there: dict[str, int] = {}
    problems: list[Problem] = []
    for job in imports:
        same = known.get(job.draft.number or "", [])
        one = next((invoice for invoice in same if is_same(job, invoice)), None)
        if one is not None:
            there[job.draft.reference] = one.id
        elif same:
            problems.append(
                job.draft.source.problem(
                    "number",
                    f"{job.draft.number!r} is that of another invoice at Pennylane (id {same[0].id}, "
                    f"{same[0].date}, {same[0].currency_amount} {same[0].currency})",
                    "check the number; if it is the same invoice, it is there already",
                )
            )
    return there, problems


def _other_sellers(client: Client, drafts: Sequence[Draft]) -> list[Problem]:
    """A warning for each document whose seller is not the company: it may be an invoice it received."""
    named = [(draft, draft.seller) for draft in drafts if draft.seller]
    sellers = [(draft, one.name, siren_of(one.reg_no, one.vat_number)) for draft, one in named]
    if not any(siren for _, _, siren in sellers):
        return []
    company = client.me().company
    ours = siren_of(company.reg_no, None)
    return [
        draft.source.warning(
            "seller",
            f"is {name} ({siren}), and the books are those of {company.name} ({ours})",
            "leave it out if it is an invoice that the company received",
        )
        for draft, name, siren in sellers
        if ours and siren and siren != ours
    ]


def is_same(job: Job, invoice: CustomerInvoice) -> bool:
    """Whether an invoice found by number or file is the one that the job means."""
    if invoice.external_reference == job.draft.reference:
        return True
    return not differences(job.draft, invoice, customer_id=job.found.customer_id or None)
