"""Batches: files that somebody handed over to be sent, and how far each batch is.

    checking ──► checked ──► sending ──► done
        │           ▲  └────────────────────┴──► (send again: what was sent is not sent twice)
        └──► failed ┘

The files stay in a folder of their own, so that a batch can be run again after a kill; the journal of
submissions, not this row, keeps an invoice from being sent twice.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from pennybridge.clock import Clock
from pennybridge.processes import is_gone, own_name
from pennybridge.store.state import Row, StateDatabase

Stage = Literal["checking", "checked", "sending", "done", "failed"]
BUSY: tuple[Stage, ...] = ("checking", "sending")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a batch, chosen with the files."""

    status: Literal["", "draft", "final"] = ""
    """What invoices to create are that do not say it themselves."""
    create_customers: bool = False
    create_categories: bool = False
    email: bool = False
    paid: bool = False
    send_to_pa: bool = False


class Intended(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice of a batch, as the checks read it or as it came out."""

    reference: str
    file: str
    row: int | None = None
    outcome: str
    """`ready`, `there` (nothing will be sent), `refused`; after sending an `Outcome` of invoicing."""
    is_final: bool = False
    invoice_id: int | None = None
    number: str | None = None
    customer: str | None = None
    date: str | None = None
    currency: str = "EUR"
    total_incl_tax_ccy: str | None = None
    problem: str | None = None
    done: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One problem that the checks found."""

    file: str
    row: int | None
    field: str
    message: str
    mend: str
    severity: str
    rule: str | None = None


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a batch: its invoices and its problems."""

    invoices: tuple[Intended, ...] = ()
    problems: tuple[Finding, ...] = ()

    def count(self, *outcomes: str) -> int:
        """How many invoices have one of these outcomes."""
        return sum(one.outcome in outcomes for one in self.invoices)

    @property
    def final(self) -> int:
        """How many that are ready get their number at once."""
        return sum(one.is_final and one.outcome == "ready" for one in self.invoices)


@dataclass(frozen=True)
class Batch:
    """One batch."""

    id: str
    connection_id: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    files: tuple[str, ...]
    options: Options
    stage: Stage
    worker: str | None
    progress: dict[str, list[int | None]]
    """By what is counted: how many are done, of how many."""
    problem: str | None
    findings: Findings

    @property
    def is_interrupted(self) -> bool:
        """Whether the process that had it in hand is gone."""
        return self.stage in BUSY and (self.worker is None or is_gone(self.worker))

    @property
    def is_busy(self) -> bool:
        """Whether somebody has it in hand."""
        return self.stage in BUSY and not self.is_interrupted


class Batches:
    """All batches of this installation, and the folder of their files."""

    def __init__(self, state: StateDatabase, folder: Path, clock: Clock) -> None:
        self._state = state
        self._folder = folder
        self._clock = clock

    def new_folder(self) -> tuple[str, Path]:
        """A batch's number to be, and the empty folder for its files."""
        number = secrets.token_hex(6)
        folder = self._folder / number
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # invoices are nobody else's business
        folder.mkdir(mode=0o700)
        return number, folder

    def folder(self, number: str) -> Path:
        """Where a batch's files are."""
        return self._folder / number

    def add(
        self, number: str, connection_id: str, files: Sequence[str], options: Options, *, by: str
    ) -> Batch:
        """Write down a batch whose files are in their folder."""
        now = self._clock()
        with self._state.transaction() as transaction:
            transaction.execute(
                "insert into outgoing_batches (id, connection_id, created_by, created_at, updated_at, files, "
                "options, stage, worker, progress) values (:id, :connection_id, :by, :now, :now, :files, "
                ":options, 'checking', :worker, '{}')",
                id=number, connection_id=connection_id, by=by, now=now, worker=own_name(),
                files=_text(list(files)), options=_text(options),
            )  # fmt: skip
        return self.find(connection_id, number)

    def known(self, connection_id: str, *, limit: int = 20) -> list[Batch]:
        """The latest batches of a connection, newest first."""
        rows = self._state.rows(
            f"{_SELECT} where connection_id = :connection_id order by created_at desc, id limit {limit:d}",
            connection_id=connection_id,
        )
        return [_from_row(row) for row in rows]

    def find(self, connection_id: str, number: str) -> Batch:
        """One batch.

        Raises:
            LookupError: The connection has no such batch.
        """
        rows = self._state.rows(
            f"{_SELECT} where connection_id = :connection_id and id = :id",
            connection_id=connection_id, id=number,
        )  # fmt: skip
        if not rows:
            raise LookupError(number)
        return _from_row(rows[0])

    def begin(self, batch: Batch, stage: Stage) -> bool:
        """Take a batch in hand; False when somebody else has it, or moved it on meanwhile."""
        if batch.is_busy:
            return False
        with self._state.transaction() as transaction:
            taken = transaction.execute(
                "update outgoing_batches set stage = :stage, worker = :me, problem = null, progress = '{}', "
                "updated_at = :now where id = :id and stage = :before and coalesce(worker, '') = :holder",
                id=batch.id, stage=stage, me=own_name(), now=self._clock(), before=batch.stage,
                holder=batch.worker or "",
            )  # fmt: skip
        return bool(taken)

    def note(self, batch: Batch, **values: Any) -> None:
        """Write how far a batch is: `stage`, `progress`, `problem`, `report`."""
        plain = {
            name: value if isinstance(value, str | None) else _text(value) for name, value in values.items()
        }
        if plain.get("stage") not in (None, *BUSY):
            plain["worker"] = None
        columns = ", ".join(f"{name} = :{name}" for name in plain)
        with self._state.transaction() as transaction:
            transaction.execute(
                f"update outgoing_batches set {columns}, updated_at = :now where id = :id",  # noqa: S608 - named by `work.py`
                id=batch.id, now=self._clock(), **plain,
            )  # fmt: skip


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


_SELECT = """
    select id, connection_id, created_by, created_at, updated_at, files, options, stage, worker, progress,
        problem, report
    from outgoing_batches
"""


def _from_row(row: Row) -> Batch:
    values: dict[str, Any] = dict(row)
    report = values.pop("report")
    return Batch(
        **values
        | {
            "files": tuple(msgspec.json.decode(values["files"])),
            "options": msgspec.json.decode(values["options"], type=Options),
            "progress": msgspec.json.decode(values["progress"]),
        },
        findings=msgspec.json.decode(report, type=Findings) if report else Findings(),
    )
