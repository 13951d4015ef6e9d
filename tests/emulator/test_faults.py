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
