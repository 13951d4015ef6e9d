"""Why MRR of a product moves: quantity and price told apart, products added, dropped and changed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.models.books import Books, Line

Ask = Callable[..., list[tuple[Any, ...]]]

SPLIT = (
    "select cause, start_quantity, end_quantity, volume_base, price_base, currency_effect_base "
    "from metrics.product_movements where granularity = 'month' and cause not like '%customer' "
    "order by period_index, price_id"
)
CAUSES = (
    "select cause, movement_base from metrics.product_movements "
    "where granularity = 'month' and cause not like '%customer' order by period_index, movement_base"
)
DAYS = {"2025-01": 31, "2025-02": 28, "2025-03": 31}


def bill(books: Books, customer: int, month: str, *lines: Line, **columns: Any) -> int:
    """An invoice of lines over one month."""
    first, last = f"{month}-01", f"{month}-{DAYS[month]}"
    dated = [Line(**{**line.__dict__, "period": line.period or (first, last)}) for line in lines]
    return books.add_invoice(customer, first, dated, **columns)


def seats(number: float | str, price: float, **columns: Any) -> Line:
    return Line(str(round(float(number) * price, 2)), "Abonnement Pro", quantity=str(number), **columns)


def test_more_seats_at_a_higher_price_are_volume_at_the_old_price_and_price_on_all_of_them(
    books: Books, ask: Ask
) -> None:
    """10 seats at 20 become 12 at 21: 2 x 20 = 40 of volume, 12 x 1 = 12 of price, 52 in all."""
    customer = books.add_customer()
    bill(books, customer, "2025-01", seats(10, 20))
    bill(books, customer, "2025-02", seats(12, 21))

    assert ask(SPLIT, as_of="2025-02-28") == [("quantity_and_price", 10.0, 12.0, 40.0, 12.0, 0.0)]


def test_a_seat_added_in_mid_month_is_volume(books: Books, ask: Ask) -> None:
    """51.61 for 16 to 31 March is 99.99 a month: 100 of volume and a cent less of price."""
    customer = books.add_customer()
    bill(books, customer, "2025-02", seats(1, 100))
    bill(books, customer, "2025-03", seats(1, 100), seats(1, 51.61, period=("2025-03-16", "2025-03-31")))

    [(cause, *quantities, volume, price, _)] = ask(SPLIT, as_of="2025-03-31")

    assert (cause, *quantities, volume) == ("quantity_and_price", 1.0, 2.0, 100.0)
    assert price == pytest.approx(-0.0056)


def test_a_discount_is_price_and_leaves_the_quantity(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    bill(books, customer, "2025-01", seats(10, 20))
    books.add_invoice(
        customer, "2025-02-01",
        [seats(10, 20, period=("2025-02-01", "2025-02-28")), Line(-30, "Remise fidélité")],
    )  # fmt: skip

    assert ask(SPLIT, as_of="2025-02-28") == [("quantity_and_price", 10.0, 10.0, 0.0, -30.0, 0.0)]


def test_the_exchange_rate_is_neither_volume_nor_price(books: Books, ask: Ask) -> None:
    """10 x 10 USD at 0.95 become 12 x 10 USD at 1.00: currency 5, then 2 seats at 10 EUR."""
    customer = books.add_customer()
    bill(books, customer, "2025-01", seats(10, 10), currency="USD", rate="0.95")
    bill(books, customer, "2025-02", seats(12, 10), currency="USD", rate="1")

    assert ask(SPLIT, as_of="2025-02-28") == [("quantity_and_price", 10.0, 12.0, 20.0, 0.0, 5.0)]
    by_product = "select expansion_mrr_base, currency_effect_base from metrics.mrr_by_product "
    assert ask(by_product + "where granularity = 'month' order by 1", as_of="2025-02-28")[-1] == (20.0, 5.0)


def test_months_as_a_unit_are_divided_by_the_months_they_cover(books: Books, ask: Ask) -> None:
    """A month at 100, then twelve at 90: the quantity is one both times, the price falls by ten."""
    customer = books.add_customer()
    bill(books, customer, "2025-01", Line(100, quantity=1, unit="month"))
    books.add_invoice(
        customer, "2025-02-01", [Line(1080, quantity=12, unit="month", period=("2025-02-01", "2026-01-31"))]
    )

    assert ask(SPLIT, as_of="2025-02-28") == [("quantity_and_price", 1.0, 1.0, 0.0, -10.0, 0.0)]


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        (Line(100, quantity=0), Line(120, quantity=2), "quantity_unknown"),
        (Line(100, quantity=1, unit="piece"), Line(120, quantity=2, unit="hour"), "units_mixed"),
        (
            Line(100, quantity=1),
            Line(1080, quantity=12, period=("2025-02-01", "2026-01-31")),
            "billing_rhythm_changed",  # twelve seats, or twelve months of one?
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_quantities_do_not_tell_is_said_and_not_split(
    books: Books, ask: Ask, before: Line, after: Line, cause: str
) -> None:
    customer = books.add_customer()
    bill(books, customer, "2025-01", before)
    bill(books, customer, "2025-02", after)

    [(found, _, _, volume, price, _)] = ask(SPLIT, as_of="2025-02-28")

    assert (found, volume, price) == (cause, 0.0, 0.0)


def test_the_same_seats_paid_by_the_year_move_by_price_alone(books: Books, ask: Ask) -> None:
    customer = books.add_customer()
    bill(books, customer, "2025-01", seats(5, 20))
    books.add_invoice(customer, "2025-02-01", [seats(5, 192, period=("2025-02-01", "2026-01-31"))])

    assert ask(SPLIT, as_of="2025-02-28") == [("quantity_and_price", 5.0, 5.0, 0.0, -20.0, 0.0)]


def test_what_a_customer_adds_drops_and_changes_is_cross_sell_dropped_and_mix(books: Books, ask: Ask) -> None:
    """A is joined by B, B is changed for C, and C goes: the customer stays with A throughout."""
    customer = books.add_customer()
    a, b, c = (Line(price, f"Abonnement {name}") for name, price in (("A", 100), ("B", 30), ("C", 45)))
    for month, lines in (("2025-01", (a, b)), ("2025-02", (a, c)), ("2025-03", (a,))):
        bill(books, customer, month, *lines)

    assert ask(CAUSES, as_of="2025-04-20") == [
        ("product_mix", -30.0),
        ("product_mix", 45.0),
        ("dropped_product", -45.0),
    ]
    another = books.add_customer()
    bill(books, another, "2025-01", a)
    bill(books, another, "2025-02", a, b)
    assert ("cross_sell", 30.0) in ask(CAUSES, as_of="2025-02-28")
