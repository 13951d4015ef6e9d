import json
from decimal import Decimal
from pathlib import Path

import pytest

from pennybridge.invoicing.vat import VAT_CODES, UnknownVatError, rate_of, vat_code

REQUESTS = Path(__file__).parents[3] / "shared/pennylane/requests-company-v2-2026-09.json"


@pytest.mark.parametrize(
    ("written", "country", "code"),
    [
        ("FR_200", "FR", "FR_200"),
        ("fr_55", "FR", "FR_55"),
        ("20", "FR", "FR_200"),
        ("20 %", "FR", "FR_200"),
        ("5,5%", "FR", "FR_55"),
        ("20.00", "FR", "FR_200"),
        ("2.1", "MC", "MC_21"),
        ("1.05", "FR", "FR_1_05"),
        ("0.9", "FR", "FR_09"),
        ("19", "DE", "DE_190"),
        ("exempt", "FR", "exempt"),
        ("0 % exonéré", "FR", "exempt"),
        ("Exonérée", "FR", "exempt"),
        ("Autoliquidation", "FR", "crossborder"),
        ("export", "FR", "extracom"),
    ],
)
def test_a_code_a_rate_or_a_word_names_one_vat_code(written: str, country: str, code: str) -> None:
    assert vat_code(written, country=country) == code


@pytest.mark.parametrize(
    ("written", "country", "mend"),
    [
        ("FR_055", "FR", "write FR_55"),
        ("FR_0200", "FR", "write FR_200"),
        ("FR_20", "FR", "did you mean FR_200?"),
        ("any", "FR", "ledger accounts only"),
        ("0", "FR", "write exempt"),
        ("0.2", "FR", "write 20"),
        ("19.5", "FR", "known rates"),
        ("7", "US", "write the code itself"),
        ("TVA", "FR", "write a code"),
    ],
)
def test_what_is_no_vat_code_is_explained(written: str, country: str, mend: str) -> None:
    with pytest.raises(UnknownVatError) as caught:
        vat_code(written, country=country)

    assert mend in caught.value.mend


def test_names_that_are_not_arithmetic_have_their_own_rates() -> None:
    rates = {code: rate_of(code) for code in ("FR_09", "FR_1_75", "FR_15_385", "FR_21", "mixed", "FR_999")}

    assert rates == {
        "FR_09": Decimal("0.9"),
        "FR_1_75": Decimal("1.75"),
        "FR_15_385": Decimal("15.385"),
        "FR_21": Decimal("2.1"),
        "mixed": None,
        "FR_999": None,
    }


@pytest.mark.shared
def test_the_table_holds_exactly_the_codes_of_the_contract() -> None:
    if not REQUESTS.exists():
        pytest.skip("the dossier is not beside the checkout")
    schemas = json.loads(REQUESTS.read_text())["schemas"]
    line = schemas["importCustomerInvoices"]["properties"]["invoice_lines"]["items"]["properties"]

    assert set(VAT_CODES) == set(line["vat_rate"]["enum"])
