"""Pages of bytes, as the sync reads them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

import pennybridge.emulator
from pennybridge.api.client import Client
from pennybridge.api.filters import Filter
from pennybridge.api.resources import RESOURCES, Resource
from pennybridge.emulator.server import Emulator
from pennybridge.errors import ApiError, ChangelogGapError, ConfigurationError, RejectedError
from tests.api.conftest import ClientFor
from tests.api.loopback import Answer, Reply, Server
from tests.conftest import START

LINES = [{"label": "x", "unit_price": Decimal(1)}] * 25
SENT_AT = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.fixture
def client(emulator: Emulator, client_for: ClientFor) -> Client:
    """A client of the emulator's first company, whose clock stands still."""
    emulator.add_company()
    return client_for(emulator.base_url, emulator.token(), clock=lambda: SENT_AT)


def ids(items: list[msgspec.Raw]) -> list[int]:
    return [msgspec.json.decode(item)["id"] for item in items]


def test_a_page_says_when_it_was_asked_and_which_request_it_was(client: Client, emulator: Emulator) -> None:
    customer = emulator.add_customer()

    page = client.page("customers")

    assert ids(page.items) == [customer.id]
    assert page.read_at == SENT_AT
    assert page.request_id
    assert (page.has_more, page.next_cursor) == (False, None)
    assert emulator.requests[-1].query == {"limit": "100", "sort": "id"}


def test_filter_and_sort_go_out_again_with_every_cursor(client: Client, emulator: Emulator) -> None:
    """Pennylane's cursor does not hold them: without, the rest comes unfiltered and without an error."""
    customers = [emulator.add_customer(f"Cap {number % 2}") for number in range(10)]
    wanted: list[Filter] = [("name", "eq", "Cap 1")]

    pages = list(client.pages("customers", filter=wanted, sort="-id", limit=2))

    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert [id_ for page in pages for id_ in ids(page.items)] == [
        c.id for c in customers[::-1] if c["name"] == "Cap 1"
    ]
    sent = [request.query for request in emulator.requests[-3:]]
    assert {query["filter"] for query in sent} == {'[{"field":"name","operator":"eq","value":"Cap 1"}]'}
    assert {query["sort"] for query in sent} == {"-id"}
    assert [("cursor" in query) for query in sent] == [False, True, True]


def test_lines_come_in_bulk_by_invoice_with_the_way_to_the_others(client: Client, emulator: Emulator) -> None:
    short, long = emulator.add_customer_invoice(), emulator.add_customer_invoice(lines=LINES)

    page = client.page("customer_invoices", include="invoice_lines")

    lines = page.included_lines
    assert lines is not None
    assert {id_: (len(each.items), each.has_more) for id_, each in lines.items()} == {
        short.id: (1, False),
        long.id: (20, True),
    }
    assert lines[short.id].rest is None
    rest = lines[long.id].rest
    assert rest
    others = client.page("customer_invoice_lines", parent_id=long.id, cursor=rest[0], sort=rest[1])
    assert len({*ids(others.items), *ids(lines[long.id].items)}) == 25


def test_an_empty_page_that_goes_on_is_survived(client: Client, emulator: Emulator) -> None:
    for _ in range(6):
        emulator.add_customer()
    emulator.fail_next("GET", "/customers", "empty_page", skip=1, times=2)

    pages = list(client.pages("customers", limit=2))

    assert [len(page.items) for page in pages] == [2, 0, 0, 2, 2]


@pytest.mark.parametrize(
    ("items", "cursors"),
    [([1], ["a", "a"]), ([1], ["a", "b", "a"]), ([1], ["a", None]), ([], ["a"] * 6), ([], [None])],
)
def test_a_cursor_that_leads_nowhere_is_refused(
    client_for: ClientFor,
    serving: Callable[[Answer | Reply], Server],
    items: list[int],
    cursors: list[str | None],
) -> None:
    left = iter(cursors)

    def answer(_: object) -> Reply:
        return Reply(200, msgspec.json.encode({"items": items, "has_more": True, "next_cursor": next(left)}))

    server = serving(answer)
    read: list[str | None] = []

    with pytest.raises(ApiError, match="leads nowhere new"):
        read.extend(page.next_cursor for page in client_for(server.url).pages("customers"))

    assert read == cursors
    assert len(server.requests) == len(cursors)


def test_a_list_without_sort_is_asked_without(client: Client, emulator: Emulator) -> None:
    emulator.add_category()

    assert len(client.page("category_groups").items) == 1
    assert "sort" not in emulator.requests[-1].query


def test_a_list_of_a_parent_needs_its_id(client: Client) -> None:
    with pytest.raises(ConfigurationError, match="needs the id of its customers record"):
        client.page("contacts")
    with pytest.raises(ConfigurationError, match="takes no parent id"):
        client.page("customers", parent_id=1)
    with pytest.raises(ConfigurationError, match="no resource 'invoices'"):
        client.page("invoices")


