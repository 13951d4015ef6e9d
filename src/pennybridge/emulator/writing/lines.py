"""Invoice lines as a request gives them, made ready to be priced.

Source:
    A line with `product_id` takes label, price, unit, VAT and account from the product, each of which may be
    given instead; up to six decimals: documented. `Invoice lines quantity must be different than 0`:
    observed. Assumed: the other texts; a discount in percent is 0 to 100, an absolute one not negative.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.emulator.amounts import NO_DISCOUNT
from pennybridge.emulator.answers import Refusal
from pennybridge.emulator.calls import Call, existing
from pennybridge.emulator.records import invoice_line
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import LARGEST, check_present, number_of
from pennybridge.money import format_amount

PRICE = "Raw currency unit price"


def line_terms_of(call: Call, line: Mapping[str, Any]) -> Record:
    """What a line of a request says, as the keyword arguments of `records.invoice_line`.

    Only what it says, or what its product gives; `substance` comes with it.
    """
    terms: Record = {}
    if line.get("product_id") is not None:
        terms = _of_product(call, line["product_id"])
    if line.get("ledger_account_id") is not None:
        existing(call, "ledger_accounts", line["ledger_account_id"])
    check_present(line, "label")
    said = ("label", "unit", "vat_rate", "section_rank", "substance")
    terms |= {name: line[name] for name in said if name in line}
    if "description" in line:
        terms["description"] = line["description"] or ""
    if "raw_currency_unit_price" in line:
        terms["unit_price"] = number_of(line["raw_currency_unit_price"], PRICE, decimals=6)
    if "quantity" in line:
        terms["quantity"] = quantity_of(line["quantity"])
    if "discount" in line:
        terms["discount"] = discount_of(line["discount"])
    if "imputation_dates" in line:
        terms["period"] = period_of(line["imputation_dates"])
    return terms


def _of_product(call: Call, product_id: int) -> Record:
    product = existing(call, "products", product_id)
    return {
        "product_id": product["id"],
        "unit_price": Decimal(product["price_before_tax"]),
        **{name: product[name] for name in ("label", "unit", "vat_rate", "substance")},
    }


def quantity_of(value: Any) -> Decimal:
    """A quantity, which may be negative but not nothing."""
    quantity = number_of(value, "Invoice lines quantity")
    if not quantity:
        raise Refusal(422, "Invoice lines quantity must be different than 0")
    return quantity


def discount_of(discount: Mapping[str, Any] | None) -> Mapping[str, str]:
    """A discount as answers have it; an empty value is none."""
    if not discount or not discount["value"]:
        return NO_DISCOUNT
    value = number_of(discount["value"], "Discount value")
    if value < 0 or (discount["type"] == "relative" and value > 100):
        raise Refusal(422, "Discount value is invalid")
    return {"type": discount["type"], "value": format_amount(value)}


def period_of(dates: Mapping[str, str] | None) -> tuple[date, date] | None:
    """The first and last day of imputation dates."""
    if not dates:
        return None
    first, last = (date.fromisoformat(dates[name]) for name in ("start_date", "end_date"))
    if last < first:
        raise Refusal(422, "Imputation dates end date must be after start date")
    return first, last


def priced(key: int, at: str, terms: Mapping[str, Any], *, rank: int, exchange_rate: Decimal) -> Record:
    """A line with its amounts.

    Raises:
        Refusal: 422: an amount beyond what anybody bills.
    """
    substance = terms.get("substance")
    told = {name: value for name, value in terms.items() if name != "substance"}
    line = invoice_line(key, at, rank=rank, exchange_rate=exchange_rate, **told)
    number_of(line["currency_amount"], "Currency amount")
    return {**line, "substance": substance}


def check_sections(sections: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]]) -> None:
    """Refuse with 422 ranks that do not go up from 1, and lines of a section that does not exist."""
    ranks = sorted(section["rank"] for section in sections)
    if ranks != list(range(1, len(ranks) + 1)):
        raise Refusal(422, "Invoice line sections ranks must be unique and increment from 1")
    for line in lines:
        if line.get("section_rank") and line["section_rank"] not in ranks:
            raise Refusal(422, f"Section rank {line['section_rank']} does not exist")


def total_within_bounds(amounts: Mapping[str, str]) -> None:
    """Refuse with 422 a total beyond what anybody bills."""
    if abs(Decimal(amounts["currency_amount"])) >= LARGEST:
        raise Refusal(422, f"Currency amount must be less than {LARGEST:f}")
