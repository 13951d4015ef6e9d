"""The journal on both engines: one row a reference, one holder at a time, nothing forgotten."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pennybridge.invoicing.submissions import LEASE, Submissions
from pennybridge.processes import own_name
from pennybridge.store.state import StateDatabase, open_state
from tests.invoicing.drafting import a_draft, a_line

COMPANY = 4096
NOBODY = 2**22 + 1
"""No process has this number."""


class HandClock:
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateDatabase]:
    url = f"sqlite:///{tmp_path}/state.db"
    if request.param == "postgresql":
        make_url: Callable[[str], str] = request.getfixturevalue("make_postgresql_url")
        url = make_url("template1")
    with open_state(url) as opened:
        yield opened


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def journal(state: StateDatabase, clock: HandClock) -> Submissions:
    return Submissions(state, COMPANY, clock=clock)


def another(journal: Submissions) -> Submissions:
    """The journal as a second run sees it."""
    return Submissions(journal._state, COMPANY, clock=journal._clock)


def test_a_draft_is_planned_once(journal: Submissions) -> None:
    first = journal.plan([a_draft()])["SHOP-1"]
    second = another(journal).plan([a_draft()])["SHOP-1"]

    assert (first.state, first.digest) == ("planned", second.digest)
    assert list(journal.known()) == ["SHOP-1"]
    assert Submissions(journal._state, COMPANY + 1).known() == {}


def test_only_one_run_has_a_submission_in_hand(journal: Submissions) -> None:
    planned = journal.plan([a_draft()])["SHOP-1"]

    assert journal.claim(planned) is not None
    assert another(journal).claim(planned) is None
    journal.note("SHOP-1", state="failed", problem="no")
    taken = another(journal).claim(planned)
    assert taken is not None
    assert taken.state == "failed"


def test_what_is_sent_is_never_claimed_again(journal: Submissions) -> None:
    planned = journal.plan([a_draft()])["SHOP-1"]
    journal.claim(planned)
    journal.note("SHOP-1", state="sent", invoice_id=8192)

    seen = another(journal).claim(planned)

    assert seen is not None
    assert (seen.exists, seen.invoice_id) == (True, 8192)
    assert journal.of_invoices([8192])[8192].reference == "SHOP-1"


def test_a_claim_ends_with_its_process_or_with_its_lease(journal: Submissions, clock: HandClock) -> None:
    planned = journal.plan([a_draft()])["SHOP-1"]
    journal.claim(planned)
    clock.now += LEASE + timedelta(seconds=1)
    after_lease = another(journal)
    taken = after_lease.claim(planned)
    assert taken is not None
    assert taken.state == "sending", "whoever takes it over must look first"

    host, number, _ = own_name().split("/")
    for gone in (f"{host}/{NOBODY}/x", f"{host}/{number}/an-earlier-run"):
        journal.note("SHOP-1", claimed_by=gone, claimed_at=clock.now)
        assert another(journal).claim(planned) is not None
    journal.note("SHOP-1", claimed_by=f"elsewhere/{NOBODY}/x", claimed_at=clock.now)
    assert another(journal).claim(planned) is None


def test_a_run_that_ends_lets_go_of_what_it_had_in_hand(journal: Submissions) -> None:
    planned = journal.plan([a_draft(), a_draft(reference="B")])
    journal.claim(planned["SHOP-1"])

    journal.release()

    known = journal.known()
    assert (known["SHOP-1"].state, known["SHOP-1"].claimed_by) == ("unknown", None)
    assert known["B"].state == "planned"


def test_what_was_not_made_takes_over_mended_content_and_what_was_made_does_not(
    journal: Submissions,
) -> None:
    journal.plan([a_draft()])
    journal.note("SHOP-1", state="failed", file_id=4096)
    mended = a_draft(lines=(a_line(label="Mended"),))
    first = journal.plan([mended])["SHOP-1"]
    journal.note("SHOP-1", state="sent", invoice_id=8192)
    second = journal.plan([a_draft()])["SHOP-1"]

    assert first.file_id is None
    assert second.digest == first.digest


def test_steps_are_remembered_begun_and_taken_back(journal: Submissions) -> None:
    journal.plan([a_draft()])

    journal.note_step("SHOP-1", "paid")
    journal.note_step("SHOP-1", "emailed", is_done=False)
    begun = journal.known()["SHOP-1"].steps
    journal.note_step("SHOP-1", "emailed", is_done=None)

    assert begun["emailed"].startswith("begun 2026-11-21")
    assert list(journal.known()["SHOP-1"].steps) == ["paid"]
    journal.note_step("UNKNOWN", "paid")
