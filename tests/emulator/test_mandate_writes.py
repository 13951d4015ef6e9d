"""SEPA mandates over HTTP."""

from typing import Any

import httpx2
import pytest

from pennybridge.emulator.additions import Kept
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import condition, ids

IBAN = "FR76 3000 6000 0112 3456 7890 189"


def body(customer: Kept, **changes: Any) -> dict[str, Any]:
    """What is sent to make a mandate."""
    sent = {"customer_id": customer.id, "iban": IBAN, "bic": "AGRIFRPP", "identifier": "RUM-1"}
    return {**sent, "signed_at": "2026-10-01", **changes}


def test_a_mandate_is_made_changed_and_deleted(emulator: Emulator, http: httpx2.Client) -> None:
    customer, other = emulator.add_customer(), emulator.add_customer("Delta")

    created = http.post("/sepa_mandates", json=body(customer))
    path = f"/sepa_mandates/{created.json()['id']}"
    changed = http.put(path, json={"bank": "Banque de Touraine", "sequence_type": "OOFF"}).json()
    of_customer = condition("customer_id", "eq", customer.id)
    of_other = condition("customer_id", "eq", other.id)

    assert created.status_code == 201
    assert (created.json()["iban"], created.json()["sequence_type"]) == (
        "FR7630006000011234567890189",
        "RCUR",
    )
    assert (changed["bank"], changed["sequence_type"]) == ("Banque de Touraine", "OOFF")
    assert ids(http.get("/sepa_mandates", params={"filter": of_customer})) == [changed["id"]]
    assert ids(http.get("/sepa_mandates", params={"filter": of_other})) == []
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"iban": "FR76"}, 422),
        ({"bic": "?"}, 422),
        ({"identifier": ""}, 422),
        ({"customer_id": 4096}, 404),
        ({"signed_at": "soon"}, 400),
    ],
)
def test_what_is_no_mandate_is_refused(
    emulator: Emulator, http: httpx2.Client, changes: dict[str, Any], status: int
) -> None:
    customer = emulator.add_customer()

    assert http.post("/sepa_mandates", json=body(customer, **changes)).status_code == status
    assert ids(http.get("/sepa_mandates")) == []


def test_an_identifier_is_used_once(emulator: Emulator, http: httpx2.Client) -> None:
    customer = emulator.add_customer()
    key = http.post("/sepa_mandates", json=body(customer)).json()["id"]

    assert http.post("/sepa_mandates", json=body(customer)).status_code == 422
    assert http.put(f"/sepa_mandates/{key}", json={"identifier": "RUM-1"}).status_code == 200
