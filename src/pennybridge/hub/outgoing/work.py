"""Checking and sending batches in threads of the hub, with `pennybridge.invoicing`."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from pennybridge.clock import Clock
from pennybridge.connections.connection import Connections
from pennybridge.errors import PennybridgeError
from pennybridge.hub.outgoing.batches import Batch, Batches, Finding, Findings, Intended
from pennybridge.hub.outgoing.uploads import is_import
from pennybridge.store.state import StateDatabase

if TYPE_CHECKING:
    from pennybridge.api.client import Client
    from pennybridge.invoicing.outcome import Result
    from pennybridge.invoicing.problems import Problem
    from pennybridge.invoicing.run import Checked
    from pennybridge.invoicing.submissions import Submissions

AT_ONCE = 2
"""Batches in hand at a time; each is paced by its company's own limit."""
NOTED_EVERY = 0.5
"""Seconds between two notes of progress."""

Work = Callable[[Batch, "Client", "Submissions"], Findings]


class Sending:
    """The background of the pages: takes a batch in hand, notes progress and what came out."""

    def __init__(
        self, batches: Batches, connections: Connections, state: StateDatabase, clock: Clock
    ) -> None:
        self.batches = batches
        self._connections = connections
        self._state = state
        self._clock = clock
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="outgoing")

    def check(self, batch: Batch) -> "Future[None]":
        """Check a batch that was just added, or one whose check was interrupted."""
        return self._threads.submit(self._run, batch, "checked", self._check)

    def check_again(self, batch: Batch) -> bool:
        """Check a batch once more, against what is at Pennylane now; False when it is in hand."""
        if not self.batches.begin(batch, "checking"):
            return False
        self.check(batch)
        return True

    def send(self, batch: Batch, only: str | None = None) -> bool:
        """Send what is ready, or one invoice of it by reference; False when the batch is in hand already."""
        if not self.batches.begin(batch, "sending"):
            return False

        def work(batch: Batch, client: "Client", journal: "Submissions") -> Findings:
            return self._send(batch, client, journal, only)

        self._threads.submit(self._run, batch, "done", work)
        return True

    def requests(self, batch: Batch) -> list[dict[str, Any]]:
        """The exact requests that sending would make; nothing is sent.

        Raises:
            PennybridgeError: The company's grant does not work, or a look-up failed.
        """
        with self._client(batch) as client:
            return _without_folder(self._look_over(batch, client, self._journal(batch)).bodies())

    def close(self) -> None:
        """Begin no further batch, and wait for those in hand."""
        self._threads.shutdown(cancel_futures=True)

    def _run(self, batch: Batch, stage: str, work: Work) -> None:
        try:
            with self._client(batch) as client:
                findings = work(batch, client, self._journal(batch))
        except PennybridgeError as error:
            self.batches.note(batch, stage="failed", problem=str(error))
        except Exception as error:  # noqa: BLE001 — the page must not wait for ever; the text could hold a secret
            self.batches.note(
                batch, stage="failed",
                problem=f"Stopped on a fault of Pennybridge ({type(error).__name__}). What was sent is in "
                "the journal and is not sent again.",
            )  # fmt: skip
        else:
            self.batches.note(batch, stage=stage, report=findings)

    def _check(self, batch: Batch, client: "Client", journal: "Submissions") -> Findings:
        checked = self._look_over(batch, client, journal)
        return self._findings(batch, _checked_invoices(checked), checked.problems)

    def _send(self, batch: Batch, client: "Client", journal: "Submissions", only: str | None) -> Findings:
        from pennybridge.invoicing.follow_up import FollowUp
        from pennybridge.invoicing.run import send

        checked = self._look_over(batch, client, journal)
        if only is not None:
            checked = _restricted(checked, only)
        wanted = batch.options
        after = FollowUp(
            email=wanted.email,
            send_to_pa=wanted.send_to_pa,
            paid=wanted.paid,
            create_categories=wanted.create_categories,
        )
        report = send(
            checked, client=client, submissions=journal, after=after, progress=self._progress(batch)
        )
        dates = {draft.reference: draft.date for draft in checked.drafts}
        invoices = [_sent(one, str(dates.get(one.reference) or "")) for one in report.results]
        if only is not None:
            kept = [one for one in batch.findings.invoices if one.reference != only]
            return Findings(invoices=(*invoices, *kept), problems=batch.findings.problems)
        return self._findings(batch, invoices, report.problems)

    def _look_over(self, batch: Batch, client: "Client", journal: "Submissions") -> "Checked":
        from pennybridge.invoicing.run import look_over

        return look_over(
            [self.batches.folder(batch.id)],
            client=client,
            submissions=journal,
            ways=("import", "e_invoice") if is_import(batch.files) else ("create",),
            create_customers=batch.options.create_customers,
            create_categories=batch.options.create_categories,
            defaults={"status": batch.options.status} if batch.options.status else None,
        )

    def _findings(self, batch: Batch, invoices: list[Intended], problems: "tuple[Problem, ...]") -> Findings:
        folder = f"{self.batches.folder(batch.id)}/"
        said = [
            Finding(
                file=one.file.removeprefix(folder),
                row=one.row,
                field=one.field,
                message=one.message.replace(folder, ""),
                mend=one.mend.replace(folder, ""),
                severity=one.severity,
                rule=one.rule,
            )
            for one in problems
        ]
        return Findings(invoices=tuple(_in_folder(one, folder) for one in invoices), problems=tuple(said))

    def _progress(self, batch: Batch) -> Callable[[str, int, int | None], None]:
        counted: dict[str, list[int | None]] = {}
        noted = 0.0

        def note(what: str, done: int, total: int | None) -> None:
            nonlocal noted
            counted[what] = [done, total]
            if monotonic() - noted >= NOTED_EVERY:
                noted = monotonic()
                self.batches.note(batch, progress=dict(counted))

        return note

    def _client(self, batch: Batch) -> "Client":
        (connection,) = self._connections.to_sync([batch.connection_id])
        return self._connections.client(connection)

    def _journal(self, batch: Batch) -> "Submissions":
        from pennybridge.invoicing.submissions import Submissions

        company_id = self._connections.find(batch.connection_id).company_id
        return Submissions(self._state, company_id, clock=self._clock)


