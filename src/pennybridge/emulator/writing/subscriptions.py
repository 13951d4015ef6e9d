"""Billing subscriptions: create, change, stop, resume; they bill when the clock moves.

Source:
    Fields, `stop` for `in_progress` and `stopped` ones, at most 25 recipients, the customer's when none are
    given: documented, https://pennylane.readme.io/reference/postbillingsubscriptions. Assumed: texts; one
    that has not billed yet can be stopped too; what lies before today is never billed, neither at the
    creation nor after a resumption; without `day_of_month` or `day_of_week` the start tells the day.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pennybridge.emulator.amounts import invoice_amounts
from pennybridge.emulator.answers import Answer, Refusal
from pennybridge.emulator.billing import BILLING
from pennybridge.emulator.calls import Call, Handler, answer_record, existing
from pennybridge.emulator.rates import booked_rate
from pennybridge.emulator.records import billing_subscription, recurring_rule, without
from pennybridge.emulator.recurrence import last_occurrence, next_occurrence
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import check_emails
from pennybridge.emulator.writing.line_edits import (
    edit_lines,
    edit_sections,
    new_lines,
    write_lines,
    write_sections,
)
from pennybridge.emulator.writing.lines import check_sections, discount_of, total_within_bounds
from pennybridge.money import format_amount

_SUBSCRIPTIONS, _LINES, _SECTIONS = (
    "billing_subscriptions", "billing_subscription_lines", "billing_subscription_sections",
)  # fmt: skip
_MOST_RECIPIENTS = 25
_LONGEST_INTERVAL = 1_000
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_AS_SENT = ("language", "pdf_description", "special_mention")
_NEVER_NULL = ("pdf_invoice_free_text", "pdf_invoice_subject")


def _create(call: Call) -> Answer:
    data, wanted = call.data, call.data["customer_invoice_data"]
    customer = existing(call, "customers", data["customer_id"])
    start = date.fromisoformat(data["start"])
    currency = wanted.get("currency", "EUR")
    rate = booked_rate(currency, call.now.date())
    sections = wanted.get("invoice_line_sections", ())
    check_sections(sections, wanted["invoice_lines"])
    lines = new_lines(call, wanted["invoice_lines"], rate)
    subscription = billing_subscription(
        call.books.new_id(), call.at, label=data.get("label"), customer=customer, lines=lines, start=start,
        rule=_rule(data["recurring_rule"]), currency=currency, exchange_rate=rate,
        discount=discount_of(wanted.get("discount")), payment_conditions=data["payment_conditions"],
        payment_method=data["payment_method"],
    )  # fmt: skip
    total_within_bounds(subscription["customer_invoice_data"])
    subscription["customer_invoice_data"] |= _invoice_fields(call, wanted)
    subscription |= _mode(data["mode"], customer)
    subscription |= _occurrences(subscription, start, call.now.date())
    call.insert(_SUBSCRIPTIONS, subscription)
    write_sections(call, _SECTIONS, subscription["id"], sections)
    write_lines(call, _LINES, subscription["id"], lines)
    return answer_record(call, _SUBSCRIPTIONS, subscription["id"], 201)


def _change(call: Call) -> Answer:
    data = call.data
    subscription = existing(call, _SUBSCRIPTIONS, call.record_id())
    changes: Record = {
        name: data[name] for name in ("label", "payment_conditions", "payment_method") if name in data
    }
    customer_id = data.get("customer_id", subscription["customer"]["id"])
    customer = existing(call, "customers", customer_id)
    changes["customer"] = {"id": customer_id}
    if "mode" in data:
        changes |= _mode(data["mode"], customer)
    if "customer_invoice_data" in data:
        changes["customer_invoice_data"] = _changed_invoice(call, subscription, data["customer_invoice_data"])
    if "recurring_rule" in data:
        changes["recurring_rule"] = _rule(data["recurring_rule"])
        if subscription["status"] in BILLING:
            changes |= _rescheduled(call, {**subscription, **changes})
    if "stop" in data:
        changes |= (_stopped if data["stop"] else _resumed)(call, {**subscription, **changes})
    call.books.update(_SUBSCRIPTIONS, subscription["id"], changes)
    return answer_record(call, _SUBSCRIPTIONS, subscription["id"])


def _changed_invoice(call: Call, subscription: Record, edits: Mapping[str, Any]) -> Record:
    invoice: Record = dict(subscription["customer_invoice_data"])
    currency = edits.get("currency", invoice["currency"])
    rate = (
        booked_rate(currency, call.now.date()) if "currency" in edits else Decimal(invoice["exchange_rate"])
    )
    lines = edit_lines(call, _LINES, subscription["id"], edits.get("invoice_lines", {}), rate)
    edit_sections(call, _SECTIONS, subscription["id"], edits.get("invoice_line_sections", {}), lines)
    discount = discount_of(edits["discount"]) if "discount" in edits else invoice["discount"]
    amounts = without(invoice_amounts(lines, discount=discount, exchange_rate=rate), "tax")
    total_within_bounds(amounts)
    booked = {"currency": currency, "discount": discount, "exchange_rate": format_amount(rate)}
    return {**invoice, **booked, **amounts, **_invoice_fields(call, edits)}


def _invoice_fields(call: Call, wanted: Mapping[str, Any]) -> Record:
    fields: Record = {name: wanted[name] for name in _AS_SENT if name in wanted}
    fields |= {name: wanted[name] or "" for name in _NEVER_NULL if name in wanted}
    if "customer_invoice_template_id" in wanted:
        template = existing(call, "customer_invoice_templates", wanted["customer_invoice_template_id"])
        fields["customer_invoice_template"] = {"id": template["id"]}
    return fields


def _mode(mode: Mapping[str, Any], customer: Mapping[str, Any]) -> Record:
    if mode["type"] != "email":
        return {"mode": mode["type"], "email_settings": None}
    recipients = mode["email_settings"].get("recipients", ()) or customer["emails"]
    check_emails(recipients)
    if len(recipients) > _MOST_RECIPIENTS:
        raise Refusal(422, f"The number of recipients must not exceed {_MOST_RECIPIENTS}")
    return {"mode": "email", "email_settings": {"recipients": recipients, "billing_email_template": None}}


def _rule(wanted: Mapping[str, Any]) -> Record:
    """The rule as answers have it, from the shape that requests have."""
    parts: Record = {}
    for name in ("interval", "count"):
        if wanted.get(name) is not None and not 1 <= wanted[name] <= _LONGEST_INTERVAL:
            raise Refusal(422, f"Recurring rule {name} is invalid")
    if wanted.get("day_of_month") is not None:
        day = wanted["day_of_month"]
        if day != int(day) or not (day == -1 or 1 <= day <= 31):
            raise Refusal(422, "Recurring rule day of month is invalid")
        parts["day_of_month"] = [int(day)]
    if wanted.get("day_of_week"):
        parts["day"] = [_DAYS.index(wanted["day_of_week"])]
    return recurring_rule(
        wanted["type"], interval=wanted.get("interval") or 1, count=wanted.get("count"), **parts
    )


def _occurrences(subscription: Record, start: date, today: date) -> Record:
    """The next occurrence from a day on, and the last one."""
    rule = subscription["recurring_rule"]
    following = next_occurrence(rule, start, max(start, today) - timedelta(days=1))
    last = last_occurrence(rule, start)
    if following is None:
        raise Refusal(422, "Recurring rule has no occurrence left")
    return {"next_occurrence": following.isoformat(), "finish": last.isoformat() if last else None}


def _rescheduled(call: Call, subscription: Record) -> Record:
    billed = subscription["prev_occurrence"]
    earliest = max(call.now.date(), date.fromisoformat(billed) + timedelta(days=1) if billed else date.min)
    return _occurrences(subscription, date.fromisoformat(subscription["start"]), earliest)


def _stopped(call: Call, subscription: Record) -> Record:
    if subscription["status"] not in BILLING:
        raise Refusal(422, "Only billing subscriptions in progress can be stopped")
    return {"status": "stopped", "stopped_at": call.at, "next_occurrence": None}


def _resumed(call: Call, subscription: Record) -> Record:
    if subscription["status"] != "stopped":
        raise Refusal(422, "Only stopped billing subscriptions can be resumed")
    status = "in_progress" if subscription["prev_occurrence"] else "not_started"
    return {"status": status, "stopped_at": None, **_rescheduled(call, subscription)}


SUBSCRIPTION_WRITES: dict[str, Handler] = {
    "postBillingSubscriptions": _create,
    "putBillingSubscriptions": _change,
}
