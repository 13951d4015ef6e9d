"""The words on invoice lines that say what kind of sale it is and how often it comes, in French and English.

Texts are compared after `normalize`: lower case, no accents, plain dashes, quotes and spaces.
"""

import re
import unicodedata

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("’‘ʼ´`", "'"),
        **dict.fromkeys("\u00a0\u202f\u2007\u2009\u200a\t\r\n", " "),
        **dict.fromkeys("\u200b\u200c\u200d\ufeff\u00ad", ""),
        "→": "->",
        "œ": "oe",
        "Œ": "oe",
    }
)


def normalize(text: str) -> str:
    r"""Lower case without accents, with plain dashes, quotes and single spaces.

    >>> normalize("Hébergement\u00a0–  Février 2025")
    'hebergement - fevrier 2025'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_PLAIN))
        text = "".join(character for character in text if not unicodedata.combining(character))
    return " ".join(text.lower().split())


def _words(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")


RECURRING = _words(
    r"abonnements?|abo|subscriptions?|licen[cs]es?|hebergements?|hosting|(?:tierce )?maintenance"
    r"|mensualites?|redevances?|loyers?|locations?|saas|support|infogerance|cotisations?"
    r"|memberships?|adhesions?|retainer|renouvellement|renewal|plan(?! de| d')"
    r"|forfaits?(?! jours?)|seats?|sieges?|contrat de"
)
"""Words of things that are sold again and again."""

ONE_OFF = _words(
    r"set-?up|installations?|mise en (?:service|place|route)|formations?|trainings?|audits?"
    r"|prestations?|acomptes?|deposit|down payment|frais|fees?|deplacements?|travel|onboarding"
    r"|conseils?|consulting|developpements?|development|parametrages?|migrations?|materiels?"
    r"|hardware|workshops?|ateliers?|creations?|interventions?|regie|jours?[- ]hommes?"
    r"|man[- ]days?|livraisons?|shipping|implementation|integrations?|one[- ]off|one[- ]time"
    r"|ponctuel(?:le)?s?|reprise de donnees"
)
"""Words of things that are sold once."""

USAGE = _words(
    r"(?:sur)?consommations?|usage|overages?|depassements?|hors[- ]forfait|metered"
    r"|pay[- ]as[- ]you[- ]go|au compteur|appels? (?:d'|a l')?api|api (?:calls?|requests?)"
    r"|(?:sms|textos?|texts?|messages?|e-?mails?|minutes|pages?) (?:envoye|consomme|imprime)e?s?"
    r"|(?:sms|texts?|messages?|e-?mails?|minutes|pages?) (?:sent|consumed|used|printed)"
    r"|(?:par|a la|au) (?:centaine|millier)|per (?:hundred|thousand)"
    r"|hundreds|thousands|centaines|milliers"
)
"""Words of things that are billed by what was consumed."""

DISCOUNT = _words(r"remises?|rabais|ristournes?|discounts?|reductions?|geste commercial|avoir")
"""Words of lines that only lower others."""

CADENCES: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(r"\b(?:mensuel(?:le)?s?|monthly|par mois|per month|a month)\b|/ ?(?:mois|month|mo)\b")),
    (3, re.compile(r"\b(?:trimestriel(?:le)?s?|quarterly|par trimestre|per quarter)\b")),
    (6, re.compile(r"\b(?:semestriel(?:le)?s?|half[- ]yearly|semi[- ]annual(?:ly)?|par semestre)\b")),
    (24, re.compile(r"\b(?:biennal(?:e|es)?|bisannuel(?:le)?s?|(?:tous les )?2 ans|(?:every )?2 years)\b")),
    (12, re.compile(r"\b(?:annuel(?:le)?s?|annual(?:ly)?|yearly|par an|per year)\b|/ ?(?:an|year|yr)\b")),
    (2, re.compile(r"\b(?:bimestriel(?:le)?s?|bimonthly|tous les 2 mois)\b")),
)
"""Months between two invoices, and the words that say so; the first that matches counts."""


def cadence_of(text: str) -> int | None:
    """The months between two invoices that a normalized text names.

    >>> cadence_of("pro - 29 eur/mois"), cadence_of("licence annuelle"), cadence_of("audit")
    (1, 12, None)
    """
    return next((months for months, words in CADENCES if words.search(text)), None)
