"""What must hold of every invoice's amounts, whatever was sent."""

from decimal import Decimal
from typing import Any

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulator.writing import created, document, invoice, line, lines_of, uploaded

Json = dict[str, Any]

prices = st.decimals(min_value=0, max_value=99_999, places=6).map(lambda price: f"{price:f}")
quantities = st.decimals(min_value=-50, max_value=50, places=2).filter(bool).map(float)
vat_rates = st.sampled_from(["FR_200", "FR_55", "FR_1_05", "exempt", "DE_190", "FR_85"])
no_discount = st.none()
discounts = st.one_of(
    no_discount,
    st.builds(
        lambda kind, value: {"type": kind, "value": f"{value:f}"},
        st.sampled_from(["relative", "absolute"]),
        st.decimals(min_value=0, max_value=100, places=2),
    ),
)
lines = st.builds(
    lambda price, quantity, vat_rate, discount: line(
        price, quantity=quantity, vat_rate=vat_rate, **({"discount": discount} if discount else {})
    ),
    prices, quantities, vat_rates, discounts,
)  # fmt: skip
AMOUNTS = ("currency_amount", "currency_amount_before_tax", "currency_tax", "amount", "tax")

over_http = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def added(documents: list[Json], name: str) -> Decimal:
    """The sum of a field."""
    return sum((Decimal(one[name]) for one in documents), Decimal(0))


@over_http
@given(sent=st.lists(lines, min_size=1, max_size=4), currency=st.sampled_from(["EUR", "USD"]))
def test_an_invoice_is_the_sum_of_its_lines(
    http: httpx2.Client, customer: Json, sent: list[Json], currency: str
) -> None:
    """In its currency to the cent; in euros within a cent per line, since each line is booked by itself."""
    made = created(
        http.post("/customer_invoices", json=invoice(customer, *sent, currency=currency, draft=True))
    )
    kept = lines_of(http, made)

    for name in ("currency_amount", "currency_amount_before_tax", "currency_tax"):
        assert added(kept, name) == Decimal(made[name])
    for name in ("amount", "tax"):
        assert abs(added(kept, name) - Decimal(made[name])) <= Decimal("0.01") * len(kept)
    for one in (*kept, made):
        total = Decimal(one["currency_amount_before_tax"]) + Decimal(one["currency_tax"])
        assert total == Decimal(one["currency_amount"])
        assert Decimal(one["currency_amount"]).quantize(Decimal("0.01")) == Decimal(one["currency_amount"])


@over_http
@given(sent=st.lists(lines, min_size=1, max_size=4), discount=discounts)
def test_a_discount_lowers_an_invoice_and_never_turns_it(
    http: httpx2.Client, customer: Json, sent: list[Json], discount: Json | None
) -> None:
    whole = created(http.post("/customer_invoices", json=invoice(customer, *sent, draft=True)))
    less = {"discount": discount} if discount else {}
    reduced = created(http.post("/customer_invoices", json=invoice(customer, *sent, draft=True, **less)))

    before, after = (Decimal(made["currency_amount_before_tax"]) for made in (whole, reduced))
    assert abs(after) <= abs(before)
    assert after * before >= 0


@over_http
@given(before=st.lists(lines, min_size=1, max_size=3), after=st.lists(lines, min_size=1, max_size=3))
def test_a_draft_edited_is_a_draft_made_so(
    http: httpx2.Client, customer: Json, before: list[Json], after: list[Json]
) -> None:
    """No history in the amounts: only what the document says now counts."""
    draft = created(http.post("/customer_invoices", json=invoice(customer, *before, draft=True)))
    gone = [{"id": one["id"]} for one in lines_of(http, draft)]

    edits = {"invoice_lines": {"delete": gone, "create": after}, "currency": "USD"}
    edited = http.put(f"/customer_invoices/{draft['id']}", json=edits).json()
    made = created(
        http.post("/customer_invoices", json=invoice(customer, *after, draft=True, currency="USD"))
    )

    assert {name: edited[name] for name in AMOUNTS} == {name: made[name] for name in AMOUNTS}
    assert edited["status"] == made["status"]


@over_http
@given(sent=st.lists(lines, min_size=1, max_size=3))
def test_a_credit_note_is_its_invoice_turned(http: httpx2.Client, customer: Json, sent: list[Json]) -> None:
    turned = [one | {"quantity": -one["quantity"]} for one in sent]
    made = created(http.post("/customer_invoices", json=invoice(customer, *sent)))
    note = created(http.post("/customer_invoices", json=invoice(customer, *turned)))

    for name in (*AMOUNTS, "remaining_amount_with_tax", "remaining_amount_without_tax"):
        assert Decimal(made[name]) == -Decimal(note[name])


@over_http
@given(sent=st.lists(lines, min_size=1, max_size=3), number=st.integers(1, 10**12))
def test_what_was_created_can_be_imported_as_it_is(
    http: httpx2.Client, customer: Json, sent: list[Json], number: int
) -> None:
    """Its own totals pass the check of an import, and come back unchanged."""
    made = created(http.post("/customer_invoices", json=invoice(customer, *sent, draft=True)))
    names = ("label", "unit", "vat_rate", "raw_currency_unit_price", "currency_amount", "currency_tax")
    copied = [
        {**{name: one[name] for name in names}, "quantity": float(one["quantity"])}
        for one in lines_of(http, made)
    ]
    totals = {name: made[name] for name in AMOUNTS[:3]}
    file = uploaded(http, f"%PDF {number} {made['id']}".encode())

    body = document(customer, file, *copied, invoice_number=f"N{made['id']}", **totals)
    imported = created(http.post("/customer_invoices/import", json=body))

    assert {name: imported[name] for name in AMOUNTS} == {name: made[name] for name in AMOUNTS}
