"""How each GET operation of the contract is answered from the books.

Three tables name most of them: lists of a company, single records, and lists under a parent. The rest are
functions.
"""

from pennybridge.emulator.answers import Answer, Refusal, decode, encode, json_answer
from pennybridge.emulator.calls import (
    Call,
    Handler,
    answer_record,
    not_found,
    null_counts,
    parent_id,
    read_page,
    stored,
)
from pennybridge.emulator.change_feeds import changes
from pennybridge.emulator.lists import Condition, ListQuery, read_limit, read_list_query
from pennybridge.emulator.ties import (
    CATEGORIZED,
    assigned_categories,
    categories_of_group,
    matched_invoices,
    matched_transactions,
)
from pennybridge.emulator.writing.exports import EXPORT_READS
from pennybridge.emulator.writing.ledger import LEDGER_READS

INCLUDED_LINES = 20
"""Most lines per invoice that `include=invoice_lines` gives (documented)."""

LISTS = {
    "getCustomers": "customers", "getProducts": "products", "getCustomerInvoices": "customer_invoices",
    "getBillingSubscriptions": "billing_subscriptions", "getCategories": "categories",
    "getCategoryGroups": "category_groups", "getLedgerAccounts": "ledger_accounts", "getJournals": "journals",
    "getCustomerInvoiceTemplates": "customer_invoice_templates", "getTransactions": "transactions",
    "getBankAccounts": "bank_accounts", "getBankEstablishments": "bank_establishments",
    "listQuotes": "quotes", "listCommercialDocuments": "commercial_documents",
    "company-fiscal-years": "fiscal_years",
    "getSuppliers": "suppliers", "getSupplierInvoices": "supplier_invoices",
    "getLedgerEntries": "ledger_entries", "getLedgerEntryLines": "ledger_entry_lines",
    "getSepaMandates": "sepa_mandates",
    "getGocardlessMandates": "gocardless_mandates", "getPurchaseRequests": "purchase_requests",
    "getPaRegistrations": "pa_registrations", "getWebhookSubscriptions": "webhook_subscriptions",
}  # fmt: skip
"""Operation → resource of a company's list."""

SINGLES = {
    "getCustomer": "customers", "getProduct": "products", "getCustomerInvoice": "customer_invoices",
    "getBillingSubscription": "billing_subscriptions", "getCategory": "categories",
    "getCategoryGroup": "category_groups", "getLedgerAccount": "ledger_accounts", "getJournal": "journals",
    "getTransaction": "transactions", "getBankAccount": "bank_accounts", "getQuote": "quotes",
    "getCommercialDocument": "commercial_documents", "getSupplier": "suppliers",
    "getSupplierInvoice": "supplier_invoices",
    "getLedgerEntryLine": "ledger_entry_lines", "getSepaMandate": "sepa_mandates",
    "getGocardlessMandate": "gocardless_mandates", "getPurchaseRequest": "purchase_requests",
    "getWebhookSubscription": "webhook_subscriptions",
}  # fmt: skip
"""Operation → resource of one record."""

CHILDREN = {
    "getCustomerContacts": ("customers", "contacts"),
    "getCustomerInvoiceInvoiceLines": ("customer_invoices", "customer_invoice_lines"),
    "getCustomerInvoiceInvoiceLineSections": ("customer_invoices", "customer_invoice_sections"),
    "getCustomerInvoicePayments": ("customer_invoices", "customer_invoice_payments"),
    "getCustomerInvoiceAppendices": ("customer_invoices", "customer_invoice_appendices"),
    "getCustomerInvoiceCustomHeaderFields": ("customer_invoices", "customer_invoice_header_fields"),
    "getBillingSubscriptionInvoiceLines": ("billing_subscriptions", "billing_subscription_lines"),
    "getBillingSubscriptionInvoiceLineSections": ("billing_subscriptions", "billing_subscription_sections"),
    "getQuoteInvoiceLines": ("quotes", "quote_lines"),
    "getQuoteInvoiceLineSections": ("quotes", "quote_sections"),
    "getQuoteAppendices": ("quotes", "quote_appendices"),
    "getCommercialDocumentInvoiceLines": ("commercial_documents", "commercial_document_lines"),
    "getCommercialDocumentInvoiceLineSections": ("commercial_documents", "commercial_document_sections"),
    "getCommercialDocumentAppendices": ("commercial_documents", "commercial_document_appendices"),
}
"""Operation → parent's resource and the resource listed under it."""


def answer_list(call: Call, resource: str, owner: Condition) -> Answer:
    """A page of a list."""
    query = read_list_query(call.operation, call.query)
    rows, next_cursor = read_page(call.books, query, resource, owner)
    items = [call.rendering.document(resource, record_id, body) for record_id, body in rows]
    extra = null_counts(call.operation)
    if "invoice_lines" in call.query.get("include", "") and call.operation.include:
        extra += (
            b',"included":{"invoice_lines":'
            + _included_lines(call, [record_id for record_id, _ in rows])
            + b"}"
        )
    return Answer(200, call.rendering.list_body(items, next_cursor, extra))


