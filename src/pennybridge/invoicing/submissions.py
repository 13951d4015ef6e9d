"""The journal of submissions: what is meant to be sent, written before it is, and what became of it.

A row per company and external reference, in the hub's state, so that every process sees it. Its states:

    planned ──► sending ──► sent ──► verified | differs
                  │  ▲
                  │  └── planned, failed or unknown, when it is tried again
                  └──► failed (Pennylane refused it) | unknown (no clear answer: look before sending)

A submission that is forgotten, because its invoice was deleted at Pennylane, is planned again; what it was
stays in its history.

A process claims a row before it sends it. A claim ends with its process: when that is gone from this machine,
or has not moved for `LEASE`, another takes the row over, and looks at Pennylane first.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

import msgspec

from pennybridge.clock import Clock, system_clock
from pennybridge.invoicing.drafts import CategoryWeight, Draft, Way
from pennybridge.invoicing.references import content_digest
from pennybridge.processes import is_gone, own_name
from pennybridge.store.state import Row, StateDatabase, StateTransaction

State = Literal["planned", "sending", "unknown", "failed", "sent", "verified", "differs"]
EXISTS: tuple[State, ...] = ("sent", "verified", "differs")
"""States of a submission whose invoice is known to be at Pennylane."""
BEGUN = "begun"
"""Before the instant of a step that was begun, and of which no end is known."""
LEASE = timedelta(minutes=10)
"""A claim older than this is void: no request lasts so long."""


class Former(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a submission was before it was forgotten."""

    forgotten_at: datetime
    invoice_id: int | None = None
    invoice_number: str | None = None
    steps: dict[str, str] = {}


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the journal."""

    reference: str
    way: Way
    digest: str
    """Of the content as it was last meant."""
    state: State
    file: str
    row: int | None = None
    invoice_id: int | None = None
    file_id: int | None = None
    """Of the uploaded file, so that it is uploaded once."""
    file_digest: str | None = None
    """SHA-256 of that file."""
    invoice_number: str | None = None
    problem: str | None = None
    steps: dict[str, str] = {}
    """What was done to the invoice afterwards, each with its instant; see `afterwards`."""
    categories: tuple[CategoryWeight, ...] = ()
    """To be put on the invoice once it is final."""
    history: tuple[Former, ...] = ()
    """Oldest first."""
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def exists(self) -> bool:
        """Whether its invoice is known to be at Pennylane."""
        return self.state in EXISTS


class Submissions:
    """The submissions of one company, as one run sees and claims them. Safe to share between threads."""

    def __init__(self, state: StateDatabase, company_id: int, *, clock: Clock = system_clock) -> None:
        """Nothing is claimed yet."""
        self._state = state
        self._company = company_id
        self._clock = clock
        self._me = f"{own_name()}-{uuid4().hex[:12]}"

    @property
    def company_id(self) -> int:
        """Whose submissions these are."""
        return self._company

    def known(self, references: Iterable[str] | None = None) -> dict[str, Submission]:
        """The submissions with these references, or all, by reference; oldest first."""
        if references is None:
            rows = self._state.rows(
                f"{_SELECT} order by created_at, external_reference", company=self._company
            )
        else:
            with self._state.transaction() as transaction:
                rows = [
                    row
                    for reference in dict.fromkeys(references)
                    for row in transaction.rows(_SELECT_ONE, company=self._company, reference=reference)
                ]
        return {one.reference: one for one in map(_from_row, rows)}

    def of_invoices(self, ids: Iterable[int]) -> dict[int, Submission]:
        """The submissions that made these invoices, by the invoice's id."""
        wanted = set(ids)
        return {
            one.invoice_id: one
            for one in self.known().values()
            if one.invoice_id in wanted and one.invoice_id
        }

    def of_files(self, digests: Iterable[str]) -> dict[str, Submission]:
        """The submissions whose invoices are at Pennylane with one of these files, by the file's digest."""
        with self._state.transaction() as transaction:
            rows = [
                row
                for digest in dict.fromkeys(digests)
                for row in transaction.rows(_SELECT_FILE, company=self._company, digest=digest)
            ]
        return {one.file_digest: one for one in map(_from_row, rows) if one.exists and one.file_digest}

    def plan(self, drafts: Iterable[Draft]) -> dict[str, Submission]:
        """Write a row for each draft that has none; all rows of the drafts as they are now.

        A row whose invoice does not exist takes over the draft's content; the others keep theirs.
        """
        with self._state.transaction() as transaction:
            return {draft.reference: self._plan_one(transaction, draft) for draft in drafts}

    def _plan_one(self, transaction: StateTransaction, draft: Draft) -> Submission:
        now = self._clock()
        row = {
            "company": self._company,
            "reference": draft.reference,
            "way": draft.way,
            "digest": content_digest(draft),
            "file": draft.source.file,
            "line": draft.source.row,
            "file_digest": draft.attachment.sha256 if draft.attachment else None,
            "categories": msgspec.json.encode(draft.categories).decode(),
            "now": now,
        }
        transaction.execute(_PLAN, **row)
        (found,) = transaction.rows(_SELECT_ONE, company=self._company, reference=draft.reference)
        return _from_row(found)

    def claim(self, seen: Submission) -> Submission | None:
        """Take a submission in hand before sending it; None when somebody else has it in hand.

        The row that comes back is as it stood, so that its state tells whether a look is due first.
        """
        with self._state.transaction() as transaction:
            (found,) = transaction.rows(_SELECT_ONE, company=self._company, reference=seen.reference)
            before = _from_row(found)
            if before.claimed_by not in (None, self._me) and self._is_held(before):
                return None
            if before.exists:
                return before
            taken = transaction.execute(
                _CLAIM,
                company=self._company,
                reference=seen.reference,
                me=self._me,
                now=self._clock(),
                holder=before.claimed_by or "",
                state=before.state,
            )
        return before if taken else None

    def _is_held(self, submission: Submission) -> bool:
        """Whether the process that claimed it may still be sending it."""
        if submission.claimed_at is None or submission.claimed_by is None:
            return False
        return not is_gone(submission.claimed_by) and self._clock() - submission.claimed_at < LEASE

    def note(self, reference: str, **values: object) -> None:
        """Write what became of a submission; `state`, `invoice_id`, `problem`… A state ends the claim."""
        self.note_all({reference: values})

    def note_all(self, notes: Mapping[str, Mapping[str, object]]) -> None:
        """As `note`, for several in one transaction."""
        with self._state.transaction() as transaction:
            for reference, values in notes.items():
                free = {"claimed_by": None, "claimed_at": None} if "state" in values else {}
                given = {**values, **free, "updated_at": self._clock()}
                columns = ", ".join(f"{name} = :{name}" for name in given if name in _COLUMNS)
                transaction.execute(
                    f"update submissions set {columns} where {_KEY}",  # noqa: S608 - names of our own columns
                    company=self._company,
                    reference=reference,
                    **given,
                )

    def note_number(self, reference: str, number: str | None) -> None:
        """Write the number that an invoice got; its state stays."""
        self.note(reference, invoice_number=number)

    def note_step(self, reference: str, step: str, *, is_done: bool | None = True) -> None:
        """Write that a step was done; with `is_done` false that it is begun, with None that it was not."""
        with self._state.transaction() as transaction:
            rows = transaction.rows(_SELECT_ONE, company=self._company, reference=reference)
            if not rows:
                return  # an invoice that was not made here: there is nothing to remember
            steps = dict(_from_row(rows[0]).steps)
            now = self._clock().isoformat(timespec="seconds")
            steps[step] = now if is_done else f"{BEGUN} {now}"
            if is_done is None:
                del steps[step]
            transaction.execute(
                f"update submissions set steps = :steps, updated_at = :now where {_KEY}",  # noqa: S608
                company=self._company,
                reference=reference,
                steps=msgspec.json.encode(steps).decode(),
                now=self._clock(),
            )

    def forget(self, submission: Submission) -> None:
        """Plan a submission anew because its invoice is gone; what it was goes into its history."""
        now = self._clock()
        former = Former(
            forgotten_at=now,
            invoice_id=submission.invoice_id,
            invoice_number=submission.invoice_number,
            steps=submission.steps,
        )
        with self._state.transaction() as transaction:
            transaction.execute(
                _FORGET,
                company=self._company,
                reference=submission.reference,
                history=msgspec.json.encode((*submission.history, former)).decode(),
                now=now,
            )

    def release(self) -> None:
        """Let go of what this run still has in hand; whether it was sent must be looked up."""
        with self._state.transaction() as transaction:
            transaction.execute(_RELEASE, company=self._company, me=self._me, now=self._clock())


