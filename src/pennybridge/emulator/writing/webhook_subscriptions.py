"""Subscribe to webhooks, change a subscription, end it.

Documented: the secret is made by Pennylane and shown in this one answer; at most ten subscriptions;
`enabled: true` brings a disabled one back. Assumed: the text when there are ten, the reason `manual`, and
that addresses without TLS are taken (Pennylane asks for https; here receivers stand on the same machine).
"""

import secrets

from pennybridge.emulator.answers import Answer, Refusal, json_answer
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.webhooks import MOST_SUBSCRIPTIONS

_SUBSCRIPTIONS = "webhook_subscriptions"
_SHOWN_AT_CREATION = ("id", "callback_url", "events", "enabled", "created_at", "updated_at")


def _create(call: Call) -> Answer:
    _check_address(call)
    if call.books.count(_SUBSCRIPTIONS, call.company.id) >= MOST_SUBSCRIPTIONS:
        raise Refusal(422, f"You can have up to {MOST_SUBSCRIPTIONS} webhook subscriptions")
    secret = secrets.token_hex(32)
    enabled = call.data.get("enabled", True)
    record = call.insert(_SUBSCRIPTIONS, {**call.data, **_switched(call, enabled=enabled), "_secret": secret})
    return json_answer({name: record[name] for name in _SHOWN_AT_CREATION} | {"secret": secret}, 201)


def _change(call: Call) -> Answer:
    subscription = existing(call, _SUBSCRIPTIONS, call.record_id())
    _check_address(call)
    changes = dict(call.data)
    if changes.get("enabled", subscription["enabled"]) != subscription["enabled"]:
        changes |= _switched(call, enabled=changes["enabled"])
    call.books.update(_SUBSCRIPTIONS, subscription["id"], changes)
    return answer_record(call, _SUBSCRIPTIONS, subscription["id"])


def _delete(call: Call) -> Answer:
    call.books.delete(_SUBSCRIPTIONS, existing(call, _SUBSCRIPTIONS, call.record_id())["id"])
    return Answer(204)


def _switched(call: Call, *, enabled: bool) -> dict[str, object]:
    if enabled:
        return {"enabled": True, "disabled_at": None, "disabled_reason": None, "consecutive_failures": 0}
    return {"enabled": False, "disabled_at": call.at, "disabled_reason": "manual"}


def _check_address(call: Call) -> None:
    url = call.data.get("callback_url", "https://")
    if not url.startswith(("https://", "http://")):
        raise Refusal(422, "Callback url must be a valid HTTPS URL")


WEBHOOK_WRITES: dict[str, Handler] = {
    "postWebhookSubscriptions": _create,
    "putWebhookSubscription": _change,
    "deleteWebhookSubscription": _delete,
}
