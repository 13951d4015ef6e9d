"""What changes at Pennylane is found: during a crawl, late, after a gap, without a changelog."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pennybridge.clock import format_instant
from pennybridge.connections import exclusions
from pennybridge.emulator import selling
from pennybridge.emulator.records import invoice_line, quote
from pennybridge.errors import AuthenticationError, ConfigurationError, DatabaseBusyError
from pennybridge.sync import full_load
from pennybridge.sync.resources import DETAILS, missing_scopes
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


def test_a_list_that_answers_empty_does_not_empty_a_table(workspace: Workspace) -> None:
    subscriptions = [workspace.add_subscription() for _ in range(12)]
    workspace.sync()
    for subscription in subscriptions:
        workspace.emulator.books.delete("billing_subscriptions", subscription["id"])

    refused = workspace.sync()
    assert refused["billing_subscriptions"].state == "failed"
    assert "--confirm-deletions billing_subscriptions" in (refused["billing_subscriptions"].problem or "")
    assert workspace.row("billing_subscriptions", subscriptions[0]["id"], "deleted_at") == (None,)
    confirmed = workspace.sync(confirm_deletions=["billing_subscriptions"])

    assert confirmed["billing_subscriptions"].deleted == 12
    workspace.assert_same()


def test_a_refused_full_load_is_read_from_its_beginning_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a list that ended early seemed to finish must not count as read: only deleting would help then."""
    monkeypatch.setattr(full_load, "PAGES_PER_COMMIT", 1)
    drafts = [workspace.add_invoice(draft=True) for _ in range(15)]
    workspace.emulator.settle()
    workspace.sync()
    for draft in drafts[3:]:
        workspace.emulator.books.delete("customer_invoices", draft["id"])

    for _ in range(2):
        refused = workspace.sync(full=["customer_invoices"])
        assert refused["customer_invoices"].state == "failed"
        assert refused["customer_invoices"].requests == 1


def test_a_revoked_scope_stops_its_resource_and_no_other(workspace: Workspace) -> None:
    workspace.add_invoice()
    workspace.sync()
    scopes = workspace.emulator.api.tokens.every_scope - {"products:readonly", "products:all"}
    workspace.emulator.api.tokens.give(workspace.token, workspace.company.id, scopes)

    workspace.add_invoice()
    workspace.emulator.settle()
    report = workspace.sync()

    assert report["products"].state == "failed"
    assert "products:" in (report["products"].problem or "")
    assert report["customer_invoices"].inserted == 1


def test_a_resource_that_the_grant_does_not_cover_is_skipped_without_a_request(workspace: Workspace) -> None:
    workspace.scopes = [scope for scope in workspace.scopes if not scope.startswith("quotes")]

    report = workspace.sync()

    assert report["quotes"].state == "skipped"
    assert report["quotes"].requests == 0
    assert missing_scopes(workspace.scopes) == [("quotes", "quotes:readonly")]


def test_a_refused_token_is_said_and_ends_the_sync(workspace: Workspace) -> None:
    workspace.emulator.api.tokens.revoke(workspace.token)

    with pytest.raises(AuthenticationError):
        workspace.sync()


def test_a_resource_that_does_not_exist_is_refused_before_anything_is_sent(workspace: Workspace) -> None:
    with pytest.raises(ConfigurationError, match="'invoices'"):
        workspace.sync(full=["invoices"])

    assert workspace.emulator.requests == []


def test_a_second_sync_of_the_same_company_at_the_same_time_is_refused(workspace: Workspace) -> None:
    with workspace.database.company_lock(workspace.company.id), pytest.raises(DatabaseBusyError):
        workspace.sync()


def test_unknown_fields_and_values_are_kept_and_stop_nothing(workspace: Workspace) -> None:
    invoice = workspace.add_invoice()
    workspace.emulator.api.check_contract = False
    workspace.emulator.fail_next("GET", "/customer_invoices", "unknown_field")
    workspace.emulator.fail_next("GET", "/customer_invoices", "unknown_enum_value")

    report = workspace.sync(full=["customer_invoices"])
    again = workspace.sync(full=["customer_invoices"])

    assert not report.failed
    assert not again.failed
    row = workspace.row("customer_invoices", invoice["id"], "status", "payload")
    assert row is not None
    assert row[0] in row[1]


