"""What changes at Pennylane is found: during a crawl, late, after a gap, without a changelog."""

from datetime import timedelta
from decimal import Decimal

from pennybridge.emulator import selling
from tests.sync.conftest import Workspace


def test_an_edited_a_new_and_a_deleted_invoice_are_found(workspace: Workspace) -> None:
    """Finance must still see what was deleted, and when."""
    books = workspace.emulator.books
    kept, gone = workspace.add_invoice(draft=True), workspace.add_invoice(draft=True)
    workspace.sync()

    books.update("customer_invoices", kept["id"], {"label": "Corrected"})
    books.delete("customer_invoices", gone["id"])
    new = workspace.add_invoice()
    workspace.emulator.settle()
    report = workspace.sync()

    assert report["customer_invoices"].kind == "incremental"
    assert report["customer_invoices"].deleted == 1
    assert workspace.row("customer_invoices", gone["id"], "amount", "deleted_at is null") == (
        Decimal(120),
        False,
    )
    assert workspace.row("customer_invoice_lines", new["id"], "id") is None
    workspace.assert_same()


def test_a_paid_invoice_brings_its_payments_and_transactions(workspace: Workspace) -> None:
    customer = workspace.add_customer()
    invoice = workspace.add_invoice(customer)
    workspace.sync()

    workspace.pay(customer, invoice)
    workspace.emulator.settle()
    report = workspace.sync()

    assert report["matched_transactions"].inserted == 1
    assert workspace.row("customer_invoices", invoice["id"], "paid", "remaining_amount_with_tax") == (True, 0)
    workspace.assert_same()


def test_lines_taken_out_of_an_invoice_are_marked_as_deleted(workspace: Workspace) -> None:
    books = workspace.emulator.books
    invoice = workspace.add_invoice(lines=3, draft=True)
    workspace.sync()
    line = books.select("customer_invoice_lines", parent_id=invoice["id"])[1]

    books.delete("customer_invoice_lines", line["id"])
    books.update("customer_invoices", invoice["id"], {"amount": "240.0"})
    workspace.emulator.settle()
    workspace.sync()

    assert workspace.row("customer_invoice_lines", line["id"], "deleted_at is null") == (False,)
    workspace.assert_same()


def test_what_changes_during_the_first_crawl_is_not_lost(workspace: Workspace) -> None:
    books = workspace.emulator.books
    customer = workspace.add_customer()
    invoices = [workspace.add_invoice(customer, draft=True) for _ in range(230)]
    workspace.emulator.settle()

    def change(page: int) -> None:
        if page == 1:
            books.update("customer_invoices", invoices[0]["id"], {"label": "Read already"})
            books.delete("customer_invoices", invoices[1]["id"])
            books.delete("customer_invoices", invoices[-1]["id"])
            workspace.add_invoice(customer, draft=True)
            workspace.emulator.settle()

    workspace.after_page = change
    report = workspace.sync(request_budget=0)

    assert not report.failed
    assert workspace.row("customer_invoices", invoices[0]["id"], "label") == ("Read already",)
    assert workspace.row("customer_invoices", invoices[1]["id"], "deleted_at is null") == (False,)
    workspace.assert_same(lists_only=True)


def test_changes_announced_45_seconds_late_are_found(workspace: Workspace) -> None:
    emulator = workspace.emulator
    early, late = workspace.add_invoice(draft=True), workspace.add_invoice(draft=True)
    emulator.settle()
    workspace.sync()

    emulator.books.changelog.lag = 45.0
    emulator.books.update("customer_invoices", late["id"], {"label": "Announced late"})
    emulator.books.changelog.lag = 0.2
    emulator.books.update("customer_invoices", early["id"], {"label": "Announced at once"})
    emulator.clock.move(timedelta(seconds=5))
    workspace.sync()
    emulator.settle()
    workspace.sync()

    assert workspace.row("customer_invoices", late["id"], "label") == ("Announced late",)
    workspace.assert_same()


