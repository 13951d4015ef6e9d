"""What a report says in one sentence: under its heading, and for those who cannot see the chart."""

from collections.abc import Callable, Mapping
from typing import Any

from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Kind, Language, Note, Text

Record = Mapping[str, Any]


def message(table: ReportTable, language: Language) -> str:
    """The main message of a report; empty when there is none."""
    records: list[Record] = list(table.records())
    find = _MESSAGES.get(table.report)
    note = find(table, records) if find and records else None
    return note.to(language) if note else ""


def _note(en: str, fr: str, **values: tuple[Any, Kind]) -> Note:
    return Note(Text(en, fr), values)


def _share(part: Any, whole: Any) -> float | None:
    return float(part) / float(whole) if whole else None


def _is_ranked(table: ReportTable) -> bool:
    """Whether rows are products, countries or customers rather than periods."""
    return any(column.name in {"product", "country", "customer"} for column in table.columns)


def _mrr(table: ReportTable, records: list[Record]) -> Note:
    first, last, by = records[0], records[-1], table.columns[0].kind
    if _is_ranked(table):
        label = table.columns[1].name
        top = max((each for each in records if each["period_start"] == last["period_start"]),
                  key=lambda each: each["mrr"])  # fmt: skip
        return _note(
            "{top} brings most MRR in {period}: {mrr} {currency}.",
            "{top} apporte le plus de MRR en {period} : {mrr} {currency}.",
            top=(top[label] or "?", "text"), period=(top["period_start"], by), mrr=(top["mrr"], "whole"),
            currency=(table.currency, "text"),
        )  # fmt: skip
    grown = _share(last["mrr"] - first["mrr"], first["mrr"])
    if len(records) < 2 or grown is None:
        return _note(
            "MRR is {mrr} {currency} in {period}.", "Le MRR est de {mrr} {currency} en {period}.",
            mrr=(last["mrr"], "whole"), currency=(table.currency, "text"), period=(last["period_start"], by),
        )  # fmt: skip
    up = last["mrr"] >= first["mrr"]
    return _note(
        f"MRR {'rose' if up else 'fell'} by {{change}} from {{before}} in {{start}} to {{mrr}} {{currency}} "
        "in {period}.",
        f"Le MRR a {'augmenté' if up else 'baissé'} de {{change}} : de {{before}} en {{start}} à {{mrr}} "
        "{currency} en {period}.",
        change=(abs(grown), "share"), before=(first["mrr"], "whole"), start=(first["period_start"], by),
        mrr=(last["mrr"], "whole"), currency=(table.currency, "text"), period=(last["period_start"], by),
    )  # fmt: skip


def _movements(table: ReportTable, records: list[Record]) -> Note:
    def add(*names: str) -> Any:
        return sum(each[name] or 0 for each in records for name in names)

    return _note(
        "New, returning and growing customers brought {gained} {currency} of MRR, shrinking and leaving ones "
        "took {lost}: net {net}.",
        "Nouveaux clients, retours et expansions ont apporté {gained} {currency} de MRR ; contractions et "
        "départs en ont retiré {lost} : net {net}.",
        gained=(add("new_mrr", "reactivation_mrr", "expansion_mrr"), "whole"),
        lost=(-add("contraction_mrr", "churn_mrr"), "whole"),
        net=(add("net_new_mrr"), "whole"), currency=(table.currency, "text"),
    )  # fmt: skip


def _retention(table: ReportTable, records: list[Record]) -> Note | None:  # noqa: ARG001 — all alike
    last = next((each for each in reversed(records) if each["nrr_12"] is not None), None)
    if last is None:
        return _note(
            "Retention over twelve months needs a year of MRR; there is less so far.",
            "La rétention sur douze mois demande un an de MRR ; l’historique est encore plus court.",
        )
    return _note(
        "Of the MRR of twelve months before, {nrr} was there in {month}, growth included; {grr} without.",
        "Du MRR de douze mois plus tôt, il restait {nrr} en {month}, croissance comprise ; {grr} sans elle.",
        nrr=(last["nrr_12"], "share"), grr=(last["grr_12"], "share"), month=(last["period_start"], "month"),
    )  # fmt: skip


