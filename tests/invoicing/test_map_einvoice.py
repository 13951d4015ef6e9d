import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from pennybridge.invoicing.check_einvoice import check_sums
from pennybridge.invoicing.drafts import Attachment, Totals
from pennybridge.invoicing.einvoice import (
    AllowanceCharge,
    ElectronicInvoice,
    Identifier,
    InvoiceItem,
    StatedTotals,
    Tax,
    TradeParty,
)
from pennybridge.invoicing.map_einvoice import Mapped, map_einvoice
from pennybridge.invoicing.problems import Source

D = Decimal
SOURCE = Source("a.pdf")


def item(total: str, rate: str | None = "20", **given: Any) -> InvoiceItem:
    category = given.pop("category", "S")
    line = InvoiceItem(
        name="x",
        quantity=D(1),
        price=D(total),
        total=D(total),
        category=category,
        rate=None if rate is None else D(rate),
    )
    return msgspec.structs.replace(line, **given)


def tax(basis: str, amount: str, rate: str | None = "20", category: str = "S") -> Tax:
    return Tax(category=category, rate=None if rate is None else D(rate), basis=D(basis), amount=D(amount))


def stated(excl: str, tax_total: str, incl: str, **given: Any) -> StatedTotals:
    return StatedTotals(tax_basis_total=D(excl), tax_total=D(tax_total), grand_total=D(incl), **given)


def an_invoice(**given: Any) -> ElectronicInvoice:
    invoice = ElectronicInvoice(
        syntax="cii",
        type_code="380",
        number="F-1",
        date=dt.date(2026, 3, 1),
        due_date=dt.date(2026, 3, 31),
        currency="EUR",
        seller=TradeParty(name="S", country="FR", vat_number="FR11123456782"),
        buyer=TradeParty(name="B", country="FR"),
        items=(item("100.00"),),
        taxes=(tax("100.00", "20.00"),),
        totals=stated("100.00", "20.00", "120.00"),
    )
    return msgspec.structs.replace(invoice, **given)


def mapped(**given: Any) -> Mapped:
    return map_einvoice(an_invoice(**given), SOURCE, way="import", attachment=Attachment("a.pdf"))


def codes(found: Mapped) -> list[str | None]:
    return [line.vat_code for line in found.draft.lines]


@pytest.mark.parametrize(
    ("category", "rate", "code"),
    [
        ("S", "20", "FR_200"),
        ("S", "5.50", "FR_55"),
        ("E", "0", "exempt"),
        ("Z", "0", "exempt"),
        ("O", None, "exempt"),
        ("G", "0", "extracom"),
        ("K", "0", "crossborder"),
        ("AE", "0", "crossborder"),
    ],
)
def test_a_category_and_rate_give_one_code(category: str, rate: str | None, code: str) -> None:
    charged = D("20.00") if category == "S" and rate == "20" else D("5.50") if category == "S" else D(0)
    found = mapped(
        items=(item("100.00", rate, category=category),),
        taxes=(tax("100.00", str(charged), rate, category),),
        totals=stated("100.00", str(charged), str(100 + charged)),
    )

    assert codes(found) == [code]
    assert found.draft.lines[0].tax_ccy == charged
    assert found.problems == ()


def test_a_rate_is_that_of_the_sellers_country() -> None:
    german = TradeParty(name="S", country="FR", vat_number="DE136695976")
    greek = TradeParty(name="S", vat_number="EL094501040")

    assert codes(
        mapped(seller=german, items=(item("1", "19"),), taxes=(), totals=stated("1", ".19", "1.19"))
    ) == ["DE_190"]
    assert codes(
        mapped(seller=greek, items=(item("1", "24"),), taxes=(), totals=stated("1", ".24", "1.24"))
    ) == ["GR_240"]


def test_a_rate_pennylane_lacks_keeps_its_tax_under_mixed_and_says_so() -> None:
    found = mapped(
        items=(item("100.00", "16"),),
        taxes=(tax("100", "16", "16"),),
        totals=stated("100", "16.00", "116.00"),
        seller=TradeParty(name="S", country="DE"),
    )

    assert (codes(found), found.draft.lines[0].tax_ccy) == (["mixed"], D("16.00"))
    assert "no VAT code for 16 % in DE; mixed is taken" in found.problems[0].message


def test_a_zero_rate_without_a_reason_is_exempt_and_says_so() -> None:
    found = mapped(items=(item("100.00", "0"),), taxes=(), totals=stated("100.00", "0", "100.00"))

    assert codes(found) == ["exempt"]
    assert [problem.severity for problem in found.problems] == ["warning"]


def test_a_minimum_file_tells_its_rate_by_its_amounts_when_only_one_fits() -> None:
    one = mapped(items=(), taxes=())
    two = mapped(items=(), taxes=(), totals=stated("100.00", "15.00", "115.00"))
    none = mapped(items=(), taxes=(), totals=stated("100.00", "0.00", "100.00"))

    assert (codes(one), codes(two), codes(none)) == (["FR_200"], ["mixed"], ["exempt"])


def test_line_allowances_change_the_price_so_that_price_times_quantity_is_the_total() -> None:
    line = item("95.00", quantity=D(10), price=D(10))

    (draft_line,) = mapped(
        items=(line,), taxes=(tax("95", "19"),), totals=stated("95", "19", "114")
    ).draft.lines

    assert draft_line.unit_price == D("9.5")
    assert draft_line.amount_incl_tax_ccy == D("114.00")