def _restricted(checked: "Checked", reference: str) -> "Checked":
    """The batch as if it held one invoice."""
    import msgspec

    drafts = tuple(draft for draft in checked.drafts if draft.reference == reference)
    return msgspec.structs.replace(checked, drafts=drafts, prepared=checked.prepared.only(drafts))


def _checked_invoices(checked: "Checked") -> list[Intended]:
    """Every invoice of a batch with what sending would do."""
    from pennybridge.invoicing.outcome import problems_by_draft
    from pennybridge.invoicing.problems import errors
    from pennybridge.invoicing.verify import meant_totals

    why = problems_by_draft(checked.drafts, errors(checked.problems))
    outcomes = {(draft.reference, draft.source): "there" for draft, _ in checked.prepared.settled}
    for job in checked.prepared.jobs:
        is_there = job.draft.reference in checked.prepared.there
        outcomes[job.draft.reference, job.draft.source] = "there" if is_there else "ready"
    invoices = []
    for draft in checked.drafts:
        totals = meant_totals(draft)
        outcome = outcomes.get((draft.reference, draft.source), "refused")
        invoices.append(
            Intended(
                reference=draft.reference,
                file=draft.source.file,
                row=draft.source.row,
                outcome=outcome,
                is_final=bool(draft.is_final),
                number=draft.number,
                customer=draft.customer.full_name(),
                date=str(draft.date or ""),
                currency=draft.currency,
                total_incl_tax_ccy=str(totals.incl_tax_ccy) if totals else None,
                problem=why.get(draft.reference, "see the problems of its file")
                if outcome == "refused"
                else None,
            )
        )
    return invoices


def _sent(result: "Result", day: str) -> Intended:
    """An invoice after sending."""
    total = result.total_incl_tax_ccy
    return Intended(
        reference=result.reference,
        file=result.file,
        row=result.row,
        outcome=result.outcome,
        invoice_id=result.invoice_id,
        number=result.number,
        customer=result.customer,
        date=day,
        currency=result.currency,
        total_incl_tax_ccy=None if total is None else str(total),
        problem=result.problem,
        done=tuple(result.steps),
        waiting=result.waiting,
    )


def _in_folder(one: Intended, folder: str) -> Intended:
    import msgspec

    return msgspec.structs.replace(one, file=one.file.removeprefix(folder))


def _without_folder(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests with the names of files alone: where they are kept is nobody's business."""
    return [{**one, "file": Path(one["file"]).name} if one.get("file") else one for one in requests]
