"""The control endpoints: what demos and benchmarks do over HTTP."""

import httpx2

from pennybridge.emulator.server import Emulator
from tests.emulator.conftest import ids


def test_the_state_tells_clock_companies_and_tokens(emulator: Emulator, http: httpx2.Client) -> None:
    company = emulator.add_company("Delta Conseil")

    state = http.get(f"{emulator.origin}/_emulator/state").json()

    assert state["clock"] == {"now": "2026-11-02T09:00:00.000000Z", "frozen": True}
    assert state["companies"] == [
        {"number": 1, "id": company.id, "name": "Delta Conseil", "token": "emulator-company-1"}
    ]


def test_the_clock_is_moved_and_set(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_billing_subscription("100.00")

    def clock(**body: object) -> str:
        return str(http.post(f"{emulator.origin}/_emulator/clock", json=body).json()["now"])[:10]

    assert clock(move={"days": 45}, settle=True) == "2026-12-17"
    assert clock(set="2027-01-20T08:00:00Z", freeze=True) == "2027-01-20"
    assert len(ids(http.get("/customer_invoices"))) == 3


def test_records_are_added_changed_and_deleted(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    records = f"{emulator.origin}/_emulator/records/products"
    product = {"label": "A", "price": "1.2", "price_before_tax": "1.0", "vat_rate": "FR_200"}

    added = http.post(records, json={"record": product}).json()
    http.patch(f"{records}/{added['id']}", json={"label": "B"})
    shown = http.get(f"/products/{added['id']}").json()["label"]
    http.delete(f"{records}/{added['id']}")

    assert shown == "B"
    assert ids(http.get("/products")) == []


def test_faults_and_settings_are_scripted(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    control = f"{emulator.origin}/_emulator"

    http.post(f"{control}/faults", json={"method": "GET", "path": "/me", "kind": "503", "times": None})
    failed = http.get("/me").status_code
    http.delete(f"{control}/faults")
    settings = http.post(f"{control}/settings", json={"rate_limit": True}).json()

    assert (failed, http.get("/me").status_code) == (503, 200)
    assert (settings["rate_limit"], settings["latency"]) == (True, 0.0)


def test_requests_are_counted(emulator: Emulator, http: httpx2.Client) -> None:
    customer = emulator.add_customer()
    http.get(f"/customers/{customer.id}")
    http.get("/customers/77")

    log = http.get(f"{emulator.origin}/_emulator/requests").json()

    assert log["total"] == 2
    assert {(entry["path"], entry["status"], entry["count"]) for entry in log["counts"]} == {
        ("/customers/{id}", 200, 1),
        ("/customers/{id}", 404, 1),
    }
    assert log["last"][-1]["path"] == "/customers/77"


def test_tokens_are_given_and_revoked(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    tokens = f"{emulator.origin}/_emulator/tokens"

    http.post(tokens, json={"token": "reader", "scopes": ["products:readonly"]})
    reader = http.get("/customers", headers={"authorization": "Bearer reader"}).status_code
    http.delete(f"{tokens}/emulator-company-1")

    assert (reader, http.get("/me").status_code) == (403, 401)


def test_applications_are_registered_and_grants_given_without_a_browser(
    emulator: Emulator, http: httpx2.Client
) -> None:
    emulator.add_company()
    control = f"{emulator.origin}/_emulator"

    registered = {"id": "hub", "secret": "s3cret", "redirect_uris": ["https://hub.example/back"]}
    http.post(f"{control}/oauth_clients", json=registered)
    http.post(f"{control}/settings", json={"may_narrow_scopes": True, "invalid_grant_status": 401})
    tokens = http.post(f"{control}/grants", json={"client_id": "hub", "scopes": ["quotes:all"]}).json()
    about = http.get("/me", headers={"authorization": f"Bearer {tokens['access_token']}"}).json()

    assert about["scopes"] == ["quotes:all"]
    assert emulator.api.oauth.clients["hub"].redirect_uris == ("https://hub.example/back",)
    assert (emulator.api.oauth.may_narrow, emulator.api.oauth.invalid_grant_status) == (True, 401)


def test_webhooks_are_sent_over_http(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_company()
    control = f"{emulator.origin}/_emulator"
    subscription = {"callback_url": "http://127.0.0.1:9/", "events": ["dms_file.created"]}
    http.post("/webhook_subscriptions", json=subscription)

    http.post(f"{control}/settings", json={"webhooks_twice": True})
    told = http.post(f"{control}/webhooks", json={"event": "dms_file.created", "object": {"id": 1}}).json()

    assert told == {"subscriptions": 1}
    assert emulator.api.webhooks.twice


def test_what_cannot_be_done_is_answered_with_the_reason(emulator: Emulator, http: httpx2.Client) -> None:
    control = f"{emulator.origin}/_emulator"

    assert "company 1" in http.post(f"{control}/records/products", json={"record": {}}).json()["error"]
    assert (
        "meteorite"
        in http.post(f"{control}/faults", json={"method": "GET", "path": "*", "kind": "meteorite"}).json()[
            "error"
        ]
    )
    assert http.patch(f"{control}/records/products/1", json={"label": "B"}).status_code == 400


def test_a_reset_forgets_everything(emulator: Emulator, http: httpx2.Client) -> None:
    emulator.add_customer()
    emulator.move_clock(days=3)

    http.post(f"{emulator.origin}/_emulator/reset")

    assert http.get(f"{emulator.origin}/_emulator/state").json()["companies"] == []
    assert emulator.now.day == 2
