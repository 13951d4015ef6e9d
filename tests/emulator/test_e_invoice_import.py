"""Customer invoices imported from Factur-X, CII and UBL files over HTTP."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import ids

FILES = Path(__file__).parents[1] / "data/invoices"
PATH = "/customer_invoices/e_invoices/imports"


def send(http: httpx2.Client, name: str, **fields: Any) -> httpx2.Response:
    """Import one of our sample files."""
    content = (FILES / name).read_bytes()
    data = {field: json.dumps(value) for field, value in fields.items()}
    return http.post(PATH, files={"file": (name, content)}, data=data)


@pytest.mark.parametrize("name", ["en16931.pdf", "extended.pdf", "basicwl.pdf", "invoice_ubl.xml"])
def test_an_e_invoice_becomes_a_customer_invoice(emulator: Emulator, http: httpx2.Client, name: str) -> None:
    emulator.add_company()

    imported = send(http, name)

    assert imported.status_code == 201, imported.text
    invoice = http.get(f"/customer_invoices/{imported.json()['id']}").json()
    customer = http.get(f"/customers/{invoice['customer']['id']}").json()
    assert imported.json()["url"].endswith(f"/customer_invoices/{invoice['id']}")
    assert (invoice["draft"], invoice["factur_x"]) == (False, name.endswith(".pdf"))
    assert invoice["invoice_number"]
    assert float(invoice["amount"]) > 0
    assert customer["name"]
    assert ids(http.get(f"/customer_invoices/{invoice['id']}/invoice_lines"))


def test_a_credit_note_is_negative(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()

    keys = [send(http, name).json()["id"] for name in ("credit_note_ubl.xml", "credit_381_positive.pdf")]

    amounts = [http.get(f"/customer_invoices/{key}").json()["amount"] for key in keys]
    assert all(amount.startswith("-") for amount in amounts)


def test_the_customer_is_the_one_named_or_found_again(emulator: Emulator, http: httpx2.Client) -> None:
    """How a customer is found is assumed."""
    customer = emulator.add_customer()

    first = send(http, "en16931.pdf", invoice_options={"customer_id": customer.id}).json()["id"]
    unknown = send(http, "invoice_ubl.xml", invoice_options={"customer_id": 4096})

    assert http.get(f"/customer_invoices/{first}").json()["customer"]["id"] == customer.id
    assert unknown.status_code == 404


def test_the_same_file_is_taken_once(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    key = send(http, "en16931.pdf").json()["id"]

    again = send(http, "en16931.pdf")

    assert again.status_code == 422
    assert str(key) in again.json()["error"]


@pytest.mark.parametrize("name", ["plain.pdf", "cdar.xml", "broken_xml.pdf", "text_renamed.pdf", "empty.pdf"])
def test_what_is_no_e_invoice_is_refused(emulator: Emulator, http: httpx2.Client, name: str) -> None:
    emulator.add_company()

    refused = send(http, name)

    assert refused.status_code == 422, refused.text
    assert ids(http.get("/customer_invoices")) == ids(http.get("/customers")) == []


def test_lines_are_named_by_their_identifier(emulator: Emulator, http: httpx2.Client) -> None:
    product = emulator.add_product()

    unknown = {"invoice_lines": [{"e_invoice_line_id": "no such line", "product_id": product.id}]}
    known = {"invoice_lines": [{"e_invoice_line_id": "1", "product_id": product.id}]}

    assert send(http, "en16931.pdf", invoice_options=unknown).status_code == 422
    key = send(http, "en16931.pdf", invoice_options=known).json()["id"]
    lines = http.get(f"/customer_invoices/{key}/invoice_lines").json()["items"]
    assert product.id in [(line["product"] or {}).get("id") for line in lines]


def test_it_may_go_to_the_pa_at_once(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    key = send(http, "en16931.pdf", send_to_pa=True).json()["id"]

    submitted = http.get(f"/customer_invoices/{key}").json()["e_invoicing"]["status"]
    emulator.move_clock(seconds=10)

    assert submitted == "submitted"
    assert http.get(f"/customer_invoices/{key}").json()["e_invoicing"]["status"] == "sent"


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-03-01+01:00", "2026-03-01"), ("2026-03-01Z", "2026-03-01"), ("20260301XX", None)],
)
def test_a_day_may_carry_a_time_zone_but_no_letters(
    emulator: Emulator, http: httpx2.Client, written: str, day: str | None
) -> None:
    """XML Schema's date; Python alone would take any letters after eight digits."""
    emulator.add_company()
    content = (FILES / "invoice_ubl.xml").read_bytes().replace(b">2026-03-01<", f">{written}<".encode(), 1)

    answer = http.post(PATH, files={"file": ("u.xml", content)})

    assert answer.status_code == (201 if day else 422), answer.text
    if day:
        assert http.get(f"/customer_invoices/{answer.json()['id']}").json()["date"] == day


def test_a_tax_total_may_be_absent(emulator: Emulator, http: httpx2.Client) -> None:
    """BT-110 is optional: a seller without VAT leaves it out."""
    emulator.add_company()
    content = (FILES / "xrechnung.xml").read_bytes()
    without = re.sub(rb"<ram:TaxTotalAmount[^>]*>[^<]*</ram:TaxTotalAmount>", b"", content)

    answer = http.post(PATH, files={"file": ("x.xml", without)})

    assert answer.status_code == 201, answer.text
    invoice = http.get(f"/customer_invoices/{answer.json()['id']}").json()
    assert float(invoice["currency_tax"]) == 0
