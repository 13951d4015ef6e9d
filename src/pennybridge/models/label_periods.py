"""What the text of an invoice line says: its service period, its cadence, its kind of sale, and what is sold.

`read_line_text` is a function of the text alone, so each distinct text is read once and its reading kept. A
period without a year is given in 2000; `intermediate.line_signals` moves it to the year nearest the invoice.
Days come before months (French books); a month comes first only as a name.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pennybridge.models import label_words as words
from pennybridge.models.label_dates import Mention, mentions
from pennybridge.periods import Period, add_months

READER_VERSION = 2
"""Raised when readings change, so that kept ones are read again."""

REFERENCE_YEAR = 2000
"""The leap year in which periods without a year are given."""

_LINK = re.compile(
    r"^,? ?(?:inclus |included )?(?:au|a|to|until|till|thru|through|jusqu'au|jusqu'a|-|->|et|and|&)"
    r"(?: fin| end of| l'| le| the)? ?$"
)
_AND = re.compile(r"^ ?(?:et|and|&|,|/|\+) ?$")
_LONE_DAY = re.compile(
    r"(?:(?:\b(?:du|from|le|between)\b ?|\(|: ?)(?P<day>[0-3]?\d)(?:er|st|nd|rd|th)?"
    r"(?: ?(?:au|to|a|-|jusqu'au) ?(?:le )?)|(?<![\d/.])(?P<tight>[0-3]?\d)(?:er|st|nd|rd|th)?-)$"
)
_DAY_TO_DAY = re.compile(
    r"^ ?(?:-|to|au|a) ?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:,? (?P<year>(?:19|20)\d\d))?(?![\d/])"
)
_BEGINS = re.compile(
    r"(?:a compter|a partir|depuis|starting|starts?|from|des|debut|beginning|effective)[a-z' :]{0,12}$"
)
_ENDS = re.compile(
    r"(?:jusqu'(?:au?|en)|until|till|expir\w+|fin|echeance|due|avant|before|end(?:s|ing)?)[a-z' :]{0,8}$"
)
_FULL_YEAR = re.compile(
    r"\b(?:annee|exercice|year|fy|(?:annuel(?:le)?s?|annual|yearly)(?: [a-z]+){0,2})[ :(-]*"
    r"(?:pour |for |de )?$"
)
_BEFORE_BARE = re.compile(r"(?:^|[-:(,/]|\b(?:de|d'|pour|for|of|mois|in|en)) ?$|^[a-z]+ $")
_AFTER_BARE = re.compile(r"^ ?(?:$|[-:),;/.|])")
_DANGLING = re.compile(
    r"(?:^|(?<=[\s(:-]))(?:du|au|de|d'|from|to|a|le|the|for|pour|of|mois de|periode|period|jusqu'au|et)"
    r"(?=$|[\s):-])"
)
_EDGES = re.compile(r"[\s():;,./|>\[\]-]+")


@dataclass(frozen=True, slots=True)
class LineReading:
    """What a line's text says. Words and evidence are None when absent; `stem` is what is sold."""

    stem: str
    period: Period | None = None
    is_yearless: bool = False
    period_kind: str | None = None
    """`range`, `month`, `quarter`, `semester`, `start_and_cadence`, `year` or `bare_month`."""
    confidence: Decimal | None = None
    evidence: str | None = None
    cadence_months: int | None = None
    recurring_word: str | None = None
    one_off_word: str | None = None
    usage_word: str | None = None
    discount_word: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    period: Period
    confidence: str
    span: tuple[int, int]
    is_yearless: bool = False


def read_line_text(label: str, description: str = "") -> LineReading:
    """What an invoice line's label says, or its description where the label is silent.

    >>> reading = read_line_text("Abonnement annuel - janvier 2025")
    >>> reading.period, reading.cadence_months, reading.stem
    (Period(start=datetime.date(2025, 1, 1), end=datetime.date(2026, 1, 1)), 12, 'abonnement annuel')
    """
    label = words.normalize(label)
    description = words.normalize(description)
    cadence = words.cadence_of(label) or words.cadence_of(description)
    in_label = mentions(label)
    found, text = _find(label, in_label, cadence), label
    if not found and description:
        found, text = _find(description, mentions(description), cadence), description
    recurring, one_off, usage = (_kinds(label) or _kinds(description)) or (None, None, None)
    discount = words.DISCOUNT.search(label)
    return LineReading(
        stem=_stem(label, in_label, found if text is label else None),
        period=found.period if found else None,
        is_yearless=bool(found and found.is_yearless),
        period_kind=found.kind if found else None,
        confidence=Decimal(found.confidence) if found else None,
        evidence=text[slice(*found.span)].strip() if found else None,
        cadence_months=cadence,
        recurring_word=recurring,
        one_off_word=one_off,
        usage_word=usage,
        discount_word=discount[0] if discount else None,
    )


def _kinds(text: str) -> tuple[str | None, str | None, str | None] | None:
    """The words for recurring, one-off and usage in a text; None when it has none of them."""
    found = [pattern.search(text) for pattern in (words.RECURRING, words.ONE_OFF, words.USAGE)]
    if not any(found):
        return None
    recurring, one_off, usage = (match[0] if match else None for match in found)
    return recurring, one_off, usage


def _find(text: str, found: list[Mention], cadence: int | None) -> _Found | None:
    if not found:
        return None
    return (
        _range(text, found)
        or _part_of_year(text, found, cadence)
        or _start_and_cadence(text, found, cadence)
        or _calendar_year(text, found)
        or _bare_month(text, found, cadence)
    )