def test_a_retyped_field_stops_its_resource_with_a_clear_sentence(workspace: Workspace) -> None:
    workspace.add_invoice()
    workspace.emulator.api.check_contract = False
    workspace.emulator.fail_next("GET", "/customer_invoices", "retyped_field", times=None, field="amount")

    report = workspace.sync()

    assert report["customer_invoices"].state == "failed"
    assert "amount" in (report["customer_invoices"].problem or "")
    assert report["customers"].state == "done"


def test_an_excluded_customer_s_documents_stay_out_until_it_is_included_again(workspace: Workspace) -> None:
    customer = workspace.add_customer()
    before = workspace.add_invoice(customer)
    workspace.emulator.settle()
    workspace.sync()
    at = workspace.clock()
    exclusions.exclude(workspace.database, workspace.company.id, [customer["id"]], at=at)

    after = workspace.add_invoice(customer)
    workspace.emulator.settle()
    workspace.sync()
    workspace.sync(full=["customer_invoices"])
    assert workspace.row("customer_invoices", after["id"], "id") is None
    assert workspace.row("customer_invoices", before["id"], "deleted_at") == (None,)

    exclusions.include(workspace.database, workspace.company.id, [customer["id"]])
    workspace.sync()

    workspace.assert_same()


def test_quotes_made_while_their_customer_was_excluded_come_when_it_is_included_again(
    workspace: Workspace,
) -> None:
    customer, books, at = workspace.add_customer(), workspace.emulator.books, workspace.clock()
    workspace.sync()
    exclusions.exclude(workspace.database, workspace.company.id, [customer["id"]], at=at)
    day, made_at = workspace.emulator.now.date(), format_instant(workspace.emulator.now)
    line = invoice_line(books.new_id(), made_at, label="Pro", unit_price=Decimal(50))
    record = quote(
        books.new_id(), made_at, number="D-1", customer=customer, lines=[line], day=day, deadline=day
    )
    offer = books.insert("quotes", workspace.company.id, record)
    workspace.emulator.settle()
    workspace.clock.move(hours=2)
    workspace.sync()
    assert workspace.row("quotes", offer["id"], "id") is None

    exclusions.include(workspace.database, workspace.company.id, [customer["id"]])
    workspace.clock.move(hours=2)
    workspace.sync()

    assert workspace.row("quotes", offer["id"], "id") == (offer["id"],)


def test_contacts_and_categories_come_with_their_parents(workspace: Workspace) -> None:
    books, company = workspace.emulator.books, workspace.company.id
    customer = workspace.add_customer()
    invoice = workspace.add_invoice(customer)
    category = workspace.add_category()
    books.set_categories(invoice["id"], {category["id"]: "1.0"})
    books.insert("contacts", company, {"first_name": "Ada", "last_name": "Martin"}, parent_id=customer["id"])

    workspace.sync()
    workspace.assert_same()
    books.set_categories(invoice["id"], {})
    workspace.clock.move(hours=25)
    workspace.sync()

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


def test_a_detail_out_of_reach_does_not_keep_others_from_being_read_again(workspace: Workspace) -> None:
    """A few details are read again at each sync, the oldest first; those of a lost scope stay the oldest."""
    customer = workspace.add_customer()
    for _ in range(4):
        workspace.add_invoice(customer)
    workspace.emulator.settle()
    workspace.sync()
    workspace.clock.move(hours=1)
    workspace.sync(full=["contacts"])
    workspace.scopes = [scope for scope in workspace.scopes if not scope.startswith("customer_invoices")]
    workspace.clock.move(hours=30)

    report = workspace.sync()

    assert report["contacts"].requests == 1


def test_the_search_for_categorized_invoices_counts_against_the_budget(workspace: Workspace) -> None:
    customer = workspace.add_customer()
    category = workspace.add_category()
    for _ in range(3):
        invoice = workspace.add_invoice(customer)
        workspace.emulator.books.set_categories(invoice["id"], {category["id"]: "1.0"})
    workspace.emulator.settle()

    report = workspace.sync(request_budget=2)

    assert sum(report[name].requests for name in DETAILS if name in report.resources) == 2


def test_categories_asked_for_by_name_are_searched_again_at_once(workspace: Workspace) -> None:
    category = workspace.add_category()
    invoice = workspace.add_invoice()
    workspace.emulator.settle()
    workspace.sync()
    workspace.emulator.books.set_categories(invoice["id"], {category["id"]: "1.0"})

    workspace.sync(full=["customer_invoice_categories"])

    workspace.assert_same()
