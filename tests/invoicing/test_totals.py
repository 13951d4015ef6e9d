from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pennybridge.invoicing.check_amounts import check_amounts
from pennybridge.invoicing.drafts import Discount, DraftLine, Totals
from pennybridge.invoicing.problems import errors
from pennybridge.invoicing.totals import discounted, draft_totals, line_totals, sum_of_lines
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
def test_created_totals_are_whole_cents_that_add_up(
    lines: list[DraftLine], discount: Discount | None
) -> None:
    made = draft_totals(a_draft(lines=tuple(lines), discount=discount))

    assert made is not None
    assert made.excl_tax_ccy + made.tax_ccy == made.incl_tax_ccy
    assert all(amount == round(amount, 2) for amount in (made.excl_tax_ccy, made.tax_ccy, made.incl_tax_ccy))


@given(
    lines=st.lists(lines, min_size=1, max_size=8),
    off=st.tuples(*[st.integers(-10, 10)] * 3),
)
def test_an_import_is_refused_when_a_sum_is_off_by_more_than_a_cent_for_each_line(
    lines: list[DraftLine], off: tuple[int, int, int]
) -> None:
    made = sum_of_lines(lines)
    assert made is not None
    excl, tax, incl = (Decimal(cents) / 100 for cents in off)
    stated = Totals(made.excl_tax_ccy + excl, made.tax_ccy + tax, made.incl_tax_ccy + incl)

    refused = bool(errors(check_amounts(an_import(lines=stated_lines(lines), totals=stated))))

    most = max(abs(excl), abs(tax), abs(incl), abs(excl + tax - incl))
    assert refused == (most > Decimal(len(lines)) / 100)


def test_an_absolute_discount_lowers_an_amount_of_either_sign_at_most_to_zero() -> None:
    thirty = Discount("absolute", Decimal(30))

    assert [discounted(Decimal(amount), thirty) for amount in (100, -100, 20, -20)] == [70, -70, 0, 0]


def stated_lines(lines: list[DraftLine]) -> tuple[DraftLine, ...]:
    """The lines as a document states them: after discounts, with tax and total."""
    taken = [line_totals(line) for line in lines]
    return tuple(
        a_line(tax_ccy=t.tax_ccy, amount_incl_tax_ccy=t.incl_tax_ccy) for t in taken if t is not None
    )
