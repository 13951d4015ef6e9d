"""What an address asks of a report, and the address of a question; what cannot be meant gets a sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pennybridge.connections.exclusions import find_customer
from pennybridge.errors import ConfigurationError
from pennybridge.reports.built import Built
from pennybridge.reports.catalog import Report
from pennybridge.reports.question import BREAKDOWNS, GRANULARITIES, Measure, Question, parse_range
from pennybridge.reports.text import Text, show

PARAMETERS = (
    "from", "to", "by", "cut", "currency", "measure", "customer", "which", "age", "product", "country",
    "as_of", "page",
)  # fmt: skip
MEASURES = ("customers", "revenue", "gross")
LONGEST = 200
"""Characters of a parameter."""

_AGE = re.compile(r"[0-9]{1,4}")
_CURRENCIES = "select distinct currency_code from billing.invoices where company_id = :company_id order by 1"


class BadQuestionError(Exception):
    """What was asked has no answer; the sentence says why, in both languages."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


@dataclass(frozen=True)
class Given:
    """The parameters of an address that are not empty."""

    values: dict[str, str]

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Given":
        """Those that mean something to a report."""
        return cls(
            {name: query[name].strip()[:LONGEST] for name in PARAMETERS if query.get(name, "").strip()}
        )

    def get(self, name: str) -> str:
        """A parameter, empty when it was not given."""
        return self.values.get(name, "")

    def address(self, **changes: object) -> str:
        """The query of an address with these parameters, other ones put in or, with None, taken out.

        >>> Given({"from": "2026", "page": "3"}).address(page=None, customer="4")
        '?from=2026&customer=4'
        """
        merged = {**self.values, **changes}
        kept = [(name, str(merged[name])) for name in PARAMETERS if merged.get(name) not in {None, ""}]
        return f"?{urlencode(kept)}" if kept else ""


def as_of(given: Given, today: date) -> date | None:
    """The day that figures shall speak for; None for the present.

    Raises:
        BadQuestionError: It is no date, or has not come.
    """
    if not given.get("as_of"):
        return None
    day = _range(given.get("as_of"))[1]
    if day > today:
        raise BadQuestionError(
            Text(
                f"{show(day, 'date')} has not come yet; figures are as of today or a day past.",
                f"Le {show(day, 'date', 'fr')} n’est pas encore venu ; les chiffres valent au plus tard "
                "aujourd’hui.",
            )
        )
    return day


def question(given: Given, report: Report, built: Built) -> Question:
    """What the parameters ask of a report.

    Raises:
        BadQuestionError: A value makes no sense, is unknown in these books, or is not for this report.
    """
    _refuse_what_is_not_read(given, report)
    asked = _common(given, built)
    wanted = {"by": given.get("by"), "cut": given.get("cut")}
    for name, value in wanted.items():
        choices = granularities(report) if name == "by" else breakdowns(report)
        if value and value not in choices:
            raise BadQuestionError(_not_among(value, choices))
    by: Any = wanted["by"] or None
    if report.name == "aging" and not by and (asked.first or asked.last):
        by = "month"  # a range of aging is that of its month ends
    cut: Any = wanted["cut"] or None
    if report.name == "revenue" and cut:
        by = None  # it is broken down over the whole range
    found = replace(asked, granularity=by, breakdown=cut, measure=_measure(given))
    _refuse_what_does_not_go_together(found, report)
    return found


def behind(given: Given, built: Built) -> Question:
    """What the parameters ask of the figure behind which to look.

    Raises:
        BadQuestionError: A value makes no sense, or is unknown in these books.
    """
    asked = _common(given, built)
    by: Any = given.get("by") if given.get("by") in GRANULARITIES else None
    return replace(
        asked,
        granularity=by,
        which=given.get("which") or None,
        age=_age(given.get("age")),
        measure=_measure(given),
        price_id=given.get("product") or None,
        country=given.get("country") or None,
    )


def granularities(report: Report) -> tuple[str, ...]:
    """The periods that a report can be asked for."""
    return tuple(name for name in report.by if name in GRANULARITIES)


def breakdowns(report: Report) -> tuple[str, ...]:
    """What a report can be broken down by."""
    return tuple(name for name in report.by if name in BREAKDOWNS)


def currencies(built: Built) -> list[str]:
    """What the company bills in."""
    return [code for (code,) in built.rows(_CURRENCIES) if code]


def readable(report: Report) -> set[str]:
    """The parameters that a report reads."""
    return {
        "as_of",
        "page",
        *(("from", "to") if report.has_range else ()),
        *(("by",) if granularities(report) else ()),
        *(("cut",) if breakdowns(report) else ()),
        *(("currency",) if report.has_currency else ()),
        *(("measure",) if report.has_measure else ()),
        *(("customer",) if report.has_customer else ()),
    }


