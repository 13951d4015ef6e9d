"""The first sync brings everything, and the second one asks for next to nothing."""

from datetime import timedelta

import pytest

from pennybridge.emulator.life import live
from pennybridge.emulator.seed.company import seed_company
from pennybridge.sync import load
from pennybridge.sync.resources import DETAILS
from tests.sync.conftest import Workspace


def test_the_landing_tables_are_the_books(workspace: Workspace) -> None:
    workspace.add_invoice(lines=3)
    workspace.add_invoice(draft=True)
    workspace.add_invoice(lines=25)

    report = workspace.sync()

    assert not report.failed
    assert report["customer_invoices"].inserted == 3
    assert report["customer_invoice_lines"].read == 25
    workspace.assert_same()


def test_a_seeded_company_with_years_of_history_arrives_whole(workspace: Workspace) -> None:
    workspace.emulator.books.lives.append(live)
    workspace.company = workspace.emulator.books.add_company("Boréal", fill=seed_company)
    workspace.emulator.settle()

    report = workspace.sync(request_budget=200)

    assert not report.failed
    workspace.assert_same(lists_only=True)
    ((unsound,),) = workspace.database.rows("select count(*) from pennylane.unsound_invoices")
    assert unsound == 0


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_load_of_many_rows_lets_postgresql_count_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had looped over all pairs of half a million lines and 25,900 invoices, for an empty table's plan."""
    monkeypatch.setattr(load, "MANY_ROWS", 3)
    for _ in range(3):
        workspace.add_invoice(lines=2)

    workspace.sync()

    counted = workspace.database.rows(
        "select distinct tablename from pg_stats where schemaname = 'pennylane'"
    )
    assert {("customer_invoices",), ("customer_invoice_lines",)} <= set(counted)
    assert ("products",) not in counted


def test_what_the_budget_left_is_read_by_the_next_sync(workspace: Workspace) -> None:
    for _ in range(10):
        workspace.add_invoice()

    first = workspace.sync(request_budget=7)
    assert first["payments"].state == first["contacts"].state == "partial"
    assert sum(first[name].requests for name in DETAILS if name in first.resources) == 7
    second = workspace.sync()

    assert not second.has_warnings
    workspace.assert_same()


def test_a_sync_with_nothing_new_costs_four_requests(workspace: Workspace) -> None:
    workspace.add_invoice()
    workspace.emulator.settle()
    workspace.sync()
    workspace.clock.move(minutes=5)
    workspace.emulator.clock.move(timedelta(minutes=5))
    before = len(workspace.emulator.requests)

    report = workspace.sync()

    assert len(workspace.emulator.requests) - before == report.requests == 4
    assert sum(each.written for each in report.resources.values()) == 0


def test_an_invoice_read_again_as_it_was_keeps_its_lines_beyond_twenty(workspace: Workspace) -> None:
    invoice = workspace.add_invoice(lines=25)
    workspace.emulator.settle()
    workspace.sync()

    workspace.sync(full=["customer_invoices"])

    assert workspace.row("customer_invoices", invoice["id"], "lines_complete", "lines_read") == (True, 25)
    workspace.assert_same()


def test_an_empty_company_is_a_company(workspace: Workspace) -> None:
    report = workspace.sync()

    assert not report.failed
    workspace.assert_same()