def test_a_price_for_several_units_becomes_the_price_of_one() -> None:
    line = item("50.00", quantity=D(1000), price=D(5), price_quantity=D(100), unit_code="XX")

    (draft_line,) = mapped(
        items=(line,), taxes=(tax("50", "10"),), totals=stated("50", "10", "60")
    ).draft.lines

    assert (draft_line.unit_price, draft_line.unit) == (D("0.05"), "XX")


def test_cents_that_rounding_moved_go_back_to_the_largest_line() -> None:
    items = (item("0.33"), item("0.33"), item("0.34"))  # 0.07 + 0.07 + 0.07, but 20 % of 1.00 is 0.20

    lines = mapped(
        items=items, taxes=(tax("1.00", "0.20"),), totals=stated("1.00", "0.20", "1.20")
    ).draft.lines

    assert [line.tax_ccy for line in lines] == [D("0.07"), D("0.07"), D("0.06")]
    assert sum(line.amount_incl_tax_ccy or 0 for line in lines) == D("1.20")


def test_remarks_and_group_headings_are_no_lines() -> None:
    heading = InvoiceItem(name="Part A", total=D("100.00"), is_detail=False)
    remark = InvoiceItem(name="Thank you")

    assert len(mapped(items=(heading, remark, item("100.00"))).draft.lines) == 1


def test_allowances_written_with_the_other_sign_than_their_total_follow_the_total() -> None:
    allowance = AllowanceCharge(amount=D("-10.00"), category="S", rate=D(20))
    totals = stated("90.00", "18.00", "108.00", line_total=D("100.00"), allowance_total=D("10.00"))

    lines = mapped(allowances=(allowance,), taxes=(tax("90", "18"),), totals=totals).draft.lines

    assert [line.unit_price for line in lines] == [D(100), D("-10.00")]


def test_lines_that_lie_are_replaced_by_one_for_each_rate() -> None:
    found = mapped(items=(item("120.00"),))

    assert [(line.unit_price, line.tax_ccy) for line in found.draft.lines] == [(D("100.00"), D("20.00"))]
    assert [(problem.field, problem.rule) for problem in found.problems] == [("lines", "BR-CO-10")]


def test_a_credit_note_that_is_negative_already_stays_so() -> None:
    found = mapped(
        type_code="381",
        items=(item("-100.00"),),
        taxes=(tax("-100", "-20"),),
        totals=stated("-100", "-20", "-120"),
        preceding=("F-0", "F-9"),
    )

    assert found.draft.totals == Totals(D(-100), D(-20), D(-120))
    assert found.draft.credits == "F-0"
    assert [problem.field for problem in found.problems] == ["total_incl_tax", "credits"]


@pytest.mark.parametrize(
    ("given", "field", "severity"),
    [
        ({"type_code": None}, "TypeCode", "warning"),
        ({"type_code": "999"}, "TypeCode", "error"),
        ({"number": None}, "number", "error"),
        ({"due_date": None}, "due_date", "warning"),
        ({"totals": stated("100", "20", "120", prepaid=D(20))}, "prepaid", "warning"),
        ({"totals": StatedTotals()}, "total_incl_tax", "error"),
    ],
)
def test_what_is_missing_or_left_over_is_said(given: dict[str, Any], field: str, severity: str) -> None:
    assert (field, severity) in [(problem.field, problem.severity) for problem in mapped(**given).problems]


@pytest.mark.parametrize(
    ("buyer", "reg_no"),
    [
        (TradeParty(legal_id=Identifier("987 654 324", "0002")), "987654324"),
        (TradeParty(identifiers=(Identifier("98765432400017", "0009"),)), "98765432400017"),
        (TradeParty(country="FR", legal_id=Identifier("987654324")), "987654324"),
        (TradeParty(country="DE", legal_id=Identifier("123456789")), None),
        (TradeParty(country="FR", legal_id=Identifier("RCS Lyon")), None),
    ],
)
def test_a_siren_or_siret_is_known_by_its_scheme_or_its_country(
    buyer: TradeParty, reg_no: str | None
) -> None:
    assert mapped(buyer=buyer).draft.customer.reg_no == reg_no


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"totals": stated("100", "20", "120", line_total=D(99), charge_total=D(1))}, "BR-CO-10"),
        ({"totals": stated("100", "20", "120", line_total=D(100), allowance_total=D(1))}, "BR-CO-13"),
        ({"totals": stated("100", "21", "121")}, "BR-CO-14"),
        ({"totals": stated("101", "20", "121")}, "BR-S-08"),
        ({"totals": stated("100", "20", "121")}, "BR-CO-15"),
        ({"totals": stated("100", "20", "120", due_payable=D(100))}, "BR-CO-16"),
        ({"taxes": (tax("100", "20", "10"),)}, "BR-CO-17"),
    ],
)
def test_sums_that_do_not_come_out_are_warned_of(given: dict[str, Any], rule: str) -> None:
    assert [problem.rule for problem in check_sums(an_invoice(**given), SOURCE)] == [rule]


def test_a_ubl_credit_note_reduces_though_its_code_is_that_of_an_invoice() -> None:
    found = mapped(syntax="ubl", is_ubl_credit_note=True)

    assert found.draft.is_credit_note
    assert [problem.field for problem in found.problems] == ["TypeCode"]
