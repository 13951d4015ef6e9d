"""Scripted faults: each does what its name says, once, and then the API is as before."""

import httpx2
import pytest

from pennybridge.emulator.faults import KINDS, Fault
from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import every_page, ids


@pytest.mark.parametrize(
    ("kind", "status"), [("429", 429), ("500", 500), ("503", 503), ("html", 502), ("500_after", 500)]
)
def test_an_error_comes_once(emulator: Emulator, http: httpx2.Client, kind: str, status: int) -> None:
    emulator.add_customer()
    emulator.fail_next("GET", "/customers", kind)  # type: ignore[arg-type]

    assert http.get("/customers").status_code == status
    assert http.get("/customers").status_code == 200


def test_an_error_page_is_html(emulator: Emulator, http: httpx2.Client) -> None:
    """Claimed by a third party: the network in front of Pennylane answers HTML."""
    emulator.add_company()
    emulator.fail_next("*", "*", "html")

    page = http.get("/me")

    assert page.headers["content-type"].startswith("text/html")
    assert page.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("kind", ["cut", "cut_body", "lost_answer"])
def test_a_connection_is_cut(emulator: Emulator, http: httpx2.Client, kind: str) -> None:
    emulator.add_customer()
    emulator.fail_next("GET", "/customers", kind)  # type: ignore[arg-type]

    with pytest.raises(httpx2.RemoteProtocolError):
        http.get("/customers")
    assert http.get("/customers").status_code == 200


def test_no_answer_comes_until_the_client_gives_up(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    emulator.fail_next("GET", "/me", "timeout")

    with pytest.raises(httpx2.ReadTimeout):
        http.get("/me", timeout=0.05)
    assert http.get("/me").status_code == 200
    assert [request.status for request in emulator.requests] == [0, 200]


def test_a_slow_page_comes_whole(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    emulator.fail_next("GET", "/me", "slow", seconds=0.1)

    slow = http.get("/me")

    assert slow.elapsed.total_seconds() >= 0.1
    assert slow.status_code == 200


def test_an_empty_page_that_is_not_the_last_leads_to_what_it_left_out(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """A client must follow `has_more`, not the number of items."""
    products = [emulator.add_product().id for _ in range(5)]
    for skip in (0, 1):
        emulator.fail_next("GET", "/products", "empty_page", skip=skip)

    walked = every_page(http, "/products", sort="id", limit=2)

    assert [item["id"] for item in walked] == products
    assert len(emulator.requests) == 5


@pytest.mark.parametrize("feed_query", [{}, {"start_date": "2026-11-01T00:00:00Z"}])
def test_an_empty_page_of_a_feed_leaves_nothing_out(
    emulator: Emulator, http: httpx2.Client, feed_query: dict[str, str]
) -> None:
    emulator.add_product()
    emulator.fail_next("GET", "/changelogs/*", "empty_page")

    page = http.get("/changelogs/products", params=feed_query).json()

    assert page["items"] == []
    assert len(ids(http.get("/changelogs/products", params={"cursor": page["next_cursor"]}))) == 1


def test_records_can_have_what_nobody_foresaw(emulator: Emulator, http: httpx2.Client) -> None:
    """Fields and enum values are added without notice (documented)."""
    invoice = emulator.add_customer_invoice()
    path = f"/customer_invoices/{invoice.id}"
    emulator.fail_next("GET", path, "unknown_field")
    emulator.fail_next("GET", path, "unknown_enum_value")
    emulator.fail_next("GET", "/customer_invoices", "retyped_field", field="amount")

    assert "brand_new_field" in http.get(path).json()
    assert http.get(path).json()["status"] == "brand_new_value"
    assert http.get("/customer_invoices").json()["items"][0]["amount"] == {"retyped": True}


def test_faults_strike_only_what_they_fit(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_customer()
    emulator.fail_next("GET", "/customers", "503", times=2, skip=1)

    answers = [http.get("/customers").status_code for _ in range(4)]

    assert answers == [200, 503, 503, 200]
    assert http.get("/products").status_code == 200


def test_a_reset_forgets_faults(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.fail_next("*", "*", "503", times=None)
    emulator.reset()
    emulator.add_company()

    assert http.get("/me").status_code == 200


def test_an_unknown_kind_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=", ".join(KINDS)):
        Fault("GET", "*", "meteorite")  # type: ignore[arg-type]


PRODUCT = {"label": "Conseil", "price_before_tax": "100.00", "vat_rate": "FR_200"}


@pytest.mark.parametrize(("kind", "status"), [("409", 409), ("500", 500), ("503", 503), ("html", 502)])
def test_an_error_instead_of_a_write_leaves_nothing(
    emulator: Emulator, http: httpx2.Client, kind: str, status: int
) -> None:
    company = emulator.add_company()
    emulator.fail_next("POST", "/products", kind)  # type: ignore[arg-type]

    assert http.post("/products", json=PRODUCT).status_code == status
    assert emulator.books.count("products", company.id) == 0
    assert http.post("/products", json=PRODUCT).status_code == 201


@pytest.mark.parametrize(("kind", "status"), [("500_after", 500), ("503_after", 503), ("html_after", 502)])
def test_an_error_after_a_write_hides_that_it_was_done(
    emulator: Emulator, http: httpx2.Client, kind: str, status: int
) -> None:
    """Why a POST is never repeated blindly."""
    company = emulator.add_company()
    emulator.fail_next("POST", "/products", kind)  # type: ignore[arg-type]

    assert http.post("/products", json=PRODUCT).status_code == status
    assert emulator.books.count("products", company.id) == 1


@pytest.mark.parametrize(
    ("kind", "problem", "written"),
    [
        ("cut", httpx2.RemoteProtocolError, 0), ("lost_answer", httpx2.RemoteProtocolError, 1),
        ("cut_body", httpx2.RemoteProtocolError, 1), ("timeout", httpx2.ReadTimeout, 0),
        ("timeout_after", httpx2.ReadTimeout, 1),
    ],
)  # fmt: skip
def test_an_answer_that_never_comes_tells_nothing_of_the_write(
    emulator: Emulator, http: httpx2.Client, kind: str, problem: type[Exception], written: int
) -> None:
    company = emulator.add_company()
    emulator.fail_next("POST", "/products", kind)  # type: ignore[arg-type]

    with pytest.raises(problem):
        http.post("/products", json=PRODUCT, timeout=0.5)
    assert emulator.books.count("products", company.id) == written


def test_a_token_is_revoked_in_the_middle_of_a_series(emulator: Emulator, http: httpx2.Client) -> None:
    company = emulator.add_company()
    emulator.fail_next("POST", "/products", "revoked", skip=2)

    statuses = [http.post("/products", json=PRODUCT).status_code for _ in range(4)]

    assert statuses == [201, 201, 401, 401]
    assert emulator.books.count("products", company.id) == 2
    emulator.give_token(emulator.token(1))
    assert http.get("/me").status_code == 200
