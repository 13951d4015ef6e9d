"""Tokens, scopes and what is not there (documented: v2-scopes; texts documented or observed)."""

import httpx2
import pytest

from pennybridge.emulator.server import Emulator


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "token", ["nonsense", "emulator-company-2", "emulator-company-0", "emulator-company-x"]
)
def test_an_unknown_token_gets_401(emulator: Emulator, http: httpx2.Client, token: str) -> None:
    """Documented text; missing, expired and revoked tokens read the same."""
    emulator.add_company()

    refused = http.get("/me", headers=bearer(token))

    assert refused.status_code == 401
    assert refused.json() == {"error": "The access token is invalid", "status": 401}


def test_a_revoked_token_gets_401_until_it_is_given_again(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()

    emulator.revoke_token(emulator.token(1))
    revoked = http.get("/me").status_code
    emulator.give_token(emulator.token(1))

    assert (revoked, http.get("/me").status_code) == (401, 200)


def test_a_missing_scope_is_named(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented text; `readonly` or `all` both allow reading."""
    emulator.add_customer()
    emulator.give_token("narrow", scopes=["products:readonly", "quotes:all"])

    refused = http.get("/customers", headers=bearer("narrow"))

    assert refused.status_code == 403
    assert refused.json()["error"] == 'Access to this resource requires scope "customers:readonly".'
    assert http.get("/products", headers=bearer("narrow")).status_code == 200
    assert http.get("/quotes", headers=bearer("narrow")).status_code == 200


def test_me_tells_company_and_scopes_and_needs_none(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented and observed."""
    company = emulator.add_company("Delta Conseil")
    emulator.give_token("narrow", scopes=["products:readonly"])

    about = http.get("/me", headers=bearer("narrow")).json()

    assert about["scopes"] == ["products:readonly"]
    assert about["company"] == {
        "id": company.id, "name": "Delta Conseil", "reg_no": company.reg_no, "accounting_logic": "FR_PCG",
    }  # fmt: skip


def test_records_of_another_company_are_not_found(emulator: Emulator, http: httpx2.Client) -> None:
    """One token, one company (documented)."""
    emulator.add_company()
    theirs = emulator.add_customer(company=2)

    assert http.get(f"/customers/{theirs.id}").status_code == 404
    assert http.get(f"/customers/{theirs.id}/contacts").status_code == 404
    assert http.get(f"/customers/{theirs.id}", headers=bearer(emulator.token(2))).status_code == 200


def test_what_is_not_there_is_said_in_pennylanes_words(emulator: Emulator, http: httpx2.Client) -> None:
    """Both texts are documented; which comes when is assumed."""
    emulator.add_company()

    assert http.get("/customers/123").json() == {
        "error": "Couldn't find Customer with 'id'=123",
        "status": 404,
    }
    assert http.get("/customer_invoices/123").json() == {"error": "Not Found", "status": 404}
    assert http.get("/nowhere").json() == {"error": "Not Found", "status": 404}
    assert http.get("/customers/abc").status_code == 400
