"""The status says how fresh and how complete the tables are, and what to do about it."""

from datetime import timedelta

from pennybridge.sync.resources import DETAILS, LISTS
from pennybridge.sync.status import company_status
from tests.sync.conftest import Workspace


def test_nothing_is_fresh_before_the_first_sync(workspace: Workspace) -> None:
    status = company_status(workspace.database, workspace.company.id, workspace.clock)

    assert {each.fresh_at for each in status.resources} == {None}
    assert len(status.attention) == len(LISTS)


def test_a_whole_sync_leaves_nothing_to_attend_to(workspace: Workspace) -> None:
    workspace.add_invoice(lines=25)
    workspace.sync()

    status = company_status(workspace.database, workspace.company.id, workspace.clock)

    assert status.attention == []
    assert [each.resource for each in status.resources] == [*LISTS, *DETAILS]
    assert all(each.fresh_at for each in status.resources)
    assert {each.resource: each.rows for each in status.resources}["customer_invoice_lines"] == 25


def test_details_that_are_left_are_counted(workspace: Workspace) -> None:
    for _ in range(3):
        workspace.add_invoice()
    workspace.sync(request_budget=2)

    status = company_status(workspace.database, workspace.company.id, workspace.clock)

    details = {each.resource: (each.covered, each.wanted) for each in status.details}
    assert sum(covered for covered, _ in details.values()) == 2
    assert details["contacts"] == (0, 3)
    assert "contacts of 3 parents are still to be read: sync again" in status.attention


def test_a_stale_and_a_failed_resource_are_named(workspace: Workspace) -> None:
    workspace.sync()
    workspace.emulator.fail_next("GET", "/changelogs/products", "500", times=None)
    workspace.clock.now += timedelta(hours=30)
    workspace.sync()

    attention = company_status(workspace.database, workspace.company.id, workspace.clock).attention

    assert [line for line in attention if line.startswith("products: ")]
    assert len(attention) == 1
    workspace.clock.now += timedelta(hours=30)
    stale = company_status(workspace.database, workspace.company.id, workspace.clock).attention
    assert [line for line in stale if line.startswith("customers was last up to date on ")]


def test_invoices_whose_lines_do_not_add_up_are_flagged_not_hidden(workspace: Workspace) -> None:
    invoice = workspace.add_invoice(draft=True)
    workspace.emulator.books.update(
        "customer_invoices", invoice["id"], {"currency_amount_before_tax": "90.0"}
    )
    workspace.sync()

    attention = company_status(workspace.database, workspace.company.id, workspace.clock).attention

    assert [line for line in attention if "unsound_invoices" in line]
    assert workspace.row("unsound_invoices", invoice["id"], "line_count") == (1,)
