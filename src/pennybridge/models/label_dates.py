"""The dates, months, quarters and years that a normalized text mentions, each with its place in the text."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pennybridge.periods import Period, add_months

MONTH_NAMES = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january", "fevrier fevr fev february feb", "mars march mar",
            "avril avr april apr",
            "mai may", "juin june jun", "juillet juil july jul", "aout aou august aug",
            "septembre sept sep september", "octobre oct october", "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_MONTH = r"\b(?P<{0}>" + "|".join(sorted(MONTH_NAMES, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<{0}>(?:19|20)\d\d|'\d\d)(?!\d)"
_MAYBE_YEAR = f"(?:,? {_YEAR})?"
_DAY = r"(?<![\d/.,])(?P<{0}>[0-3]?\d)"
_ORDINAL = r"(?:er|st|nd|rd|th|e)?"
_NO_MORE = r"(?![/.-]?\d)"
_ALONE = r"(?<![\d/.-])"
_NTH = (
    r"(?P<{0}>1|2|3|4)(?:er|ere|st|nd|nde|rd|th|e|eme|ieme)?"
    r"|(?P<{0}w>premier|second|deuxieme|troisieme|quatrieme|first|third|fourth)"
)
_NTH_WORDS = {
    "premier": 1,
    "first": 1,
    "second": 2,
    "deuxieme": 2,
    "troisieme": 3,
    "third": 3,
    "quatrieme": 4,
    "fourth": 4,
}

Kind = Literal["day", "month", "quarter", "semester", "year"]
_MONTHS_IN: dict[Kind, int] = {"month": 1, "quarter": 3, "semester": 6, "year": 12}

_MENTION = re.compile(
    "|".join(
        (
            _ALONE + r"(?P<iso_y>(?:19|20)\d\d)-(?P<iso_m>[01]\d)-(?P<iso_d>[0-3]\d)" + _NO_MORE,
            _ALONE + r"(?P<n_d>[0-3]?\d)(?P<sep>[/.-])(?P<n_m>[01]?\d)(?P=sep)(?P<n_y>(?:19|20)\d\d|\d\d)"
            + _NO_MORE,
            _DAY.format("t_d") + _ORDINAL + " (?:of )?" + _MONTH.format("t_m") + _MAYBE_YEAR.format("t_y"),
            _MONTH.format("e_m") + r" (?P<e_d>[0-3]?\d)(?:st|nd|rd|th)?(?!\d|[/.]\d)"
            + _MAYBE_YEAR.format("e_y"),
            _MONTH.format("m_m") + r" ?[-/]? ?" + _YEAR.format("m_y"),
            _ALONE + r"(?P<c_m>0?[1-9]|1[0-2])[/-](?P<c_y>(?:19|20)\d\d)" + _NO_MORE,
            _ALONE + r"(?P<i_y>(?:19|20)\d\d)[-/](?P<i_m>0[1-9]|1[0-2])" + _NO_MORE,
            r"\b[tq](?P<q_n>[1-4]) ?[-/]? ?" + _YEAR.format("q_y"),
            r"\b(?P<r_y>(?:19|20)\d\d) ?[-/]? ?[tq](?P<r_n>[1-4])\b",
            r"\b(?:" + _NTH.format("w_n") + r") ?(?P<w_kind>trimestre|quarter|semestre|half(?:-year)?)"
            r"(?: (?:de |of )?" + _YEAR.format("w_y") + ")?",
            r"\b[sh](?P<s_n>[12]) ?[-/]? ?" + _YEAR.format("s_y"),
            _MONTH.format("b_m"),
            _ALONE + r"(?P<d_d>[0-3]?\d)/(?P<d_m>[01]?\d)" + _NO_MORE,
            _ALONE + r"\b(?P<y_y>(?:19|20)\d\d)" + _NO_MORE + r"\b",
        )
    )
)  # fmt: skip

_HINT = re.compile(
    r"\d|jan|fe[vb]|mar|a[vp]r|ma[iy]|ju[inl]|aou|aug|sep|oct|nov|dec|(?:trimes|semes|quar)ter?|half"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A point of the calendar in a text; `year` is None when the text leaves it out."""

    kind: Kind
    start: int
    """Where it begins in the text; `end` is where it stops."""
    end: int
    year: int | None
    month: int
    day: int | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Its place within a year."""
        return (self.month, self.day or 0)

    def period(self, year: int) -> Period | None:
        """The days it covers in a year; None when the calendar has no such day."""
        try:
            first = date(year, self.month, self.day or 1)
        except ValueError:
            return None
        if self.kind == "day":
            return Period(first, date.fromordinal(first.toordinal() + 1))
        return Period(first, add_months(first, _MONTHS_IN[self.kind]))


def mentions(text: str) -> list[Mention]:
    """Every calendar mention of a normalized text, in order, without those the calendar does not have.

    >>> [(m.kind, m.year, m.month, m.day) for m in mentions("du 1er mars 2025 au 28 fevrier 2026")]
    [('day', 2025, 3, 1), ('day', 2026, 2, 28)]
    """
    if not _HINT.search(text):  # most labels: a quick look spares them the long one
        return []
    found = (_mention(match) for match in _MENTION.finditer(text))
    return [mention for mention in found if mention and mention.period(mention.year or 2000)]


def _mention(match: re.Match[str]) -> Mention | None:
    parts = {name: value for name, value in match.groupdict().items() if value is not None}
    prefix = next(iter(parts))[0]
    year = _year(parts.get(f"{prefix}_y") or parts.get("iso_y"))
    at = (match.start(), match.end())
    if prefix in "qrws":
        return _part_of_year(prefix, parts, year, at)
    if prefix == "y":
        return Mention("year", *at, year, 1)
    month = _month(parts.get("iso_m") or parts[f"{prefix}_m"])
    day = parts.get("iso_d") or parts.get(f"{prefix}_d")
    if not 1 <= month <= 12:
        return None
    return Mention("day" if day else "month", *at, year, month, int(day) if day else None)


def _part_of_year(
    prefix: str, parts: dict[str, str], year: int | None, at: tuple[int, int]
) -> Mention | None:
    if prefix == "w":
        rank = int(parts["w_n"]) if "w_n" in parts else _NTH_WORDS.get(parts["w_nw"], 0)
        is_quarter = parts["w_kind"] in {"trimestre", "quarter"}
    else:
        rank, is_quarter = int(parts[f"{prefix}_n"]), prefix != "s"
    if not 1 <= rank <= (4 if is_quarter else 2):
        return None
    months = 3 if is_quarter else 6
    return Mention("quarter" if is_quarter else "semester", *at, year, 1 + months * (rank - 1))


def _month(text: str) -> int:
    return MONTH_NAMES.get(text) or int(text)


def _year(text: str | None) -> int | None:
    """Two digits are of this century: books older than that are not in Pennylane."""
    if text is None:
        return None
    digits = text.lstrip("'")
    return 2000 + int(digits) if len(digits) == 2 else int(digits)
