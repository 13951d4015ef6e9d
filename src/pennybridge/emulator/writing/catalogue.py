"""What a company keeps beside documents: products, categories, ledger accounts, journals.

Source:
    Fields: the contract. An account that begins with 411 brings a company customer, one with 401 a supplier:
    documented; suppliers are not emulated. `direction` belongs to treasury categories and is `cash_out`
    unless said: documented. Assumed: codes and numbers of a company are unique, labels are not; the type
    of an account and of a journal.
"""

from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.records import company_customer, complete, product
from pennybridge.emulator.resources import Record
from pennybridge.emulator.vat import rate_of
from pennybridge.emulator.writing.checks import (
    check_present,
    check_reference,
    check_unused,
    number_of,
    reference_in,
)
from pennybridge.money import format_amount, to_cents

_PRODUCT_FIELDS = ("label", "description", "external_reference", "reference", "unit", "currency", "substance")


def create_product(call: Call) -> Answer:
    """`POST /products`."""
    fields = _product_fields(call)
    made = product(
        call.books.new_id(), call.at, price_before_tax=_price(call.data["price_before_tax"]),
        vat_rate=call.data["vat_rate"], **fields,
    )  # fmt: skip
    call.insert("products", made)
    return answer_record(call, "products", made["id"], 201)


def update_product(call: Call) -> Answer:
    """`PUT /products/{id}`: the price with tax follows."""
    known = existing(call, "products", call.record_id())
    changes = _product_fields(call, known["id"])
    vat_rate = call.data.get("vat_rate", known["vat_rate"])
    price = _price(call.data.get("price_before_tax", known["price_before_tax"]))
    with_tax = to_cents(price * (100 + rate_of(vat_rate)) / 100)
    changes |= {
        "vat_rate": vat_rate,
        "price_before_tax": format_amount(price),
        "price": format_amount(with_tax),
    }
    call.books.update("products", known["id"], changes)
    return answer_record(call, "products", known["id"])


def _product_fields(call: Call, known_id: int | None = None) -> Record:
    check_present(call.data, "label")
    check_reference(call, "products", but=known_id)
    if len(call.data.get("description", "")) > 5_000:
        raise Refusal(422, "Description is too long (maximum is 5000 characters)")
    fields = {name: call.data[name] for name in _PRODUCT_FIELDS if name in call.data}
    if "ledger_account_id" in call.data:
        fields["ledger_account"] = reference_in(call, "ledger_account_id", "ledger_accounts")
    return fields


def _price(text: str) -> Decimal:
    return number_of(text, "Price before tax", decimals=6)


def create_category(call: Call) -> Answer:
    """`POST /categories`."""
    check_present(call.data, "label")
    group = existing(call, "category_groups", call.data["category_group_id"])
    fields = {name: call.data.get(name) for name in ("label", "analytical_code", "direction")}
    if group.get("_kind") == "treasury":
        fields["direction"] = fields["direction"] or "cash_out"
    elif fields["direction"]:
        raise Refusal(422, "Direction is only applicable for treasury categories")
    return _created(call, "categories", category_group={"id": group["id"]}, **fields)


def update_category(call: Call) -> Answer:
    """`PUT /categories/{id}`."""
    check_present(call.data, "label")
    category = existing(call, "categories", call.record_id())
    group = existing(call, "category_groups", category["category_group"]["id"])
    if "direction" in call.data and group.get("_kind") != "treasury":
        raise Refusal(422, "Direction is only applicable for treasury categories")
    return _updated(call, "categories", category["id"], call.data)


def create_group(call: Call) -> Answer:
    """`POST /category_groups`."""
    check_present(call.data, "label")
    return _created(call, "category_groups", label=call.data["label"], _kind=call.data.get("kind"))


def update_group(call: Call) -> Answer:
    """`PUT /category_groups/{id}`."""
    check_present(call.data, "label")
    group = existing(call, "category_groups", call.record_id())
    changes = {"label": call.data["label"], "_kind": call.data.get("kind", group.get("_kind"))}
    return _updated(call, "category_groups", group["id"], changes)


def create_account(call: Call) -> Answer:
    """`POST /ledger_accounts`."""
    check_present(call.data, "label")
    number = call.data["number"]
    check_unused(call, "ledger_accounts", "number", number)
    answer = _created(call, "ledger_accounts", **call.data, letterable=number.startswith(("401", "411")))
    if number.startswith("411"):
        account = call.books.select("ledger_accounts", call.company.id, number=number)[0]
        call.insert(
            "customers",
            company_customer(
                call.books.new_id(), call.at, name=call.data["label"], ledger_account={"id": account["id"]}
            ),
        )
    return answer


def update_account(call: Call) -> Answer:
    """`PUT /ledger_accounts/{id}`."""
    check_present(call.data, "label")
    account = existing(call, "ledger_accounts", call.record_id())
    return _updated(call, "ledger_accounts", account["id"], call.data)


def create_journal(call: Call) -> Answer:
    """`POST /journals`."""
    check_present(call.data, "code", "label")
    if any(known["code"] == call.data["code"] for known in call.books.select("journals", call.company.id)):
        raise Refusal(422, "Code has already been taken")
    journal = call.insert("journals", {"id": call.books.new_id(), **call.data, "type": "misc"})
    return answer_record(call, "journals", journal["id"], 201)


def _created(call: Call, resource: str, /, **fields: Any) -> Answer:
    made = call.insert(resource, complete(resource, call.books.new_id(), call.at, **fields))
    return answer_record(call, resource, made["id"], 201)


def _updated(call: Call, resource: str, record_id: int, changes: Record) -> Answer:
    call.books.update(resource, record_id, changes)
    return answer_record(call, resource, record_id)


CATALOGUE_WRITES: dict[str, Handler] = {
    "postProducts": create_product,
    "putProduct": update_product,
    "postCategories": create_category,
    "updateCategory": update_category,
    "postCategoryGroups": create_group,
    "putCategoryGroup": update_group,
    "postLedgerAccounts": create_account,
    "updateLedgerAccount": update_account,
    "postJournals": create_journal,
}
