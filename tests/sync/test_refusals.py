"""What Pennylane refuses, or answers wrongly, is said, and harms nothing that was read before."""

import pytest

from pennybridge.errors import AuthenticationError, ConfigurationError, DatabaseBusyError
from pennybridge.sync import full_load
from pennybridge.sync.resources import missing_scopes
from tests.sync.conftest import Workspace


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
