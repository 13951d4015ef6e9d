"""What became of each invoice of a run: for the table, for the machine-readable report, for the exit code."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.problems import Problem
from pennybridge.invoicing.report import plural
from pennybridge.invoicing.verify import meant_totals

Outcome = Literal[
    "created", "imported", "found", "already_sent", "elsewhere", "differs", "refused", "failed", "unknown",
    "not_tried",
]  # fmt: skip
"""created, imported: sent now. found: at Pennylane already, though our journal did not know. already_sent:
by an earlier run. elsewhere: another process has it in hand. differs: it is there, but not as meant. refused:
by our checks. failed: Pennylane refused it. unknown: no clear answer. not_tried: the run was stopped."""

_NOTHING_SENT = ("found", "already_sent", "refused", "not_tried")
_BAD = ("differs", "refused", "failed", "unknown", "not_tried")


class Result(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One intended invoice after a run."""

    reference: str
    file: str
    row: int | None = None
    outcome: Outcome
    invoice_id: int | None = None
    number: str | None = None
    status: str | None = None
    customer: str | None = None
    currency: str = "EUR"
    total_incl_tax_ccy: Decimal | None = None
    problem: str | None = None
    steps: dict[str, str] = {}
    """What was done afterwards: finalized, linked, categorized, emailed, sent_to_pa, paid."""
    waiting: tuple[str, ...] = ()
    """What could not be done yet, and why."""


def result_of(draft: Draft, outcome: Outcome, **given: Any) -> Result:
    """A result about a draft."""
    totals = meant_totals(draft)
    return Result(
        reference=draft.reference,
        file=draft.source.file,
        row=draft.source.row,
        outcome=outcome,
        number=given.pop("number", draft.number),
        customer=draft.customer.full_name(),
        currency=draft.currency,
        total_incl_tax_ccy=totals.incl_tax_ccy if totals else None,
        **given,
    )


class RunReport(msgspec.Struct, frozen=True):
    """A run over a batch."""

    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()
    customers_created: int = 0

    @property
    def failed(self) -> bool:
        """Whether an invoice is not at Pennylane as meant."""
        return any(result.outcome in _BAD for result in self.results)

    @property
    def has_warnings(self) -> bool:
        """Whether there is anything to look at."""
        waiting = any(result.waiting or result.outcome == "elsewhere" for result in self.results)
        return waiting or bool(self.problems)

    @property
    def sent(self) -> int:
        """How many invoices this run made at Pennylane."""
        return sum(result.outcome in {"created", "imported"} for result in self.results)

    def as_line(self) -> str:
        """As `3 invoices: 2 created, 1 already sent; 1 new customer.`."""
        counts = Counter(result.outcome for result in self.results)
        parts = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.items())
        line = f"{plural(len(self.results), 'invoice')}: {parts}" if self.results else "No invoices"
        if self.customers_created:
            line += f"; {plural(self.customers_created, 'new customer')}"
        if not self.customers_created and all(result.outcome in _NOTHING_SENT for result in self.results):
            line += "; nothing was sent"
        return f"{line}."

    def to_json(self) -> bytes:
        """Everything, for programs; amounts are text."""
        return msgspec.json.encode(
            {
                "sent": self.sent,
                "customers_created": self.customers_created,
                "invoices": self.results,
                "problems": self.problems,
            }
        )


def problems_by_draft(drafts: Sequence[Draft], problems: Sequence[Problem]) -> dict[str, str]:
    """The first error of each draft that has one, by the draft's reference."""
    found: dict[str, str] = {}
    for draft in drafts:
        rows = {
            (draft.source.file, draft.source.row),
            *((line.source.file, line.source.row) for line in draft.lines),
        }
        for problem in problems:
            if problem.severity == "error" and (problem.file, problem.row) in rows:
                found.setdefault(draft.reference, f"{problem.field}: {problem.message}")
    return found
