"""Details, which cost a request per record, come with their parents and within a budget."""

from pennybridge.sync.resources import DETAILS
from tests.sync.conftest import Workspace


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
