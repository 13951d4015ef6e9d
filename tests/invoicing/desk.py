"""A company at the emulator, a journal, and the runs of a person who sends invoices there."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pennybridge.api.client import Client
from pennybridge.api.retries import Retries
from pennybridge.emulator.books import Company
from pennybridge.emulator.resources import Record
from pennybridge.emulator.server import Emulator
from pennybridge.invoicing.drafts import Draft
from pennybridge.invoicing.once import Patience
from pennybridge.invoicing.outcome import RunReport
from pennybridge.invoicing.run import create_invoices, import_invoices
from pennybridge.invoicing.submissions import Submission, Submissions
from pennybridge.store.state import StateDatabase, open_state
from tests.sync.conftest import NoLimit


@dataclass
class Desk:
    """What the tests of sending share; waiting costs no time, it moves the emulator's clock."""

    emulator: Emulator
    company: Company
    state: StateDatabase
    slept: list[float] = field(default_factory=list)

    def client(self, **options: Any) -> Client:
        given = {"timeout": 20.0, "retries": Retries(attempts=2, sleep=lambda _: None), **options}
        return Client(
            self.emulator.token(self.company.number),
            base_url=self.emulator.base_url,
            limiter=NoLimit(),  # type: ignore[arg-type]
            **given,
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.emulator.move_clock(seconds=seconds)

    @property
    def patience(self) -> Patience:
        return Patience(sleep=self.sleep)

    def journal(self) -> Submissions:
        """The journal as a new process would open it."""
        return Submissions(self.state, self.company.id)

    def create(self, source: Sequence[Draft] | Sequence[Path], **options: Any) -> RunReport:
        with self.client() as client:
            return create_invoices(
                source, client=client, submissions=self.journal(), patience=self.patience, **options
            )

    def import_(self, source: Sequence[Draft] | Sequence[Path], **options: Any) -> RunReport:
        with self.client() as client:
            return import_invoices(
                source, client=client, submissions=self.journal(), patience=self.patience, **options
            )

    def submission(self, reference: str) -> Submission:
        return self.journal().known([reference])[reference]

    def records(self, resource: str) -> list[Record]:
        return self.emulator.books.select(resource, self.company.id, parent_id=None)

    @property
    def invoices(self) -> dict[str, Record]:
        """The invoices in the books by external reference; two with the same one fail the test."""
        found = self.records("customer_invoices")
        by_reference = {one["external_reference"]: one for one in found}
        assert len(by_reference) == len(found)
        return by_reference

    def requests(self, since: int = 0) -> list[str]:
        """What was asked of the emulator, as `POST /customer_invoices`."""
        return [f"{one.method} {one.path}" for one in itertools.islice(self.emulator.requests, since, None)]

    def writes(self, since: int = 0) -> list[str]:
        return [request for request in self.requests(since) if not request.startswith("GET")]


def open_desk(emulator: Emulator, folder: Path) -> Desk:
    company = emulator.add_company("Maison Lumière")
    return Desk(emulator, company, open_state(f"sqlite:///{folder}/state.db"))
