"""Bank accounts and transactions: create, change, categorize.

Source:
    Fields: the contract. Categories change without an event: observed; weights of one group must make 100 %:
    observed. Assumed: a new account gets a ledger account `512…` and a journal of its own; a transaction made
    by hand moves its account's balance, less its fee; texts.
"""

from decimal import Decimal

from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.records import reference_to
from pennybridge.emulator.records import transaction as transaction_record
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import check_present, number_of
from pennybridge.money import format_amount


def _create_account(call: Call) -> Answer:
    data = call.data
    check_present(data, "name")
    number = call.books.count("bank_accounts", call.company.id) + 1
    journal = call.insert("journals", {"code": f"BQ{number}", "label": data["name"], "type": "finances"})
    ledger_account = {"number": f"512{number:03d}", "label": data["name"]}
    references = {"journal": journal, "ledger_account": call.insert("ledger_accounts", ledger_account)}
    account: Record = {
        "name": data["name"],
        "currency": data.get("currency", "EUR"),
        "bank_establishment": {"id": _establishment(call)["id"]},
        **{name: {"id": record["id"]} for name, record in references.items()},
    }
    written = call.insert("bank_accounts", account)
    return answer_record(call, "bank_accounts", written["id"], 201)


def _establishment(call: Call) -> Record:
    if "bank_establishment_id" in call.data:
        return existing(call, "bank_establishments", call.data["bank_establishment_id"])
    known = call.books.select("bank_establishments", call.company.id)
    return known[0] if known else call.insert("bank_establishments", {"name": "Autre banque"})


def _create_transaction(call: Call) -> Answer:
    data = call.data
    check_present(data, "label")
    account = existing(call, "bank_accounts", data["bank_account_id"])
    amount = number_of(data["amount"], "Amount")
    fee = number_of(data["fee"], "Fee") if "fee" in data else None
    record = transaction_record(
        call.books.new_id(), call.at, label=data["label"], day=data["date"], amount=amount,
        bank_account=account, currency=account["currency"], fee=fee, currency_fee=fee,
    )  # fmt: skip
    call.insert("transactions", record)
    balance = Decimal(account["balance"]) + amount - (fee or 0)
    call.books.update("bank_accounts", account["id"], {"balance": format_amount(balance)})
    return answer_record(call, "transactions", record["id"], 201)


def _change_transaction(call: Call) -> Answer:
    record = existing(call, "transactions", call.record_id())
    [(name, key)] = call.data.items()
    party = name.removesuffix("_id")
    found = existing(call, f"{party}s", key)["id"] if key is not None else None
    if found and record["supplier" if party == "customer" else "customer"]:
        raise Refusal(422, "A transaction can't have both a customer and a supplier")
    call.books.update("transactions", record["id"], {party: reference_to(found)})
    return answer_record(call, "transactions", record["id"])


BANKING_WRITES: dict[str, Handler] = {
    "postBankAccount": _create_account,
    "createTransaction": _create_transaction,
    "updateTransaction": _change_transaction,
}
