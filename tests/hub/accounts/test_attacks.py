"""Whatever an address, a form or a body holds, the hub answers it: no statement, no file, no fault."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from starlette.testclient import TestClient

from pennybridge.hub.numbers.asked import PARAMETERS
from tests.hub.accounts.story import HOSTILE, Story
from tests.hub.conftest import Browser
from tests.hub.routes import filled, routes_of

EVIL = (
    "1' or '1'='1; drop table pennylane.customers; --", '%_~\\"', "\0", "9" * 40, "-1", "²", "💶\u202e",
    "../../../etc/passwd", HOSTILE, "{{7*7}}" * 400,
)  # fmt: skip
LISTS = {
    "customers": ("q", "only", "country", "type", "rating", "sort", "page"),
    "customers.csv": ("q", "only", "country", "type", "rating", "sort"),
    "invoices": ("q", "state", "from", "to", "customer", "sort", "page"),
    "invoices.csv": ("q", "state", "from", "to", "customer", "sort"),
    "outgoing": ("state",),
    "choose": ("q", "page"),
    "reload": ("resource",),
    "numbers": ("currency", "as_of"),
    "numbers/revenue": PARAMETERS,
    "numbers/revenue/table.csv": ("from", "customer"),
    "numbers/explain/revenue": ("which", "product", "customer"),
}
OPERATIONS = {
    "customers": ("search", "only", "country", "customer_type", "rating", "sort", "page"),
    "invoices": ("search", "state", "first", "last", "customer_id", "sort", "page"),
    "reports/revenue": ("from", "to", "by", "cut", "currency", "customer", "as_of"),
    "explain/revenue": ("which", "from", "to", "customer", "as_of"),
}
FIELDS = ("name", "password", "role", "token", "pasted", "back", "resource", "wanted", "reason", "reference",
          "to", "language", "current", "new", "customer")  # fmt: skip


def addresses(routes: dict[str, tuple[str, ...]], home: str) -> Iterator[str]:
    for place, names in routes.items():
        for name in names:
            for evil in EVIL:
                yield f"{home}/{place}?{urlencode({name: evil})}"


def paths(app: FastAPI, prefix: str = "", only: str = "GET") -> Iterator[str]:
    """Each address that takes something, with something evil in each place at a time."""
    for path in (path for method, path in routes_of(app) if method == only):
        for place in re.findall(r"{\w+}", path):
            for evil in EVIL[:-1]:
                yield prefix + filled(path.replace(place, quote(evil, safe="")))


def faults(person: TestClient, wanted: Iterator[str], method: str = "GET") -> list[str]:
    return [p for p in wanted if person.request(method, p, follow_redirects=False).status_code == 500]


def test_nothing_in_an_address_is_a_fault_of_ours(app: FastAPI, admin: Browser) -> None:
    assert faults(admin, addresses(LISTS, "/connections/1")) == []
    assert faults(admin, paths(app)) == []


def test_nothing_in_an_address_of_the_api_is_a_fault_of_ours(app: FastAPI) -> None:
    program = with_key(app)

    assert faults(program, addresses(OPERATIONS, "/api/v1/connections/1")) == []
    for method in ("GET", "PUT", "DELETE"):
        assert faults(program, paths(app.state.api, "/api/v1", method), method) == []


def test_nothing_in_a_form_is_a_fault_of_ours(app: FastAPI, admin: Browser) -> None:
    csrf = re.search(r'name="csrf" value="(\w+)"', admin.get("/").text)
    assert csrf
    routes = [path for method, path in routes_of(app) if method == "POST" and path != "/sign-out"]
    wrong = [
        (route, evil)
        for route in routes
        for evil in EVIL
        if admin.post(
            filled(route), data={"csrf": csrf[1], **dict.fromkeys(FIELDS, evil)}, follow_redirects=False
        ).status_code
        == 500
    ]
    assert wrong == []


def test_nothing_in_a_body_of_the_api_is_a_fault_of_ours(app: FastAPI) -> None:
    program = with_key(app)
    bodies = [
        b"", b"{", b"[" * 60_000, b"\xff", b'{"invoices": 1}', b'{"invoices": [{"reference": "\\ud800"}]}',
        b'{"invoices": [{"reference": "\\u0000"}]}', b'{"invoices": [{"a": 1e999}]}',
        b'{"invoices": [{"a": ' + b"9" * 5_000 + b"}]}",
        b'{"invoices": [' + b'{"a":' * 3_000 + b"1" + b"}" * 3_000 + b"]}",
        b'{"certain": true, "reference": "\\u0000\\ud800"}',
    ]  # fmt: skip
    wrong = [
        (route, body[:60])
        for route in ("outgoing", "outgoing/1/send", "sync", "pause", "resume")
        for body in bodies
        if program.post(f"/api/v1/connections/1/{route}", content=body).status_code == 500
    ]
    assert wrong == []


def with_key(app: FastAPI) -> TestClient:
    _, text = app.state.keys.add("attacker", "admin", by="ada")
    return TestClient(app, headers={"authorization": f"Bearer {text}", "content-type": "application/json"})


def test_names_from_pennylane_are_text_wherever_they_are_shown(admin: Browser, story: Story) -> None:
    """The company has a customer and an invoice line with markup for a name, and one with a formula."""
    home, shown = "/connections/1", 0
    for page in (
        "customers", f"customers/{story.hostile}", f"customers/{story.hostile}/statement",
        f"customers/{story.hostile}/exclusion", "invoices", f"invoices/{story.draft}",
        "numbers/aging?cut=customer", "numbers/to-do", "numbers/revenue?cut=customer",
        f"numbers/aging?customer={story.hostile}", "numbers/explain/aging",
    ):  # fmt: skip
        answer = admin.get(f"{home}/{page}")
        assert answer.status_code == 200, page
        assert "<script>alert" not in answer.text, page
        shown += "&lt;script&gt;alert" in answer.text
    assert shown >= 6
    for file in ("customers.csv", "invoices.csv", "numbers/revenue/table.csv?cut=customer"):
        rows = admin.get(f"{home}/{file}").text.splitlines()
        assert not [row for row in rows if re.search(r'(^|,)"?=', row)], file
    paper = admin.get(f"{home}/customers/{story.hostile}/statement.pdf")
    assert paper.content.startswith(b"%PDF")


def test_charts_hold_no_script_and_are_files_of_their_own(admin: Browser) -> None:
    chart = admin.get("/connections/1/numbers/aging/chart.svg")

    assert chart.status_code == 200
    assert chart.headers["content-disposition"].startswith("attachment")
    assert "default-src 'none'" in chart.headers["content-security-policy"]
    assert not re.search(r"<script|\son\w+=|javascript:", chart.text)
