"""Reads of what is tied together: categories with weights, transactions with invoices."""

from pennybridge.emulator.answers import Answer, decode, encode
from pennybridge.emulator.calls import Call, parent_id, read_page
from pennybridge.emulator.lists import Condition, read_list_query
from pennybridge.emulator.resources import Record

CATEGORIZED = {
    "getCustomerCategories": "customers", "getCustomerInvoiceCategories": "customer_invoices",
    "getTransactionCategories": "transactions", "getSupplierCategories": "suppliers",
    "getSupplierInvoiceCategories": "supplier_invoices",
    "getLedgerEntryLinesCategories": "ledger_entry_lines",
}  # fmt: skip
"""Operation → resource that carries categories."""


def categories_of_group(call: Call) -> Answer:
    """The categories of a group; they do not name it again (contract)."""
    group_id = parent_id(call, "category_groups")
    query = read_list_query(call.operation, call.query)
    owner = Condition("company_id = ? and category_group_id = ?", (call.company.id, group_id))
    rows, next_cursor = read_page(call.books, query, "categories", owner)
    items = [
        {key: value for key, value in decode(body).items() if key != "category_group"} for _, body in rows
    ]
    return Answer(200, call.rendering.list_body(map(encode, items), next_cursor))


def assigned_categories(call: Call) -> Answer:
    """The categories of a customer, document or transaction, with their weights."""
    owner_id = parent_id(call, CATEGORIZED[call.operation.name])
    weights = dict(
        call.books.database.execute(
            "select category_id, weight from category_weights where parent_id = ?", (owner_id,)
        )
    )
    query = read_list_query(call.operation, call.query)
    marks = ", ".join("?" * len(weights))
    rows, next_cursor = read_page(
        call.books, query, "categories", Condition(f"id in ({marks})", tuple(weights))
    )
    items = [with_weight(decode(body), weights[record_id]) for record_id, body in rows]
    return Answer(200, call.rendering.list_body(map(encode, items), next_cursor))


def with_weight(category: Record, weight: str) -> Record:
    """A category as it is shown on what it is assigned to."""
    return {"weight": weight, **{key: value for key, value in category.items() if key != "direction"}}


def matched_transactions(call: Call) -> Answer:
    """Transactions tied to an invoice; none for drafts, which is not an error (documented)."""
    invoice_id = parent_id(call, "customer_invoices")
    query = read_list_query(call.operation, call.query)
    owner = Condition("id in (select transaction_id from matches where invoice_id = ?)", (invoice_id,))
    rows, next_cursor = read_page(call.books, query, "transactions", owner)
    items = [_as_matched(decode(body)) for _, body in rows]
    return Answer(200, call.rendering.list_body(map(encode, items), next_cursor))


def _as_matched(transaction: Record) -> Record:
    kept = {key: value for key, value in transaction.items() if key not in ("supplier", "interbank_code")}
    return {**kept, "journal": {"id": transaction["journal"]["id"]}}


def matched_invoices(call: Call) -> Answer:
    """Invoices tied to a transaction: only where they are."""
    transaction_id = parent_id(call, "transactions")
    query = read_list_query(call.operation, call.query)
    owner = Condition("id in (select invoice_id from matches where transaction_id = ?)", (transaction_id,))
    rows, next_cursor = read_page(call.books, query, "customer_invoices", owner)
    items = [{"id": key, "type": "customer", "url": f"@/customer_invoices/{key}"} for key, _ in rows]
    return Answer(200, call.rendering.list_body(map(encode, items), next_cursor))
