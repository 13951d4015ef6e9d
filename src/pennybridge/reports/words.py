"""What columns and words of ours are called for people, in both languages; a missing word shows as itself."""

import re

from pennybridge.reports.text import Text

HEADINGS: dict[str, Text] = {
    "1_30": Text("1-30 days", "1-30 jours"),
    "31_60": Text("31-60 days", "31-60 jours"),
    "61_90": Text("61-90 days", "61-90 jours"),
    "action": Text("Action", "Action"),
    "aging_bucket": Text("Aging", "Ancienneté"),
    "amount": Text("Amount", "Montant"),
    "arpa": Text("MRR/customer", "MRR/client"),
    "arr": Text("ARR", "ARR"),
    "balance": Text("Balance", "Solde"),
    "best_possible_dso": Text("Best possible", "Meilleur possible"),
    "beyond_history_of": Text("Beyond history of", "Au-delà de l'historique"),
    "cause": Text("Cause", "Cause"),
    "change": Text("Change", "Variation"),
    "change_share": Text("Change %", "Variation %"),
    "churn_mrr": Text("Churn", "Attrition"),
    "cohort": Text("Cohort", "Cohorte"),
    "cohort_customers": Text("Customers", "Clients"),
    "cohort_mrr": Text("MRR at start", "MRR initial"),
    "collection_effectiveness": Text("Collected", "Recouvrement"),
    "confidence": Text("Confidence", "Confiance"),
    "contraction_mrr": Text("Contraction", "Contraction"),
    "country": Text("Country", "Pays"),
    "credit": Text("Credit", "Crédit"),
    "credited": Text("Credit notes", "Avoirs"),
    "cross_sell_mrr": Text("Cross-sell", "Ventes croisées"),
    "currency_effect": Text("Currency", "Change"),
    "customer": Text("Customer", "Client"),
    "customer_churn_rate": Text("Customer churn", "Attrition clients"),
    "customers": Text("Customers", "Clients"),
    "date": Text("Date", "Date"),
    "day": Text("On", "Le"),
    "days_delinquent": Text("Days delinquent", "Retard moyen"),
    "days_late": Text("Days late", "Jours de retard"),
    "days_to_pay": Text("Days to pay", "Jours pour payer"),
    "debit": Text("Debit", "Débit"),
    "description": Text("Description", "Désignation"),
    "documents": Text("Documents", "Documents"),
    "dso_countback": Text("Count-back DSO", "DSO par épuisement"),
    "dso_simple": Text("Simple DSO", "DSO simple"),
    "dropped_mrr": Text("Dropped", "Abandonné"),
    "due_date": Text("Due", "Échéance"),
    "entry": Text("Entry", "Écriture"),
    "evidence": Text("Evidence", "Indice"),
    "expansion_mrr": Text("Expansion", "Expansion"),
    "findings": Text("Count", "Nombre"),
    "grr_1": Text("GRR 1 m", "GRR 1 m"),
    "grr_12": Text("GRR 12 m", "GRR 12 m"),
    "gross_mrr_churn_rate": Text("Gross MRR churn", "Attrition brute"),
    "held_mrr": Text("Held", "En attente"),
    "held_until": Text("Held until", "En attente jusqu'au"),
    "invoice_date": Text("Invoice date", "Date de facture"),
    "invoice_number": Text("Invoice", "Facture"),
    "invoiced": Text("Invoiced", "Facturé"),
    "item": Text("Item", "Élément"),
    "lifetime_value": Text("Lifetime value", "Valeur vie client"),
    "line_id": Text("Line", "Ligne"),
    "mix_mrr": Text("Mix", "Mix"),
    "moment": Text("Moment", "Moment"),
    "months": Text("Months", "Mois"),
    "movement": Text("Movement", "Mouvement"),
    "movement_mrr": Text("Movement", "Mouvement"),
    "mrr": Text("MRR", "MRR"),
    "mrr_churn_rate": Text("MRR churn", "Attrition MRR"),
    "net_mrr_churn_rate": Text("Net MRR churn", "Attrition nette"),
    "net_new_mrr": Text("Net new", "Net nouveau"),
    "new_mrr": Text("New", "Nouveau"),
    "next_due_date": Text("Next due", "Prochaine échéance"),
    "not_due": Text("Not due", "Non échu"),
    "nrr_1": Text("NRR 1 m", "NRR 1 m"),
    "nrr_12": Text("NRR 12 m", "NRR 12 m"),
    "oldest_days_late": Text("Oldest", "Plus ancien"),
    "one_off": Text("One-off", "Ponctuel"),
    "open_amount": Text("Open", "Ouvert"),
    "over_90": Text("Over 90 days", "Plus de 90 jours"),
    "overdue": Text("Overdue", "Échu"),
    "paid_amount": Text("Paid", "Payé"),
    "payment_delay": Text("Delay, paid", "Retard, payé"),
    "payment_delay_with_open": Text("Delay, with open", "Retard, avec ouvert"),
    "payment_rating": Text("Rating", "Note"),
    "payments": Text("Payments", "Paiements"),
    "period_end": Text("Until", "Au"),
    "period_from": Text("From", "Du"),
    "period_source": Text("Period from", "Source de la période"),
    "period_start": Text("Period", "Période"),
    "price_mrr": Text("Price", "Prix"),
    "product": Text("Product", "Produit"),
    "quick_ratio": Text("Quick ratio", "Quick ratio"),
    "reactivation_mrr": Text("Reactivation", "Réactivation"),
    "reason": Text("Reason", "Motif"),
    "recurrence": Text("Class", "Classe"),
    "recurring": Text("Recurring", "Récurrent"),
    "revenue": Text("Revenue", "Chiffre d'affaires"),
    "rule": Text("Rule", "Règle"),
    "sales_incl_tax": Text("Sales incl. tax", "Ventes TTC"),
    "score": Text("Score", "Score"),
    "share": Text("Share", "Part"),
    "snapshot_date": Text("As of", "Au"),
    "start_mrr": Text("Start", "Début"),
    "status": Text("Status", "État"),
    "topic": Text("Topic", "Sujet"),
    "total_incl_tax": Text("Total incl. tax", "Total TTC"),
    "unapplied": Text("Unapplied", "Non affecté"),
    "unknown": Text("To classify", "À classer"),
    "unsplit_mrr": Text("Not split", "Non réparti"),
    "usage": Text("Usage", "Consommation"),
    "volume_mrr": Text("Volume", "Volume"),
}

