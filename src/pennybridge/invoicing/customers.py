"""Whom each invoice is for: found by what the draft says of the customer, never guessed among several.

Keys are tried in this order: id, external reference (the draft's own, then the one we would create the
customer with), SIREN or SIRET, VAT number, e-mail, name. A weaker key finds nobody whom a stronger one
contradicts, and a name counts only where no number is given. Keys are looked up a hundred at a time; names
and foreign VAT numbers, for which Pennylane's list has no such filter, one by one or by reading the list.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec

from pennybridge.api.client import Client
from pennybridge.api.payloads import Customer as Known
from pennybridge.api.payloads import read_record
from pennybridge.invoicing.drafts import Customer
from pennybridge.invoicing.existing import records, records_in, side_by_side
from pennybridge.invoicing.fields import plain
from pennybridge.invoicing.identifiers import siren_of

FEW_NAMES = 3
"""So many names are asked for one by one before the list of customers is read instead."""


class Match(msgspec.Struct, frozen=True):
    """What a look-up of one customer gave."""

    customer_id: int | None = None
    reference: str | None = None
    """The external reference to create the customer with, when there is none."""
    problem: str | None = None
    mend: str = ""


def customer_reference(customer: Customer) -> str:
    """The external reference that a customer is created with: the same in every run and process.

    Its own; else a digest of SIREN or SIRET, VAT number, or name with e-mail or postal code.
    """
    if customer.external_reference:
        return customer.external_reference
    numbers = customer.reg_no or siren_of(None, customer.vat_number) or _vat(customer.vat_number)
    where = next(iter(customer.emails), "") or customer.billing_address.postal_code or ""
    identity = numbers or f"{plain(customer.full_name() or '')}\n{where.lower()}"
    return f"pb-{hashlib.sha256(identity.encode()).hexdigest()[:24]}"


def match_customers(client: Client, wanted: Iterable[Customer]) -> dict[Customer, Match]:
    """Whom each description means, or that there is none yet, or why nobody can tell.

    Raises:
        ApiError: A look-up failed; nothing was changed.
    """
    unique = list(dict.fromkeys(wanted))
    known = _Known()
    known.add(records_in(client, "customers", Known, "id", [one.id for one in unique if one.id]))
    others = [one for one in unique if not one.id]
    references = [
        reference for one in others for reference in (one.external_reference, customer_reference(one))
    ]
    known.add(
        records_in(client, "customers", Known, "external_reference", [name for name in references if name])
    )
    for keys_of in (_registrations, _emails):
        field = "reg_no" if keys_of is _registrations else "emails"
        open_ones = [one for one in others if not _decided(known.match(one))]
        keys = [key for one in open_ones for key in keys_of(one)]
        known.add(records_in(client, "customers", Known, field, keys))
    _search_names(client, known, [one for one in others if not _decided(known.match(one))])
    return {one: known.match(one) for one in unique}


def _decided(match: Match) -> bool:
    return match.customer_id is not None or match.problem is not None


def _search_names(client: Client, known: "_Known", wanted: Sequence[Customer]) -> None:
    """Look for customers by name or foreign VAT number, reading no more pages than there are names."""
    numbers = [one for one in wanted if one.vat_number and not siren_of(one.reg_no, one.vat_number)]
    names = [one for one in wanted if not _has_number(one) and one.full_name()]
    if not numbers and len(names) <= FEW_NAMES:
        known.add(found for one in names for found in _named(client, one))
        return
    for pages, page in enumerate(client.pages("customers"), start=1):
        known.add(read_record(Known, item) for item in page.items)
        if not numbers and pages >= len(names) and page.has_more:
            open_ones = [one for one in names if not _decided(known.match(one))]
            known.add(
                found for some in side_by_side(lambda one: _named(client, one), open_ones) for found in some
            )
            return


def _named(client: Client, wanted: Customer) -> list[Known]:
    return records(client, "customers", Known, [("name", "start_with", wanted.full_name() or "")])


class _Known:
    """The customers that look-ups have brought so far."""

    def __init__(self) -> None:
        self._all: dict[int, Known] = {}
        self._by: dict[tuple[str, str], dict[int, Known]] = {}

    def add(self, found: Iterable[Known]) -> None:
        for one in found:
            self._all[one.id] = one
            keys = [
                ("external_reference", one.external_reference or ""),
                ("reg_no", re.sub(r"\D", "", one.reg_no or "")),
                ("siren", siren_of(one.reg_no, one.vat_number) or ""),
                ("vat_number", _vat(one.vat_number)),
                ("name", plain(one.name)),
                *(("email", email.lower()) for email in one.emails),
            ]
            for key in keys:
                if key[1]:
                    self._by.setdefault(key, {})[one.id] = one

    def match(self, wanted: Customer) -> Match:
        """Whom the description means among them."""
        if wanted.id:
            return self._by_id(wanted.id)
        for name, keys in _keys(wanted):
            found = [one for key in keys for one in self._by.get((name, key), {}).values()]
            fitting = list({one.id: one for one in found if not _contradicts(one, wanted, name)}.values())
            match = _chosen(fitting, wanted, name)
            if match is not None:
                return match
        return Match(reference=customer_reference(wanted))

    def _by_id(self, customer_id: int) -> Match:
        if customer_id in self._all:
            return Match(customer_id)
        return Match(
            problem=f"{customer_id} is no customer of this company",
            mend="check customer_id, or name the customer",
        )


def _keys(wanted: Customer) -> list[tuple[str, list[str]]]:
    """What to look for, the surest first."""
    siren = siren_of(wanted.reg_no, wanted.vat_number)
    digits = wanted.reg_no or ""
    return [
        ("external_reference", [wanted.external_reference or ""]),
        ("external_reference", [customer_reference(wanted)]),
        ("reg_no", [digits]),
        # An establishment is found by its own number, or by the company's where only that is known.
        ("reg_no", [siren or ""]),
        ("siren", [siren or ""] if len(digits) != 14 else []),
        ("vat_number", [_vat(wanted.vat_number)]),
        ("email", [email.lower() for email in wanted.emails]),
        ("name", [] if _has_number(wanted) else [plain(wanted.full_name() or "")]),
    ]


def _chosen(fitting: list[Known], wanted: Customer, key: str) -> Match | None:
    """The one that fits; None when none does, a problem when several do or a bare e-mail is not enough."""
    if len(fitting) > 1 and key != "name":
        same_name = [one for one in fitting if plain(one.name) == plain(wanted.full_name() or "")]
        fitting = same_name if len(same_name) == 1 else fitting
    if not fitting:
        return None
    if len(fitting) > 1:
        who = ", ".join(f"{one.id} ({one.name})" for one in sorted(fitting, key=lambda one: one.id)[:5])
        return Match(
            problem=f"{len(fitting)} customers have this {_WORDS[key]}: {who}",
            mend="write one of the ids as customer_id",
        )
    (one,) = fitting
    if key == "email" and wanted.full_name() and plain(one.name) != plain(wanted.full_name() or ""):
        return Match(
            problem=f"the e-mail is that of {one.name!r} (id {one.id}), not of {wanted.full_name()!r}",
            mend="write customer_id if it is the same customer, or give the SIREN or external reference",
        )
    return Match(one.id)


_WORDS = {
    "external_reference": "external reference", "reg_no": "SIREN or SIRET", "siren": "SIREN",
    "vat_number": "VAT number", "email": "e-mail", "name": "name",
}  # fmt: skip


def _contradicts(known: Known, wanted: Customer, key: str) -> bool:
    """Whether a stronger key says that these are two customers."""
    if key == "external_reference":
        return False
    mine, theirs = siren_of(wanted.reg_no, wanted.vat_number), siren_of(known.reg_no, known.vat_number)
    if mine and theirs:
        return mine != theirs
    vat, other = _vat(wanted.vat_number), _vat(known.vat_number)
    return bool(vat and other and vat != other)


def _has_number(customer: Customer) -> bool:
    return bool(customer.external_reference or customer.reg_no or customer.vat_number)


def _registrations(customer: Customer) -> list[str]:
    siren = siren_of(customer.reg_no, customer.vat_number)
    return [number for number in (customer.reg_no, siren) if number]


def _emails(customer: Customer) -> list[str]:
    return list(customer.emails)


def _vat(number: str | None) -> str:
    return re.sub(r"[\s.\-]", "", number or "").upper()