_COLUMNS = frozenset(
    {
        "state", "invoice_id", "file_id", "invoice_number", "problem",
        "claimed_by", "claimed_at", "updated_at", "digest",
    }
)  # fmt: skip
_KEY = "company_id = :company and external_reference = :reference"
_SELECT = """
    select external_reference, way, digest, state, invoice_id, file_id, file_digest, invoice_number, problem,
        file, line, steps, categories, history, claimed_by, claimed_at, created_at, updated_at
    from submissions
    where company_id = :company
"""
_SELECT_ONE = f"{_SELECT} and external_reference = :reference"
_SELECT_FILE = f"{_SELECT} and file_digest = :digest"
_PLAN = """
    insert into submissions (
        company_id, external_reference, way, digest, state, file, line, steps, categories, file_digest,
        created_at, updated_at
    )
    values (
        :company, :reference, :way, :digest, 'planned', :file, :line, '{}', :categories, :file_digest,
        :now, :now
    )
    on conflict (company_id, external_reference) do update set
        way = excluded.way, digest = excluded.digest, file = excluded.file, line = excluded.line,
        categories = excluded.categories, file_digest = excluded.file_digest,
        file_id = case when submissions.digest = excluded.digest then submissions.file_id end
    where submissions.state in ('planned', 'failed')
"""
_FORGET = """
    update submissions
    set state = 'planned', invoice_id = null, invoice_number = null, file_id = null, problem = null,
        steps = '{}', history = :history, updated_at = :now
    where company_id = :company and external_reference = :reference
      and state in ('sent', 'verified', 'differs') and claimed_by is null
"""
_CLAIM = """
    update submissions
    set state = 'sending', claimed_by = :me, claimed_at = :now, updated_at = :now
    where company_id = :company and external_reference = :reference
      and state = :state and coalesce(claimed_by, '') = :holder
"""
_RELEASE = """
    update submissions
    set state = 'unknown', claimed_by = null, claimed_at = null, updated_at = :now
    where company_id = :company and claimed_by = :me and state = 'sending'
"""


def _from_row(row: Row) -> Submission:
    values: dict[str, Any] = dict(row)
    values["reference"] = values.pop("external_reference")
    values["row"] = values.pop("line")
    values["steps"] = msgspec.json.decode(values["steps"])
    values["categories"] = msgspec.json.decode(values["categories"] or "[]", type=tuple[CategoryWeight, ...])
    values["history"] = msgspec.json.decode(values["history"] or "[]", type=tuple[Former, ...])
    return Submission(**values)
