"""Customers and their contacts: create, change; contacts are deleted too.

Source:
    Fields and scopes: the contract. A duplicate external reference gets 422 (observed). Assumed: `null` for
    a text that is never null in answers is kept as empty text; parts of an address that are not sent stay;
    a customer without `ledger_account` has none, one whose account number is unknown gets a new account.
"""

from collections.abc import Mapping
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal, decode, encode, json_answer
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.records import company_customer, complete, individual_customer, without
from pennybridge.emulator.resources import RESOURCES, Record
from pennybridge.emulator.writing.checks import check_emails, check_present, check_reference

_TEXTS = ("phone", "recipient", "reference", "reg_no", "vat_number")
_ADDRESSES = ("billing_address", "delivery_address")


def create_company(call: Call) -> Answer:
    """`POST /company_customers`."""
    check_present(call.data, "name")
    return _created(call, company_customer(call.books.new_id(), call.at, **_fields(call, {})))


def create_individual(call: Call) -> Answer:
    """`POST /individual_customers`."""
    return _created(call, individual_customer(call.books.new_id(), call.at, **_fields(call, {})))


def update(call: Call) -> Answer:
    """`PUT /company_customers/{id}`, `PUT /individual_customers/{id}`: only what is sent changes."""
    wanted = "company" if call.operation.name == "putCompanyCustomer" else "individual"
    customer = existing(call, "customers", call.record_id())
    if customer["customer_type"] != wanted:
        raise Refusal(404, f"Couldn't find Customer with 'id'={customer['id']}")
    check_present(call.data, "name")
    changes = _fields(call, customer)
    if wanted == "individual":
        names = {**customer, **changes}
        changes["name"] = f"{names['first_name']} {names['last_name']}".strip()
    call.books.update("customers", customer["id"], changes)
    return _answer(call, customer["id"], 200)


def _fields(call: Call, customer: Mapping[str, Any]) -> Record:
    data: Record = dict(call.data)
    check_reference(call, "customers", but=customer.get("id"))
    check_emails(data.get("emails", []))
    for name in _TEXTS:
        if name in data:
            data[name] = data[name] or ""
    for name in _ADDRESSES:
        if name in data:
            kept = customer.get(name, RESOURCES["customers"].defaults[name])
            data[name] = {**kept, **(data[name] or {})}
            _check_country(data[name]["country_alpha2"])
    if "ledger_account" in data:
        data["ledger_account"] = _ledger_account(call, data["ledger_account"], data)
    return data


def _check_country(code: str) -> None:
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise Refusal(422, f"Country alpha2 is invalid: {code}")


def _ledger_account(call: Call, wanted: Mapping[str, str] | None, data: Mapping[str, Any]) -> Record | None:
    if not wanted:
        return None
    number = wanted["number"]
    found = call.books.select("ledger_accounts", call.company.id, number=number)
    label = data.get("name") or f"{data.get('first_name', '')} {data.get('last_name', '')}".strip()
    account = found[0] if found else call.insert("ledger_accounts", {"number": number, "label": label})
    return {"id": account["id"]}


def _created(call: Call, customer: Record) -> Answer:
    kept = {name: value for name, value in customer.items() if value is not None or name in _MAY_BE_NULL}
    call.insert("customers", kept)
    return _answer(call, customer["id"], 201)


_MAY_BE_NULL = ("notes", "billing_iban", "ledger_account")


def _answer(call: Call, customer_id: int, status: int) -> Answer:
    """A customer asked for by its type has no `customer_type` (observed)."""
    customer = decode(answer_record(call, "customers", customer_id).body)
    return Answer(status, encode(without(customer, "customer_type")))


def create_contact(call: Call) -> Answer:
    """`POST /customers/{customer_id}/contacts`."""
    customer = existing(call, "customers", call.record_id("customer_id"))
    contact = complete("contacts", call.books.new_id(), call.at, **call.data)
    call.insert("contacts", contact, customer["id"])
    return json_answer(contact, 201)


def update_contact(call: Call) -> Answer:
    """`PUT /customers/{customer_id}/contacts/{id}`."""
    contact = _contact(call)
    return json_answer(call.books.update("contacts", contact["id"], call.data))


def delete_contact(call: Call) -> Answer:
    """`DELETE /customers/{customer_id}/contacts/{id}`."""
    call.books.delete("contacts", _contact(call)["id"])
    return Answer(204)


def _contact(call: Call) -> Record:
    customer = existing(call, "customers", call.record_id("customer_id"))
    found = call.books.select("contacts", parent_id=customer["id"], id=call.record_id())
    if not found:
        raise Refusal(404, "Not Found")
    return found[0]


CUSTOMER_WRITES: dict[str, Handler] = {
    "postCompanyCustomer": create_company,
    "postIndividualCustomer": create_individual,
    "putCompanyCustomer": update,
    "putIndividualCustomer": update,
    "postCustomerContact": create_contact,
    "putCustomerContact": update_contact,
    "deleteCustomerContact": delete_contact,
}
