"""Names of countries in French and English → their code, for columns that shops and CRMs write in words."""

from pennybridge.invoicing.fields import plain

_NAMES = {
    "AD": "Andorre, Andorra", "AE": "Émirats arabes unis, United Arab Emirates, UAE",
    "AT": "Autriche, Austria, Österreich", "AU": "Australie, Australia",
    "BE": "Belgique, Belgium, België, Belgien", "BG": "Bulgarie, Bulgaria", "BR": "Brésil, Brazil",
    "CA": "Canada", "CH": "Suisse, Switzerland, Schweiz", "CI": "Côte d'Ivoire, Ivory Coast",
    "CN": "Chine, China", "CY": "Chypre, Cyprus",
    "CZ": "Tchéquie, République tchèque, Czechia, Czech Republic",
    "DE": "Allemagne, Germany, Deutschland", "DK": "Danemark, Denmark", "DZ": "Algérie, Algeria",
    "EE": "Estonie, Estonia", "ES": "Espagne, Spain, España", "FI": "Finlande, Finland",
    "FR": "France, France métropolitaine",
    "GB": "Royaume-Uni, United Kingdom, Great Britain, UK, Angleterre, England",
    "GF": "Guyane, Guyane française, French Guiana", "GP": "Guadeloupe", "GR": "Grèce, Greece",
    "HR": "Croatie, Croatia", "HU": "Hongrie, Hungary", "IE": "Irlande, Ireland", "IL": "Israël, Israel",
    "IN": "Inde, India", "IT": "Italie, Italy, Italia", "JP": "Japon, Japan",
    "LT": "Lituanie, Lithuania", "LU": "Luxembourg", "LV": "Lettonie, Latvia", "MA": "Maroc, Morocco",
    "MC": "Monaco", "MQ": "Martinique", "MT": "Malte, Malta",
    "NC": "Nouvelle-Calédonie, New Caledonia", "NL": "Pays-Bas, Netherlands, The Netherlands, Nederland",
    "NO": "Norvège, Norway", "PF": "Polynésie française, French Polynesia", "PL": "Pologne, Poland",
    "PT": "Portugal", "RE": "La Réunion, Réunion, Reunion", "RO": "Roumanie, Romania",
    "SE": "Suède, Sweden", "SG": "Singapour, Singapore", "SI": "Slovénie, Slovenia",
    "SK": "Slovaquie, Slovakia", "SN": "Sénégal, Senegal", "TN": "Tunisie, Tunisia",
    "TR": "Turquie, Turkey, Türkiye", "UA": "Ukraine",
    "US": "États-Unis, États-Unis d'Amérique, United States, United States of America, USA",
    "YT": "Mayotte",
}  # fmt: skip
_CODES = {plain(name): code for code, names in _NAMES.items() for name in names.split(",")}


def country_code(text: str) -> str | None:
    """The ISO 3166 code that a name means; None for a name that is not in the list.

    >>> country_code("Royaume-Uni"), country_code("GERMANY"), country_code("Atlantis")
    ('GB', 'DE', None)
    """
    return _CODES.get(plain(text))
