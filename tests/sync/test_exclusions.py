"""What an excluded customer has stays out, and comes when the customer is included again."""

from decimal import Decimal

from pennybridge.clock import format_instant
from pennybridge.connections import exclusions
from pennybridge.emulator.records import invoice_line, quote
from tests.sync.conftest import Workspace


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