def _common(given: Given, built: Built) -> Question:
    """The range, the customer and the currency."""
    first = _range(given.get("from"))[0] if given.get("from") else None
    last = _range(given.get("to"))[1] if given.get("to") else None
    end = min(last or built.as_of, built.as_of)
    if first and first > end:
        raise BadQuestionError(
            Text(
                f"The range begins on {show(first, 'date')}, after it ends on {show(end, 'date')}.",
                f"La période commence le {show(first, 'date', 'fr')}, après sa fin le "
                f"{show(end, 'date', 'fr')}.",
            )
        )
    customer_id, name = _customer(given.get("customer"), built)
    return Question(first, last, customer_id=customer_id, customer=name, currency=_currency(given, built))


def _range(text: str) -> tuple[date, date]:
    try:
        return parse_range(text)
    except ConfigurationError:
        raise BadQuestionError(
            Text(
                f"“{text}” is no date. Write a day as 2026-09-30, a month as 2026-09, a quarter as "
                "2026-Q3 or a year as 2026.",
                f"« {text} » n’est pas une date. Écrivez un jour 2026-09-30, un mois 2026-09, un trimestre "
                "2026-T3 ou une année 2026.",
            )
        ) from None


def _customer(text: str, built: Built) -> tuple[str | None, str | None]:
    if not text:
        return None, None
    try:
        found = find_customer(built.reader, built.company_id, text)
    except ConfigurationError as error:
        if "ids" in error.values:
            raise BadQuestionError(
                Text(
                    str(error),
                    f"Plusieurs clients s’appellent « {text} » : indiquez l’un des identifiants "
                    f"{error.values['ids']}.",
                )
            ) from None
        raise BadQuestionError(
            Text(
                f"No customer has “{text}” as name, reference or id.",
                f"Aucun client n’a « {text} » pour nom, référence ou identifiant.",
            )
        ) from None
    return str(found.id), found.name


def _currency(given: Given, built: Built) -> str | None:
    code = given.get("currency").upper()
    if not code:
        return None
    known = currencies(built)
    if code not in known:
        listed = ", ".join(known) or "–"
        raise BadQuestionError(
            Text(
                f"Nothing is billed in “{code}”; there is: {listed}.",
                f"Rien n’est facturé en « {code} » ; il y a : {listed}.",
            )
        )
    return code


def _measure(given: Given) -> Measure:
    measure: Any = given.get("measure") or "customers"
    if measure not in MEASURES:
        raise BadQuestionError(_not_among(measure, MEASURES))
    return measure  # type: ignore[no-any-return]  # one of MEASURES


def _age(text: str) -> int | None:
    """Months after a cohort's beginning; None where it was not given."""
    if not text:
        return None
    if not _AGE.fullmatch(text):
        raise BadQuestionError(
            Text(f"“{text}” is no number of months.", f"« {text} » n’est pas un nombre de mois.")
        )
    return int(text)


def _not_among(value: str, choices: tuple[str, ...]) -> Text:
    listed = ", ".join(choices)
    return Text(
        f"“{value}” is no choice here; there are: {listed}.",
        f"« {value} » n’est pas un choix ici ; il y a : {listed}.",
    )


def _refuse_what_is_not_read(given: Given, report: Report) -> None:
    foreign = [name for name in given.values if name not in readable(report)]
    if foreign:
        listed = ", ".join(foreign)
        raise BadQuestionError(
            Text(
                f"This report cannot be asked for: {listed}. Leave that away.",
                f"Ce rapport ne peut pas être demandé ainsi : {listed}. Retirez ce critère.",
            )
        )


def _refuse_what_does_not_go_together(asked: Question, report: Report) -> None:
    has_range = bool(asked.first or asked.last or asked.granularity)
    is_narrowed = bool(asked.customer_id or asked.breakdown)
    if report.name in {"aging", "dso"} and has_range and is_narrowed:
        raise BadQuestionError(
            Text(
                "By period, this is the report of all customers: leave the period away, or the customer and "
                "the breakdown.",
                "Par période, ce rapport porte sur tous les clients : retirez la période, ou le client et la "
                "ventilation.",
            )
        )
    if report.name == "movements" and asked.customer_id and asked.breakdown:
        raise BadQuestionError(
            Text(
                "The movements of one customer cannot be broken down further: leave the customer or the "
                "breakdown away.",
                "Les mouvements d’un seul client ne se ventilent pas : retirez le client ou la ventilation.",
            )
        )
