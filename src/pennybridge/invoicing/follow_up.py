"""After the invoices of a batch are at Pennylane: finalize, link, categorize, mail, hand to the PA, pay.

Each step is written in the journal when it is done, so that a second run does only what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pennybridge.api.payloads import CustomerInvoice
from pennybridge.errors import ApiError, InvoicingError, NotYetError, OutcomeUnknownError
from pennybridge.invoicing import steps
from pennybridge.invoicing.categories import Categories
from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.existing import records_in, side_by_side
from pennybridge.invoicing.look_ups import match_invoices
from pennybridge.invoicing.outcome import Result
from pennybridge.invoicing.submissions import BEGUN
from pennybridge.invoicing.submit import Batch

PDF_WAITS = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0)
"""Seconds between the rounds for what Pennylane is not ready for: a PDF takes minutes (documented)."""


@dataclass(frozen=True)
class FollowUp:
    """What is wanted beyond the categories and credit notes that the drafts name."""

    email: bool = False
    send_to_pa: bool = False
    paid: bool = False
    create_categories: bool = False
    waits: tuple[float, ...] = field(default=PDF_WAITS)


@dataclass
class _Followed:
    """One invoice, and the steps that are still due."""

    draft: Draft
    result: Result
    due: list[str]
    credited_id: int | None = None


def follow_up(batch: Batch, drafts: Sequence[Draft], wanted: FollowUp) -> None:
    """Do for each invoice of the batch what is wanted and not done yet; `batch.results` tells the outcome.

    What cannot be done (yet) is said in the result's `waiting`. It stops neither the other invoices nor the
    other steps; but nothing is done to an invoice that is not as meant.
    """
    results = (
        (draft, batch.results[draft.reference]) for draft in drafts if draft.reference in batch.results
    )
    followed = [_Followed(draft, result, _due(draft, result, wanted)) for draft, result in results]
    followed = [one for one in followed if one.due]
    if followed and not batch.stopped:
        _follow(batch, followed, wanted)


def _follow(batch: Batch, followed: list[_Followed], wanted: FollowUp) -> None:
    try:
        todo = _Steps(batch, wanted, followed)
    except ApiError as error:
        for one in followed:
            one.result.waiting += (f"{', '.join(one.due)}: {error}",)
        return
    for wait in (0.0, *wanted.waits):
        if wait:
            batch.patience.sleep(wait)
        side_by_side(todo.do, followed)
        followed = [one for one in followed if one.due]
        if not followed:
            return
    for one in followed:
        one.result.waiting += tuple(
            f"{step}: Pennylane is not ready for it; run again later" for step in one.due
        )


def _due(draft: Draft, result: Result, wanted: FollowUp) -> list[str]:
    """The steps that are due, in their order."""
    if result.invoice_id is None or result.outcome not in {"created", "imported", "found", "already_sent"}:
        return []
    steps_wanted = {
        "linked": bool(draft.credits) and draft.way != "import",
        "categorized": bool(draft.categories),
        "emailed": wanted.email,
        "sent_to_pa": wanted.send_to_pa,
        "paid": wanted.paid,
    }
    return [name for name, is_wanted in steps_wanted.items() if is_wanted and not _is_done(result, name)]


def _is_done(result: Result, step: str) -> bool:
    return step in result.steps and not result.steps[step].startswith(BEGUN)


_NOT_FOR_DRAFTS = ("categorized", "emailed", "sent_to_pa", "paid")


def _waits(step: str) -> str:
    then = "`invoices finalize` puts them on" if step == "categorized" else "finalize it, then run this again"
    return f"not on a draft: {then}"


class _Steps:
    """Does the steps of a batch, and writes down each that is done."""

    def __init__(self, batch: Batch, wanted: FollowUp, followed: Sequence[_Followed]) -> None:
        self._batch = batch
        self._client = batch.client
        self._patience = batch.patience
        self._categories = Categories(batch.client, create=wanted.create_categories, patience=batch.patience)
        ids = [one.result.invoice_id for one in followed if one.result.invoice_id]
        invoices = records_in(self._client, "customer_invoices", CustomerInvoice, "id", ids)
        self._drafts = {invoice.id for invoice in invoices if invoice.draft}
        self._find_credited(followed)
        self._find_categories(followed)

    def _find_credited(self, followed: Sequence[_Followed]) -> None:
        credits_ = [one for one in followed if "linked" in one.due]
        mates = {
            key: result.invoice_id
            for result in self._batch.results.values()
            for key in (result.reference, result.number)
            if key and result.invoice_id
        }
        found = match_invoices(
            self._client, [c.draft.credits or "" for c in credits_ if c.draft.credits not in mates]
        )
        for one in credits_:
            text = (one.draft.credits or "").strip()
            invoice = found.get(text)
            if isinstance(invoice, str) and one.draft.way == "e_invoice":
                one.due.remove("linked")  # older than the books; it was said before the file was sent
            elif isinstance(invoice, str):
                self._give_up(one, "linked", invoice)
            else:
                one.credited_id = invoice.id if invoice else mates[text]

    def _find_categories(self, followed: Sequence[_Followed]) -> None:
        """Resolve, and create, categories once and from one thread, so that none is created twice.

        Also those of drafts, which `finalize` puts on.
        """
        self._weights = {}
        for one in followed:
            if "categorized" in one.due:
                try:
                    self._weights[one.draft.reference] = self._categories.ids(one.draft.categories)
                except (ApiError, InvoicingError) as error:
                    self._give_up(one, "categorized", str(error))

    def do(self, one: _Followed) -> None:
        """Do what is due; `due` keeps what Pennylane was not ready for."""
        for step in list(one.due):
            if step in _NOT_FOR_DRAFTS and one.result.invoice_id in self._drafts:
                self._give_up(one, step, _waits(step))
                continue
            if one.result.steps.get(step, "").startswith(BEGUN):
                self._give_up(one, step, "an earlier run may have done it: look before doing it again")
                continue
            try:
                self._do(one, step, one.result.invoice_id or 0)
            except NotYetError:
                continue
            except (ApiError, InvoicingError) as error:
                self._give_up(one, step, str(error))
            else:
                one.due.remove(step)
                one.result.steps = {**one.result.steps, step: "done"}
                self._batch.submissions.note_step(one.draft.reference, step)

    def _do(self, one: _Followed, step: str, invoice_id: int) -> None:
        match step:
            case "linked":
                steps.link_credit_note(
                    self._client, invoice_id, one.credited_id or 0, patience=self._patience
                )
            case "categorized":
                weights = self._weights[one.draft.reference]
                steps.categorize(self._client, invoice_id, weights, patience=self._patience)
            case "emailed":
                self._email(one.draft.reference, invoice_id)
            case "sent_to_pa":
                steps.send_to_pa(self._client, invoice_id, patience=self._patience)
            case _:
                steps.mark_as_paid(self._client, invoice_id, patience=self._patience)

    def _email(self, reference: str, invoice_id: int) -> None:
        """Mail it; that it was begun is written first, because nothing at Pennylane would tell."""
        note = self._batch.submissions.note_step
        note(reference, "emailed", is_done=False)
        try:
            steps.send_by_email(self._client, invoice_id)
        except OutcomeUnknownError:
            raise
        except (ApiError, NotYetError):
            note(reference, "emailed", is_done=None)
            raise

    def _give_up(self, one: _Followed, step: str, why: str) -> None:
        one.due.remove(step)
        one.result.waiting += (f"{step}: {why}",)
