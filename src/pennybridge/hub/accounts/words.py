"""Pennylane's words for states and terms as people read them; one that is not here shows as it is."""

from pennybridge.reports.text import Text

WORDS: dict[str, Text] = {
    # customer invoices
    "open": Text("open", "ouverte"),
    "overdue": Text("overdue", "échue"),
    "upcoming": Text("to be paid", "à payer"),
    "late": Text("late", "en retard"),
    "paid": Text("paid", "payée"),
    "partially_paid": Text("partly paid", "payée en partie"),
    "cancelled": Text("cancelled", "annulée"),
    "partially_cancelled": Text("partly cancelled", "annulée en partie"),
    "credit_note": Text("credit note", "avoir"),
    "draft": Text("draft", "brouillon"),
    "incomplete": Text("incomplete", "incomplète"),
    "archived": Text("archived", "archivée"),
    "deleted": Text("deleted", "supprimée"),
    # customers
    "company": Text("company", "société"),
    "individual": Text("individual", "particulier"),
    # payment conditions
    "upon_receipt": Text("upon receipt", "à réception"),
    "7_days": Text("7 days", "7 jours"),
    "15_days": Text("15 days", "15 jours"),
    "30_days": Text("30 days", "30 jours"),
    "30_days_end_of_month": Text("30 days, end of month", "30 jours fin de mois"),
    "45_days": Text("45 days", "45 jours"),
    "45_days_end_of_month": Text("45 days, end of month", "45 jours fin de mois"),
    "60_days": Text("60 days", "60 jours"),
    "custom": Text("custom", "personnalisées"),
    # payments
    "initiated": Text("initiated", "initié"),
    "pending": Text("pending", "en attente"),
    "emitted": Text("emitted", "émis"),
    "found": Text("found", "trouvé"),
    "not_found": Text("not found", "introuvable"),
    "aborted": Text("aborted", "abandonné"),
    "error": Text("error", "en erreur"),
    "refunded": Text("refunded", "remboursé"),
    "prepared": Text("prepared", "préparé"),
    "pending_customer_approval": Text("awaiting the customer's approval", "en attente de l’accord du client"),
    "pending_submission": Text("to be submitted", "à transmettre"),
    "submitted": Text("submitted", "transmis"),
    "confirmed": Text("confirmed", "confirmé"),
    "paid_out": Text("paid out", "versé"),
    "customer_approval_denied": Text("refused by the customer", "refusé par le client"),
    "failed": Text("failed", "échoué"),
    "charged_back": Text("charged back", "contesté et repris"),
    "resubmission_requested": Text("to be submitted again", "à transmettre de nouveau"),
    # e-invoicing
    "accepted": Text("accepted", "acceptée"),
    "approved": Text("approved", "approuvée"),
    "collected": Text("collected", "encaissée"),
    "partially_collected": Text("partly collected", "encaissée en partie"),
    "in_dispute": Text("in dispute", "en litige"),
    "refused": Text("refused", "refusée"),
    "rejected": Text("rejected", "rejetée"),
    "sent": Text("sent", "envoyée"),
    # how good
    "linked": Text("linked by Pennylane", "lié par Pennylane"),
    "matched": Text("matched by us", "rapproché par nous"),
}

GOOD = frozenset({"paid", "confirmed", "paid_out", "accepted", "approved", "collected"})
BAD = frozenset({"late", "failed", "charged_back", "error", "in_dispute", "refused", "rejected"})
WARNING = frozenset({"draft", "incomplete", "partially_paid", "deleted"})


def word(name: str | None) -> Text:
    """What a state or term is called.

    >>> word("paid").fr, word("brand_new").fr
    ('payée', 'brand new')
    """
    name = name or ""
    return WORDS.get(name) or Text(name.replace("_", " "), name.replace("_", " "))


def tone(name: str) -> str:
    """How a state's badge looks: `good`, `bad`, `warn` or plain."""
    if name in GOOD:
        return "good"
    if name in BAD:
        return "bad"
    return "warn" if name in WARNING else ""