def _included_lines(call: Call, invoice_ids: list[int]) -> bytes:
    """The first lines of each invoice, and where the rest is found (`next_url`, says the contract)."""
    query = ListQuery(INCLUDED_LINES, "-id")
    parts = []
    for invoice_id in invoice_ids:
        owner = Condition("parent_id = ?", (invoice_id,))
        rows, cursor = read_page(call.books, query, "customer_invoice_lines", owner)
        url = f"{call.rendering.base_url}/customer_invoices/{invoice_id}/invoice_lines?cursor={cursor}"
        lines = b",".join(body for _, body in rows)
        rest = (
            b'],"has_more":true,"next_url":' + encode(url)
            if cursor
            else b'],"has_more":false,"next_url":null'
        )
        parts.append(b'"%d":{"items":[%b%b}' % (invoice_id, lines, rest))
    return b"{" + b",".join(parts) + b"}"


def list_of_company(call: Call) -> Answer:
    """A list of the company's records."""
    return answer_list(call, LISTS[call.operation.name], Condition("company_id = ?", (call.company.id,)))


def one_record(call: Call) -> Answer:
    """One record."""
    resource = SINGLES[call.operation.name]
    return answer_record(call, resource, call.record_id())


def list_of_parent(call: Call) -> Answer:
    """A list of what belongs to one record."""
    parent, resource = CHILDREN[call.operation.name]
    return answer_list(call, resource, Condition("parent_id = ?", (parent_id(call, parent),)))


def customer_of_type(call: Call) -> Answer:
    """A customer asked for by its type; this answer has no `customer_type` (observed)."""
    wanted = "company" if call.operation.name == "getCompanyCustomer" else "individual"
    record_id = call.record_id()
    customer = decode(call.rendering.document("customers", record_id, stored(call, "customers", record_id)))
    if customer.pop("customer_type") != wanted:
        raise not_found("customers", record_id)
    return Answer(200, call.rendering.with_base(encode(customer)))


def one_contact(call: Call) -> Answer:
    """A contact of a customer."""
    stored(call, "customers", call.record_id("customer_id"))
    contact = call.books.select("contacts", parent_id=call.record_id("customer_id"), id=call.record_id())
    if not contact:
        raise Refusal(404, "Not Found")
    return json_answer(contact[0])


def me(call: Call) -> Answer:
    """Who asks, for which company, with which scopes; needs none (documented)."""
    company = call.company
    user = {
        "id": 700_000 + company.number, "first_name": "Camille", "last_name": "Martin",
        "email": f"camille.martin+{company.number}@example.com", "locale": "fr",
    }  # fmt: skip
    about = {
        "id": company.id, "name": company.name, "reg_no": company.reg_no,
        "accounting_logic": company.accounting_logic,
    }  # fmt: skip
    return json_answer({"user": user, "company": about, "scopes": sorted(call.access.scopes)})


def no_pro_account(_: Call) -> Answer:
    """No emulated company has a Pro Account (text observed)."""
    raise Refusal(404, "No Pro Account associated with the company")


def nothing_yet(call: Call) -> Answer:
    """A list that is always empty: what it lists is not emulated."""
    for name, required in call.operation.query.items():
        if required and name not in call.query:
            raise Refusal(400, f"required parameters {name} not exist in #/paths{call.operation.path}/get")
    read_limit(call.operation, call.query)
    extra = null_counts(call.operation)
    return Answer(200, call.rendering.list_body((), None, extra))


def never_there(call: Call) -> Answer:
    """A record of a kind that is not emulated."""
    call.record_id(next(iter(call.values)))
    raise Refusal(404, "Not Found")


_CHANGELOGS = (
    "getCustomerChanges", "getCustomerInvoicesChanges", "getLedgerEntriesCategoryChanges",
    "getLedgerEntryLineChanges",
    "getLedgerEntryLinesCategoryChanges", "getProductChanges", "getQuoteChanges", "getSupplierChanges",
    "getSupplierInvoicesChanges", "getTransactionChanges",
)  # fmt: skip
_NEVER_THERE = (
    "getSupplierInvoiceLines",
    "getSupplierInvoiceMatchedTransactions", "getSupplierInvoicePayments",
)  # fmt: skip

READS: dict[str, Handler] = {
    **dict.fromkeys(LISTS, list_of_company),
    **dict.fromkeys(SINGLES, one_record),
    **dict.fromkeys(CHILDREN, list_of_parent),
    **dict.fromkeys(CATEGORIZED, assigned_categories),
    "getCompanyCustomer": customer_of_type,
    "getIndividualCustomer": customer_of_type,
    "getCustomerContact": one_contact,
    "getCategoryGroupCategories": categories_of_group,
    "getCustomerInvoiceMatchedTransactions": matched_transactions,
    "getTransactionMatchedInvoices": matched_invoices,
    "getMe": me,
    "getProAccountMandates": no_pro_account,
    "getProAccountMandateMigrations": no_pro_account,
    **dict.fromkeys(_CHANGELOGS, changes),
    **dict.fromkeys(_NEVER_THERE, never_there),
    "getTrialBalance": nothing_yet,
    **EXPORT_READS,
    **LEDGER_READS,
}
