"""The steps of `steps.py` for invoices that a person names: finalize, mail, categorize, pay, credit.

One that fails stops no other. What is done to an invoice that was sent from here goes into the journal.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.payloads import CustomerInvoice
from pennybridge.errors import (
    ApiError,
    ConfigurationError,
    DraftError,
    InvoicingError,
    NotYetError,
    OutcomeUnknownError,
)
from pennybridge.invoicing import steps
from pennybridge.invoicing.categories import Categories
from pennybridge.invoicing.check import check_categories
from pennybridge.invoicing.drafts import CategoryWeight
from pennybridge.invoicing.existing import side_by_side
from pennybridge.invoicing.follow_up import PDF_WAITS
from pennybridge.invoicing.look_ups import match_invoices
from pennybridge.invoicing.once import Patience
from pennybridge.invoicing.problems import Source
from pennybridge.invoicing.submissions import BEGUN, Submission, Submissions


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one step on one invoice."""

    invoice_id: int
    number: str | None
    step: str
    problem: str | None = None


def find_invoices(
    client: Client, texts: Sequence[str], submissions: Submissions | None = None
) -> list[CustomerInvoice]:
    """The invoices that ids, numbers or external references name, in their order.

    Args:
        client: Of the company.
        texts: The names.
        submissions: The company's journal: a reference that it knows costs no request of its own, and finds
            also what was handed over as XML, which has another reference at Pennylane.

    Raises:
        ConfigurationError: One is not there, or several have the number; nothing was changed.
    """
    wanted = [text.strip() for text in texts]
    known = submissions.known(wanted) if submissions else {}
    ids = {reference: str(one.invoice_id) for reference, one in known.items() if one.invoice_id}
    found = match_invoices(client, [ids.get(text, text) for text in wanted])
    answers = {text: found[ids.get(text, text)] for text in wanted}
    missing = [
        f"{text!r} was sent from here, but its invoice is gone from Pennylane (see `invoices forget`)"
        if text in ids
        else why
        for text, why in answers.items()
        if isinstance(why, str)
    ]
    if missing:
        raise ConfigurationError(f"{'; '.join(missing)}. Nothing was changed.")
    return [one for one in map(answers.__getitem__, wanted) if not isinstance(one, str)]


