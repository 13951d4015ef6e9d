"""One cell at a time: text → value, or what is wrong with the text and what to write instead."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

from pennybridge.invoicing.countries import country_code
from pennybridge.invoicing.drafts import CategoryWeight, Discount
from pennybridge.invoicing.fields import Kind, plain

LANGUAGES = ("fr_FR", "en_GB", "de_DE", "es_ES")
PAYMENT_CONDITIONS = (
    "upon_receipt", "custom", "7_days", "15_days", "30_days", "30_days_end_of_month", "45_days",
    "45_days_end_of_month", "60_days",
)  # fmt: skip
PROVIDERS = ("stripe", "gocardless", "bank", "budgetinsight", "helloasso")
PROVIDER_FIELDS = ("payment_id", "charge_id", "report_id", "webid", "label", "order_id")
_CURRENCY_CODES = """
    EUR USD GBP AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN
    BWP BYN BYR BZD CAD CDF CHE CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB FJD
    FKP GEL GGP GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS IMP INR IQD IRR ISK JEP JMD JOD JPY
    KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO
    MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
    RWF SAR SBD SCR SDG SEK SGD SHP SLL SLE SOS SRD STD SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX UYU UZS VEF VES VND VUV WST XAF XCD XDR XOF XPF YER ZAR ZMK ZMW ZWL
"""
CURRENCIES = frozenset(_CURRENCY_CODES.split())
"""Those that Pennylane's reference of `POST /customer_invoices` lists (September 2026)."""

_CHOICES: dict[str, dict[str, str]] = {
    "status": {
        "draft": "draft", "brouillon": "draft", "final": "final", "finale": "final", "finalized": "final",
        "finalised": "final", "finalisee": "final", "definitive": "final",
    },
    "kind": {
        "company": "company", "entreprise": "company", "societe": "company", "professionnel": "company",
        "individual": "individual", "particulier": "individual", "person": "individual",
    },
    "substance": {
        "goods": "goods", "biens": "goods", "bien": "goods", "services": "services", "service": "services",
        "prestation": "services", "prestations": "services",
    },
    "language": {plain(code): code for code in LANGUAGES} | {code[:2]: code for code in LANGUAGES},
    "conditions": {plain(code): code for code in PAYMENT_CONDITIONS},
    "provider": {plain(code): code for code in PROVIDERS},
    "provider_field": {plain(code): code for code in PROVIDER_FIELDS},
    "yes_no": {
        "yes": "yes", "oui": "yes", "true": "yes", "1": "yes",
        "no": "no", "non": "no", "false": "no", "0": "no",
    },
}  # fmt: skip
_TOO_MUCH = 10**12  # the product of two such numbers still has its cents in a decimal of 28 digits
_SPREADSHEET_EPOCH = dt.date(1899, 12, 30)

Value = str | int | Decimal | dt.date | Discount | tuple[str, ...] | tuple[CategoryWeight, ...]