WORDS: dict[str, Text] = {
    # status
    "final": Text("final", "définitif"),
    "provisional": Text("provisional", "provisoire"),
    "in_progress": Text("in progress", "en cours"),
    "total": Text("Total", "Total"),
    "weighted_average": Text("Weighted average", "Moyenne pondérée"),
    # movements
    "new": Text("new", "nouveau"),
    "reactivation": Text("reactivation", "réactivation"),
    "expansion": Text("expansion", "expansion"),
    "contraction": Text("contraction", "contraction"),
    "churn": Text("churn", "attrition"),
    "currency": Text("currency", "change"),
    # moments that are compared
    "start": Text("start", "départ"),
    "end": Text("end", "fin"),
    "lowest": Text("lowest", "plus bas"),
    # causes of movements
    "quantity_and_price": Text("quantity and price", "quantité et prix"),
    "cross_sell": Text("cross-sell", "vente croisée"),
    "dropped_product": Text("product dropped", "produit abandonné"),
    "product_mix": Text("product mix", "mix de produits"),
    "new_customer": Text("new customer", "nouveau client"),
    "returning_customer": Text("returning customer", "client revenu"),
    "lost_customer": Text("lost customer", "client perdu"),
    "quantity_unknown": Text("quantity not known", "quantité inconnue"),
    "units_mixed": Text("units differ", "unités différentes"),
    "billing_rhythm_changed": Text("billing rhythm changed", "rythme de facturation changé"),
    # aging
    "not_due": Text("not due", "non échu"),
    "1_30": Text("1-30 days", "1-30 jours"),
    "31_60": Text("31-60 days", "31-60 jours"),
    "61_90": Text("61-90 days", "61-90 jours"),
    "over_90": Text("over 90 days", "plus de 90 jours"),
    "unapplied": Text("unapplied", "non affecté"),
    # actions
    "wait": Text("wait", "attendre"),
    "apply_credit": Text("apply the credit", "affecter l'avoir"),
    "propose_doubtful": Text("propose as doubtful (416)", "proposer en douteux (416)"),
    "escalate": Text("escalate, stop service", "escalader, suspendre"),
    "formal_notice": Text("formal notice", "mise en demeure"),
    "firm_reminder": Text("firm reminder with interest", "relance ferme avec intérêts"),
    "call": Text("call", "appeler"),
    "friendly_reminder": Text("friendly reminder", "relance amicale"),
    "announce_due_date": Text("announce the due date", "annoncer l'échéance"),
    "an invoice is disputed or refused": Text(
        "an invoice is disputed or refused", "une facture est en litige ou refusée"
    ),
    "a payment of an overdue invoice is under way": Text(
        "a payment of an overdue invoice is under way", "un paiement d'une facture échue est en cours"
    ),
    "unapplied credit covers what is overdue": Text(
        "unapplied credit covers what is overdue", "un crédit non affecté couvre l'échu"
    ),
    "usually pays late, and an invoice falls due within five days": Text(
        "usually pays late, and an invoice falls due within five days",
        "paie souvent en retard, et une facture arrive à échéance sous cinq jours",
    ),
    # statement entries
    "opening_balance": Text("opening balance", "solde initial"),
    "invoice": Text("invoice", "facture"),
    "credit_note": Text("credit note", "avoir"),
    "payment": Text("payment", "paiement"),
    "refund": Text("refund", "remboursement"),
    "other_settlement": Text("other settlement", "autre règlement"),
    "assumed_settlement": Text("settled, day assumed", "réglé, date supposée"),
    # published figures
    "customers": Text("customers", "clients"),
    "new_mrr": Text("new MRR", "nouveau MRR"),
    "reactivation_mrr": Text("reactivation", "réactivation"),
    "expansion_mrr": Text("expansion", "expansion"),
    "contraction_mrr": Text("contraction", "contraction"),
    "churn_mrr": Text("churn", "attrition"),
    "currency_effect": Text("currency effect", "effet de change"),
    "revenue": Text("revenue", "chiffre d'affaires"),
    "open_amount": Text("open amount", "montant ouvert"),
    "overdue_amount": Text("overdue amount", "montant échu"),
    # quality
    "mrr": Text("MRR", "MRR"),
    "held": Text("held: renewal awaited", "en attente de renouvellement"),
    "at_risk": Text("at risk: paid very late", "à risque : paiement très en retard"),
    "recurrence": Text("class of revenue", "classe du chiffre d'affaires"),
    "period": Text("source of the period", "source de la période"),
    "inconsistent": Text("inconsistent", "incohérent"),
    "left_out": Text("left out", "écarté"),
    "correction": Text("correction", "correction"),
    "cancellation": Text("cancellation", "annulation"),
    "goodwill": Text("goodwill", "geste commercial"),
    "partial": Text("partial", "partiel"),
    "unmatched": Text("unmatched", "non rapproché"),
    "linked": Text("linked by Pennylane", "lié par Pennylane"),
    "matched": Text("matched by us", "rapproché par nous"),
    "unmatched: none": Text("unmatched", "non rapproché"),
    "draft": Text("draft", "brouillon"),
    "deleted": Text("deleted", "supprimé"),
    "status incomplete": Text("status incomplete", "statut incomplet"),
    "no date": Text("no date", "sans date"),
    "after the as-of date": Text("after the as-of date", "après la date"),
    "label and imputation dates disagree": Text(
        "label and imputation dates disagree", "libellé et dates d'imputation en désaccord"
    ),
    "due before its own date": Text("due before its own date", "échéance avant la date de facture"),
    "no due date: 30 days assumed": Text("no due date: 30 days assumed", "sans échéance : 30 jours supposés"),
    "cancelled, and no credit note says so": Text(
        "cancelled, and no credit note says so", "annulée, sans avoir qui le dise"
    ),
    "same sale and period invoiced twice": Text(
        "same sale and period invoiced twice", "même vente et même période facturées deux fois"
    ),
    "lines are missing": Text("lines are missing", "lignes manquantes"),
    "no lines": Text("no lines", "sans lignes"),
    "no exchange rate": Text("no exchange rate", "sans taux de change"),
    # classes
    "recurring": Text("recurring", "récurrent"),
    "one_off": Text("one-off", "ponctuel"),
    "usage": Text("usage", "consommation"),
    "unknown": Text("to classify", "à classer"),
}