def test_a_changelog_is_read_from_an_instant_and_then_from_its_cursor(
    client: Client, emulator: Emulator
) -> None:
    before = emulator.add_customer()
    emulator.move_clock(minutes=5)
    since = emulator.now
    customers = [emulator.add_customer() for _ in range(3)]
    emulator.delete(customers[0])

    first = client.changes("customers", start_date=since, limit=2)
    second = client.changes("customers", cursor=first.next_cursor)

    assert first.has_more
    assert first.read_at == SENT_AT
    changes = [*first.items, *second.items]
    assert [(change.id, change.operation) for change in changes] == [
        *((customer.id, "insert") for customer in customers),
        (customers[0].id, "delete"),
    ]
    assert all(since <= change.processed_at <= emulator.now for change in changes)
    assert before.id not in {change.id for change in changes}
    assert client.changes("customers").items[0].id == before.id


def test_a_changelog_that_no_longer_reaches_back_is_a_gap(client: Client) -> None:
    with pytest.raises(ChangelogGapError, match="pennybridge sync --full customers") as caught:
        client.changes("customers", start_date=START - timedelta(days=30))

    assert isinstance(caught.value.__cause__, RejectedError)


def test_what_cannot_be_asked_of_a_changelog_is_refused(client: Client, emulator: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="no changelog of billing_subscriptions"):
        client.changes("billing_subscriptions")
    with pytest.raises(ConfigurationError, match="not both"):
        client.changes("customers", start_date=START, cursor="x")
    assert not emulator.requests


@pytest.mark.parametrize("row", RESOURCES.values(), ids=lambda row: row.name)
def test_every_resource_is_listed_as_its_row_says(client: Client, emulator: Emulator, row: Resource) -> None:
    """Its page limit, its sorts, `id in`, its changelog."""
    parent_id = None
    if row.parent:
        invoice, subscription = emulator.add_customer_invoice(), emulator.add_billing_subscription()
        parents = {"customers": invoice["customer"]["id"], "customer_invoices": invoice.id}
        parent_id = {**parents, "billing_subscriptions": subscription.id}[row.parent]

    for sort in row.sorts or ("id",):
        client.page(row, sort=sort, parent_id=parent_id)
        client.page(row, sort=f"-{sort}", parent_id=parent_id)
    with pytest.raises(RejectedError):
        client.page(row, limit=row.page_limit + 1, parent_id=parent_id)
    if row.has_id_filter:
        client.page(row, filter=[("id", "in", range(4096, 4096 * 101, 4096))])
    if row.changelog:
        client.changes(row)
    assert emulator.requests[-1].path in {row.list_path(parent_id), row.changelog}


@pytest.mark.parametrize("row", RESOURCES.values(), ids=lambda row: row.name)
def test_every_row_says_what_the_contract_says(row: Resource) -> None:
    contract = Path(pennybridge.emulator.__file__).with_name("contract.json")
    operations = msgspec.json.decode(contract.read_bytes())["operations"].values()
    path = re.compile(re.sub(r"{\w+}", "{[a-z_]+}", row.path))
    (list_of_it,) = [one for one in operations if one["method"] == "GET" and path.fullmatch(one["path"])]

    assert row.page_limit == list_of_it["limit"]
    assert list(row.sorts) == list_of_it.get("sort", [])
    assert {name: sorted(operators) for name, operators in row.filters.items()} == {
        name: sorted(operators) for name, operators in list_of_it.get("filter", {}).items()
    }
    assert list(row.includes) == list_of_it.get("include", [])
    assert row.read_scope in list_of_it["scopes"]
    feeds = {one["path"] for one in operations if one["path"].startswith("/changelogs/")}
    assert row.changelog == (f"/changelogs/{row.name}" if f"/changelogs/{row.name}" in feeds else None)


def test_ids_and_booleans_go_out_as_text(
    client_for: ClientFor, serving: Callable[[Answer | Reply], Server]
) -> None:
    """As in the links that Pennylane itself gives (observed)."""
    server = serving(Reply(200, b'{"items":[],"has_more":false}'))

    client_for(server.url).page(
        "customer_invoices",
        filter=[
            ("customer_id", "eq", 42),
            ("draft", "eq", False),
            ("date", "gteq", START.date()),
            ("id", "in", [1]),
        ],
    )

    (sent,) = parse_qs(urlsplit(server.requests[0].path).query)["filter"]
    assert msgspec.json.decode(sent) == [
        {"field": "customer_id", "operator": "eq", "value": "42"},
        {"field": "draft", "operator": "eq", "value": "false"},
        {"field": "date", "operator": "gteq", "value": "2026-11-02"},
        {"field": "id", "operator": "in", "value": ["1"]},
    ]


def test_scopes_of_a_row_are_pennylanes() -> None:
    assert RESOURCES["payments"].read_scope == "customer_invoices:readonly"
