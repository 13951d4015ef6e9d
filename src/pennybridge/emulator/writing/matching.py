"""Transactions tied to invoices: match, unmatch, and by reference when an invoice is made.

Source:
    Not for drafts: documented. A transaction fills its invoices in the order in which they were created, two
    events per invoice, and unmatching drops all links of the transaction: observed on supplier invoices.
    Assumed: a negative transaction fills credit notes; the transaction changes too; `transaction_reference`
    finds a transaction of `bank` by its `label`, others wait for a payment that the emulator never sees.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, existing
from pennybridge.emulator.documents import fill, settled
from pennybridge.emulator.resources import Record
from pennybridge.money import format_amount

_ZERO = Decimal(0)


def match(call: Call) -> Answer:
    """`POST /customer_invoices/{customer_invoice_id}/matched_transactions`."""
    invoice = _matchable(call)
    transaction = existing(call, "transactions", call.data["transaction_id"])
    tie(call, transaction, [invoice["id"]])
    return Answer(204)


def unmatch(call: Call) -> Answer:
    """`DELETE /customer_invoices/{customer_invoice_id}/matched_transactions/{id}`."""
    invoice = _matchable(call)
    transaction = existing(call, "transactions", call.record_id())
    shares = call.books.shares(transaction["id"])
    if invoice["id"] not in shares:
        raise Refusal(404, "Not Found")
    call.books.unmatch(transaction["id"])
    for tied_id, share in shares.items():
        tied = existing(call, "customer_invoices", tied_id)
        _write(call, tied, settled_fields(call, tied, -share))
    _set_outstanding(call, transaction, Decimal(transaction["amount"]))
    return Answer(204)


def tie(call: Call, transaction: Mapping[str, Any], invoice_ids: Iterable[int]) -> None:
    """Tie a transaction to more invoices and share it out anew among all of its own."""
    shares = call.books.shares(transaction["id"])
    opened = []
    for key in dict.fromkeys([*shares, *invoice_ids]):
        invoice = existing(call, "customer_invoices", key)
        opened.append(invoice | settled_fields(call, invoice, -shares.get(key, _ZERO)))
    left = Decimal(transaction["amount"])
    for tied, share in fill(left, opened):
        left -= share
        call.books.match(tied["id"], transaction["id"], share)
        if shares.get(tied["id"]) != share:
            _write(call, tied, settled_fields(call, tied, share))
    _set_outstanding(call, transaction, left)


def settled_fields(call: Call, invoice: Mapping[str, Any], amount: Decimal) -> Record:
    """What a payment of so many euros changes; an incomplete invoice stays incomplete (assumed)."""
    fields = settled(invoice, amount, today=call.now.date())
    return fields if invoice["status"] != "incomplete" else fields | {"status": "incomplete"}


def match_by_reference(call: Call, invoice: Mapping[str, Any]) -> None:
    """Tie an invoice to the transactions that its transaction reference names."""
    reference = invoice["transaction_reference"]
    if invoice["draft"] or not reference or reference["provider_field_name"] != "label":
        return
    for transaction in call.books.select("transactions", call.company.id):
        if reference["provider_field_value"] in (transaction["label"] or ""):
            tie(call, transaction, [invoice["id"]])


def _matchable(call: Call) -> Record:
    invoice = existing(call, "customer_invoices", call.record_id("customer_invoice_id"))
    if invoice["draft"]:
        raise Refusal(422, "This endpoint is not applicable for draft invoices")
    return invoice


def _write(call: Call, invoice: Mapping[str, Any], fields: Record) -> None:
    call.books.update("customer_invoices", invoice["id"], fields)
    call.books.update("customer_invoices", invoice["id"], {})


def _set_outstanding(call: Call, transaction: Mapping[str, Any], left: Decimal) -> None:
    changes = {"outstanding_balance": format_amount(-left)}  # its sign is turned (observed)
    call.books.update("transactions", transaction["id"], changes)


MATCHING_WRITES: dict[str, Handler] = {
    "postCustomerInvoiceMatchedTransactions": match,
    "deleteCustomerInvoiceMatchedTransactions": unmatch,
}
