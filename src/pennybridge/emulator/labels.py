"""How people write the period of a line into its label, in French and English.

Each style is a way seen in invoices; `label` writes it. None of them is Pennylane's doing: labels are free
text.
"""

from datetime import date

_MONTHS_FR = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def label(text: str, style: str, first: date, last: date) -> str:
    """The label of a line about the days from first to last, both included.

    A style that cannot say a period (a quarter, for a month) falls back on the days.

    >>> label("Abonnement Pro", "month", date(2025, 2, 1), date(2025, 2, 28))
    'Abonnement Pro - février 2025'
    >>> label("Team plan", "range_en", date(2025, 1, 1), date(2025, 1, 31))
    'Team plan (Jan 1, 2025 - Jan 31, 2025)'
    """
    if style == "plain":
        return text
    if style in {"month", "month_en", "quarter", "quarter_en"}:
        return _named(text, style, first, last)
    return {"from_to": _from_to, "from_to_words": _from_to_words, "since": _since, "range_en": _range_en}[
        style
    ](text, first, last)


def _named(text: str, style: str, first: date, last: date) -> str:
    is_month = first.day == 1 and (last.year, last.month) == (first.year, first.month) and last.day >= 28
    is_quarter = first.day == 1 and first.month % 3 == 1 and (last - first).days in range(88, 93)
    if style == "month" and is_month:
        return f"{text} - {_MONTHS_FR[first.month - 1]} {first.year}"
    if style == "month_en" and is_month:
        return f"{text} - Monthly - {_MONTHS_EN[first.month - 1][:3]} {first.year}"
    if style in {"quarter", "quarter_en"} and is_quarter:
        letter = "T" if style == "quarter" else "Q"
        return f"{text} {letter}{(first.month + 2) // 3} {first.year}"
    return _range_en(text, first, last) if style.endswith("_en") else _from_to(text, first, last)


def _from_to(text: str, first: date, last: date) -> str:
    return f"{text} du {first:%d/%m/%Y} au {last:%d/%m/%Y}"


def _from_to_words(text: str, first: date, last: date) -> str:
    return f"{text} du {_words(first)} au {_words(last)}"


def _since(text: str, first: date, last: date) -> str:
    if (last - first).days < 360:
        return _from_to(text, first, last)
    return f"{text} - licence annuelle à compter du {first:%d/%m/%Y}"


def _range_en(text: str, first: date, last: date) -> str:
    return f"{text} ({_english(first)} - {_english(last)})"


def _words(day: date) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {_MONTHS_FR[day.month - 1]} {day.year}"


def _english(day: date) -> str:
    return f"{_MONTHS_EN[day.month - 1][:3]} {day.day}, {day.year}"
