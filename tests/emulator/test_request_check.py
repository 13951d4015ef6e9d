"""Requests are held against the contract before anything else; refusals have the documented shapes."""

import json
from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator

ADDRESS = {"address": "4 quai du Port", "postal_code": "44000", "city": "Nantes", "country_alpha2": "FR"}
COMPANY = {"name": "Cap Horizon", "billing_address": ADDRESS}


def refused(http: httpx2.Client, body: Any, path: str = "/company_customers") -> dict[str, Any]:
    """What a POST is told that the contract does not allow."""
    answer = http.post(path, json=body)
    assert answer.status_code == 400, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"nick": "Cap"}, ("NotExistPropertyDefinition", "nick", "properties nick are not defined in")),
        ({"name": 7}, ("ValidateError", "name", "7 class is Integer but it's not valid string in")),
        ({"name": None}, ("NotNullError", "name", "don't allow null")),
        ({"billing_language": "it_IT"}, ("NotEnumInclude", "billing_language", "it_IT isn't include enum")),
        ({"emails": "a@b.c"}, ("ValidateError", "emails", "class is String but it's not valid array in")),
        ({"billing_address": {"city": "x"}}, ("NotExistRequiredKey", "address", "parameters address")),
    ],
)  # fmt: skip
def test_what_the_contract_does_not_allow_gets_400_with_a_code(
    emulator: Emulator, http: httpx2.Client, change: dict[str, Any], told: tuple[str, str, str]
) -> None:
    """The codes are documented, the texts are those of the library that Pennylane validates with."""
    emulator.add_company()

    answer = refused(http, COMPANY | change)

    code, field, words = told
    assert (answer["code"], answer["field"]) == (code, field)
    assert words in answer["message"]


def test_a_missing_field_is_named(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()

    told = refused(http, {"billing_address": ADDRESS})

    assert (told["code"], told["field"]) == ("NotExistRequiredKey", "name")


def test_a_number_is_no_decimal_text(emulator: Emulator, http: httpx2.Client) -> None:
    """The trap of every first integration: money travels as text."""
    emulator.add_company()
    product = {"label": "Conseil", "vat_rate": "FR_200"}

    as_number = refused(http, product | {"price_before_tax": 12.5}, "/products")
    with_comma = refused(http, product | {"price_before_tax": "12,5"}, "/products")

    assert (as_number["code"], with_comma["code"]) == ("ValidateError", "InvalidPattern")


CONTACT = {"first_name": "Ada", "last_name": "Roux", "email": "ada@cap.example"}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/customers/1/contacts", CONTACT | {"email": "nobody"}, "InvalidEmailFormat"),
        ("/customers/1/contacts", CONTACT | {"first_name": " "}, "InvalidPattern"),
        ("/customers/1/contacts", CONTACT | {"role": "x" * 2001}, "MoreThanMaxLength"),
        ("/exports/fecs", {"period_start": "2026-13-01", "period_end": "2026-12-31"}, "InvalidDateFormat"),
        ("/customer_invoices/import", {"file_attachment_id": 1}, "NotExistRequiredKey"),
    ],
)
def test_formats_patterns_and_bounds_have_codes_of_their_own(
    emulator: Emulator, http: httpx2.Client, path: str, body: dict[str, Any], code: str
) -> None:
    emulator.add_company()

    assert refused(http, body, path)["code"] == code


def test_an_invoice_needs_a_line(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    body = {"customer_id": 1, "date": "2026-01-01", "deadline": "2026-01-31", "invoice_lines": []}

    told = refused(http, body, "/customer_invoices")

    assert "contains fewer than min items" in told["message"]


def test_of_several_branches_the_nearest_is_explained(emulator: Emulator, http: httpx2.Client) -> None:
    """`imputation_dates` exist on finalized invoices only: on a draft they are unknown (documented)."""
    emulator.add_company()
    dates = {"start_date": "2026-01-01", "end_date": "2026-01-31"}
    line = {
        "label": "Conseil", "quantity": 1, "raw_currency_unit_price": "100", "unit": "day",
        "vat_rate": "FR_200", "imputation_dates": dates,
    }  # fmt: skip
    draft = {
        "draft": True, "customer_id": 1, "date": "2026-01-01", "deadline": "2026-01-31",
        "invoice_lines": [line],
    }  # fmt: skip

    told = refused(http, draft, "/customer_invoices")

    assert told["code"] == "NotAnyOf"
    assert "properties imputation_dates are not defined" in told["message"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"), (b"\xff", "application/json"), (b"[" * 9999, "application/json"),
        (b'{"name": 1e999}', "application/json"), (b"name=Cap", "application/x-www-form-urlencoded"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_gets_400(
    emulator: Emulator, http: httpx2.Client, content: bytes, kind: str
) -> None:
    emulator.add_company()

    answer = http.post("/company_customers", content=content, headers={"content-type": kind})

    assert answer.status_code == 400


@pytest.mark.parametrize("number", ["1.0", str(2**63), str(-(2**70)), "true", '"12"'])
def test_an_id_is_an_integer_of_64_bits(emulator: Emulator, http: httpx2.Client, number: str) -> None:
    emulator.add_company()
    body = f'{{"label": "Paris", "category_group_id": {number}}}'

    answer = http.post("/categories", content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "ValidateError")


def test_an_empty_body_misses_what_is_required(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()

    assert http.post("/company_customers").json()["code"] == "NotExistRequiredKey"


def test_the_contract_comes_before_the_scope_and_the_scope_before_the_id(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Observed for the contract; the order of the others is assumed."""
    emulator.add_company()
    emulator.give_token("narrow", scopes=["customers:readonly"])
    narrow = {"authorization": "Bearer narrow"}

    answers = [
        http.put("/company_customers/123", content=json.dumps({"nickname": "x"}), headers=narrow),
        http.put("/company_customers/123", json={"name": "x"}, headers=narrow),
        http.put("/company_customers/123", json={"name": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [400, 403, 404]
    assert answers[1].json()["error"] == 'Access to this resource requires scope "customers:all".'
