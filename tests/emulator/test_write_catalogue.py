"""Products, categories, accounts and journals are created and changed."""

from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.writing import changes_of, created, refused

PRODUCT = {"label": "Conseil", "price_before_tax": "100.005", "vat_rate": "FR_55"}


@pytest.fixture(autouse=True)
def our_company(emulator: Emulator) -> None:
    emulator.add_company()


def test_a_product_has_its_price_with_tax(emulator: Emulator, http: httpx2.Client) -> None:
    product = created(http.post("/products", json=PRODUCT))
    assert (product["price_before_tax"], product["price"], product["unit"]) == ("100.005", "105.51", "piece")

    changed = http.put(
        f"/products/{product['id']}", json={"vat_rate": "FR_200", "description": "Jour"}
    ).json()

    assert (changed["price_before_tax"], changed["price"]) == ("100.005", "120.01")
    emulator.settle()
    assert changes_of(http, "products", product["id"]) == ["insert", "update"]


def test_a_product_may_name_its_account(http: httpx2.Client) -> None:
    account = created(http.post("/ledger_accounts", json={"number": "706100", "label": "Prestations"}))

    product = created(http.post("/products", json=PRODUCT | {"ledger_account_id": account["id"]}))

    assert product["ledger_account"]["id"] == account["id"]
    assert http.post("/products", json=PRODUCT | {"ledger_account_id": 123}).status_code == 404


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"label": ""}, "Label can't be blank"),
        ({"price_before_tax": "1.0000001"}, "Price before tax can have at most 6 decimals"),
        ({"price_before_tax": "9" * 40}, "Price before tax must be less than 1000000000000"),
        ({"description": "x" * 5001}, "Description is too long (maximum is 5000 characters)"),
    ],
)
def test_a_product_that_makes_no_sense_is_refused(
    http: httpx2.Client, change: dict[str, Any], reason: str
) -> None:
    assert refused(http.post("/products", json=PRODUCT | change)) == reason


def test_a_products_reference_is_used_once(http: httpx2.Client) -> None:
    created(http.post("/products", json=PRODUCT | {"external_reference": "SKU-1"}))

    again = http.post("/products", json=PRODUCT | {"external_reference": "SKU-1"})

    assert refused(again) == "External reference has already been taken"


def test_categories_belong_to_a_group(http: httpx2.Client) -> None:
    group = created(http.post("/category_groups", json={"label": "Agences", "kind": "profit_and_loss"}))
    category = created(http.post("/categories", json={"label": "Nantes", "category_group_id": group["id"]}))

    renamed = http.put(
        f"/categories/{category['id']}", json={"label": "Nantes-Est", "analytical_code": "NE"}
    ).json()
    group = http.put(f"/category_groups/{group['id']}", json={"label": "Sites"}).json()

    assert (category["category_group"]["id"], category["direction"]) == (group["id"], None)
    assert (renamed["label"], renamed["analytical_code"], group["label"]) == ("Nantes-Est", "NE", "Sites")
    listed = http.get(f"/category_groups/{group['id']}/categories").json()["items"]
    assert [item["label"] for item in listed] == ["Nantes-Est"]
    assert http.post("/categories", json={"label": "x", "category_group_id": 123}).status_code == 404


def test_a_direction_belongs_to_treasury(http: httpx2.Client) -> None:
    """Documented; `cash_out` unless said."""
    treasury, costs = (
        created(http.post("/category_groups", json={"label": kind, "kind": kind}))["id"]
        for kind in ("treasury", "profit_and_loss")
    )

    paid = created(http.post("/categories", json={"label": "Loyer", "category_group_id": treasury}))
    refusal = http.post(
        "/categories", json={"label": "Loyer", "category_group_id": costs, "direction": "cash_in"}
    )

    assert paid["direction"] == "cash_out"
    assert refused(refusal) == "Direction is only applicable for treasury categories"
    assert (
        http.put(f"/categories/{paid['id']}", json={"direction": "cash_in"}).json()["direction"] == "cash_in"
    )


def test_an_account_411_brings_a_customer(http: httpx2.Client) -> None:
    """Documented."""
    account = created(http.post("/ledger_accounts", json={"number": "411CAP", "label": "Cap Horizon"}))

    (customer,) = http.get("/customers").json()["items"]
    assert (customer["name"], customer["ledger_account"]["id"]) == ("Cap Horizon", account["id"])
    again = http.post("/ledger_accounts", json={"number": "411CAP", "label": "Autre"})
    assert refused(again) == "Number has already been taken"
    changed = http.put(f"/ledger_accounts/{account['id']}", json={"label": "Cap", "letterable": False}).json()
    assert (changed["label"], changed["letterable"], changed["number"]) == ("Cap", False, "411CAP")


def test_a_journals_code_is_used_once(http: httpx2.Client) -> None:
    journal = created(http.post("/journals", json={"code": "VT2", "label": "Ventes 2"}))

    assert http.get(f"/journals/{journal['id']}").json() == journal
    assert (
        refused(http.post("/journals", json={"code": "VT2", "label": "x"})) == "Code has already been taken"
    )
    assert refused(http.post("/journals", json={"code": "", "label": "x"})) == "Code can't be blank"