def test_changes_told_twice_are_applied_once(workspace: Workspace) -> None:
    invoice = workspace.add_invoice(draft=True)
    workspace.sync()
    workspace.emulator.fail_next("GET", "/changelogs/*", "duplicate_events", times=None)

    workspace.emulator.books.update("customer_invoices", invoice["id"], {"label": "Once"})
    workspace.emulator.settle()
    report = workspace.sync()

    assert report["customer_invoices"].read == 1
    workspace.assert_same()


def test_after_five_weeks_without_a_sync_everything_is_found_again(workspace: Workspace) -> None:
    """The changelog forgets after four weeks: what was deleted in the gap is found by its absence."""
    emulator, books = workspace.emulator, workspace.emulator.books
    kept, gone = workspace.add_invoice(draft=True), workspace.add_invoice(draft=True)
    emulator.settle()
    workspace.sync()

    books.delete("customer_invoices", gone["id"])
    books.update("customer_invoices", kept["id"], {"label": "Edited in the gap"})
    emulator.move_clock(days=36)
    workspace.clock.move(days=36)
    report = workspace.sync()

    assert not report.failed
    assert (report["customer_invoices"].kind, report["customer_invoices"].deleted) == ("full", 1)
    assert workspace.row("customer_invoice_lines", gone["id"], "id") is None
    workspace.assert_same()


def test_a_quiet_changelog_does_not_grow_too_old(workspace: Workspace) -> None:
    """A company that changes nothing for months still syncs by its changelog."""
    workspace.add_customer()
    workspace.emulator.settle()
    workspace.sync()
    for _ in range(3):
        workspace.emulator.move_clock(days=20)
        workspace.clock.move(days=20)
        report = workspace.sync()

    assert report["products"].kind == report["customers"].kind == "incremental"


def test_an_invoice_that_became_late_is_found_by_the_daily_sweep(workspace: Workspace) -> None:
    invoice = workspace.add_invoice(workspace.add_customer(payment_conditions="7_days"))
    workspace.emulator.settle()
    workspace.sync()
    workspace.emulator.move_clock(days=10)  # the emulator tells no change, as assumed of Pennylane
    workspace.clock.move(days=10)

    report = workspace.sync()

    assert report["customer_invoices"].kind == "incremental"
    assert workspace.row("customer_invoices", invoice["id"], "status") == ("late",)


def test_subscriptions_that_are_gone_are_marked_although_they_have_no_changelog(workspace: Workspace) -> None:
    subscriptions = [workspace.add_subscription() for _ in range(3)]
    workspace.sync()

    workspace.emulator.books.delete("billing_subscriptions", subscriptions[0]["id"])
    report = workspace.sync()

    assert report["billing_subscriptions"].deleted == 1
    workspace.assert_same()


def test_a_draft_that_is_finalized_and_credited_is_followed(workspace: Workspace) -> None:
    desk = workspace.desk()
    invoice = workspace.add_invoice(draft=True)
    workspace.sync()
    final = selling.finalize(desk, workspace.emulator.books.get("customer_invoices", invoice["id"]) or {})
    workspace.emulator.settle()
    workspace.sync()
    note = selling.credit(desk, final)
    workspace.emulator.settle()
    workspace.sync()

    row = workspace.row("customer_invoices", note["id"], "credited_invoice_id", "amount")
    assert row == (invoice["id"], Decimal(-120))
    workspace.assert_same()


def test_a_clock_that_was_set_back_loses_no_change(workspace: Workspace) -> None:
    """Fresh answers would seem older than what is stored, and be left out."""
    books = workspace.emulator.books
    edited = workspace.add_invoice(draft=True)
    gone = workspace.add_subscription()
    workspace.sync()
    workspace.clock.move(hours=-2)

    books.update("customer_invoices", edited["id"], {"label": "After the clock went back"})
    books.delete("billing_subscriptions", gone["id"])
    workspace.emulator.settle()
    report = workspace.sync()

    assert report["customer_invoices"].updated == 1
    assert report["billing_subscriptions"].deleted == 1
    workspace.assert_same()
