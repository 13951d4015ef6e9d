"""The table of VAT codes covers the contract, and codes that cannot be parsed have their own rates."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from pennybridge.emulator import vat

CONTRACT = Path(vat.__file__).with_name("contract.json")


def test_every_vat_code_of_the_contract_has_a_rate() -> None:
    codes = {text for text in re.findall(r'"([A-Za-z0-9_]+)"', CONTRACT.read_text()) if text in vat.RATES}
    enums = [enum for enum in _enums(json.loads(CONTRACT.read_text())) if "FR_200" in enum]

    assert enums
    assert all(set(enum) - {"any"} <= set(vat.RATES) for enum in enums)
    assert {"FR_1_05", "mixed", "crossborder"} <= codes


@pytest.mark.parametrize(
    ("code", "percent"),
    [("FR_200", "20"), ("FR_55", "5.5"), ("FR_1_05", "1.05"), ("FR_15_385", "15.385"), ("CH_81", "8.1")],
)
def test_a_rate_is_not_what_the_code_looks_like(code: str, percent: str) -> None:
    assert vat.rate_of(code) == Decimal(percent)


@pytest.mark.parametrize("code", ["exempt", "extracom", "intracom_55", "FR_200_construction", "ES_isp_sales"])
def test_the_seller_charges_nothing_where_the_buyer_owes_the_tax(code: str) -> None:
    assert vat.rate_of(code) == 0


def test_a_code_whose_rate_is_not_certain_says_why() -> None:
    assert "several rates" in vat.UNCERTAIN["mixed"]
    assert all(reason for reason in vat.UNCERTAIN.values())


def test_the_word_any_is_no_vat_code_of_a_line() -> None:
    with pytest.raises(KeyError):
        vat.rate_of("any")


def _enums(node: object) -> list[list[str]]:
    if isinstance(node, dict):
        own = [node["enum"]] if isinstance(node.get("enum"), list) else []
        return own + [enum for value in node.values() for enum in _enums(value)]
    return [enum for value in node for enum in _enums(value)] if isinstance(node, list) else []
