from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pennybridge.invoicing.check_amounts import check_amounts
from pennybridge.invoicing.drafts import Discount, Totals
from pennybridge.invoicing.problems import errors
from pennybridge.invoicing.totals import draft_totals, line_totals, sum_of_lines
from tests.invoicing.drafting import a_draft, a_line, an_import

cents = st.decimals(min_value=-10_000, max_value=10_000, places=2)
prices = st.decimals(min_value=-10_000, max_value=10_000, places=6)
quantities = st.decimals(min_value=-100, max_value=100, places=3).filter(bool)
codes = st.sampled_from(["FR_200", "FR_100", "FR_55", "FR_21", "FR_1_05", "exempt", "DE_190"])
percentages = st.decimals(min_value=0, max_value=100, places=2).map(lambda value: Discount("relative", value))
discounts = st.none() | percentages | cents.map(lambda value: Discount("absolute", value))
lines = st.builds(a_line, unit_price=prices, quantity=quantities, vat_code=codes, discount=discounts)


def totals(excl: str, tax: str, incl: str) -> Totals:
    return Totals(Decimal(excl), Decimal(tax), Decimal(incl))


def test_a_line_is_rounded_to_the_cent_as_pennylane_showed_it() -> None:
    assert line_totals(a_line(unit_price=Decimal("833.333333"))) == totals("833.33", "166.67", "1000.00")


def test_a_discount_is_taken_before_tax() -> None:
    tenth = Discount("relative", Decimal(10))
    euro = Discount("absolute", Decimal("1.00"))

    assert line_totals(a_line(discount=tenth)) == totals("90.00", "18.00", "108.00")
    assert line_totals(a_line(discount=euro)) == totals("99.00", "19.80", "118.80")
    assert draft_totals(a_draft(discount=tenth, lines=(a_line(), a_line(vat_code="FR_55")))) == totals(
        "180.00", "22.95", "202.95"
    )


def test_a_line_priced_by_its_product_cannot_be_added_up() -> None:
    assert draft_totals(a_draft(lines=(a_line(), a_line(unit_price=None)))) is None


@given(lines=st.lists(lines, min_size=1, max_size=8), discount=st.none() | percentages)
def test_created_totals_are_whole_cents_that_add_up(lines: list[object], discount: Discount | None) -> None:
    made = draft_totals(a_draft(lines=tuple(lines), discount=discount))

    assert made is not None
    assert made.excl_tax_ccy + made.tax_ccy == made.incl_tax_ccy
    assert all(amount == round(amount, 2) for amount in (made.excl_tax_ccy, made.tax_ccy, made.incl_tax_ccy))


@given(
    lines=st.lists(lines, min_size=1, max_size=8),
    off=st.integers(-12, 12),
    where=st.sampled_from(["tax", "incl"]),
)
def test_imported_totals_may_differ_by_a_cent_for_each_line(
    lines: list[object], off: int, where: str
) -> None:
    made = sum_of_lines(tuple(lines))  # type: ignore[arg-type]
    assert made is not None
    cents_off = Decimal(off) / 100
    tax = made.tax_ccy + (cents_off if where == "tax" else 0)
    stated = Totals(made.excl_tax_ccy + cents_off - (tax - made.tax_ccy), tax, made.incl_tax_ccy + cents_off)

    refused = bool(errors(check_amounts(an_import(lines=tuple(without_discounts(lines)), totals=stated))))

    assert refused == (abs(off) > len(lines))


def without_discounts(lines: list[object]) -> list[object]:
    """Imported amounts are those after discounts."""
    taken = [line_totals(line) for line in lines]  # type: ignore[arg-type]
    return [a_line(tax_ccy=t.tax_ccy, amount_incl_tax_ccy=t.incl_tax_ccy) for t in taken if t is not None]
