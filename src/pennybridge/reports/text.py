"""Words and values for people, in English and in French: `1,234.50` and `1 234,50`, `94.8%` and `94,8 %`."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, NamedTuple

Language = Literal["en", "fr"]
Kind = Literal[
    "text",
    "word",
    "date",
    "month",
    "quarter",
    "year",
    "amount",
    "whole",
    "count",
    "days",
    "share",
    "percent",
    "ratio",
    "key",
]
"""What a value is: `word` is a name of ours, as `over_90`; `share` and `percent` are shares of one.

`whole` is an exact amount that people read better without cents, as `percent` is a share without decimals.
`key` is an id to link by, which a table keeps beside its columns.
"""

NUMBERS: frozenset[Kind] = frozenset({"amount", "whole", "count", "days", "share", "percent", "ratio"})
AMOUNTS: frozenset[Kind] = frozenset({"amount", "whole"})
NARROW_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"
_PLACES: dict[Kind, int] = {
    "amount": 2,
    "whole": 0,
    "count": 0,
    "days": 1,
    "share": 1,
    "percent": 0,
    "ratio": 2,
}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": (
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ),
}  # fmt: skip


class Text(NamedTuple):
    """A sentence or a name in both languages."""

    en: str
    fr: str

    def to(self, language: Language) -> str:
        """The text in one language, French with the apostrophes of print.

        >>> Text("Revenue", "Chiffre d'affaires").to("fr")
        'Chiffre d’affaires'
        """
        return self.fr.replace("'", "’") if language == "fr" else self.en


class Note(NamedTuple):
    """A sentence with values in it, written `{name}`; `values` gives each with its kind."""

    text: Text
    values: dict[str, tuple[Any, Kind]] = {}  # noqa: RUF012 - read only
    is_of_commands: bool = False
    """Whether it tells what to type at a terminal; pages have links instead."""

    def to(self, language: Language) -> str:
        """The sentence in one language, its values as people write them there."""
        shown = {name: show(value, kind, language) for name, (value, kind) in self.values.items()}
        return self.text.to(language).format(**shown)


def show(value: Any, kind: Kind, language: Language = "en") -> str:
    r"""A value for a person; nothing for null.

    >>> show(Decimal("1234.5"), "amount"), show(0.948, "share"), show(date(2026, 9, 1), "month")
    ('1,234.50', '94.8%', 'Sep 2026')
    >>> show(Decimal("-1234.5"), "amount", "fr"), show(date(2026, 7, 1), "quarter", "fr")
    ('-1\u202f234,50', 'T3 2026')
    """
    if value is None:
        return ""
    if kind in _PLACES:
        return _number(value, kind, language)
    if isinstance(value, date):
        return _day(value, kind, language)
    if kind == "word":
        from pennybridge.reports.words import word

        return word(str(value)).to(language)
    return str(value)


def _number(value: Any, kind: Kind, language: Language) -> str:
    number = Decimal(str(value)) * (100 if kind in {"share", "percent"} else 1)
    rounded = number.quantize(Decimal(1).scaleb(-_PLACES[kind]), rounding=ROUND_HALF_UP)
    text = f"{rounded or abs(rounded):,f}"
    if language == "fr":
        text = text.replace(",", NARROW_SPACE).replace(".", ",")
    if kind not in {"share", "percent"}:
        return text
    return f"{text}{NARROW_SPACE}%" if language == "fr" else f"{text}%"


def _day(day: date, kind: Kind, language: Language) -> str:
    if kind == "month":
        return f"{_MONTHS[language][day.month - 1]} {day.year}"
    if kind == "quarter":
        return f"{'T' if language == 'fr' else 'Q'}{(day.month + 2) // 3} {day.year}"
    if kind == "year":
        return str(day.year)
    return day.strftime("%d/%m/%Y") if language == "fr" else day.isoformat()
