"""Amounts are those that Pennylane would compute: per line to the cent, and lines add up to invoices."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennybridge.emulator.amounts import import_problem, invoice_amounts, line_amounts
from pennybridge.emulator.records import invoice_line
from pennybridge.emulator.resources import Record
from pennybridge.emulator.selling import absolute, relative

CODES = ["FR_200", "FR_100", "FR_55", "FR_21", "FR_1_05", "exempt", "extracom"]
prices = st.decimals(min_value=-5000, max_value=5000, places=6)
quantities = st.decimals(min_value=-40, max_value=40, places=2).filter(bool)
discounts = st.one_of(
    st.decimals(min_value=0, max_value=100, places=2).map(lambda percent: relative(str(percent))),
    st.decimals(min_value=0, max_value=30, places=2).map(lambda amount: absolute(str(amount))),
)
rates = st.sampled_from([Decimal(1), Decimal("0.918312"), Decimal("1.163"), Decimal("1.04")])


@st.composite
def lines(draw: st.DrawFn) -> list[Record]:
    rate = draw(rates)
    return [
        invoice_line(
            4096 * number,
            "2026-01-05T08:00:00.000000Z",
            label="Abonnement",
            unit_price=draw(prices),
            quantity=draw(quantities),
            vat_rate=draw(st.sampled_from(CODES)),
            discount=draw(discounts),
            exchange_rate=rate,
        )
        for number in range(1, draw(st.integers(2, 12)))
    ]


def added(records: list[Record], field: str) -> Decimal:
    return sum((Decimal(record[field]) for record in records), Decimal(0))


def test_a_unit_price_of_six_decimals_is_rounded_once_per_line() -> None:
    """Observed: 833.333333 at 20 % is 833.33, 166.67 and 1000.0."""
    amounts = line_amounts(unit_price=Decimal("833.333333"), quantity=Decimal(1), vat_rate="FR_200")

    assert (amounts["currency_amount_before_tax"], amounts["currency_tax"], amounts["amount"]) == (
        "833.33",
        "166.67",
        "1000.0",
    )


def test_a_discount_is_taken_before_tax() -> None:
    percent = line_amounts(
        unit_price=Decimal(100), quantity=Decimal(2), vat_rate="FR_200", discount=relative("12.5")
    )
    sum_off = line_amounts(
        unit_price=Decimal(100), quantity=Decimal(2), vat_rate="FR_200", discount=absolute("50")
    )

    assert (percent["currency_amount_before_tax"], percent["currency_tax"]) == ("175.0", "35.0")
    assert (sum_off["currency_amount_before_tax"], sum_off["currency_tax"]) == ("150.0", "30.0")


@given(prices, quantities, st.sampled_from(CODES), discounts, rates)
def test_a_credited_line_mirrors_the_line(
    price: Decimal, quantity: Decimal, code: str, discount: dict[str, str], rate: Decimal
) -> None:
    line = line_amounts(
        unit_price=price, quantity=quantity, vat_rate=code, discount=discount, exchange_rate=rate
    )
    credited = line_amounts(
        unit_price=price, quantity=-quantity, vat_rate=code, discount=discount, exchange_rate=rate
    )

    assert all(Decimal(line[name]) == -Decimal(credited[name]) for name in line)


@given(lines())
def test_lines_add_up_to_the_invoice_in_its_currency(invoice_lines: list[Record]) -> None:
    totals = invoice_amounts(invoice_lines)

    for name in ("currency_amount", "currency_amount_before_tax", "currency_tax"):
        assert Decimal(totals[name]) == added(invoice_lines, name)


@given(lines(), rates)
def test_euros_are_the_documents_amounts_times_its_rate(invoice_lines: list[Record], rate: Decimal) -> None:
    totals = invoice_amounts(invoice_lines, exchange_rate=rate)

    assert abs(Decimal(totals["amount"]) - Decimal(totals["currency_amount"]) * rate) <= Decimal("0.005")


@given(lines(), st.decimals(min_value=0, max_value=100, places=2))
def test_an_invoice_discount_lowers_every_total_in_proportion(
    invoice_lines: list[Record], percent: Decimal
) -> None:
    totals = invoice_amounts(invoice_lines, discount=relative(str(percent)))

    whole = added(invoice_lines, "currency_amount_before_tax")
    assert abs(Decimal(totals["currency_amount_before_tax"]) - whole * (100 - percent) / 100) <= Decimal(
        "0.005"
    )
    before_tax, tax = Decimal(totals["currency_amount_before_tax"]), Decimal(totals["currency_tax"])
    assert before_tax + tax == Decimal(totals["currency_amount"])


@given(lines(), st.integers(-30, 30))
def test_an_import_may_be_off_by_one_cent_per_line(invoice_lines: list[Record], cents: int) -> None:
    off = Decimal(cents) / 100
    total = added(invoice_lines, "currency_amount") + off

    problem = import_problem({"currency_amount": str(total)}, invoice_lines)

    assert (problem is None) == (abs(cents) <= len(invoice_lines))


def test_the_refusal_of_an_import_names_both_sums() -> None:
    problem = import_problem({"currency_amount": "120.0"}, [{"currency_amount": "100.0"}])

    assert problem == (
        'The sum of invoice lines "currency_amount" (100.0) does not match with the total invoice '
        "currency_amount (120.0)"
    )


@pytest.mark.parametrize("code", CODES)
def test_a_full_discount_leaves_nothing(code: str) -> None:
    amounts = line_amounts(
        unit_price=Decimal("19.99"), quantity=Decimal(3), vat_rate=code, discount=relative("100")
    )

    assert set(amounts.values()) == {"0.0"}