def _range(text: str, found: list[Mention]) -> _Found | None:
    """Two mentions of a kind joined by "au", "to", a dash; or a day joined to a date with its month."""
    for first, last in pairwise(found):
        between = text[first.end : last.start]
        joined = _LINK.match(between) and between.strip() not in {"et", "and", "&"}
        if first.kind != last.kind or first.kind == "year" or not (joined or _AND.match(between)):
            continue
        if not joined and not _follows(first, last):
            continue
        if spanned := _span(first, last):
            return spanned
    for only in found:
        if only.kind == "day" and (spanned := _days_of_a_month(text, only)):
            return spanned
    return None


def _follows(first: Mention, last: Mention) -> bool:
    """Whether "janvier et février" names months that touch; "janvier, mars" are two months, not a range."""
    a, b = first.period(first.year or last.year or 2001), last.period(last.year or first.year or 2001)
    return bool(first.kind != "day" and a and b and a.end == b.start)


def _span(first: Mention, last: Mention) -> _Found | None:
    year, end_year = first.year, last.year
    if year is None:
        year = (end_year or REFERENCE_YEAR) - (first.order > last.order and end_year is not None)
    if end_year is None:
        end_year = year + (first.order > last.order)
    begin, end = first.period(year), last.period(end_year)
    if not begin or not end or not (period := Period(begin.start, end.end)).is_plausible:
        return None
    is_yearless = first.year is None and last.year is None
    confidence = "0.70" if is_yearless else "0.95" if first.kind == "day" else "0.90"
    return _Found("range", period, confidence, (first.start, last.end), is_yearless)


def _days_of_a_month(text: str, day: Mention) -> _Found | None:
    """Such as "du 1er au 31 janvier 2025" and "Jan 1 - 31, 2025": the month stands once."""
    if before := _LONE_DAY.search(text[: day.start]):
        first = Mention(
            "day", before.start(), day.start, day.year, day.month, int(before["day"] or before["tight"])
        )
        return _span(first, day) if first.order < day.order else None
    after = _DAY_TO_DAY.match(text[day.end :])
    if not after or text[day.start].isdigit():
        return None
    year = int(after["year"]) if after["year"] else day.year
    last = Mention("day", day.end, day.end + after.end(), year, day.month, int(after["day"]))
    return _span(day, last) if day.order < last.order else None


def _part_of_year(text: str, found: list[Mention], cadence: int | None) -> _Found | None:
    """One month, quarter or half-year; a yearly word makes "janvier 2025" the beginning of twelve months."""
    parts = [m for m in found if m.kind in {"month", "quarter", "semester"} and (m.year or m.kind != "month")]
    if len({(m.kind, m.year, m.month) for m in parts}) != 1:
        return None
    only = parts[0]
    period = only.period(only.year or REFERENCE_YEAR)
    before = text[: only.start]
    if period is None or _ENDS.search(before) or (_BEGINS.search(before) and not cadence):
        return None
    if only.kind == "month" and cadence and cadence > 1:
        period = Period(period.start, add_months(period.start, cadence))
        return _Found("start_and_cadence", period, "0.80", (only.start, only.end))
    confidence = "0.50" if only.year is None else "0.90"
    return _Found(only.kind, period, confidence, (only.start, only.end), only.year is None)


def _start_and_cadence(text: str, found: list[Mention], cadence: int | None) -> _Found | None:
    """Such as "Licence annuelle à compter du 15/03/2025"."""
    days = [m for m in found if m.kind == "day" and m.year]
    if not cadence or len(days) != 1 or not _BEGINS.search(text[: days[0].start]):
        return None
    begin = date(days[0].year or 0, days[0].month, days[0].day or 1)
    period = Period(begin, add_months(begin, cadence))
    return _Found("start_and_cadence", period, "0.85", (days[0].start, days[0].end))


def _calendar_year(text: str, found: list[Mention]) -> _Found | None:
    """Such as "Abonnement annuel 2025"; "2025/2026" says nothing of the month it begins in."""
    if len(found) != 1 or found[0].kind != "year" or not _FULL_YEAR.search(text[: found[0].start]):
        return None
    period = found[0].period(found[0].year or 0)
    return _Found("year", period, "0.70", (found[0].start, found[0].end)) if period else None


def _bare_month(text: str, found: list[Mention], cadence: int | None) -> _Found | None:
    """Such as "Abonnement mars", not "Mars Consulting": it stands alone beside a word of recurring sales."""
    if not (cadence or words.RECURRING.search(text)):
        return None
    bare = [m for m in found if m.kind == "month" and m.year is None and _stands_alone(text, m)]
    if len({m.month for m in bare}) != 1:
        return None
    begin = date(REFERENCE_YEAR, bare[0].month, 1)
    period = Period(begin, add_months(begin, cadence or 1))
    return _Found("bare_month", period, "0.50", (bare[0].start, bare[0].end), is_yearless=True)


def _stands_alone(text: str, month: Mention) -> bool:
    before, after = text[: month.start], text[month.end :]
    return bool(_AFTER_BARE.match(after) and (_BEFORE_BARE.search(before) or _ends_in_kind(before)))


def _ends_in_kind(before: str) -> bool:
    last = before.split()[-1:] or [""]
    return bool(words.RECURRING.fullmatch(last[0]) or words.cadence_of(last[0]))


def _stem(label: str, in_label: list[Mention], found: _Found | None) -> str:
    """What is sold: the label without its dates, so that January's line and February's are the same."""
    spans = [(m.start, m.end) for m in in_label if m.year or m.kind == "day"]
    if found:
        spans.append(found.span)
    if not spans:
        return label
    kept, place = [], 0
    for start, end in sorted(spans):
        kept.append(label[place:start])
        place = max(place, end)
    kept.append(label[place:])
    stem = " ".join(_DANGLING.sub(" ", f" {' '.join(' '.join(kept).split())} ").split())
    parts = [part for part in _EDGES.split(stem) if part]
    return " ".join(parts)