def _cohorts(table: ReportTable, records: list[Record]) -> Note | None:  # noqa: ARG001 — all alike
    totals = dict(zip((column.name for column in table.columns), table.totals or (), strict=False))
    reached = [name for name, value in totals.items() if name.startswith("month_") and value is not None]
    name = "month_12" if "month_12" in reached else (reached[-1] if reached else None)
    if name is None:
        return None
    return _note(
        "On average, {share} is left after {age} months.", "En moyenne, il reste {share} après {age} mois.",
        share=(totals[name], "share"), age=(int(name.removeprefix("month_")), "count"),
    )  # fmt: skip


def _revenue(table: ReportTable, records: list[Record]) -> Note | None:
    whole = sum(each["revenue"] for each in records)
    best = max(records, key=lambda each: each["revenue"])
    return _note(
        "Revenue is {sum} {currency}; {best} brought most, {most}.",
        "Le chiffre d’affaires est de {sum} {currency} ; le plus fort : {best}, {most}.",
        sum=(whole, "whole"), currency=(table.currency, "text"), most=(best["revenue"], "whole"),
        best=(best[table.columns[0].name] or "?", table.columns[0].kind),
    )  # fmt: skip


def _aging(table: ReportTable, records: list[Record]) -> Note | None:
    names = {column.name for column in table.columns}
    if "overdue" not in names:
        owed = sum(each["open_amount"] for each in records)
        return _note("{open} {currency} are open.", "{open} {currency} sont ouverts.",
                     open=(owed, "amount"), currency=(table.currency, "text"))  # fmt: skip
    counted = records[-1:] if "snapshot_date" in names else records
    owed, late = (sum(each[name] for each in counted) for name in ("open_amount", "overdue"))
    very_late = sum(each["over_90"] for each in counted)
    return _note(
        "{open} {currency} are open; {late} of it is overdue, {very_late} for more than 90 days.",
        "{open} {currency} sont ouverts, dont {late} échus, parmi lesquels {very_late} depuis plus de "
        "90 jours.",
        open=(owed, "amount"), late=(late, "amount"), very_late=(very_late, "amount"),
        currency=(table.currency, "text"),
    )  # fmt: skip


def _dso(table: ReportTable, records: list[Record]) -> Note | None:
    last = records[-1]
    if table.columns[0].name == "customer":
        top = records[0]
        return _note(
            "{customer} pays latest: {days} days after the due date, what is still open counted.",
            "{customer} paie le plus tard : {days} jours après l’échéance, encours compris.",
            customer=(top["customer"] or "?", "text"), days=(top["payment_delay_with_open"], "days"),
        )  # fmt: skip
    if last["dso_countback"] is None:
        return None
    return _note(
        "What is open amounts to {dso} days of sales in {month}; paid on time, it would be {best}.",
        "L’encours représente {dso} jours de ventes en {month} ; payé à l’échéance, ce serait {best}.",
        dso=(last["dso_countback"], "days"), best=(last["best_possible_dso"], "days"),
        month=(last["period_start"], "month"),
    )  # fmt: skip


def _to_do(table: ReportTable, records: list[Record]) -> Note | None:
    late = sum(each["overdue"] for each in records)
    return _note(
        "{count} customers to see to; {late} {currency} of theirs is overdue.",
        "{count} clients à suivre ; {late} {currency} échus chez eux.",
        count=(len(records), "count"), late=(late, "amount"), currency=(table.currency, "text"),
    )  # fmt: skip


def classified_share(table: ReportTable) -> float | None:
    """The share of revenue of which a rule knows what it is, from the quality report."""
    sums = [each for each in table.records() if each["topic"] == "recurrence"]
    if not sums:
        return None
    unknown = sum(each["share"] or 0 for each in sums if str(each["item"]).startswith("unknown"))
    return 1 - unknown


def _quality(table: ReportTable, records: list[Record]) -> Note | None:  # noqa: ARG001 — all alike
    share = classified_share(table)
    return (
        _note(
            "Of {share} of revenue it is known whether it recurs.",
            "Pour {share} du chiffre d’affaires, on sait s’il est récurrent.",
            share=(share, "share"),
        )
        if share is not None
        else None
    )


_MESSAGES: dict[str, Callable[[ReportTable, list[Record]], Note | None]] = {
    "mrr": _mrr,
    "movements": _movements,
    "retention": _retention,
    "cohorts": _cohorts,
    "revenue": _revenue,
    "aging": _aging,
    "dso": _dso,
    "to-do": _to_do,
    "quality": _quality,
}
