"""Complete records of each resource, from the few values that matter.

A record has every field that the contract requires, save what `Books` adds: links, `public_file_url`, and
an external reference if none is given. Instants come in as text (`clock.format_instant`), days as
`datetime.date`, money as `Decimal`. Functions stand here for resources of which something is computed;
`complete` makes the others.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.emulator.amounts import NO_DISCOUNT, invoice_amounts, line_amounts
from pennybridge.emulator.resources import RESOURCES, Record
from pennybridge.emulator.vat import rate_of
from pennybridge.money import format_amount, to_cents

_ONE = Decimal(1)


def complete(resource: str, key: int, at: str, **fields: Any) -> Record:
    """A record of any resource: its defaults, then the fields given; days become text, money decimal text."""
    return {
        "id": key,
        **RESOURCES[resource].defaults,
        **{name: _plain(value) for name, value in fields.items()},
        "created_at": at,
        "updated_at": at,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format_amount(value)
    return value.isoformat() if isinstance(value, date) else value


def reference_to(key: int | None) -> dict[str, int] | None:
    """How a record names another; None stays None."""
    return {"id": key} if key else None


def address(
    *, street: str = "", postal_code: str = "", city: str = "", country: str = "FR"
) -> dict[str, str]:
    """A postal address; `country` in two letters."""
    return {"address": street, "postal_code": postal_code, "city": city, "country_alpha2": country}


def company_customer(key: int, at: str, *, name: str, **fields: Any) -> Record:
    """A company that is billed."""
    numbers = {"vat_number": "", "reg_no": ""}
    return complete(
        "customers",
        key,
        at,
        customer_type="company",
        name=name,
        **numbers | fields,
    )


def individual_customer(key: int, at: str, *, first_name: str, last_name: str, **fields: Any) -> Record:
    """A person who is billed; `name` is both names, as Pennylane writes it (observed)."""
    return complete(
        "customers",
        key,
        at,
        customer_type="individual",
        name=f"{first_name} {last_name}".strip(),
        first_name=first_name,
        last_name=last_name,
        **fields,
    )


def product(
    key: int,
    at: str,
    *,
    label: str,
    price_before_tax: Decimal,
    vat_rate: str = "FR_200",
    **fields: Any,
) -> Record:
    """Something sold; `price` is with tax, to the cent."""
    price = to_cents(price_before_tax * (100 + rate_of(vat_rate)) / 100)
    return complete(
        "products",
        key,
        at,
        label=label,
        price_before_tax=price_before_tax,
        price=price,
        vat_rate=vat_rate,
        **fields,
    )


def invoice_line(
    key: int,
    at: str,
    *,
    label: str,
    unit_price: Decimal,
    quantity: Decimal = _ONE,
    vat_rate: str = "FR_200",
    unit: str | None = "piece",
    description: str = "",
    product_id: int | None = None,
    discount: Mapping[str, str] = NO_DISCOUNT,
    period: tuple[date, date] | None = None,
    rank: int = 1,
    section_rank: int | None = 0,
    exchange_rate: Decimal = _ONE,
) -> Record:
    """A line with its amounts, for invoices, subscriptions and quotes (see `without`).

    `period` gives the first and last day of `imputation_dates`, both included (assumed). `rank` is its
    place.
    """
    dates = {"start_date": period[0].isoformat(), "end_date": period[1].isoformat()} if period else None
    return {
        "id": key,
        "label": label,
        "unit": unit,
        "quantity": format_amount(quantity),
        **line_amounts(
            unit_price=unit_price,
            quantity=quantity,
            vat_rate=vat_rate,
            discount=discount,
            exchange_rate=exchange_rate,
        ),
        "vat_rate": vat_rate,
        "raw_currency_unit_price": format_amount(unit_price),
        "description": description,
        "section_rank": section_rank,
        "discount": discount,
        "product": reference_to(product_id),
        "imputation_dates": dates,
        "substance": None,
        "created_at": at,
        "updated_at": at,
        "_rank": rank,
    }


def without(record: Mapping[str, Any], *names: str) -> Record:
    """A record less some fields.

    Subscriptions' lines have no `substance`, quotes' lines no `imputation_dates` either, and matched
    transactions none of `supplier` and `interbank_code`.
    """
    return {name: value for name, value in record.items() if name not in names}


def customer_invoice(
    key: int,
    at: str,
    *,
    customer: Mapping[str, Any] | None,
    lines: Sequence[Mapping[str, Any]],
    day: date | None,
    deadline: date | None,
    currency: str = "EUR",
    exchange_rate: Decimal = _ONE,
    discount: Mapping[str, str] = NO_DISCOUNT,
    amounts: Mapping[str, str] | None = None,
    **fields: Any,
) -> Record:
    """A draft with its totals; `documents.finalized` gives what finalizing it changes.

    Args:
        key: Also the id of its ledger entry, drafts included (observed).
        at: When it was made.
        customer: The customer's record; its id, name and language are used.
        lines: Priced lines, in the document's currency and at its exchange rate.
        day: The invoice date.
        deadline: The due date.
        currency: Of the document.
        exchange_rate: Euros for one unit of the currency.
        discount: Of the whole document, on top of the lines' own.
        amounts: The five totals of an imported document, kept as given; otherwise they are computed.
        fields: Any other field, as the API has it.
    """
    totals = dict(amounts or invoice_amounts(lines, discount=discount, exchange_rate=exchange_rate))
    is_credit = totals["amount"].startswith("-")
    word = "Avoir" if is_credit else "Facture"
    name = customer["name"] if customer else ""
    return {
        "id": key,
        **RESOURCES["customer_invoices"].defaults,
        "label": f"{word} {name} (label généré)" if name else None,
        "currency": currency,
        **totals,
        "exchange_rate": format_amount(exchange_rate),
        "date": day.isoformat() if day else None,
        "deadline": deadline.isoformat() if deadline else None,
        "language": customer["billing_language"] if customer else "fr_FR",
        "status": "credit_note" if is_credit else "draft",
        "discount": discount,
        "ledger_entry": {"id": key},
        "customer": {"id": customer["id"]} if customer else None,
        **fields,
        "created_at": at,
        "updated_at": at,
        "_credit_note": is_credit,
    }


def quote(
    key: int,
    at: str,
    *,
    number: str,
    customer: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    day: date,
    deadline: date,
    status: str = "pending",
) -> Record:
    """An offer in euros; `pending`, `accepted`, `denied`, `invoiced` or `expired`."""
    return complete(
        "quotes",
        key,
        at,
        label=f"Devis {customer['name']} (label généré)",
        quote_number=number,
        **invoice_amounts(lines),
        date=day,
        deadline=deadline,
        status=status,
        customer={"id": customer["id"]},
        filename=f"Devis-{customer['name']}.pdf",
    )


def recurring_rule(rule_type: str, *, interval: int = 1, **parts: Any) -> Record:
    """A rule: `weekly`, `monthly` or `yearly`, every `interval`; parts as the API names them."""
    names = ("day_of_month", "month_of_year", "week_start", "day", "count", "until")
    return {
        **dict.fromkeys(names),
        "rule_type": rule_type,
        "interval": interval,
        **{name: _plain(value) for name, value in parts.items()},
    }


def billing_subscription(
    key: int,
    at: str,
    *,
    label: str,
    customer: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    rule: Record,
    start: date,
    mode: str = "finalized",
    currency: str = "EUR",
    exchange_rate: Decimal = _ONE,
    discount: Mapping[str, str] = NO_DISCOUNT,
    **fields: Any,
) -> Record:
    """An active subscription that has not billed yet; its first occurrence is its start.

    Args:
        key: Its id.
        at: When it was made and activated.
        label: Also the label of its invoices.
        customer: The customer's record.
        lines: Priced lines; their amounts give those of `customer_invoice_data`.
        rule: As `recurring_rule` makes it.
        start: Its first occurrence.
        mode: What it makes: drafts (`awaiting_validation`), `finalized` invoices, or mailed ones (`email`).
        currency: Of its invoices.
        exchange_rate: Euros for one unit of the currency.
        discount: Of the whole invoice.
        fields: Any other field, as the API has it.
    """
    amounts = without(invoice_amounts(lines, discount=discount, exchange_rate=exchange_rate), "tax")
    mail = {"recipients": customer["emails"], "billing_email_template": None} if mode == "email" else None
    return complete(
        "billing_subscriptions",
        key,
        at,
        label=label,
        status="not_started",
        start=start,
        next_occurrence=start,
        activated_at=at,
        mode=mode,
        email_settings=mail,
        recurring_rule=rule,
        customer={"id": customer["id"]},
        customer_invoice_data={
            "label": label,
            "currency": currency,
            **amounts,
            "exchange_rate": format_amount(exchange_rate),
            "language": customer["billing_language"],
            "customer_invoice_template": None,
            "discount": discount,
            "pdf_invoice_free_text": "",
            "pdf_invoice_subject": "",
            "pdf_description": None,
            "special_mention": None,
        },
        **fields,
    )


def transaction(
    key: int,
    at: str,
    *,
    label: str,
    day: date | str,
    amount: Decimal,
    bank_account: Mapping[str, Any],
    outstanding: Decimal | None = None,
    customer_id: int | None = None,
    **fields: Any,
) -> Record:
    """A line of a bank account, in euros unless said otherwise: money in is positive.

    `outstanding` is what no invoice has taken yet (all of it by default); Pennylane shows it with the sign
    turned (observed).
    """
    left = amount if outstanding is None else outstanding
    amounts: Record = {"currency_amount": amount, "amount": amount, "outstanding_balance": -left}
    return complete(
        "transactions",
        key,
        at,
        label=label,
        date=day,
        journal={"id": bank_account["journal"]["id"]},
        bank_account={"id": bank_account["id"]},
        customer=reference_to(customer_id),
        **amounts | fields,
    )
