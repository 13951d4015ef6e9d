"""Webhooks over HTTP (documented: webhooks, authorization, failures-lifecycle, list-of-events)."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.emulator.webhooks import GAPS
from tests.api.loopback import Reply, Server, serve
from tests.emulator.conftest import ids

FILE_CREATED = "dms_file.created"
STATUS_UPDATED = "customer_invoice.e_invoicing_status_updated"


class Receiver:
    """Somebody's webhook endpoint: answers with `status`, keeps what it gets."""

    def __init__(self) -> None:
        self.status = 200
        self.server = Server("")

    @property
    def url(self) -> str:
        """Its address."""
        return self.server.url + "?from=pennylane"

    def bodies(self) -> list[dict[str, Any]]:
        """What was posted, in order."""
        return [json.loads(request.body) for request in self.server.requests]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An HTTP server on this machine."""
    receiver = Receiver()
    with serve(lambda _: Reply(receiver.status)) as receiver.server:
        yield receiver


def subscribe(http: httpx2.Client, receiver: Receiver, *events: str) -> dict[str, Any]:
    """A subscription as the API makes it."""
    body = {"callback_url": receiver.url, "events": list(events or (FILE_CREATED,))}
    created = http.post("/webhook_subscriptions", json=body)
    assert created.status_code == 201, created.text
    subscription: dict[str, Any] = created.json()
    return subscription


def shown(http: httpx2.Client, subscription: dict[str, Any]) -> dict[str, Any]:
    """The subscription as it is now."""
    now: dict[str, Any] = http.get(f"/webhook_subscriptions/{subscription['id']}").json()
    return now


def test_an_event_is_posted_and_signed(emulator: Emulator, http: httpx2.Client, receiver: Receiver) -> None:
    company = emulator.add_company()
    secret = subscribe(http, receiver)["secret"]

    emulator.send_webhook(FILE_CREATED, {"id": 77})
    emulator.wait_for_webhooks()

    [request] = receiver.server.requests
    body = request.body
    seconds = int(emulator.now.timestamp())
    expected = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert request.headers["X-Pennylane-Signature"] == f"t={seconds},v1={expected}"
    assert request.headers["User-Agent"] == "Pennylane-Webhooks"
    told = json.loads(body)
    assert told.keys() == {"id", "event", "retry_count", "created", "data"}
    assert (told["event"], told["retry_count"], told["created"]) == (FILE_CREATED, 0, seconds)
    assert told["data"] == {"context": {"company_id": company.id, "firm_id": None}, "object": {"id": 77}}


def test_a_changed_e_invoicing_status_is_told_with_the_previous_one(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver
) -> None:
    invoice = emulator.add_customer_invoice()
    subscribe(http, receiver, STATUS_UPDATED)

    emulator.update(invoice, e_invoicing={"status": "submitted", "reason": None})
    emulator.update(invoice, label="Another")
    emulator.wait_for_webhooks()

    [told] = receiver.bodies()
    assert told["data"]["object"] == {"id": invoice.id, "e_invoicing": {"status": "submitted"}}
    assert told["data"]["previous_attributes"] == {"e_invoicing": {"status": None}}


def test_only_subscriptions_that_want_an_event_get_it(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver
) -> None:
    emulator.add_company()
    emulator.add_company()
    subscribe(http, receiver, STATUS_UPDATED)

    assert emulator.send_webhook(FILE_CREATED, {"id": 1}) == 0
    assert emulator.send_webhook(STATUS_UPDATED, {"id": 1}, company=2) == 0
    assert emulator.send_webhook(STATUS_UPDATED, {"id": 1}) == 1


def test_a_failed_delivery_is_tried_again_with_growing_gaps(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver
) -> None:
    """The gaps are assumed."""
    emulator.add_company()
    subscription = subscribe(http, receiver)
    receiver.status = 503

    emulator.send_webhook(FILE_CREATED, {"id": 1})
    emulator.wait_for_webhooks()
    failing = shown(http, subscription)
    emulator.clock.move(GAPS[0] - timedelta(seconds=1))
    emulator.wait_for_webhooks()
    early = len(receiver.bodies())
    receiver.status = 204
    emulator.clock.move(timedelta(seconds=1))
    emulator.wait_for_webhooks()

    assert (failing["enabled"], failing["last_failure_status"], failing["consecutive_failures"]) == (
        True,
        503,
        1,
    )
    assert early == 1
    first, second = receiver.bodies()
    assert first["id"] == second["id"]
    assert (first["retry_count"], second["retry_count"]) == (0, 1)
    assert shown(http, subscription)["consecutive_failures"] == 0


def test_a_subscription_that_keeps_failing_is_disabled(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver
) -> None:
    emulator.add_company()
    subscription = subscribe(http, receiver)
    receiver.status = 500

    emulator.send_webhook(FILE_CREATED, {"id": 1})
    emulator.wait_for_webhooks()
    for gap in GAPS:
        assert shown(http, subscription)["enabled"]
        emulator.clock.move(gap)
        emulator.wait_for_webhooks()

    disabled = shown(http, subscription)
    assert (disabled["enabled"], disabled["disabled_reason"]) == (False, "repeated_failure")
    assert disabled["consecutive_failures"] == len(receiver.bodies()) == len(GAPS) + 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_permanent_error_disables_at_once(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver, status: int
) -> None:
    emulator.add_company()
    subscription = subscribe(http, receiver)
    receiver.status = status

    emulator.send_webhook(FILE_CREATED, {"id": 1})
    emulator.wait_for_webhooks()
    unheard = emulator.send_webhook(FILE_CREATED, {"id": 2})

    disabled = shown(http, subscription)
    assert (disabled["enabled"], disabled["disabled_reason"]) == (False, "permanent_error")
    assert disabled["last_failure_status"] == status
    assert disabled["disabled_at"] is not None
    assert unheard == 0


def test_a_receiver_without_tls_behind_https_is_disabled(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver
) -> None:
    emulator.add_company()
    receiver.server.url = receiver.server.url.replace("http:", "https:")
    subscription = subscribe(http, receiver)

    emulator.send_webhook(FILE_CREATED, {"id": 1})
    emulator.wait_for_webhooks()

    assert shown(http, subscription)["disabled_reason"] == "permanent_error"
    assert shown(http, subscription)["last_failure_status"] is None


def test_a_disabled_subscription_is_enabled_again(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver
) -> None:
    emulator.add_company()
    subscription = subscribe(http, receiver)
    receiver.status = 410
    emulator.send_webhook(FILE_CREATED, {"id": 1})
    emulator.wait_for_webhooks()

    receiver.status = 200
    enabled = http.put(f"/webhook_subscriptions/{subscription['id']}", json={"enabled": True}).json()
    emulator.send_webhook(FILE_CREATED, {"id": 2})
    emulator.wait_for_webhooks()

    assert (enabled["enabled"], enabled["disabled_at"], enabled["disabled_reason"]) == (True, None, None)
    assert [body["data"]["object"]["id"] for body in receiver.bodies()] == [1, 2]


def test_every_event_may_come_twice(emulator: Emulator, http: httpx2.Client, receiver: Receiver) -> None:
    """At least once (documented); the id tells."""
    emulator.add_company()
    subscribe(http, receiver)
    emulator.api.webhooks.twice = True

    emulator.send_webhook(FILE_CREATED, {"id": 1})
    emulator.wait_for_webhooks()

    first, second = receiver.bodies()
    assert first == second


def test_the_secret_is_shown_once(emulator: Emulator, http: httpx2.Client, receiver: Receiver) -> None:
    emulator.add_company()
    subscription = subscribe(http, receiver, FILE_CREATED, STATUS_UPDATED)

    listed = http.get("/webhook_subscriptions").json()["items"]

    assert len(subscription["secret"]) >= 32
    assert "secret" not in shown(http, subscription)
    assert [one["id"] for one in listed] == [subscription["id"]]
    assert "secret" not in listed[0]


def test_subscriptions_are_changed_and_deleted(
    emulator: Emulator, http: httpx2.Client, receiver: Receiver
) -> None:
    emulator.add_company()
    subscription = subscribe(http, receiver)
    path = f"/webhook_subscriptions/{subscription['id']}"

    changed = http.put(path, json={"enabled": False, "events": [STATUS_UPDATED]}).json()
    deleted = http.delete(path).status_code

    assert (changed["disabled_reason"], changed["events"]) == ("manual", [STATUS_UPDATED])
    assert changed["disabled_at"] is not None
    assert (deleted, ids(http.get("/webhook_subscriptions"))) == (204, [])
    assert http.put(path, json={"enabled": True}).status_code == 404


def test_ten_subscriptions_are_the_most(emulator: Emulator, http: httpx2.Client, receiver: Receiver) -> None:
    emulator.add_company()
    for _ in range(10):
        subscribe(http, receiver)

    refused = http.post(
        "/webhook_subscriptions", json={"callback_url": receiver.url, "events": [FILE_CREATED]}
    )

    assert refused.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"callback_url": "https://example.com"},
        {"callback_url": "https://example.com", "events": []},
        {"callback_url": "https://example.com", "events": ["invoice.paid"]},
        {"callback_url": "https://example.com", "events": [FILE_CREATED], "secret": "mine"},
    ],
)
def test_a_subscription_the_contract_does_not_allow_gets_400(
    emulator: Emulator, http: httpx2.Client, body: dict[str, Any]
) -> None:
    emulator.add_company()

    assert http.post("/webhook_subscriptions", json=body).status_code == 400
