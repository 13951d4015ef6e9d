"""What the emulator's own tests share: a plain HTTP client, as any client of Pennylane would have."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.writing import company, created


@pytest.fixture(scope="session")
def shared_client(running_emulator: Emulator) -> Iterator[httpx2.Client]:
    """One client per test process: making one costs more than most tests."""
    headers = {"authorization": f"Bearer {running_emulator.token(1)}"}
    with httpx2.Client(base_url=running_emulator.base_url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def http(emulator: Emulator, shared_client: httpx2.Client) -> httpx2.Client:
    """A client with the token of the first company, which the test makes."""
    assert emulator.base_url
    return shared_client


def condition(field: str, operator: str, value: object) -> str:
    """A `filter` with one condition."""
    return json.dumps([{"field": field, "operator": operator, "value": value}])


def ids(response: httpx2.Response) -> list[int]:
    """The ids of a page, in its order."""
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


def every_page(http: httpx2.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """All items of a list, page after page, filter and sort sent each time."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = http.get(path, params={**query, **cursor}).json()
        items += page["items"]
        if not page["has_more"]:
            assert page["next_cursor"] is None
            return items
        cursor = {"cursor": page["next_cursor"]}


@pytest.fixture
def customer(emulator: Emulator, http: httpx2.Client) -> dict[str, Any]:
    """A company customer of the first company, created over HTTP."""
    emulator.add_company("Atelier Numérique")
    return created(http.post("/company_customers", json=company()))
