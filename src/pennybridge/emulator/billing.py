"""Billing subscriptions: create one, bill each occurrence, stop it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pennybridge.emulator.desk import Desk
from pennybridge.emulator.outbox import Mail
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.records import billing_subscription, invoice_line, without
from pennybridge.emulator.recurrence import last_occurrence, next_occurrence
from pennybridge.emulator.resources import Record
from pennybridge.emulator.selling import LineTerms, draft, finalize, line_terms

BILLING = ("not_started", "in_progress")
"""Statuses of a subscription that will bill."""

_PASSED_ON = (
    "label", "language", "customer_invoice_template", "special_mention", "pdf_description",
    "pdf_invoice_free_text", "pdf_invoice_subject",
)  # fmt: skip
"""What each invoice takes from its subscription as it is."""


def subscribe(
    desk: Desk,
    customer: Mapping[str, Any],
    lines: Sequence[LineTerms],
    *,
    currency: str = "EUR",
    dates_lines: bool = False,
    **terms: Any,
) -> Record:
    """Start a subscription today and plan its first occurrence.

    Terms are those of `records.billing_subscription`.

    `dates_lines` gives the lines of each invoice the occurrence's period as imputation dates.
    """
    exchange_rate = booked_rate(currency, desk.day)
    priced = [
        invoice_line(desk.books.new_id(), desk.now, rank=rank, exchange_rate=exchange_rate, **line)
        for rank, line in enumerate(lines, 1)
    ]
    subscription = billing_subscription(
        desk.books.new_id(),
        desk.now,
        customer=customer,
        lines=priced,
        start=desk.day,
        currency=currency,
        exchange_rate=exchange_rate,
        _dates_lines=dates_lines,
        **terms,
    )
    subscription["finish"] = _text(last_occurrence(subscription["recurring_rule"], desk.day))
    written = desk.insert("billing_subscriptions", subscription)
    for line in priced:
        desk.insert("billing_subscription_lines", without(line, "substance"), subscription["id"])
    plan_billing(desk, written)
    return written


def plan_billing(desk: Desk, subscription: Mapping[str, Any]) -> None:
    """Plan the next occurrence of a subscription, if it has one."""
    if subscription["next_occurrence"] and subscription["status"] in BILLING:
        desk.plan(
            date.fromisoformat(subscription["next_occurrence"]), lambda: _bill(desk, subscription["id"])
        )


def stop(desk: Desk, subscription_id: int) -> None:
    """Stop a subscription: it bills no more; a finished one stays finished."""
    subscription = desk.existing("billing_subscriptions", subscription_id)
    if subscription["status"] in BILLING:
        stopped = {"status": "stopped", "stopped_at": desk.now, "next_occurrence": None}
        desk.books.update("billing_subscriptions", subscription_id, stopped)


def _bill(desk: Desk, subscription_id: int) -> None:
    subscription = desk.books.get("billing_subscriptions", subscription_id)
    if subscription is None or subscription["status"] not in BILLING:
        return  # stopped or removed after this was planned
    occurrence = date.fromisoformat(subscription["next_occurrence"])
    rule, start = subscription["recurring_rule"], date.fromisoformat(subscription["start"])
    following = next_occurrence(rule, start, occurrence)
    _issue(desk, subscription, _period(subscription, occurrence))
    changes = {
        "prev_occurrence": occurrence.isoformat(),
        "next_occurrence": _text(following),
        "status": "in_progress" if following else "finished",
    }
    if following is None:
        changes["finish"] = occurrence.isoformat()
    plan_billing(desk, desk.books.update("billing_subscriptions", subscription_id, changes))


def _issue(desk: Desk, subscription: Mapping[str, Any], period: tuple[date, date] | None) -> None:
    data = subscription["customer_invoice_data"]
    customer = desk.existing("customers", subscription["customer"]["id"])
    lines = desk.books.select("billing_subscription_lines", parent_id=subscription["id"])
    invoice = draft(
        desk,
        customer,
        [line_terms(line) | ({"period": period} if period else {}) for line in lines],
        payment_conditions=subscription["payment_conditions"],
        exchange_rate=booked_rate(data["currency"], desk.day),
        currency=data["currency"],
        discount=data["discount"],
        billing_subscription={"id": subscription["id"]},
        **{name: data[name] for name in _PASSED_ON},
    )
    for section in desk.books.select("billing_subscription_sections", parent_id=subscription["id"]):
        kept = {name: section[name] for name in ("title", "description", "rank")}
        desk.insert("customer_invoice_sections", {"id": desk.books.new_id(), **kept}, invoice["id"])
    if subscription["mode"] == "awaiting_validation":
        return
    final = finalize(desk, invoice)
    if subscription["mode"] == "email":
        _mail(desk, final, customer, subscription["email_settings"]["recipients"])


def _mail(desk: Desk, invoice: Record, customer: Record, recipients: Sequence[str]) -> None:
    subject = f"Facture {invoice['invoice_number']} de {desk.company.name}"
    filename = f"Facture-{customer['name']}.pdf"
    desk.books.outbox.append(
        Mail(
            desk.company.number,
            desk.now,
            "customer_invoices",
            invoice["id"],
            list(recipients),
            subject,
            filename,
        )
    )


def _period(subscription: Mapping[str, Any], occurrence: date) -> tuple[date, date] | None:
    if not subscription.get("_dates_lines"):
        return None
    rule = {**subscription["recurring_rule"], "count": None, "until": None}
    following = next_occurrence(rule, date.fromisoformat(subscription["start"]), occurrence)
    return (occurrence, following - timedelta(days=1)) if following else None


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
