import csv
from pathlib import Path

import pytest

from pennybridge.invoicing.identifiers import is_iban, is_reg_no, is_siren, is_siret, is_vat_number, siren_of

VECTORS = Path(__file__).parents[3] / "shared/data/ids/identifiers.csv"


def test_check_digits_tell_a_typing_error() -> None:
    assert is_siren("732829320")
    assert not is_siren("732829321")
    assert is_siret("732 829 320 00074")
    assert not is_reg_no("73282932000075")
    assert is_iban("FR76 3000 6000 0112 3456 7890 189")
    assert not is_iban("FR76 3000 6000 0112 3456 7890 180")


def test_vat_numbers_follow_the_rule_of_their_country() -> None:
    assert is_vat_number("FR 44 732 829 320")
    assert is_vat_number("FR00732829320") is False
    assert is_vat_number("CHE-107.787.577 IVA")
    assert is_vat_number("ZZ12345") is None


def test_a_siren_is_found_in_what_carries_it() -> None:
    assert siren_of("73282932000074", None) == siren_of(None, "FR44732829320") == "732829320"
    assert siren_of("HRB 1234", "DE136695976") is None


@pytest.mark.shared
def test_every_known_number_is_judged_as_it_should_be() -> None:
    if not VECTORS.exists():
        pytest.skip("the dossier is not beside the checkout")
    judges = {"siren": is_siren, "siret": is_siret, "vat": is_vat_number, "iban": is_iban}
    with VECTORS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    wrong = [row for row in rows if bool(judges[row["kind"]](row["value"])) != (row["valid"] == "True")]

    assert wrong == []
    assert len(rows) > 1000
