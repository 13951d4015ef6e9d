"""Lines of imported documents: their amounts are kept as given.

Source:
    Amounts are stored as provided, nothing is filled in from a product: documented. Assumed: the amount
    before tax is what the line's amount leaves without its tax; amounts in euros that are not given are
    computed at the document's rate.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Refusal
from pennybridge.emulator.calls import Call, existing
from pennybridge.emulator.records import complete
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import number_of
from pennybridge.emulator.writing.lines import PRICE, discount_of, period_of, quantity_of
from pennybridge.money import format_amount, to_cents


def imported_line(call: Call, line: Mapping[str, Any], rank: int, rate: Decimal) -> Record:
    """A line of an imported document, complete."""
    fields = (
        {"label": "", "substance": None, "_rank": rank} | said_fields(call, line) | amounts_of(line, rate)
    )
    return complete("customer_invoice_lines", call.books.new_id(), call.at, **fields)


def said_fields(call: Call, line: Mapping[str, Any]) -> Record:
    """What a line of a request says, its amounts aside."""
    if line.get("ledger_account_id") is not None:
        existing(call, "ledger_accounts", line["ledger_account_id"])
    fields = {name: line[name] for name in ("label", "unit", "vat_rate", "substance") if name in line}
    if "description" in line:
        fields["description"] = line["description"] or ""
    if "raw_currency_unit_price" in line:
        price = number_of(line["raw_currency_unit_price"], PRICE, decimals=6)
        fields["raw_currency_unit_price"] = format_amount(price)
    if "quantity" in line:
        fields["quantity"] = format_amount(quantity_of(line["quantity"]))
    if "discount" in line:
        fields["discount"] = discount_of(line["discount"])
    if line.get("product_id") is not None:
        fields["product"] = {"id": existing(call, "products", line["product_id"])["id"]}
    if "imputation_dates" in line:
        fields["imputation_dates"] = line["imputation_dates"] if period_of(line["imputation_dates"]) else None
    return fields


def amounts_of(line: Mapping[str, Any], rate: Decimal) -> dict[str, str]:
    """The five amounts of a line as it says them; what it does not say in euros is computed."""
    total = number_of(line["currency_amount"], "Currency amount")
    tax = number_of(line["currency_tax"], "Currency tax")
    in_euros = number_of(line["amount"], "Amount") if line.get("amount") else to_cents(total * rate)
    tax_in_euros = number_of(line["tax"], "Tax") if line.get("tax") else to_cents(tax * rate)
    amounts = {
        "currency_amount": total, "currency_tax": tax, "currency_amount_before_tax": total - tax,
        "amount": in_euros, "tax": tax_in_euros,
    }  # fmt: skip
    return {name: format_amount(amount) for name, amount in amounts.items()}


def edit_imported_lines(
    call: Call, resource: str, parent_id: int, edits: Mapping[str, Any], rate: Decimal
) -> list[Record]:
    """Change the lines of an imported document; gives all that it then has.

    An amount in euros follows when only that in the document's currency is sent.
    """
    kept = {line["id"]: line for line in call.books.select(resource, parent_id=parent_id)}
    for change in (*edits.get("update", ()), *edits.get("delete", ())):
        if change["id"] not in kept:
            raise Refusal(404, "Not Found")
    for gone in edits.get("delete", ()):
        call.books.delete(resource, gone["id"])
        del kept[gone["id"]]
    for change in edits.get("update", ()):
        if line := kept.get(change["id"]):
            changed = said_fields(call, change) | amounts_of(_overlaid(line, change), rate)
            kept[line["id"]] = call.books.update(resource, line["id"], changed)
    last = max((line["_rank"] for line in kept.values()), default=0)
    for rank, line in enumerate(edits.get("create", ()), last + 1):
        added = call.insert(resource, imported_line(call, line, rank, rate), parent_id)
        kept[added["id"]] = added
    if not kept:
        raise Refusal(422, "Invoice lines can't be blank")
    return list(kept.values())


def _overlaid(line: Mapping[str, Any], change: Mapping[str, Any]) -> Record:
    merged = {name: line[name] for name in ("currency_amount", "currency_tax", "amount", "tax")}
    if change.get("currency_amount"):
        del merged["amount"]
    if change.get("currency_tax"):
        del merged["tax"]
    return merged | {name: change[name] for name in (*merged, "amount", "tax") if change.get(name)}
