"""Send a prepared batch, each invoice exactly once, and compare what Pennylane made of it.

The order of things: a row in the journal for every draft; the customers that are missing; the invoices,
several side by side, but final ones one after another by date and row, because each gets its number at
once and Pennylane refuses a date before that of the last one (observed); then all are read back, lines
included, and compared with what was meant.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.payloads import Customer as KnownCustomer
from pennybridge.errors import ApiError, InvoicingError, OutcomeUnknownError
from pennybridge.invoicing.bodies import customer_body
from pennybridge.invoicing.deliver import Delivered, deliver, file_is_gone
from pennybridge.invoicing.drafts import Customer, Draft
from pennybridge.invoicing.existing import invoices_with_lines, records, side_by_side
from pennybridge.invoicing.once import Patience, is_passing, stops_everything, write_once
from pennybridge.invoicing.outcome import Outcome, Result, result_of
from pennybridge.invoicing.prepare import Prepared
from pennybridge.invoicing.references import content_digest
from pennybridge.invoicing.resolve import Job, customers_to_create
from pennybridge.invoicing.submissions import Submission, Submissions
from pennybridge.invoicing.verify import differences

Progress = Callable[[str, int, int | None], None]
"""Told what is counted, how many are done, and of how many."""

T = TypeVar("T")

ELSEWHERE_SECONDS = 60.0
"""How long to wait for another process that has invoices of the batch in hand."""


@dataclass
class Batch:
    """One run over a batch: what it works with, and what has become of each draft so far."""

    client: Client
    submissions: Submissions
    patience: Patience = field(default_factory=Patience)
    progress: Progress = lambda _what, _done, _total: None
    results: dict[str, Result] = field(default_factory=dict)
    customers_created: int = 0
    stopped: str | None = None
    """Why nothing more is sent: what stopped one write would stop them all."""
    held_from: date | None = None
    """The date of a final invoice that may still be sent: a later one would get in its way."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, prepared: Prepared) -> None:
        """Send what is not at Pennylane; `results` then has an entry for each draft.

        Raises:
            StoreError: The journal cannot be written; nothing more is sent.
        """
        planned = self.submissions.plan([job.draft for job in prepared.jobs])
        try:
            jobs = self._with_customers(self._note_those_there(prepared, planned))
            self._deliver_all(jobs, planned)
            self._wait_for_others(jobs)
        finally:
            self.submissions.release()
        self._take_settled(prepared.settled)
        customer_ids = {job.draft.reference: job.found.customer_id for job in jobs}
        drafts = [job.draft for job in prepared.jobs] + [draft for draft, _ in prepared.settled]
        self.verify(drafts, customer_ids)

    def _note_those_there(self, prepared: Prepared, planned: Mapping[str, Submission]) -> list[Job]:
        """Take over invoices that Pennylane has already; the jobs that are left."""
        left = []
        for job in prepared.jobs:
            invoice_id = prepared.there.get(job.draft.reference)
            if invoice_id is None or planned[job.draft.reference].exists:
                left.append(job)
                continue
            self.submissions.note(job.draft.reference, state="sent", invoice_id=invoice_id, problem=None)
            self._set(job.draft, "found", invoice_id=invoice_id)
        return left

    # Customers

    def _with_customers(self, jobs: list[Job]) -> list[Job]:
        """The jobs whose customers are there, after creating those that were missing."""
        wanted = list(customers_to_create(jobs).items())
        made = dict(zip([key for key, _ in wanted], self._create_customers(wanted), strict=True))
        ready = []
        for job in jobs:
            customer = job.new_customer
            if customer is None:
                ready.append(job)
                continue
            outcome = made[customer.external_reference or ""]
            if isinstance(outcome, int):
                ready.append(job.with_customer(outcome))
                continue
            self._hold(job.draft, outcome)
            problem = f"its customer was not created: {outcome}"
            self._fail(job.draft, "not_tried" if self.stopped else "failed", problem)
        return ready

    def _create_customers(self, wanted: Sequence[tuple[str, Customer]]) -> list[int | Exception]:
        count = _Count(self.progress, "customers", len(wanted))
        return side_by_side(lambda one: count(self._create_customer(*one)), wanted)

    def _create_customer(self, reference: str, customer: Customer) -> int | Exception:
        """The id of a new customer, or of the one that a racing process made; else why there is none."""
        path, body = customer_body(customer)

        def look(_: ApiError | None) -> int | None:
            filters = [("external_reference", "eq", reference)]
            found = records(self.client, "customers", KnownCustomer, filters)
            return next((one.id for one in found if one.external_reference == reference), None)

        def send() -> int:
            return int(self.client.post(path, body).json()["id"])

        if self.stopped:
            return InvoicingError(self.stopped)
        try:
            customer_id, was_there = write_once(send, look, look_first=False, patience=self.patience)
        except (ApiError, OutcomeUnknownError) as error:
            self._stop_if_hopeless(error)
            return error
        with self._lock:
            self.customers_created += not was_there
        return customer_id

    # Invoices

    def _deliver_all(self, jobs: Sequence[Job], planned: Mapping[str, Submission]) -> None:
        count = _Count(self.progress, "invoices", len(jobs))

        def one(job: Job) -> None:
            self._deliver(job, planned[job.draft.reference])
            count(None)

        first = [job for job in jobs if job.credits_in_batch is None]
        side_by_side(one, [job for job in first if not job.draft.is_final])
        in_order = sorted((job for job in first if job.draft.is_final), key=_date_of)
        for job in [*in_order, *(job for job in jobs if job.credits_in_batch is not None)]:
            one(job)
            if job.draft.is_final and self._outcome(job.draft) == "elsewhere":
                self._wait_for_others([job])
                self._hold(job.draft, None)

    def _deliver(self, job: Job, planned: Submission) -> None:
        """Send one, and write down what came of it."""
        reference = job.draft.reference
        stopped = self.stopped or self._held_back(job.draft)
        if stopped:
            self._fail(job.draft, "not_tried", stopped)
            return
        before = self.submissions.claim(planned)
        if before is None:
            self._set(job.draft, "elsewhere", problem="another process is sending it")
            return
        if before.exists:
            self._set(job.draft, "already_sent", invoice_id=before.invoice_id, number=before.invoice_number)
            return
        try:
            delivered = deliver(
                self._with_credited(job),
                self.client,
                look_first=before.state in {"sending", "unknown"},
                patience=self.patience,
                file_id=before.file_id,
                keep_file=lambda file_id: self.submissions.note(reference, file_id=file_id),
            )
        except OutcomeUnknownError as error:
            self._hold(job.draft, error)
            self._fail(job.draft, "unknown", str(error))
            self.submissions.note(reference, state="unknown", problem=str(error))
        except ApiError as error:
            self._stop_if_hopeless(error)
            self._hold(job.draft, error)
            self._fail(job.draft, "failed", str(error))
            gone = {"file_id": None} if file_is_gone(error) else {}
            # What could not be looked up after an earlier attempt stays as uncertain as it was.
            state = before.state if before.state in {"sending", "unknown"} else "failed"
            state = "unknown" if state == "sending" else state
            self.submissions.note(reference, state=state, problem=str(error), **gone)
        else:
            self._note_delivered(job.draft, delivered)

    def _note_delivered(self, draft: Draft, delivered: Delivered) -> None:
        invoice = delivered.invoice
        number = invoice.invoice_number or draft.number
        self.submissions.note(
            draft.reference,
            state="sent",
            invoice_id=invoice.id,
            invoice_number=number,
            digest=content_digest(draft),
            problem=None,
        )
        new: Outcome = "created" if draft.way == "create" else "imported"
        outcome = "found" if delivered.was_there else new
        self._set(draft, outcome, invoice_id=invoice.id, number=number, status=invoice.status)

    def _with_credited(self, job: Job) -> Job:
        """The job with the id of the invoice of the same batch that it credits."""
        mate = self.results.get(job.credits_in_batch or "")
        if mate is None or mate.invoice_id is None:
            return job
        found = msgspec.structs.replace(job.found, credited_invoice_id=mate.invoice_id)
        return msgspec.structs.replace(job, found=found)

    def _wait_for_others(self, jobs: Sequence[Job]) -> None:
        """See to the end what other processes have in hand, and take over what they drop."""
        busy = [job for job in jobs if self._outcome(job.draft) == "elsewhere"]
        waited = 0.0
        while busy and waited < ELSEWHERE_SECONDS and not self.stopped:
            self.patience.sleep(0.5)
            waited += 0.5
            known = self.submissions.known(job.draft.reference for job in busy)
            for job in busy:
                self._deliver(job, known[job.draft.reference])
            busy = [job for job in busy if self._outcome(job.draft) == "elsewhere"]

    # Afterwards

    def _take_settled(self, settled: Sequence[tuple[Draft, Submission]]) -> None:
        for draft, before in settled:
            given = {"invoice_id": before.invoice_id, "number": before.invoice_number, "steps": before.steps}
            self._set(draft, "already_sent", **given)

    def verify(self, drafts: Sequence[Draft], customer_ids: Mapping[str, int]) -> None:
        """Read back what is not verified yet, and compare it with what was meant."""
        known = self.submissions.known(draft.reference for draft in drafts)
        due = [draft for draft in drafts if known[draft.reference].state in {"sent", "differs"}]
        ids = {draft.reference: known[draft.reference].invoice_id or 0 for draft in due}
        try:
            found = invoices_with_lines(self.client, ids.values())
        except ApiError as error:
            for draft in due:
                self.results[draft.reference].waiting += (f"not verified yet: {error}",)
            return
        notes: dict[str, dict[str, object]] = {}
        for draft in due:
            invoice = found.get(ids[draft.reference])
            customer_id = customer_ids.get(draft.reference) or None
            wrong = (
                [f"invoice {ids[draft.reference]} is gone from Pennylane"]
                if invoice is None
                else differences(draft, invoice, customer_id=customer_id)
            )
            notes[draft.reference] = self._verified(draft, wrong)
        self.submissions.note_all(notes)

    def _verified(self, draft: Draft, wrong: list[str]) -> dict[str, object]:
        """Put the outcome of the comparison down in the result; what the journal is to note."""
        if not wrong:
            return {"state": "verified", "problem": None}
        result = self.results[draft.reference]
        result.outcome, result.problem = "differs", "; ".join(wrong)
        return {"state": "differs", "problem": result.problem}

    def _outcome(self, draft: Draft) -> Outcome | None:
        result = self.results.get(draft.reference)
        return result.outcome if result else None

    def _set(self, draft: Draft, outcome: Outcome, **given: object) -> None:
        self.results[draft.reference] = result_of(draft, outcome, **given)

    def _fail(self, draft: Draft, outcome: Outcome, problem: str) -> None:
        self._set(draft, outcome, problem=problem)

    def _hold(self, draft: Draft, error: Exception | None) -> None:
        """Hold later final invoices back for one that was neither made nor refused for what it says."""
        still_elsewhere = error is None and self._outcome(draft) == "elsewhere"
        if draft.is_final and draft.date and (still_elsewhere or is_passing(error)):
            self.held_from = min(self.held_from or draft.date, draft.date)

    def _held_back(self, draft: Draft) -> str | None:
        if not draft.is_final or self.held_from is None or (draft.date or self.held_from) <= self.held_from:
            return None
        return (
            f"a final invoice of {self.held_from} is not there yet, and Pennylane would refuse it once "
            "this later one is numbered: run again"
        )

    def _stop_if_hopeless(self, error: Exception) -> None:
        if stops_everything(error):
            self.stopped = str(error)


class _Count:
    """Counts what is done, from several threads, and tells the progress."""

    def __init__(self, progress: Progress, what: str, total: int) -> None:
        self._progress = progress
        self._what = what
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def __call__(self, value: T) -> T:
        with self._lock:
            self._done += 1
            self._progress(self._what, self._done, self._total)
        return value


def _date_of(job: Job) -> date:
    return job.draft.date or date.max
