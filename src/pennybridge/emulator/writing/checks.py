"""Rules that several writes share, each refusing with the status and words of the API.

Source:
    `External reference has already been taken`: observed. The other texts are in the manner of Rails, which
    Pennylane is written in: assumed.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pennybridge.emulator.answers import Refusal
from pennybridge.emulator.calls import Call, existing
from pennybridge.emulator.contract import currencies

LARGEST = Decimal(10) ** 12
"""Amounts from here on are refused (assumed): somebody's fingers slipped, or a fuzzer is at work."""


def check_unused(
    call: Call, resource: str, column: str, value: object, *, but: int | None = None, name: str = ""
) -> None:
    """Refuse with 422 a value that another record of the company has."""
    taken = call.books.select(resource, call.company.id, parent_id=None, **{column: value})
    if any(record["id"] != but for record in taken):
        raise Refusal(422, f"{name or column.replace('_', ' ').capitalize()} has already been taken")


def check_reference(call: Call, resource: str, *, but: int | None = None) -> None:
    """Refuse with 422 an external reference that is empty or another record's."""
    reference = call.data.get("external_reference")
    if reference is None:
        return
    check_present(call.data, "external_reference")
    check_unused(call, resource, "external_reference", reference, but=but)


def check_present(data: Mapping[str, Any], *names: str) -> None:
    """Refuse with 422 fields that are given but empty."""
    for name in names:
        if name in data and not str(data[name]).strip():
            raise Refusal(422, f"{name.replace('_', ' ').capitalize()} can't be blank")


def check_currency(code: str) -> None:
    """Refuse with 422 what is no currency; where the contract lists them it has refused already."""
    if code not in currencies():
        raise Refusal(422, "Currency is not included in the list")


def check_emails(emails: list[str]) -> None:
    """Refuse with 422 what cannot be an address to write to."""
    for email in emails:
        name, _, host = email.partition("@")
        if not name or not host or " " in email:
            raise Refusal(422, f"Emails is invalid: {email}")


def number_of(text: Any, name: str, *, decimals: int | None = None) -> Decimal:
    """A decimal number, from the text or number that a request gave for a field.

    Raises:
        Refusal: 422: it is no number, too large, or has too many decimals.
    """
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise Refusal(422, f"{name} is not a number")
    if abs(number) >= LARGEST:
        raise Refusal(422, f"{name} must be less than {LARGEST:f}")
    exponent = number.as_tuple().exponent
    if decimals is not None and isinstance(exponent, int) and number != round(number, decimals):
        raise Refusal(422, f"{name} can have at most {decimals} decimals")
    return number


def reference_in(call: Call, name: str, resource: str) -> dict[str, int] | None:
    """How a record names the one whose id stands in the body; None if it is not given.

    Raises:
        Refusal: 404, for an id that is unknown or another company's.
    """
    key = call.data.get(name)
    return {"id": existing(call, resource, key)["id"]} if key is not None else None
