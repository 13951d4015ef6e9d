"""What labels say of their period: the year, when it is missing, is the one nearest the invoice."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from pennybridge.models.label_periods import read_line_text
from pennybridge.periods import Period
from tests.models.books import Books, Line

Ask = Callable[..., list[tuple[Any, ...]]]

YEAR = ("2025-01-01", "2025-12-31")
JANUARY = ("2025-01-01", "2025-01-31")
NOTHING = None

# Labels whose text alone says the period.
WITH_A_YEAR: list[tuple[str, tuple[str, str] | None]] = [
    # French
    ("Abonnement mensuel - janvier 2025", JANUARY),
    ("Abonnement mensuel – Janvier\u00a02025", JANUARY),
    ("ABONNEMENT MENSUEL JANVIER 2025", JANUARY),
    ("du 01/01/2025 au 31/12/2025", YEAR),
    ("Abonnement (du 01.01.2025 au 31.12.2025)", YEAR),
    ("Abonnement 01/01/25 - 31/12/25", YEAR),
    ("Abonnement du 2025-01-01 au 2025-12-31", YEAR),
    ("Licence annuelle du 1er mars 2025 au 28 février 2026", ("2025-03-01", "2026-02-28")),
    ("Licence du 1er mars 2025 jusqu'au 28 février 2026", ("2025-03-01", "2026-02-28")),
    ("Licence du 1er mars 2025 jusqu’au 28 février 2026 inclus", ("2025-03-01", "2026-02-28")),
    ("Abonnement du 15 décembre au 14 janvier 2025", ("2024-12-15", "2025-01-14")),
    ("Abonnement du 15 décembre 2024 au 14 janvier", ("2024-12-15", "2025-01-14")),
    ("Abonnement du 1er au 31 janvier 2025", JANUARY),
    ("Abonnement (1 au 31 janvier 2025)", JANUARY),
    ("Abonnement T1 2025", ("2025-01-01", "2025-03-31")),
    ("Abonnement T1-2025", ("2025-01-01", "2025-03-31")),
    ("Abonnement 2025 T1", ("2025-01-01", "2025-03-31")),
    ("Abonnement Q3 2025", ("2025-07-01", "2025-09-30")),
    ("Abonnement 2ème trimestre 2025", ("2025-04-01", "2025-06-30")),
    ("Abonnement premier trimestre 2025", ("2025-01-01", "2025-03-31")),
    ("Abonnement 4e trimestre de 2025", ("2025-10-01", "2025-12-31")),
    ("Hébergement 1er semestre 2025", ("2025-01-01", "2025-06-30")),
    ("Hébergement S2 2025", ("2025-07-01", "2025-12-31")),
    ("Hébergement deuxième semestre 2025", ("2025-07-01", "2025-12-31")),
    ("Abonnement annuel 2025", YEAR),
    ("Cotisation année 2025", YEAR),
    ("Abonnement annuel - janvier 2025", YEAR),
    ("Abonnement trimestriel - janvier 2025", ("2025-01-01", "2025-03-31")),
    ("Abonnement semestriel (juillet 2025)", ("2025-07-01", "2025-12-31")),
    ("Licence annuelle à compter du 15/03/2025", ("2025-03-15", "2026-03-14")),
    ("Licence annuelle à partir du 15 mars 2025", ("2025-03-15", "2026-03-14")),
    ("Abonnement mensuel à compter du 31/01/2025", ("2025-01-31", "2025-02-27")),
    ("Abonnement janvier à mars 2025", ("2025-01-01", "2025-03-31")),
    ("Abonnement novembre à janvier 2026", ("2025-11-01", "2026-01-31")),
    ("Abonnement novembre 2025 - janvier 2026", ("2025-11-01", "2026-01-31")),
    ("Abonnement janvier et février 2025", ("2025-01-01", "2025-02-28")),
    ("Maintenance 01/2025", JANUARY),
    ("Maintenance 01/2025 - 03/2025", ("2025-01-01", "2025-03-31")),
    ("Maintenance 2025-01", JANUARY),
    ("Abonnement févr. 2024", ("2024-02-01", "2024-02-29")),
    ("Loyer août 2025", ("2025-08-01", "2025-08-31")),
    ("Abonnement sept. 2024", ("2024-09-01", "2024-09-30")),
    ("Abonnement décembre 2025, facturé le 02/01/2026", ("2025-12-01", "2025-12-31")),
    # English
    ("Pro plan (Jan 1, 2025 - Jan 31, 2025)", JANUARY),
    ("Pro plan (January 1st, 2025 to January 31st, 2025)", JANUARY),
    ("Pro plan 1 January 2025 – 31 January 2025", JANUARY),
    ("Pro plan Jan 1 - 31, 2025", JANUARY),
    ("Pro plan from 15 December 2024 to 14 January 2025", ("2024-12-15", "2025-01-14")),
    ("Team plan - Monthly - Feb 2025", ("2025-02-01", "2025-02-28")),
    ("Hosting, 1st quarter 2025", ("2025-01-01", "2025-03-31")),
    ("Hosting H1 2025", ("2025-01-01", "2025-06-30")),
    ("Yearly licence starting March 15, 2025", ("2025-03-15", "2026-03-14")),
    ("Annual subscription 2025", YEAR),
    ("Subscription Jan-Mar 2025", ("2025-01-01", "2025-03-31")),
    ("Subscription February '25", ("2025-02-01", "2025-02-28")),
    ("Prorated seat 2025-03-16 to 2025-03-31", ("2025-03-16", "2025-03-31")),
    ("2022-02-22 to 2022-03-22", ("2022-02-22", "2022-03-22")),
    # Hostile: something like a date, and no period
    ("Licence 2025/2026", NOTHING),
    ("Licence 2025-2026", NOTHING),
    ("Mars Consulting - audit", NOTHING),
    ("Abonnement Mars Consulting", NOTHING),
    ("Offre Mai - 3 postes", NOTHING),
    ("Support 24/7", NOTHING),
    ("Facture 12/03/2025", NOTHING),
    ("Facture du 12 mars 2025", NOTHING),
    ("Prestation du 12/03/2025", NOTHING),
    ("5 licences x 12 mois", NOTHING),
    ("Formation 2025", NOTHING),
    ("Abonnement 29 EUR/mois", NOTHING),
    ("Abonnement jusqu'au 31/12/2025", NOTHING),
    ("Subscription until December 2025", NOTHING),
    ("Abonnement à partir de mars 2025", NOTHING),
    ("Abonnement 31/02/2025 au 30/02/2025", NOTHING),
    ("Abonnement du 31/12/2025 au 01/01/2025", NOTHING),
    ("Abonnement du 01/01/2025 au 31/12/2035", NOTHING),
    ("Abonnement 13/2025", NOTHING),
    ("Loyer appartement T3", NOTHING),
    ("Tél. 01.02.03.04.05", NOTHING),
    ("Serveur 10.0.1.25 version 2.1.2025", NOTHING),
    ("Peugeot 2008, location", NOTHING),
    ("Commande 202501 réf. 2025-0001", NOTHING),
    ("Jan Novak, développement", NOTHING),
    ("Décapage, 3 m²", NOTHING),
    ("", NOTHING),
    (" \u200b\n", NOTHING),
    ("Abonnement \U0001f680 ∞", NOTHING),
    ("1" * 5000, NOTHING),
    ("janvier " * 500, NOTHING),
]


@pytest.mark.parametrize(("label", "days"), WITH_A_YEAR, ids=[label[:60] for label, _ in WITH_A_YEAR])
def test_a_label_says_its_period(label: str, days: tuple[str, str] | None) -> None:
    reading = read_line_text(label)

    found = reading.period and (reading.period.start.isoformat(), reading.period.last_day.isoformat())
    assert found == days
    assert not reading.is_yearless


WITHOUT_A_YEAR = [
    ("Abonnement - décembre", "2025-01-03", ("2024-12-01", "2024-12-31")),
    ("Abonnement mars", "2025-03-31", ("2025-03-01", "2025-03-31")),
    ("Loyer de mai", "2025-04-20", ("2025-05-01", "2025-05-31")),
    ("Abonnement du 1er au 31 janvier", "2025-12-28", ("2026-01-01", "2026-01-31")),
    ("Abonnement du 15/12 au 14/01", "2025-12-10", ("2025-12-15", "2026-01-14")),
    ("Abonnement du 15/12 au 14/01", "2026-01-20", ("2025-12-15", "2026-01-14")),
    ("Abonnement novembre à janvier", "2026-02-01", ("2025-11-01", "2026-01-31")),
    ("Maintenance 1er trimestre", "2024-02-29", ("2024-01-01", "2024-03-31")),
    ("Abonnement février", "2024-02-01", ("2024-02-01", "2024-02-29")),
    ("Abonnement annuel mars", "2025-03-03", ("2025-03-01", "2026-02-28")),
]


def test_a_period_without_a_year_is_the_one_nearest_the_invoice(books: Books, ask: Ask) -> None:
    for label, day, _ in WITHOUT_A_YEAR:
        books.add_invoice(books.add_customer(), day, [Line(100, label)])

    found = ask(
        "select description, cast(invoice_date as text), period_start, period_end from billing.invoice_lines "
        "order by invoice_id",
        as_of="2026-06-30",
    )

    assert found == [(label, day, *days) for label, day, days in WITHOUT_A_YEAR]


def test_the_description_speaks_where_the_label_is_silent() -> None:
    reading = read_line_text("Abonnement Pro", "Période : du 01/01/2025 au 31/03/2025")

    assert reading.period == Period(date(2025, 1, 1), date(2025, 4, 1))
    assert reading.recurring_word == "abonnement"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Abonnement Pro - janvier 2025", "Abonnement Pro - février 2025"),
        ("Abonnement Pro du 01/01/2025 au 31/01/2025", "Abonnement Pro (du 01/02/2025 au 28/02/2025)"),
        ("Pro plan (Jan 1, 2025 - Jan 31, 2025)", "Pro plan (Feb 1, 2025 - Feb 28, 2025)"),
        ("Loyer T1 2025", "Loyer T2 2025"),
        ("Abonnement janvier", "Abonnement février"),
    ],
)
def test_labels_that_differ_by_their_dates_name_the_same_sale(first: str, second: str) -> None:
    assert read_line_text(first).stem == read_line_text(second).stem


def test_a_word_of_one_sale_does_not_hide_in_another_word() -> None:
    assert read_line_text("Auditorium, location").one_off_word is None
    assert read_line_text("Plan de formation").recurring_word is None