class UnreadableCellError(ValueError):
    """A cell does not hold what its column is for; `mend` says what to write."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


def read_cell(kind: Kind, text: str, *, decimal_comma: bool = False) -> Value:
    """The value that a cell of a kind holds. VAT cells stay text: their country stands in another cell.

    Args:
        kind: What the column is for.
        text: Not empty, without spaces around it.
        decimal_comma: Whether "1,234" is a little over one (French files) rather than unclear.

    Raises:
        UnreadableCellError: The text is nothing of that kind.
    """
    if kind in _CHOICES:
        return _choice(kind, text)
    if kind in {"amount", "quantity"}:
        return read_amount(text, decimal_comma=decimal_comma)
    if kind == "discount":
        return _discount(text, decimal_comma=decimal_comma)
    readers: dict[str, Callable[[str], Value]] = {
        "date": read_date,
        "id": _id,
        "digits": _digits,
        "country": _country,
        "currency": _currency,
        "emails": _emails,
        "categories": read_categories,
    }
    return readers[kind](text) if kind in readers else text


def read_amount(text: str, *, decimal_comma: bool = False) -> Decimal:
    """A decimal number as people write it: spaces, a currency sign, a comma or a point.

    >>> read_amount("1 234,50 €"), read_amount("1,234.50"), read_amount("-3.5"), read_amount("1.234,5")
    (Decimal('1234.50'), Decimal('1234.50'), Decimal('-3.5'), Decimal('1234.5'))

    Raises:
        UnreadableCellError: It is no number, or one that can be read in two ways.
    """
    compact = re.sub(r"[\s€$£]|EUR", "", text)
    number = _with_point(compact, text, decimal_comma=decimal_comma)
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", number):
        mend = "write digits with a decimal point, as 1234.50"
        raise UnreadableCellError(f"{text[:40]!r} is not a number", mend)
    amount = Decimal(number)
    if abs(amount) >= _TOO_MUCH or len(number) > 30:
        raise UnreadableCellError(f"{text[:40]!r} has too many digits", "write less than a million million")
    return amount


def _with_point(compact: str, text: str, *, decimal_comma: bool) -> str:
    comma, point = compact.rfind(","), compact.rfind(".")
    if comma == -1:
        return compact
    if point > comma:
        grouped = re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+\.\d*", compact)
        return compact.replace(",", "") if grouped else text
    if point != -1:
        grouped = re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d*", compact)
        return compact.replace(".", "").replace(",", ".") if grouped else text
    if not decimal_comma and re.fullmatch(r"[+-]?\d{1,3},\d{3}", compact):
        raise UnreadableCellError(
            f"{text!r} can be read as {compact.replace(',', '')} or as {compact.replace(',', '.')}",
            "write the one that is meant, with a decimal point",
        )
    return compact.replace(",", ".")


def read_date(text: str) -> dt.date:
    """A day: 2026-03-01, or day first as in France: 01/03/2026, 1.3.2026.

    Raises:
        UnreadableCellError: It is not a day of the calendar, or its year has two digits.
    """
    if iso := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text):
        return _calendar_day(text, iso[1], iso[2], iso[3])
    if day_first := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text):
        return _calendar_day(text, day_first[3], day_first[2], day_first[1])
    if re.fullmatch(r"[345]\d{4}", text):
        day = _SPREADSHEET_EPOCH + dt.timedelta(days=int(text))
        raise UnreadableCellError(
            f"{text!r} looks like a spreadsheet's day number", f"write {day.isoformat()}"
        )
    raise UnreadableCellError(f"{text!r} is not a date", "write it as 2026-03-31")


def _calendar_day(text: str, year: str, month: str, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        hint = "; dates are read day first" if int(month) > 12 else ""
        message = f"{text!r} is not a day of the calendar{hint}"
        raise UnreadableCellError(message, "write it as 2026-03-31") from None


def _discount(text: str, *, decimal_comma: bool) -> Discount:
    if text.endswith("%"):
        return Discount("relative", read_amount(text[:-1].strip(), decimal_comma=decimal_comma))
    return Discount("absolute", read_amount(text, decimal_comma=decimal_comma))


def _choice(kind: str, text: str) -> str:
    choices = _CHOICES[kind]
    if found := choices.get(plain(text)):
        return found
    raise UnreadableCellError(
        f"{text!r} is not known here", "write " + " or ".join(dict.fromkeys(choices.values()))
    )


def _id(text: str) -> int:
    if re.fullmatch(r"\d{1,18}", text) and int(text) > 0:
        return int(text)
    raise UnreadableCellError(
        f"{text!r} is not one of Pennylane's ids", "write its digits, as 25465420529664"
    )


def _digits(text: str) -> str:
    return re.sub(r"[\s.]", "", text)


def _country(text: str) -> str:
    code = country_code(text) or (text.upper() if re.fullmatch("[A-Za-z]{2}", text) else None)
    if code is None:
        raise UnreadableCellError(
            f"{text!r} is not a country we know", "write its two letters, as FR, DE, GB"
        )
    return code


def _currency(text: str) -> str:
    code = {"€": "EUR", "$": "USD", "£": "GBP"}.get(text, text.upper())
    if code in CURRENCIES:
        return code
    raise UnreadableCellError(
        f"Pennylane knows no currency {text!r}", "write an ISO 4217 code, as EUR, USD, GBP"
    )


def _emails(text: str) -> tuple[str, ...]:
    addresses = tuple(part for part in re.split(r"[,;\s]+", text) if part)
    for address in addresses:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
            raise UnreadableCellError(f"{address!r} is not an email address", "write it as name@example.com")
    return addresses


def read_categories(text: str) -> tuple[CategoryWeight, ...]:
    """Categories with weights, as `Activity/Hosting=0.5 | Activity/Advice=0.5`.

    Raises:
        UnreadableCellError: One is no category with a weight.
    """
    return tuple(_category(part.strip()) for part in text.split("|") if part.strip())


def _category(text: str) -> CategoryWeight:
    name, equals, weight = text.rpartition("=")
    name = name if equals else text
    share = read_amount(weight.strip(), decimal_comma=True) if equals else Decimal(1)
    group, slash, label = name.rpartition("/")
    if not label.strip():
        raise UnreadableCellError(
            f"{text!r} names no category", "write Group/Label=0.5, or the category's id=0.5"
        )
    if not slash and label.strip().isdigit():
        return CategoryWeight(id=int(label), weight=share)
    return CategoryWeight(label=label.strip(), group=group.strip() or None, weight=share)
