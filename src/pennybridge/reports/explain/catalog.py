"""The figures that can be explained, by the names that people type."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from pennybridge.errors import ConfigurationError
from pennybridge.reports.built import Built
from pennybridge.reports.explain import books, causes, customers, lines, receivables
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable


class Figure(NamedTuple):
    """A figure: what WHICH names after it, and what it opens into."""

    which: str
    summary: str
    explain: Callable[[Built, Question], ReportTable]


MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "currency")
BUCKETS = ("not_due", "1_30", "31_60", "61_90", "over_90", "overdue", "unapplied")

FIGURES: dict[str, Figure] = {
    "mrr": Figure("PERIOD", "invoice lines that MRR adds up", lines.mrr),
    "held": Figure("PERIOD", "lines whose renewal is awaited", lines.held),
    "movements": Figure("PERIOD", "customers whose MRR moved", customers.movements),
    **{
        kind: Figure("PERIOD", f"customers of this movement: {kind}", customers.movements)
        for kind in MOVEMENTS
    },
    "bridge": Figure("PERIOD", "sales whose MRR moved, with quantities and cause", causes.sales),
    **{
        part: Figure("PERIOD", f"sales of this part of the bridge: {part}", partial(causes.sales, part=part))
        for part in causes.PARTS
    },
    "nrr": Figure("MONTH", "customers of twelve months before, then and now", customers.retention),
    "grr": Figure("MONTH", "the same, with what counts in GRR", customers.retention),
    "revenue": Figure("PERIOD", "invoice lines of the period", lines.revenue),
    "aging": Figure("BUCKET", f"open documents; BUCKET is {', '.join(BUCKETS)}", receivables.aging),
    "dso": Figure("MONTH", "the months that count-back DSO goes through", receivables.dso),
    "line": Figure("LINE", "everything known of one invoice line", lines.line),
    "to-classify": Figure("", "what no rule could class, by amount", lines.to_classify),
    "unmatched": Figure("", "credit notes without their invoice", books.unmatched),
    "left-out": Figure("", "documents that no figure counts", books.left_out),
    "restatements": Figure("", "published month ends that changed since", books.restatements),
}

_OF_COLUMNS = {
    **dict.fromkeys(("arr", "arpa", "customers", "start_mrr"), "mrr"),
    **dict.fromkeys(("quick_ratio", "net_mrr_churn_rate", "net_new_mrr", "nrr_1", "grr_1"), "movements"),
    **dict.fromkeys(("customer_churn_rate", "mrr_churn_rate", "gross_mrr_churn_rate"), "movements"),
    **dict.fromkeys(("change", "change_share"), "movements"),
    **dict.fromkeys(("sales_incl_tax", "dso_countback", "dso_simple", "best_possible_dso"), "dso"),
    **dict.fromkeys(("days_delinquent", "collection_effectiveness", "beyond_history_of"), "dso"),
    "open_amount": "aging",
    "lifetime_value": "churn",
    "nrr_12": "nrr",
    "grr_12": "grr",
    "currency_effect": "currency",
}
"""Columns of reports that go by another name, and the figure that explains them."""


def figure_names(text: str) -> str:
    """The figure that a word names: its own name, an aging bucket's, or that of a report's column.

    Raises:
        ConfigurationError: There is no such figure.
    """
    name = text.lower()
    for known in (name, _OF_COLUMNS.get(name, ""), name.removesuffix("_mrr"), name.replace("_", "-")):
        if known in FIGURES or known in BUCKETS:
            return known
    raise ConfigurationError(f"There is no figure {text!r} to explain; there are: {', '.join(FIGURES)}.")
