"""Pennylane's VAT codes: what rate each charges, and which code a rate of a country has.

The codes are the 176 that Pennylane's reference of `POST /customer_invoices` lists (September 2026). Their
names are not arithmetic (`FR_09` is 0.9 %, `FR_1_05` is 1.05 %), so the rates stand in a table. Pennylane
adds codes without notice; one that is not here is refused until the table knows its rate.
"""

import difflib
import re
from decimal import Decimal

import msgspec

from pennybridge.invoicing.fields import plain

_BY_COUNTRY = {
    "FR": "1_05=1.05 1_75=1.75 09=0.9 21=2.1 40=4 50=5 55=5.5 60=6 65=6.5 85=8.5 92=9.2 100=10 "
    "130=13 15_385=15.385 160=16 196=19.6 200=20",
    "AD": "10=1 45=4.5 95=9.5",
    "AT": "100=10 130=13 190=19 200=20",
    "BE": "60=6 120=12 210=21",
    "BG": "90=9 200=20",
    "CH": "25=2.5 37=3.7 77=7.7 26=2.6 38=3.8 81=8.1",
    "CY": "30=3 50=5 80=8 90=9 190=19",
    "CZ": "100=10 120=12 150=15 210=21",
    "DE": "70=7 190=19",
    "DK": "250=25",
    "EE": "90=9 200=20 220=22 240=24",
    "ES": "40=4 70=7 100=10 210=21",
    "FI": "100=10 135=13.5 140=14 240=24 255=25.5",
    "GB": "50=5 200=20",
    "GR": "60=6 130=13 170=17 240=24 40=4",
    "HR": "50=5 130=13 250=25",
    "HU": "50=5 180=18 270=27",
    "IE": "48=4.8 90=9 135=13.5 210=21 230=23",
    "IT": "40=4 50=5 100=10 220=22",
    "LT": "50=5 90=9 120=12 210=21",
    "LU": "30=3 70=7 80=8 120=12 130=13 140=14 160=16 170=17",
    "LV": "50=5 120=12 210=21",
    "MC": "09=0.9 21=2.1 55=5.5 85=8.5 100=10 200=20",
    "MT": "50=5 70=7 120=12 180=18",
    "MU": "150=15",
    "NL": "90=9 210=21",
    "PL": "50=5 80=8 230=23",
    "PT": "60=6 130=13 160=16 180=18 220=22 230=23",
    "RO": "50=5 90=9 110=11 190=19 210=21",
    "SE": "60=6 120=12 250=25",
    "SI": "50=5 95=9.5 220=22",
    "SK": "50=5 100=10 190=19 200=20 230=23",
    "NO": "120=12 150=15 250=25",
}

# Sold without tax on the invoice: exempt, exported, or owed by the buyer. Pennylane does not document the tax
# of these on a sale; zero is assumed for all but `exempt`.
_WITHOUT_TAX = (
    "exempt extracom crossborder intracom_21 intracom_55 intracom_85 intracom_100 "
    "FR_85_construction FR_100_construction FR_200_construction "
    "ES_intracom_sales_goods ES_intracom_sales_services ES_isp_sales "
    "DE_intracom_70_BU0012 DE_intracom_190_BU0013 DE_intracom_70_BU0018 DE_intracom_190_BU0019 "
    "DE_intracom_190_BU0506 DE_intracom_exempt_BU0011 DE_intracom_exempt_BU0047 DE_intracom_exempt_BU0233 "
    "DE_exempt_BU0001 DE_exempt_BU0181 DE_exempt_BU0490 DE_extracom_BU0173 DE_extracom_BU0191 "
    "DE_extracom_190_BU0511 "
    "DE_exempt_construction_BU0046 DE_70_construction_BU0091 DE_190_construction_BU0094 "
    "DE_190_construction_BU0526 DE_190_construction_BU0546"
)

# DATEV posting keys of the German plans; their rate is assumed from the name.
_GERMAN = "DE_70_BU0002=7 DE_190_BU0003=19 DE_70_BU0008=7 DE_190_BU0009=19 DE_190_electronic_BU0226=19"

ZERO_WORDS = {
    "exempt": "exempt",
    "exonere": "exempt",
    "exoneree": "exempt",
    "exoneration": "exempt",
    "sans tva": "exempt",
    "no vat": "exempt",
    "franchise": "exempt",
    "franchise en base": "exempt",
    "export": "extracom",
    "hors ue": "extracom",
    "extracom": "extracom",
    "intracom": "crossborder",
    "intracommunautaire": "crossborder",
    "autoliquidation": "crossborder",
    "reverse charge": "crossborder",
    "crossborder": "crossborder",
}
"""What people write for a line without tax → the code; that `crossborder` is the reverse charge is
assumed."""


