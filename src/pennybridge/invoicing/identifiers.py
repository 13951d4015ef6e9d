"""Are the numbers that identify companies and accounts well formed: SIREN, SIRET, VAT numbers, IBAN.

Check digits tell a typing error from a number; whether the company exists they do not tell.
"""

import re


def is_siren(text: str) -> bool:
    """Whether the nine digits carry the right check digit."""
    from stdnum.fr import siren

    return bool(siren.is_valid(text))


def is_siret(text: str) -> bool:
    """Whether the fourteen digits do; the post office's establishments follow their own rule."""
    from stdnum.fr import siret

    return bool(siret.is_valid(text))


def is_reg_no(text: str) -> bool:
    """Whether it is a SIREN or a SIRET."""
    return is_siren(text) or is_siret(text)


def is_vat_number(text: str) -> bool | None:
    """Whether a VAT number fits its country's rule; None for a country whose rule is not known."""
    from stdnum import get_cc_module
    from stdnum.eu import vat

    written = text.strip()
    country = written[:2].lower()
    if country in vat.MEMBER_STATES or country in {"el", "xi"}:
        return bool(vat.is_valid(written))
    module = get_cc_module(country, "vat") if country.isalpha() else None
    return None if module is None else bool(module.is_valid(written))


def is_iban(text: str) -> bool:
    """Whether the check digits, and those of the country's own account number, fit."""
    from stdnum import iban

    return bool(iban.is_valid(text))


def siren_of(reg_no: str | None, vat_number: str | None) -> str | None:
    """The SIREN inside a SIREN, a SIRET or a French VAT number; None if there is none.

    >>> siren_of("73282932000074", None), siren_of(None, "FR 44 732 829 320"), siren_of(None, "DE136695976")
    ('732829320', '732829320', None)
    """
    digits = re.sub(r"\D", "", reg_no or "")
    if len(digits) in {9, 14}:
        return digits[:9]
    french = re.fullmatch(r"FR[0-9A-Z]{2}(\d{9})", re.sub(r"\s", "", vat_number or "").upper())
    return french[1] if french else None
