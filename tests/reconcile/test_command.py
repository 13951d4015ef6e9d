"""`pennybridge reconcile` as a person and as a program meet it."""

import json

import pytest

from pennybridge.emulator.books import Company
from pennybridge.emulator.server import Emulator
from pennybridge.store import open_database
from tests.cli.conftest import TOKEN, Shell, company, shell

__all__ = ["company", "shell"]


@pytest.fixture
def synced(shell: Shell, company: Company, emulator: Emulator) -> Shell:  # noqa: ARG001 — fixtures by name
    """A home with one synced company."""
    shell("connect", stdin=TOKEN)
    assert shell("sync").code == 0
    emulator.move_clock(hours=1)
    return shell


def spoil(home: Shell) -> None:
    with open_database(f"duckdb:///{home.database}") as database, database.transaction() as transaction:
        transaction.execute("update pennylane.customer_invoices set amount = 7")


def test_equal_books_are_said_to_be_equal_with_what_it_cost(synced: Shell) -> None:
    outcome = synced("reconcile")

    assert outcome.code == 0
    assert "Maison Lumière: no difference in a sample (seed 0); " in outcome.out
    assert " requests in " in outcome.out


def test_differences_are_listed_by_record_and_by_month(synced: Shell) -> None:
    spoil(synced)

    outcome = synced("reconcile", "--full")

    assert outcome.code == 3
    rows = [
        line.split() for line in outcome.out.splitlines() if line.lstrip().startswith("customer_invoices ")
    ]
    assert rows[1][2:5] == ["amount", "7.000000", "120.000000"]
    assert rows[2][1:] == ["2026-11", "1", "1", "7", "120"]
    assert "1 difference in everything" in outcome.out
    assert "Put it right with `pennybridge reconcile --repair`" in outcome.out


def test_a_program_gets_every_difference_and_can_have_them_mended(synced: Shell) -> None:
    spoil(synced)

    outcome = synced("reconcile", "--json", "--repair")
    again = synced("reconcile", "--json", "--resource", "customer_invoices")

    (first,) = json.loads(outcome.out)["connections"]
    (second,) = json.loads(again.out)["connections"]
    assert (outcome.code, outcome.err, first["mended"]) == (3, "", True)
    (difference,) = first["differences"]
    assert difference["resource"] == "customer_invoices"
    assert (difference["field"], difference["here"]) == ("amount", "7.000000")
    assert (again.code, second["differences"], second["requests"]) == (0, [], 1)


def test_a_token_that_is_refused_is_a_failure(synced: Shell, emulator: Emulator) -> None:
    emulator.api.tokens.revoke(TOKEN)

    outcome = synced("reconcile")

    assert outcome.code == 1
    assert "unauthorized" in synced("connections").out