class VatCode(msgspec.Struct, frozen=True):
    """One of Pennylane's VAT codes."""

    code: str
    rate: Decimal | None
    """Percentage charged on the invoice; None for `mixed`, whose tax only the document tells."""
    is_certain: bool = True
    """False where Pennylane does not document the tax on a sale and we assume it."""


class UnknownVatError(ValueError):
    """No code for what was written; `mend` says what to write."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


def _table() -> dict[str, VatCode]:
    codes: dict[str, VatCode] = {}
    for country, pairs in _BY_COUNTRY.items():
        for pair in pairs.split():
            suffix, rate = pair.split("=")
            codes[f"{country}_{suffix}"] = VatCode(f"{country}_{suffix}", Decimal(rate))
    for code in _WITHOUT_TAX.split():
        codes[code] = VatCode(code, Decimal(0), is_certain=code == "exempt")
    for pair in _GERMAN.split():
        code, rate = pair.split("=")
        codes[code] = VatCode(code, Decimal(rate), is_certain=False)
    codes["mixed"] = VatCode("mixed", None)
    return codes


VAT_CODES: dict[str, VatCode] = _table()
_BY_LOWER = {code.lower(): code for code in VAT_CODES}
_BY_RATE = {
    (country, Decimal(pair.split("=")[1])): f"{country}_{pair.split('=')[0]}"
    for country, pairs in _BY_COUNTRY.items()
    for pair in pairs.split()
}
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%?")


def vat_code(written: str, *, country: str = "FR") -> str:
    """The VAT code that a cell means: a code, a rate of the country, or a word for no tax.

    >>> vat_code("20 %"), vat_code("5,5"), vat_code("19", country="DE"), vat_code("Exonéré")
    ('FR_200', 'FR_55', 'DE_190', 'exempt')

    Raises:
        UnknownVatError: Nothing, or no single code, answers to it.
    """
    text = written.strip()
    if text.lower() in _BY_LOWER:
        return _BY_LOWER[text.lower()]
    if word := ZERO_WORDS.get(_plain(text)):
        return word
    if percent := _PERCENT.fullmatch(text):
        return code_for_rate(Decimal(percent[1].replace(",", ".")), country)
    raise UnknownVatError(f"{text!r} is not one of Pennylane's VAT codes", _mend(text))


def code_for_rate(rate: Decimal, country: str) -> str:
    """The code that charges a rate in a country.

    Raises:
        UnknownVatError: The country or the rate is not in Pennylane's list, or the rate is zero, which has
            many reasons.
    """
    rates = sorted(rate for land, rate in _BY_RATE if land == country)
    if not rates:
        raise UnknownVatError(
            f"Pennylane has no VAT codes of country {country!r}",
            "write the code itself, as exempt, extracom (export) or crossborder (the buyer owes the tax)",
        )
    if rate == 0:
        raise UnknownVatError(
            "a rate of 0 does not say why there is no tax",
            "write exempt, extracom (export outside the EU) or crossborder (the buyer owes the tax)",
        )
    if code := _BY_RATE.get((country, rate)):
        return code
    known = ", ".join(f"{known.normalize():f}" for known in rates)
    hint = (
        f"{rate.normalize():f} looks like a fraction: write {(rate * 100).normalize():f}; "
        if (country, rate * 100) in _BY_RATE
        else ""
    )
    raise UnknownVatError(
        f"Pennylane has no VAT code for {rate.normalize():f} % in {country}", f"{hint}known rates: {known}"
    )


def rate_of(code: str | None) -> Decimal | None:
    """The percentage that a code charges; None if the code is unknown or charges several rates."""
    known = VAT_CODES.get(code or "")
    return known.rate if known else None


def _mend(text: str) -> str:
    padded = re.fullmatch(r"([A-Za-z]{2})_0+(\d+)", text)
    if padded and (code := _BY_LOWER.get(f"{padded[1]}_{padded[2]}".lower())):
        return f"write {code}: rates have no leading zero (the tutorials' FR_055 is not in the API's list)"
    if text.lower() == "any":
        return "any is for ledger accounts only; write the code of the line's rate, as FR_200"
    near = difflib.get_close_matches(text.lower(), _BY_LOWER, n=1, cutoff=0.75)
    if near:
        return f"did you mean {_BY_LOWER[near[0]]}?"
    return "write a code as FR_200 (20 %), FR_100 (10 %), FR_55 (5.5 %) or exempt, or the rate itself"


def _plain(text: str) -> str:
    return " ".join(word for word in plain(text).split() if word != "0")
