"""How far the figures can be trusted: classified by which rule, held, unmatched, inconsistent, left out."""

from pennybridge.reports.built import Built
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable, columns
from pennybridge.reports.text import Note, Text

_QUALITY = """
    select topic, item, findings, amount_base, share
    from metrics.quality
    where company_id = :company_id
    order by topic, amount_base desc, item
"""
_WHAT_NEXT = Note(
    Text(
        "`pennybridge report explain to-classify` lists what no rule knows, by amount; `pennybridge "
        "overrides set` "
        "decides it, for all of the past.",
        "`pennybridge report explain to-classify` liste ce qu'aucune règle ne connaît, par montant ; "
        "`pennybridge overrides set` le décide, pour tout le passé.",
    )
)


def quality(built: Built, question: Question) -> ReportTable:  # noqa: ARG001 — every report is asked the same way
    """Counts and amounts of each finding, with its share of its topic."""
    kinds = columns("topic word, item word, findings count, amount amount, share share")
    rows = built.rows(_QUALITY)
    return built.table("quality", Text("Quality of the figures", "Qualité des chiffres"), kinds, rows,
                       notes=(_WHAT_NEXT,))  # fmt: skip
