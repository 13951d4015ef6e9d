"""From each figure of a report to what stands behind it: the figure to explain, and how it is narrowed."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from pennybridge.periods import add_months, month_end
from pennybridge.reports.explain.catalog import BUCKETS
from pennybridge.reports.question import MONTHS_OF, Question
from pennybridge.reports.table import ReportTable


class Link(NamedTuple):
    """Where a figure leads: a figure to explain, or with `is_report` another report; and its parameters."""

    figure: str
    parameters: dict[str, object]
    is_report: bool = False


Record = Mapping[str, Any]

_FIGURE_OF = {
    "mrr": {
        "mrr": "mrr", "arr": "mrr", "arpa": "mrr", "customers": "mrr", "held_mrr": "held",
        "change": "movements", "change_share": "movements",
    },
    "movements": {
        "start_mrr": "mrr", "mrr": "mrr", "new_mrr": "new", "reactivation_mrr": "reactivation",
        "expansion_mrr": "expansion", "contraction_mrr": "contraction", "churn_mrr": "churn",
        "currency_effect": "currency", "net_new_mrr": "movements", "quick_ratio": "movements",
    },
    "bridge": {
        "start_mrr": "mrr", "mrr": "mrr", "new_mrr": "new_customer", "reactivation_mrr": "returning_customer",
        "churn_mrr": "lost_customer", "cross_sell_mrr": "cross_sell", "volume_mrr": "volume",
        "price_mrr": "price", "unsplit_mrr": "unsplit", "mix_mrr": "mix", "dropped_mrr": "dropped",
        "currency_effect": "bridge",
    },
    "retention": {
        "nrr_12": "nrr", "grr_12": "nrr", "nrr_1": "movements", "grr_1": "movements",
        "customer_churn_rate": "churn", "mrr_churn_rate": "churn", "gross_mrr_churn_rate": "contraction",
        "net_mrr_churn_rate": "movements", "quick_ratio": "movements", "arpa": "mrr",
    },
    "dso": dict.fromkeys(
        ("open_amount", "sales_incl_tax", "dso_countback", "dso_simple", "best_possible_dso",
         "days_delinquent", "collection_effectiveness"), "dso"
    ),
}  # fmt: skip
_DELAYS = {"payments", "paid_amount", "payment_delay", "payment_delay_with_open", "days_to_pay"}
_REVENUE = {
    "invoiced": "invoiced", "credited": "credited", "revenue": None, "recurring": "recurring",
    "one_off": "one_off", "usage": "usage", "unknown": "unknown", "share": None, "documents": None,
}  # fmt: skip
_QUALITY = {
    ("mrr", "held"): Link("held", {}),
    ("mrr", "at_risk"): Link("aging", {"which": "over_90"}),
    ("recurrence", "unknown: none"): Link("to-classify", {}),
    ("credit_note", "unmatched"): Link("unmatched", {}),
    ("credit_note", "unmatched: none"): Link("unmatched", {}),
}


def behind(table: ReportTable, asked: Question, column: str, record: Record, ids: Record) -> Link | None:
    """What stands behind one figure, or None where nothing more can be told.

    Args:
        table: The report that shows it.
        asked: The question that it answers.
        column: The figure's column.
        record: Its row by column name.
        ids: The row's keys.
    """
    find = _FINDERS.get(table.report)
    return find(asked, column, record, ids) if find else None


def _periods(report: str) -> Callable[[Question, str, Record, Record], Link | None]:
    """For reports with a row per period: the period's lines or customers."""

    def find(asked: Question, column: str, record: Record, ids: Record) -> Link | None:
        if column in _DELAYS and record[column] is not None:
            return Link("delays", {"customer": ids.get("customer_id")})
        figure = _FIGURE_OF[report].get(column)
        if not figure or "period_start" not in record or record[column] is None:
            return None
        start, months = record["period_start"], MONTHS_OF[asked.by]
        if column == "start_mrr":
            start = add_months(start, -months)
        # One invoice currency has MRR, and no movements of its own.
        if figure == "movements" and asked.currency:
            return None
        span = _span(start, months) if report != "dso" else _span(start, 1)
        return Link(figure, span | {"by": asked.by} | _narrowed(asked, ids))

    return find


def _revenue(asked: Question, column: str, record: Record, ids: Record) -> Link | None:
    if column not in _REVENUE or record[column] is None:
        return None
    span: dict[str, object] = {"from": asked.first, "to": asked.last}
    if isinstance(record.get("period_start"), date):
        span = _span(record["period_start"], MONTHS_OF[asked.by], asked)
    return Link("revenue", span | {"which": _REVENUE[column]} | _narrowed(asked, ids))


def _aging(asked: Question, column: str, record: Record, ids: Record) -> Link | None:
    if record.get(column) is None:
        return None
    if "snapshot_date" in record:
        bucket = column if column != "snapshot_date" else None
        return Link("aging", {"as_of": record["snapshot_date"]}, is_report=True) if bucket else None
    which = column if column in BUCKETS else None
    is_told = which or column in {"open_amount", "oldest_days_late"}
    return Link("aging", {"which": which} | _narrowed(asked, ids)) if is_told else None


def _cohorts(asked: Question, column: str, record: Record, ids: Record) -> Link | None:  # noqa: ARG001 — all alike
    is_share = column.startswith("month_")
    if record[column] is None or not (is_share or column in {"cohort_customers", "cohort_mrr"}):
        return None
    by, age = asked.by, column.removeprefix("month_") if is_share else "0"
    measure = "revenue" if column == "cohort_mrr" else asked.measure if is_share else "customers"
    span = _span(record["cohort"], MONTHS_OF[by], asked)
    return Link("cohort", span | {"by": by, "age": age, "measure": measure})


def _to_do(asked: Question, column: str, record: Record, ids: Record) -> Link | None:  # noqa: ARG001 — all alike
    if column not in {"overdue", "unapplied", "days_late", "score"} or record[column] is None:
        return None
    which = column if column in BUCKETS else "overdue"
    return Link("aging", {"which": which, "customer": ids.get("customer_id")})


def _quality(asked: Question, column: str, record: Record, ids: Record) -> Link | None:  # noqa: ARG001 — all alike
    if column not in {"findings", "amount"}:
        return None
    topic, item = record["topic"], record["item"]
    if topic == "left_out":
        return Link("left-out", {})
    return _QUALITY.get((topic, item)) or Link("findings", {"which": f"{topic}/{item}"})


_FINDERS: dict[str, Callable[[Question, str, Record, Record], Link | None]] = {
    **{name: _periods(name) for name in _FIGURE_OF},
    "revenue": _revenue,
    "aging": _aging,
    "cohorts": _cohorts,
    "to-do": _to_do,
    "quality": _quality,
}


def _span(start: date, months: int, asked: Question | None = None) -> dict[str, object]:
    """From a period's first day to its last; revenue and cohorts count the part that was asked for."""
    end = month_end(add_months(start, months - 1))
    if asked and asked.first:
        start = max(start, asked.first)
    if asked and asked.last:
        end = min(end, asked.last)
    return {"from": start, "to": end}


def _narrowed(asked: Question, ids: Record) -> dict[str, object]:
    return {
        "customer": ids.get("customer_id") or asked.customer_id,
        "product": ids.get("price_id"),
        "country": ids.get("country_code") or None,
        "currency": asked.currency,
    }