class Named:
    """Steps on named invoices of one company."""

    def __init__(self, client: Client, submissions: Submissions, patience: Patience | None = None) -> None:
        """Sends nothing yet."""
        self._client = client
        self._submissions = submissions
        self._patience = patience or Patience()

    def finalize(self, invoices: Sequence[CustomerInvoice], *, create_categories: bool = False) -> list[Done]:
        """Number the drafts, one after another by date, and fix them; then put on the categories that waited.

        Args:
            invoices: Drafts; what is final already is left as it is.
            create_categories: Whether waiting categories that are not there are created.
        """
        known = self._submissions.of_invoices(one.id for one in invoices)

        def one(invoice: CustomerInvoice) -> str | None:
            if not invoice.draft:
                return invoice.invoice_number
            made = steps.finalize(self._client, invoice.id, patience=self._patience)
            if invoice.id in known:
                self._submissions.note_number(known[invoice.id].reference, made.invoice_number)
            return made.invoice_number

        in_order = sorted(invoices, key=lambda invoice: invoice.date or date.max)
        done = [self._do(invoice, "finalized", partial(one, invoice), known) for invoice in in_order]
        final = {each.invoice_id: each.number for each in done if each.problem is None}
        return [*done, *self._categorize_waiting(final, known, create=create_categories)]

    def _categorize_waiting(
        self, final: Mapping[int, str | None], known: Mapping[int, Submission], *, create: bool
    ) -> list[Done]:
        categories = Categories(self._client, create=create, patience=self._patience)
        done = []
        for invoice_id, number in final.items():
            submission = known.get(invoice_id)
            if submission is None or not submission.categories or "categorized" in submission.steps:
                continue
            problem = None
            try:
                weights = categories.ids(submission.categories)
                steps.categorize(self._client, invoice_id, weights, patience=self._patience)
            except (ApiError, InvoicingError) as error:
                problem = str(error)
            else:
                self._submissions.note_step(submission.reference, "categorized")
            done.append(Done(invoice_id=invoice_id, number=number, step="categorized", problem=problem))
        return done

    def email(
        self,
        invoices: Sequence[CustomerInvoice],
        recipients: Sequence[str] = (),
        *,
        again: bool = False,
        waits: Sequence[float] = PDF_WAITS,
    ) -> list[Done]:
        """Have each mailed, once; waits for PDFs that are still being made.

        Args:
            invoices: Not drafts.
            recipients: Instead of the customer's addresses.
            again: Mail also what was, or may have been, mailed from here before.
            waits: Seconds between the tries.
        """
        known = self._submissions.of_invoices(one.id for one in invoices)

        def one(invoice: CustomerInvoice) -> Done:
            before = known[invoice.id].steps.get("emailed") if invoice.id in known else None
            if before and not again:
                may_have_been = "may have been mailed" if before.startswith(BEGUN) else "was mailed"
                problem = f"{may_have_been} from here ({before}); say --again to mail it again"
                return _done(invoice, "emailed", problem)
            return self._do(invoice, "emailed", lambda: self._email(invoice, known, recipients, waits), known)

        return side_by_side(one, invoices)

    def _email(
        self,
        invoice: CustomerInvoice,
        known: dict[int, Submission],
        recipients: Sequence[str],
        waits: Sequence[float],
    ) -> None:
        reference = known[invoice.id].reference if invoice.id in known else ""
        self._submissions.note_step(reference, "emailed", is_done=False)
        try:
            self._when_ready(lambda: steps.send_by_email(self._client, invoice.id, recipients), waits)
        except OutcomeUnknownError:
            raise
        except (ApiError, InvoicingError):
            self._submissions.note_step(reference, "emailed", is_done=None)
            raise

    def send_to_pa(
        self, invoices: Sequence[CustomerInvoice], *, waits: Sequence[float] = PDF_WAITS
    ) -> list[Done]:
        """Hand each to the platform that brings it to its buyer."""

        def send(invoice: CustomerInvoice) -> None:
            self._when_ready(
                lambda: steps.send_to_pa(self._client, invoice.id, patience=self._patience), waits
            )

        return self._each(invoices, "sent_to_pa", send)

    def categorize(
        self, invoices: Sequence[CustomerInvoice], weights: Sequence[CategoryWeight], *, create: bool = False
    ) -> list[Done]:
        """Put categories on each, in place of those it has.

        Raises:
            DraftError: The weights of a group do not add up to 1; nothing was changed.
            InvoicingError: A category is not there; nothing was changed.
        """
        wrong = list(check_categories(weights, Source("--category")))
        if wrong:
            raise DraftError("\n".join(str(problem) for problem in wrong), problems=[*wrong])
        ids = Categories(self._client, create=create, patience=self._patience).ids(weights)
        return self._each(
            invoices,
            "categorized",
            lambda one: steps.categorize(self._client, one.id, ids, patience=self._patience),
        )

    def mark_as_paid(self, invoices: Sequence[CustomerInvoice]) -> list[Done]:
        """Mark each as paid."""
        return self._each(
            invoices, "paid", lambda one: steps.mark_as_paid(self._client, one.id, patience=self._patience)
        )

    def link(self, note: CustomerInvoice, invoice: CustomerInvoice) -> Done:
        """Tell which invoice a credit note reduces."""
        known = self._submissions.of_invoices([note.id])
        return self._do(
            note,
            "linked",
            lambda: steps.link_credit_note(self._client, note.id, invoice.id, patience=self._patience),
            known,
        )

    def _each(
        self, invoices: Sequence[CustomerInvoice], step: str, do: Callable[[CustomerInvoice], None]
    ) -> list[Done]:
        known = self._submissions.of_invoices(one.id for one in invoices)
        return side_by_side(lambda one: self._do(one, step, lambda: do(one), known), invoices)

    def _do(
        self,
        invoice: CustomerInvoice,
        step: str,
        do: Callable[[], str | None],
        known: dict[int, Submission],
    ) -> Done:
        """Do a step and write it down; a failure becomes words."""
        try:
            number = do()
        except (ApiError, InvoicingError) as error:
            return _done(invoice, step, str(error))
        if invoice.id in known:
            self._submissions.note_step(known[invoice.id].reference, step)
        return Done(invoice_id=invoice.id, number=number or invoice.invoice_number, step=step)

    def _when_ready(self, do: Callable[[], None], waits: Sequence[float]) -> None:
        for wait in waits:
            try:
                do()
            except NotYetError:
                self._patience.sleep(wait)
            else:
                return
        do()


def _done(invoice: CustomerInvoice, step: str, problem: str) -> Done:
    return Done(invoice_id=invoice.id, number=invoice.invoice_number, step=step, problem=problem)
