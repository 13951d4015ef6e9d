"""How each POST, PUT and DELETE of the contract is done: one table, operation → handler.

A handler gets a `Call` whose body is already what the contract allows (`call.data`), for a token that covers
the scope, and does its work inside one transaction of the books: it raises `Refusal` and nothing has
happened, or gives the `Answer`. The handlers stand in `writing/`, one file a subject.
"""

from pennybridge.emulator.calls import Handler
from pennybridge.emulator.writing.actions import ACTION_WRITES
from pennybridge.emulator.writing.banking import BANKING_WRITES
from pennybridge.emulator.writing.catalogue import CATALOGUE_WRITES
from pennybridge.emulator.writing.categories import CATEGORY_WRITES
from pennybridge.emulator.writing.customers import CUSTOMER_WRITES
from pennybridge.emulator.writing.e_invoices import E_INVOICE_WRITES
from pennybridge.emulator.writing.exports import EXPORT_WRITES
from pennybridge.emulator.writing.files import FILE_WRITES
from pennybridge.emulator.writing.imports import IMPORT_WRITES
from pennybridge.emulator.writing.invoice_changes import CHANGE_WRITES
from pennybridge.emulator.writing.invoices import INVOICE_WRITES
from pennybridge.emulator.writing.ledger import LEDGER_WRITES
from pennybridge.emulator.writing.mandates import MANDATE_WRITES
from pennybridge.emulator.writing.matching import MATCHING_WRITES
from pennybridge.emulator.writing.quotes import QUOTE_WRITES
from pennybridge.emulator.writing.subscriptions import SUBSCRIPTION_WRITES
from pennybridge.emulator.writing.webhook_subscriptions import WEBHOOK_WRITES

WRITES: dict[str, Handler] = {
    **CUSTOMER_WRITES,
    **BANKING_WRITES,
    **E_INVOICE_WRITES,
    **EXPORT_WRITES,
    **LEDGER_WRITES,
    **MANDATE_WRITES,
    **QUOTE_WRITES,
    **SUBSCRIPTION_WRITES,
    **WEBHOOK_WRITES,
    **ACTION_WRITES,
    **CATALOGUE_WRITES,
    **CATEGORY_WRITES,
    **FILE_WRITES,
    **IMPORT_WRITES,
    **INVOICE_WRITES,
    **CHANGE_WRITES,
    **MATCHING_WRITES,
}
"""Operation → what does it."""
