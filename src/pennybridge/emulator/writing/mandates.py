"""SEPA mandates: create, change, delete.

Source:
    Fields: the contract. Assumed: IBAN and BIC must look like ones, an identifier is used once, a mandate is
    `RCUR` unless said otherwise.
"""

import re

from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import check_present

_MANDATES = "sepa_mandates"
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


def _create(call: Call) -> Answer:
    written = call.insert(_MANDATES, _fields(call))
    return answer_record(call, _MANDATES, written["id"], 201)


def _change(call: Call) -> Answer:
    mandate = existing(call, _MANDATES, call.record_id())
    call.books.update(_MANDATES, mandate["id"], _fields(call, but=mandate["id"]))
    return answer_record(call, _MANDATES, mandate["id"])


def _delete(call: Call) -> Answer:
    call.books.delete(_MANDATES, existing(call, _MANDATES, call.record_id())["id"])
    return Answer(204)


def _fields(call: Call, *, but: int | None = None) -> Record:
    data: Record = dict(call.data)
    check_present(data, "identifier")
    for name, shape in (("iban", _IBAN), ("bic", _BIC)):
        if name in data:
            data[name] = data[name].replace(" ", "").upper()
            if not shape.fullmatch(data[name]):
                raise Refusal(422, f"{name.capitalize()} is invalid")
    taken = {
        mandate["identifier"]: mandate["id"] for mandate in call.books.select(_MANDATES, call.company.id)
    }
    if taken.get(data.get("identifier"), but) != but:
        raise Refusal(422, "Identifier has already been taken")
    if "customer_id" in data:
        data["customer"] = {"id": existing(call, "customers", data.pop("customer_id"))["id"]}
    return data


MANDATE_WRITES: dict[str, Handler] = {
    "postSepaMandates": _create,
    "putSepaMandate": _change,
    "deleteSepaMandate": _delete,
}