_DAYS_LATE = re.compile(r"oldest overdue invoice is (\d+) days late")
_MOST_LATE = re.compile(r"the largest part is at most (\d+) days late, the oldest invoice (\d+)")


def word(name: str) -> Text:
    """A word of ours as people read it, `a: b` as both; an unknown one with spaces for underscores."""
    if known := WORDS.get(name) or RULES.get(name):
        return known
    if late := _DAYS_LATE.fullmatch(name):
        return Text(name, f"la facture échue la plus ancienne a {late[1]} jours de retard")
    if most := _MOST_LATE.fullmatch(name):
        french = f"l'essentiel a au plus {most[1]} jours de retard, la plus ancienne facture {most[2]}"
        return Text(name, french)
    first, colon, second = name.partition(": ")
    if colon:
        return Text(f"{word(first).en}: {word(second).en}", f"{word(first).fr} : {word(second).fr}")
    return Text(name.replace("_", " "), name.replace("_", " "))


RULES: dict[str, Text] = {
    "override_line": Text("override on the line", "décision sur la ligne"),
    "override_customer_product": Text("override for customer and product", "décision client × produit"),
    "override_product": Text("override for the product", "décision sur le produit"),
    "subscription": Text("billing subscription", "abonnement Pennylane"),
    "one_off_word": Text("one-off word in the label", "mot ponctuel dans le libellé"),
    "usage_word": Text("usage word in the label", "mot de consommation dans le libellé"),
    "dates_and_word": Text("dates and a recurring word", "dates et mot récurrent"),
    "dates_and_cadence": Text("dates and a cadence", "dates et cadence"),
    "dates_and_product": Text(
        "dates, sold by subscription elsewhere", "dates, vendu par abonnement ailleurs"
    ),
    "month_and_word": Text("a month and a recurring word", "mois et mot récurrent"),
    "cadence": Text("cadence of the invoices", "cadence des factures"),
    "cadence_word": Text("cadence in the label", "cadence dans le libellé"),
    "prorated": Text("prorated part of a recurring sale", "prorata d'une vente récurrente"),
    "dated_reduction": Text("dated reduction", "réduction datée"),
    "lowers_same_product": Text("lowers the same product", "réduit le même produit"),
    "lowers_invoice": Text("lowers the invoice's lines", "réduit les lignes de la facture"),
    "conflict": Text("contradicting words", "mots contradictoires"),
    "none": Text("no rule", "aucune règle"),
    "discount": Text("discount line", "ligne de remise"),
    "dated_credit": Text("dated credit", "avoir daté"),
    "discount_over_period": Text("credit spread over the line's period", "avoir étalé sur la période"),
    "no_more_than_there_is": Text("credits beyond the line", "avoirs au-delà de la ligne"),
    "early_termination": Text("early termination", "résiliation anticipée"),
    "imputation_dates": Text("imputation dates", "dates d'imputation"),
    "label_range": Text("range in the label", "période dans le libellé"),
    "label_month": Text("month in the label", "mois dans le libellé"),
    "label_quarter": Text("quarter in the label", "trimestre dans le libellé"),
    "label_semester": Text("half-year in the label", "semestre dans le libellé"),
    "label_year": Text("year in the label", "année dans le libellé"),
    "label_bare_month": Text("month without a year in the label", "mois sans année dans le libellé"),
    "label_start_and_cadence": Text("start and cadence in the label", "début et cadence dans le libellé"),
    "label_cadence": Text("cadence in the label", "cadence dans le libellé"),
    "product_cadence": Text("cadence decided for the product", "cadence décidée pour le produit"),
    "found_cadence": Text("cadence of the invoices", "cadence des factures"),
    "override": Text("override", "décision"),
}
