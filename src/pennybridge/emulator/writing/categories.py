"""Categories with weights on customers, invoices and transactions.

Source:
    The list is replaced; the weights of each group add up to 1; at most seven decimals; not for draft
    invoices: documented. `… must equal 100%`, and no event: observed. Assumed: the beginning of that text.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal, decode, json_answer
from pennybridge.emulator.calls import Call, Handler, existing, stored
from pennybridge.emulator.resources import Record
from pennybridge.emulator.ties import with_weight
from pennybridge.emulator.writing.checks import number_of
from pennybridge.money import format_amount

_OWNERS = {
    "putCustomerCategories": "customers",
    "putCustomerInvoiceCategories": "customer_invoices",
    "putTransactionCategories": "transactions",
}
"""Operation → resource that carries the categories."""


def replace(call: Call) -> Answer:
    """`PUT …/{id}/categories`."""
    resource = _OWNERS[call.operation.name]
    owner = existing(call, resource, call.record_id(next(iter(call.values))))
    if owner.get("draft"):
        raise Refusal(422, "This endpoint is not applicable for draft invoices")
    categories = {item["id"]: existing(call, "categories", item["id"]) for item in call.data}
    if len(categories) < len(call.data):
        raise Refusal(422, "Categories must be unique")
    weights = {item["id"]: _weight(item["weight"]) for item in call.data}
    _check_sums(weights, categories)
    told = {key: format_amount(weight) for key, weight in weights.items()}
    call.books.set_categories(owner["id"], told)
    shown = [with_weight(decode(stored(call, "categories", key)), weight) for key, weight in told.items()]
    if resource == "transactions":
        call.books.rewrite(resource, owner["id"], {"categories": shown})
    return json_answer(shown)


def _weight(text: str) -> Decimal:
    weight = number_of(text, "Weight", decimals=7)
    if not 0 < weight <= 1:
        raise Refusal(422, "Weight must be greater than 0 and less than or equal to 1")
    return weight


def _check_sums(weights: Mapping[int, Decimal], categories: Mapping[int, Record]) -> None:
    sums: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for key, weight in weights.items():
        sums[categories[key]["category_group"]["id"]] += weight
    if any(total != 1 for total in sums.values()):
        raise Refusal(422, "The sum of the weights of the categories of a same group must equal 100%")


CATEGORY_WRITES: dict[str, Handler] = dict.fromkeys(_OWNERS, replace)
