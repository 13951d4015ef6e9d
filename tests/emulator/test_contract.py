"""The contract file is what the OpenAPI file says, and the emulator is held to it."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from pennybridge.emulator.contract import Contract, ContractError
from pennybridge.emulator.server import Emulator

CHECKOUT = Path(__file__).resolve().parents[2]
OPENAPI = CHECKOUT.parent / "shared/pennylane"


@pytest.mark.shared
@pytest.mark.skipif(not OPENAPI.exists(), reason="the OpenAPI files are not beside this checkout")
def test_the_contract_is_made_from_the_openapi_file() -> None:
    """Nothing in it is written by hand."""
    script = CHECKOUT / "scripts/contract.py"

    subprocess.run([sys.executable, script, "--check", OPENAPI], check=True)


def test_the_contract_holds_no_prose() -> None:
    """Its sentences are Pennylane's; ours is the list of facts."""
    text = Path(CHECKOUT / "src/pennybridge/emulator/contract.json").read_text(encoding="utf-8")

    assert ". " not in text
    assert '"example"' not in text


def test_an_answer_outside_the_contract_is_a_defect(emulator: Emulator, http: httpx2.Client) -> None:
    """The client sees 500 with the reason, and the fixture fails the test."""
    emulator.add("products", {"label": 7, "price": "1.2", "price_before_tax": "1.0", "vat_rate": "FR_200"})

    answer = http.get("/products")

    assert answer.status_code == 500
    assert "getProducts 200 at items/0/label" in answer.text
    (defect,) = emulator.defects
    assert isinstance(defect, ContractError)
    emulator.defects.clear()


def test_a_path_with_words_is_preferred_to_one_with_an_id() -> None:
    """`POST /customer_invoices/import` is no customer invoice called import."""
    contract = Contract()

    found = contract.match("POST", "/customer_invoices/import")

    assert found is not None
    assert found[0].path == "/customer_invoices/import"


def test_nullable_fields_may_be_null_and_others_may_not() -> None:
    contract = Contract()
    journal = b'{"code": "BQ", "id": 4096, "label": null, "type": "finances"}'

    with pytest.raises(ContractError, match="getJournal 200 at label"):
        contract.check_answer(contract.operations["getJournal"], 200, journal)
