"""The figures that can be explained, by the names that people type."""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from pennybridge.errors import ConfigurationError
from pennybridge.reports.built import Built
from pennybridge.reports.explain import books, causes, cohorts, customers, lines, receivables, segments
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable

Open = Callable[[Built, Question], ReportTable]


class Figure(NamedTuple):
    """A figure: what WHICH names after it, and what it opens into."""

    which: str
    summary: str
    explain: Open
    lines: Open | None = None
    """Of a figure that opens into customers or their sales: the invoice lines and rules behind them."""


MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "currency")
BUCKETS = ("not_due", "1_30", "31_60", "61_90", "over_90", "overdue", "unapplied")
CLASSES = ("invoiced", "credited", "recurring", "one_off", "usage", "unknown")


def _movements(summary: str, kind: str = "") -> Figure:
    return Figure(
        "PERIOD",
        summary,
        partial(customers.movements, kind=kind),
        partial(customers.movement_lines, kind=kind),
    )


def _sales(summary: str, part: str = "") -> Figure:
    return Figure("PERIOD", summary, partial(causes.sales, part=part), partial(causes.sale_lines, part=part))


FIGURES: dict[str, Figure] = {
    "mrr": Figure("PERIOD", "invoice lines that MRR adds up", segments.mrr),
    "held": Figure("PERIOD", "lines whose renewal is awaited", segments.held),
    "movements": _movements("customers whose MRR moved"),
    **{kind: _movements(f"customers of this movement: {kind}", kind) for kind in MOVEMENTS},
    "bridge": _sales("sales whose MRR moved, with quantities and cause"),
    **{part: _sales(f"sales of this part of the bridge: {part}", part) for part in causes.PARTS},
    "nrr": Figure(
        "MONTH", "customers of twelve months before, then and now", customers.retention,
        customers.retention_lines,
    ),
    "grr": Figure(
        "MONTH", "the same, with what counts in GRR", customers.retention, customers.retention_lines
    ),
    "cohort": Figure(
        "PERIOD", "customers who began in it, then and --age months after", cohorts.cohort,
        cohorts.cohort_lines,
    ),
    "revenue": Figure("PERIOD", "invoice lines of the period", lines.revenue),
    "aging": Figure("BUCKET", f"open documents; BUCKET is {', '.join(BUCKETS)}", receivables.aging),
    "dso": Figure("MONTH", "the months that count-back DSO goes through", receivables.dso),
    "delays": Figure("", "payments and late documents behind payment delays", receivables.delays),
    "line": Figure("LINE", "everything known of one invoice line", lines.line),
    "findings": Figure(
        "TOPIC/ITEM", "customers with a finding of the quality report", books.findings, books.finding_lines
    ),
    "to-classify": Figure("", "what no rule could class, by amount", lines.to_classify),
    "unmatched": Figure("", "credit notes without their invoice", books.unmatched),
    "left-out": Figure("", "documents that no figure counts", books.left_out),
    "restatements": Figure("", "published month ends that changed since", books.restatements),
}  # fmt: skip

_OF_COLUMNS = {
    **dict.fromkeys(("arr", "arpa", "customers", "start_mrr"), "mrr"),
    **dict.fromkeys(("quick_ratio", "net_mrr_churn_rate", "net_new_mrr", "nrr_1", "grr_1"), "movements"),
    **dict.fromkeys(("customer_churn_rate", "mrr_churn_rate", "gross_mrr_churn_rate"), "movements"),
    **dict.fromkeys(("change", "change_share"), "movements"),
    **dict.fromkeys(("sales_incl_tax", "dso_countback", "dso_simple", "best_possible_dso"), "dso"),
    **dict.fromkeys(("days_delinquent", "collection_effectiveness", "beyond_history_of"), "dso"),
    **dict.fromkeys(("open_amount", "days_late", "oldest_days_late", "total_incl_tax"), "aging"),
    **dict.fromkeys(("cohort_customers", "cohort_mrr"), "month_0"),
    **dict.fromkeys(("payments", "paid_amount", "payment_delay", "payment_delay_with_open"), "delays"),
    "days_to_pay": "delays",
    "score": "overdue",
    "documents": "revenue",
    "lifetime_value": "churn",
    "nrr_12": "nrr",
    "grr_12": "grr",
    "currency_effect": "currency",
}
"""Columns of reports that go by another name, and the figure that explains them."""
_AGE = re.compile(r"month_(\d{1,4})")


class Named(NamedTuple):
    """A figure by its name in `FIGURES`, and the part of it that a word names."""

    figure: str
    part: str | None = None
    """An aging bucket, a class of revenue, or the age of a cohort."""


def find_figure(text: str) -> Named:
    """The figure that a word names: its own name, a part's, or that of a report's column.

    >>> find_figure("quick_ratio"), find_figure("over_90")
    (Named(figure='movements', part=None), Named(figure='aging', part='over_90'))

    Raises:
        ConfigurationError: There is no such figure.
    """
    name = text.lower()
    for known in (name, _OF_COLUMNS.get(name, ""), name.removesuffix("_mrr"), name.replace("_", "-")):
        if known in FIGURES:
            return Named(known)
        if known in BUCKETS or known in CLASSES:
            return Named("aging" if known in BUCKETS else "revenue", known)
        if age := _AGE.fullmatch(known):
            return Named("cohort", age[1])
    raise ConfigurationError(f"There is no figure {text!r} to explain; there are: {', '.join(FIGURES)}.")
