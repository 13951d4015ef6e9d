"""How far the figures can be trusted: classified by which rule, held, at risk, inconsistent, left out."""

from pennybridge.reports.built import Built
from pennybridge.reports.question import Question
from pennybridge.reports.table import ReportTable, columns
from pennybridge.reports.text import Note, Text

TOPICS = ("mrr", "recurrence", "period", "credit_note", "inconsistent", "left_out")
"""In the order of reading: MRR now, then what made it, then what stands beside it."""

_FINDINGS = """
    select topic, item, findings, amount_base, share
    from metrics.quality
    where company_id = :company_id
    order by topic, amount_base desc, item
"""
_MRR_NOW = """
    select
        count(*) filter (where held_mrr_base <> 0), coalesce(sum(held_mrr_base), 0),
        count(*) filter (where mrr_at_risk_base <> 0), coalesce(sum(mrr_at_risk_base), 0),
        coalesce(sum(mrr_base), 0)
    from metrics.customer_status
    where company_id = :company_id and not excluded
"""
_SHARES = Note(
    Text(
        "Shares are of the topic; for MRR, of MRR now. At risk: customers with an invoice more than 90 "
        "days late.",
        "Les parts sont celles du sujet ; pour le MRR, du MRR actuel. À risque : clients avec une facture "
        "en retard "
        "de plus de 90 jours.",
    )
)
_WHAT_NEXT = Note(
    Text(
        "`pennybridge report explain to-classify` lists what no rule knows, by amount; `pennybridge "
        "overrides set` "
        "decides it, for all of the past.",
        "`pennybridge report explain to-classify` liste ce qu'aucune règle ne connaît, par montant ; "
        "`pennybridge overrides set` le décide, pour tout le passé.",
    ),
    is_of_commands=True,
)


def quality(built: Built, question: Question) -> ReportTable:  # noqa: ARG001 — every report is asked the same way
    """Counts and amounts of each finding, with its share of its topic."""
    kinds = columns("topic word, item word, findings count, amount amount, share share")
    held_customers, held, risky_customers, at_risk, mrr = built.rows(_MRR_NOW)[0]
    rows = [
        ("mrr", "held", held_customers, held, float(held / mrr) if mrr else None),
        ("mrr", "at_risk", risky_customers, at_risk, float(at_risk / mrr) if mrr else None),
        *sorted(built.rows(_FINDINGS), key=lambda row: TOPICS.index(row[0])),
    ]
    title = Text("Quality of the figures", "Qualité des chiffres")
    return built.table("quality", title, kinds, rows, notes=(_SHARES, _WHAT_NEXT))
