"""Invented customers: names, places and numbers, by country."""

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ROOTS = _words("""
    Aubrac Belem Boréal Calanque Cap-Horizon Chardon Cobalt Corsaire Delta Écluse Érable Escale
    Fanal Garance Girofle Granit Grimoire Hémisphère Jonquille Kaolin Lumen Lichen Marjolaine Mélèze
    Méridien Mistral Noroît Obsidienne Océane Orion Palissandre Perséide Phare Quartz Ressac Romarin
    Safran Sarcelle Sémaphore Sillage Sorbier Tamaris Tilleul Tramontane Trèfle Vallon Verveine
    Volcan Zéphyr Ardoise
""")
_TRADES = _words("""
    Conseil Logistique Distribution Énergies Formation Santé Studio Immobilier Transports Industries
    Traiteur Menuiserie Paysages Médias Textiles Optique Hôtels Voyages Architecture Mobilités
""")
_FIRST_NAMES = _words("""
    Camille Léa Hugo Inès Noé Zoé Malo Jeanne Sacha Lina Gabin Élise Tom Nora Basile Anouk
""")
_LAST_NAMES = _words("""
    Berthier Lacaze Morvan Delorme Kermadec Vasseur Thibaud Roussel Marchetti Okonkwo Nowak Sørensen
    Lindqvist Ferreira Achterberg Duchêne
""")

PLACES: dict[str, tuple[str, str, str, str, str]] = {
    "FR": ("SAS", "fr_FR", "EUR", "69003", "Lyon"),
    "BE": ("SRL", "fr_FR", "EUR", "1050", "Bruxelles"),
    "DE": ("GmbH", "de_DE", "EUR", "80331", "München"),
    "ES": ("SL", "en_GB", "EUR", "08001", "Barcelona"),
    "IT": ("Srl", "en_GB", "EUR", "20121", "Milano"),
    "NL": ("BV", "en_GB", "EUR", "1011", "Amsterdam"),
    "LU": ("SARL", "fr_FR", "EUR", "1234", "Luxembourg"),
    "CH": ("SA", "fr_FR", "CHF", "1003", "Lausanne"),
    "GB": ("Ltd", "en_GB", "GBP", "M1 1AE", "Manchester"),
    "US": ("Inc.", "en_GB", "USD", "10013", "New York"),
}
"""Country → legal form, language of invoices, currency, postal code and city."""

WEIGHTS = {
    "FR": 62,
    "BE": 7,
    "DE": 5,
    "ES": 3,
    "IT": 2,
    "NL": 2,
    "LU": 2,
    "CH": 5,
    "GB": 6,
    "US": 6,
}
"""How many customers of a hundred live where."""


def company_names(chance: Random, count: int) -> list[str]:
    """Names of companies without legal form, all different."""
    pairs = [f"{root} {trade}" for root in _ROOTS for trade in _TRADES]
    rounds, rest = divmod(count, len(pairs))
    names = [f"{name} {number + 1}" for number in range(rounds) for name in pairs]
    return names + [name if not rounds else f"{name} {rounds + 1}" for name in chance.sample(pairs, rest)]


def person(chance: Random) -> tuple[str, str]:
    """A first and a last name."""
    return chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)


def slug(name: str) -> str:
    """A name as part of an address in the mail: lower case, letters and digits only."""
    plain = name.lower().translate(str.maketrans("éèêëîïôöûüàâçøå", "eeeeiioouuaacoa"))
    return "".join(letter if letter.isalnum() else "-" for letter in plain).strip("-")


def siren(chance: Random) -> str:
    """A French company number whose check digit is right (Luhn's rule)."""
    digits = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in range(7))]
    doubled = [digit * (1 + rank % 2) for rank, digit in enumerate(digits)]
    check = -sum(number // 10 + number % 10 for number in doubled) % 10
    return "".join(map(str, [*digits, check]))


def french_vat_number(siren_number: str) -> str:
    """The VAT number that follows from a French company number."""
    key = (12 + 3 * (int(siren_number) % 97)) % 97
    return f"FR{key:02d}{siren_number}"
