"""What `pennybridge doctor` finds, and what it says to do about it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pennybridge.emulator.books import Company
from pennybridge.emulator.server import Emulator
from pennybridge.store import backups, open_database, open_state
from tests.cli.conftest import TOKEN, Shell


@pytest.fixture
def synced(shell: Shell, company: Company) -> Shell:
    """A home with one synced company, its models built."""
    assert company
    shell("connect", stdin=TOKEN)
    shell("sync")
    assert shell("build").code == 0
    return shell


def found(shell: Shell, *options: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit code, and state and text of each finding; the last where there are several of a name."""
    outcome = shell("doctor", "--json", *options)
    assert outcome.err == ""
    return outcome.code, {each["what"]: (each["state"], each["text"]) for each in json.loads(outcome.out)}


def change(shell: Shell, sql: str) -> None:
    with open_database(f"duckdb:///{shell.database}") as database, database.transaction() as transaction:
        transaction.execute(sql)


def test_a_sound_installation_has_nothing_to_mend(synced: Shell) -> None:
    code, findings = found(synced)

    assert (code, {state for state, _ in findings.values()}) == (0, {"ok"})
    assert "DuckDB v2" in findings["database"][1]
    assert "none is there twice" in findings["integrity"][1]
    assert findings["models"][1].endswith("up to date with the last sync, all checks pass")
    assert findings["grants"][1] == "the key opens it"
    assert findings["connection"][1] == "Maison Lumière: the token works"


def test_an_installation_without_anything_is_sound_too(shell: Shell) -> None:
    code, findings = found(shell)

    assert (code, {state for state, _ in findings.values()}) == (0, {"ok"})
    assert "made by the first sync" in findings["database"][1]
    assert "grants" not in findings


def test_models_that_a_check_refutes_are_a_problem(synced: Shell) -> None:
    change(synced, "update receivables.aging set open_amount_eur = open_amount_eur + 1")

    code, findings = found(synced)

    assert (code, findings["models"][0]) == (1, "problem")
    assert "aging_adds_up_to_open_amounts" in findings["models"][1]
    assert "pennybridge build --whole" in findings["models"][1]


def test_what_the_models_do_not_hold_yet_is_said(synced: Shell, emulator: Emulator) -> None:
    emulator.add_customer_invoice("60.00")
    emulator.settle()
    synced("sync")

    code, findings = found(synced)

    assert (code, "what is new in customers, customer_invoices" in findings["models"][1]) == (0, True)


def test_a_record_that_is_there_twice_is_a_problem(synced: Shell) -> None:
    change(synced, "insert into pennylane.customers select * from pennylane.customers limit 1")

    code, findings = found(synced, "--offline")

    assert (code, findings["integrity"][0]) == (1, "problem")
    assert findings["integrity"][1].startswith("customers: some records are there twice")


def test_a_database_file_that_is_none_is_a_problem(synced: Shell) -> None:
    synced.database.write_bytes(b"no database at all" * 1000)

    code, findings = found(synced, "--offline")

    assert (code, findings["database"][0]) == (1, "problem")


def test_a_refused_token_and_a_paused_connection_are_named(synced: Shell, emulator: Emulator) -> None:
    emulator.api.tokens.revoke(TOKEN)
    refused = found(synced)
    emulator.add_company("Maison Ombre")
    synced("connect", stdin=emulator.token(2))
    synced("connections", "pause", "2")

    code, findings = found(synced, "--offline")

    assert (refused[0], refused[1]["connection"][0]) == (1, "problem")
    assert code == 3
    assert findings["connection"] == (
        "warning",
        "Maison Ombre is paused. Resume it with `pennybridge connections resume`; its data stays meanwhile.",
    )


def test_an_oauth_grant_that_nobody_renews_is_named_before_it_ends(synced: Shell) -> None:
    with open_state(f"sqlite:///{synced.home / 'state.db'}") as state, state.transaction() as transaction:
        at = datetime.now(UTC) - timedelta(days=70)
        transaction.execute("update connections set kind = 'oauth', renewed_at = :at", at=at)

    code, findings = found(synced, "--offline")

    assert (code, findings["connection"][0]) == (3, "warning")
    assert f"ends on {at + timedelta(days=90):%Y-%m-%d}" in findings["connection"][1]


def test_books_that_went_stale_and_books_without_a_connection_are_named(synced: Shell) -> None:
    change(synced, "update pennylane.bookmarks set checked_at = checked_at - interval '3 days'")

    stale = found(synced, "--offline")
    (synced.home / "state.db").unlink()
    lost = found(synced, "--offline")

    assert (stale[0], stale[1]["books"][0], lost[0], lost[1]["books"][0]) == (3, "warning", 3, "warning")
    assert "customer_invoices was last up to date on" in stale[1]["books"][1]
    assert "Run `pennybridge sync`" in stale[1]["books"][1]
    assert "Maison Lumière has books here and no connection. Put back the state.db" in lost[1]["books"][1]


def test_a_publication_that_fails_is_named(synced: Shell) -> None:
    with open_state(f"sqlite:///{synced.home / 'state.db'}") as state, state.transaction() as transaction:
        transaction.execute(
            "insert into engine_workers (name, token, host, pid, started_at, beat_at) "
            "values ('here-1', 't', 'here', 1, :at, :at)",
            at=datetime.now(UTC),
        )
        transaction.execute(
            "insert into engine_chores (name, turn, problem) values ('publish', 1, 'duckdb:///w: no room')"
        )

    code, findings = found(synced, "--offline")

    assert code == 3
    assert findings["schedule"] == ("warning", "The last publication failed: duckdb:///w: no room")


def test_a_worker_that_died_is_named_with_what_to_start(synced: Shell) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with open_state(f"sqlite:///{synced.home / 'state.db'}") as state, state.transaction() as transaction:
        transaction.execute(
            "insert into engine_workers (name, token, host, pid, started_at, beat_at) "
            "values ('here-1', 't', 'here', 1, :at, :at)",
            at=at,
        )

    code, findings = found(synced, "--offline")

    assert (code, findings["schedule"][0]) == (3, "warning")
    assert "Start `pennybridge serve` or `pennybridge worker`" in findings["schedule"][1]


def test_little_room_and_copies_from_before_updates_are_said(
    synced: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backups.path_of(synced.database, 1, datetime(2026, 11, 21, tzinfo=UTC))
    copy.write_text("a copy")
    monkeypatch.setattr("pennybridge.cli.doctor_books.MIN_FREE_BYTES", 10**18)

    code, findings = found(synced, "--offline")

    assert (code, findings["space"][0]) == (3, "warning")
    assert copy.name in findings["copies"][1]
