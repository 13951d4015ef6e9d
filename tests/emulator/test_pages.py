"""Paging, sorting and `include` (documented: using-cursor-based-pagination, June 2026, and the contract)."""

import base64
import json
from decimal import Decimal

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import condition, every_page, ids

LINE = {
    "label": "Conseil", "quantity": "1.0", "amount": "120.0", "currency_amount": "120.0",
    "vat_rate": "FR_200",
    "currency_amount_before_tax": "100.0", "currency_tax": "20.0", "tax": "20.0",
    "raw_currency_unit_price": "100.0",
}  # fmt: skip


def test_a_page_has_twenty_items_newest_first_unless_asked_otherwise(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Documented: default limit 20, default sort -id."""
    added = [emulator.add_product(f"Produit {number}").id for number in range(22)]

    page = http.get("/products")

    assert ids(page) == added[:1:-1]
    assert page.json()["has_more"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5"])
def test_a_limit_out_of_bounds_is_refused(emulator: Emulator, http: httpx2.Client, limit: str) -> None:
    """Documented: 1 to 100, else 400."""
    emulator.add_company()

    assert http.get("/customers", params={"limit": limit}).status_code == 400


@pytest.mark.parametrize("path", ["/changelogs/customers", "/ledger_accounts"])
def test_some_lists_take_a_thousand(emulator: Emulator, http: httpx2.Client, path: str) -> None:
    """Documented: up to 1000 for changelogs, ledger accounts and the trial balance."""
    emulator.add_company()

    assert http.get(path, params={"limit": 1000}).status_code == 200
    assert http.get(path, params={"limit": 1001}).status_code == 400


@pytest.mark.parametrize("name", ["page", "per_page"])
def test_page_numbers_are_refused(emulator: Emulator, http: httpx2.Client, name: str) -> None:
    """Observed (a public Python client): page numbers give 400."""
    emulator.add_company()

    assert http.get("/customers", params={name: 1}).status_code == 400


def test_a_cursor_is_base64_of_the_last_values_and_the_sort(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed in recorded answers."""
    added = [emulator.add_product().id for _ in range(3)]

    cursor = http.get("/products", params={"limit": 2}).json()["next_cursor"]

    assert json.loads(base64.b64decode(cursor)) == {"cursor_attributes": [added[1]], "sort": "-id"}


def test_pages_by_id_meet_each_item_once_while_others_come_and_go(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Observed: a page begins after the last item, so what is added or deleted meanwhile shifts nothing."""
    products = [emulator.add_product() for _ in range(6)]
    first = http.get("/products", params={"sort": "id", "limit": 3}).json()

    emulator.delete(products[0])
    emulator.delete(products[3])
    late = emulator.add_product()
    query = {"sort": "id", "limit": 3, "cursor": first["next_cursor"]}
    second = http.get("/products", params=query)

    assert ids(second) == [products[4].id, products[5].id, late.id]


def test_a_newest_first_walk_does_not_see_what_is_added_meanwhile(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Follows from the observed cursor."""
    products = [emulator.add_product() for _ in range(3)]
    first = http.get("/products", params={"limit": 2}).json()

    emulator.add_product()

    assert ids(http.get("/products", params={"cursor": first["next_cursor"]})) == [products[0].id]


def test_the_filter_is_lost_if_it_is_not_sent_again(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: the cursor does not hold the filter, and nothing says so."""
    for label in ("A", "B", "A", "B"):
        emulator.add_product(label)
    only_a = condition("label", "eq", "A")
    cursor = http.get("/products", params={"filter": only_a, "limit": 1}).json()["next_cursor"]

    with_it = http.get("/products", params={"filter": only_a, "cursor": cursor}).json()["items"]
    without = http.get("/products", params={"cursor": cursor}).json()["items"]

    assert [item["label"] for item in with_it] == ["A"]
    assert [item["label"] for item in without] == ["B", "A"]


@pytest.mark.parametrize(
    "cursor", ["nonsense", "e30=", base64.b64encode(b'{"cursor_attributes":["x"],"sort":"-id"}').decode()]
)
def test_a_bad_cursor_is_refused(emulator: Emulator, http: httpx2.Client, cursor: str) -> None:
    """Documented: 400."""
    emulator.add_company()

    assert http.get("/products", params={"cursor": cursor}).status_code == 400


def test_a_cursor_of_another_sort_is_refused(emulator: Emulator, http: httpx2.Client) -> None:
    """Assumed: what Pennylane does is unknown; a client that forgets `sort` must notice."""
    for _ in range(2):
        emulator.add_product()
    cursor = http.get("/products", params={"sort": "id", "limit": 1}).json()["next_cursor"]

    assert http.get("/products", params={"cursor": cursor}).status_code == 400


def test_invoices_sort_by_date_too(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: `id` and `date`; the id decides between equal dates (assumed)."""
    customer = emulator.add_customer()
    days = ["2026-10-03", "2026-10-01", "2026-10-02", "2026-10-01"]
    a, b, c, d = (
        emulator.add("customer_invoices", {"customer": {"id": customer.id}, "date": day}).id for day in days
    )

    ascending = [item["id"] for item in every_page(http, "/customer_invoices", sort="date", limit=1)]

    assert ascending == [b, d, c, a]
    assert [item["id"] for item in every_page(http, "/customer_invoices", sort="-date", limit=3)] == [
        a,
        c,
        d,
        b,
    ]
    assert http.get("/customer_invoices", params={"sort": "amount"}).status_code == 400
    assert http.get("/products", params={"sort": "date"}).status_code == 400


def test_included_lines_are_twenty_at_most_and_lead_to_the_rest(
    emulator: Emulator, http: httpx2.Client
) -> None:
    """Documented: by invoice id as text, at most 20 each, `next_url` for the rest."""
    long = emulator.add_customer_invoice(lines=[])
    short = emulator.add_customer_invoice()
    for _ in range(24):
        emulator.books.insert("customer_invoice_lines", 400_001, LINE, parent_id=long.id)

    page = http.get("/customer_invoices", params={"include": "invoice_lines"}).json()
    included = page["included"]["invoice_lines"]
    rest = http.get(included[str(long.id)]["next_url"], params={"limit": 100}).json()

    assert set(included) == {str(long.id), str(short.id)}
    assert included[str(short.id)]["next_url"] is None
    assert len(included[str(long.id)]["items"]) == 20
    assert len({line["id"] for line in included[str(long.id)]["items"] + rest["items"]}) == 25


def test_lines_can_be_read_by_rank(emulator: Emulator, http: httpx2.Client) -> None:
    """Documented: lines sort by `id` and `rank`."""
    terms = [{"label": label, "unit_price": Decimal(10)} for label in ("un", "deux", "trois")]
    invoice = emulator.add_customer_invoice(lines=terms)

    lines = every_page(http, f"/customer_invoices/{invoice.id}/invoice_lines", sort="rank", limit=1)

    assert [line["label"] for line in lines] == ["un", "deux", "trois"]


def test_unknown_parameters_change_nothing(emulator: Emulator, http: httpx2.Client) -> None:
    """Observed (October 2026): `filters=` is ignored and the whole list comes."""
    emulator.add_product("A")
    emulator.add_product("B")

    assert len(ids(http.get("/products", params={"filters": condition("label", "eq", "A")}))) == 2


@pytest.mark.parametrize("path", ["/journals", "/ledger_accounts", "/ledger_entries", "/fiscal_years"])
def test_some_lists_still_answer_counts_that_are_null(
    emulator: Emulator, http: httpx2.Client, path: str
) -> None:
    """Observed in July and September 2026."""
    emulator.add_company()

    page = http.get(path).json()

    assert {page[key] for key in ("total_pages", "current_page", "per_page", "total_items")} == {None}
