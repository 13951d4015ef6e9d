"""Webhooks: which events are told to whom, and how often one tries.

Documented (https://pennylane.readme.io/docs/webhooks and its siblings, July to September 2026): the three
events, the envelope, `X-Pennylane-Signature`, at least once and in no particular order; 401, 403, 404, 410
and TLS errors disable a subscription at once, other failures are tried again with growing gaps, then
`repeated_failure` disables it; at most ten subscriptions. Assumed: the gaps, five seconds to answer, `t` and
`created` by the emulator's clock, and that a subscription tells of its own company only.
"""

import hashlib
import hmac
import http.client
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pennybridge.clock import format_instant
from pennybridge.emulator.answers import encode
from pennybridge.emulator.books import Books
from pennybridge.emulator.resources import Record

MOST_SUBSCRIPTIONS = 10
GAPS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=8), timedelta(hours=24),
)  # fmt: skip
"""Waits between the attempts to deliver an event; after the last one the subscription is disabled."""

_ANSWER_WITHIN = 5.0
_POLL = 0.02
_PERMANENT = {401, 403, 404, 410}


@dataclass(frozen=True)
class Delivery:
    """An event on its way to one subscription."""

    subscription_id: int
    event_id: int
    event: str
    company_id: int
    data: Mapping[str, Any]
    created: datetime
    due: datetime
    retry_count: int = 0

    def body(self) -> bytes:
        """The envelope; `data.previous_attributes` is there where something was before."""
        context = {"company_id": self.company_id, "firm_id": None}
        return encode(
            {
                "id": self.event_id,
                "event": self.event,
                "retry_count": self.retry_count,
                "created": int(self.created.timestamp()),
                "data": {"context": context, **self.data},
            }
        )


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: the status answered, if any, or that TLS failed."""

    status: int | None = None
    is_tls_error: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_permanent(self) -> bool:
        """Whether trying again is pointless."""
        return self.is_tls_error or self.status in _PERMANENT


class Webhooks:
    """Tells subscriptions of events, from a thread that lives while there is something to deliver.

    Attributes:
        twice: Deliver everything twice, as "at least once" allows.
    """

    def __init__(self, books: Books) -> None:
        self.books = books
        self.twice = False
        self._queue: list[Delivery] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        books.watchers.append(self.watch)

    def watch(self, resource: str, company_id: int, before: Record | None, after: Record) -> None:
        """Tell of a written record if it makes an event."""
        if (
            resource == "customer_invoices"
            and before
            and e_invoicing_status(before) != e_invoicing_status(after)
        ):
            changed, previous = (
                {"e_invoicing": {"status": e_invoicing_status(record)}} for record in (after, before)
            )
            named = {"id": after["id"], **changed}
            self.tell(company_id, "customer_invoice.e_invoicing_status_updated", named, previous)
        if resource == "supplier_invoices" and before is None and after.get("e_invoicing"):
            self.tell(company_id, "supplier_invoice.e_invoicing_received", {"id": after["id"]})

    def tell(
        self,
        company_id: int,
        event: str,
        about: Mapping[str, Any],
        previous: Mapping[str, Any] | None = None,
    ) -> int:
        """Send an event to every subscription of a company that wants it; gives how many there are."""
        now = self.books.clock()
        data = {"object": about} | ({"previous_attributes": previous} if previous is not None else {})
        event_id = self.books.new_id()
        wanted = [
            subscription
            for subscription in self.books.select("webhook_subscriptions", company_id)
            if subscription["enabled"] and event in subscription["events"]
        ]
        for subscription in wanted:
            delivery = Delivery(subscription["id"], event_id, event, company_id, data, now, now)
            self._add(*[delivery] * (2 if self.twice else 1))
        return len(wanted)

    def wait(self, seconds: float = 10.0) -> None:
        """Return when everything that is due was attempted.

        Raises:
            TimeoutError: A receiver took too long.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: not self._is_due(), seconds):
                raise TimeoutError("webhooks are still under way")

    def forget(self) -> None:
        """Deliver nothing of what is still under way."""
        with self._changed:
            self._queue.clear()
            self._changed.notify_all()

    # The thread

    def _add(self, *deliveries: Delivery) -> None:
        with self._changed:
            self._queue += deliveries
            if self._thread is None:
                self._thread = threading.Thread(target=self._deliver, name="webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _is_due(self) -> bool:
        return any(delivery.due <= self.books.clock() for delivery in self._queue)

    def _deliver(self) -> None:
        while (delivery := self._next()) is not None:
            again = self._attempt(delivery)
            with self._changed:
                if delivery in self._queue:  # not forgotten meanwhile
                    self._queue.remove(delivery)
                    self._queue += [again] if again else []
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        """The first delivery that is due, after waiting for it; None ends the thread: none is left."""
        with self._changed:
            while self._queue:
                delivery = min(self._queue, key=lambda waiting: waiting.due)
                if delivery.due <= self.books.clock():
                    return delivery
                self._changed.wait(_POLL)  # the emulator's clock may jump at any moment
            self._thread = None
            return None

    def _attempt(self, delivery: Delivery) -> Delivery | None:
        """Deliver once, note how it went, and give what is to be tried later."""
        subscription = self.books.get("webhook_subscriptions", delivery.subscription_id)
        if subscription is None or not subscription["enabled"]:
            return None
        now = self.books.clock()
        outcome = post(subscription["callback_url"], delivery.body(), subscription["_secret"], now)
        with self.books.lock:
            if self.books.get("webhook_subscriptions", delivery.subscription_id):
                changes = after_attempt(subscription, outcome, delivery.retry_count, now)
                self.books.update("webhook_subscriptions", delivery.subscription_id, changes)
        if outcome.is_success or outcome.is_permanent or delivery.retry_count == len(GAPS):
            return None
        due = now + GAPS[delivery.retry_count]
        return replace(delivery, due=due, retry_count=delivery.retry_count + 1)


def e_invoicing_status(invoice: Mapping[str, Any]) -> str | None:
    """The status an invoice has on the network of e-invoices; None if it is not there."""
    status: str | None = (invoice.get("e_invoicing") or {}).get("status")
    return status


def after_attempt(
    subscription: Mapping[str, Any], outcome: Outcome, retry_count: int, now: datetime
) -> dict[str, Any]:
    """What an attempt changes in its subscription."""
    if outcome.is_success:
        return {"consecutive_failures": 0}
    failed: dict[str, Any] = {
        "last_failure_status": outcome.status,
        "last_failure_at": format_instant(now),
        "consecutive_failures": subscription["consecutive_failures"] + 1,
    }
    if outcome.is_permanent or retry_count == len(GAPS):
        reason = "permanent_error" if outcome.is_permanent else "repeated_failure"
        failed |= {"enabled": False, "disabled_at": format_instant(now), "disabled_reason": reason}
    return failed


def signature(secret: str, body: bytes, now: datetime) -> str:
    """The header `X-Pennylane-Signature` of a body: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`."""
    seconds = int(now.timestamp())
    digest = hmac.new(secret.encode(), b"%d.%b" % (seconds, body), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def post(url: str, body: bytes, secret: str, now: datetime) -> Outcome:
    """Send an event once; redirects are not followed."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Pennylane-Webhooks",
        "X-Pennylane-Signature": signature(secret, body, now),
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = make(parts.netloc, timeout=_ANSWER_WITHIN)
        try:
            connection.request("POST", target, body, headers)
            return Outcome(connection.getresponse().status)
        finally:
            connection.close()
    except ssl.SSLError:
        return Outcome(is_tls_error=True)
    except (OSError, http.client.HTTPException):
        return Outcome()
