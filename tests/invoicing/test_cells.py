import datetime as dt
from decimal import Decimal

import pytest

from pennybridge.invoicing.cells import UnreadableCellError, Value, read_cell
from pennybridge.invoicing.drafts import CategoryWeight, Discount
from pennybridge.invoicing.fields import Kind


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("amount", "1 234,5", Decimal("1234.5")),
        ("amount", "1 234,50 €", Decimal("1234.50")),
        ("amount", "1,234,567.89", Decimal("1234567.89")),
        ("amount", "1.234.567,89", Decimal("1234567.89")),
        ("amount", "-.5", Decimal("-0.5")),
        ("date", "1.3.2026", dt.date(2026, 3, 1)),
        ("date", "2026/3/1", dt.date(2026, 3, 1)),
        ("discount", "12,5 %", Discount("relative", Decimal("12.5"))),
        ("discount", "12.50", Discount("absolute", Decimal("12.50"))),
        ("status", "Définitive", "final"),
        ("kind", "Particulier", "individual"),
        ("substance", "prestations", "services"),
        ("language", "FR", "fr_FR"),
        ("conditions", "30 days", "30_days"),
        ("yes_no", "Oui", "yes"),
        ("id", "25465420529664", 25465420529664),
        ("digits", "732 829 320", "732829320"),
        ("country", "fr", "FR"),
        ("country", "France", "FR"),
        ("country", "Royaume-Uni", "GB"),
        ("currency", "£", "GBP"),
        ("emails", "a@b.fr; c@d.fr", ("a@b.fr", "c@d.fr")),
        ("text", "x", "x"),
        (
            "categories",
            "Zone/France=0,25 | 42=0.75 | Other",
            (
                CategoryWeight(label="France", group="Zone", weight=Decimal("0.25")),
                CategoryWeight(id=42, weight=Decimal("0.75")),
                CategoryWeight(label="Other", weight=Decimal(1)),
            ),
        ),
    ],
)
def test_a_cell_is_read_as_people_write_it(kind: Kind, text: str, value: Value) -> None:
    assert read_cell(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "mend"),
    [
        ("amount", "1,234", "write the one that is meant"),
        ("amount", "1.2.3", "as 1234.50"),
        ("amount", "1,23,4.5", "as 1234.50"),
        ("amount", "1.23.4,5", "as 1234.50"),
        ("amount", "abc", "as 1234.50"),
        ("amount", "1" * 13, "less than a million million"),
        ("amount", "0." + "1" * 40, "less than a million million"),
        ("date", "12/31/2026", "as 2026-03-31"),
        ("date", "46082", "write 2026-03-01"),
        ("date", "soon", "as 2026-03-31"),
        ("status", "maybe", "write draft or final"),
        ("id", "F-1", "write its digits"),
        ("id", "0", "write its digits"),
        ("country", "Atlantis", "two letters"),
        ("currency", "XXX", "ISO 4217"),
        ("emails", "a@b", "name@example.com"),
        ("categories", "=1", "write Group/Label=0.5"),
    ],
)
def test_a_cell_that_cannot_be_read_says_what_to_write(kind: Kind, text: str, mend: str) -> None:
    with pytest.raises(UnreadableCellError) as caught:
        read_cell(kind, text)

    assert mend in caught.value.mend


def test_a_comma_is_a_decimal_comma_where_the_file_is_french() -> None:
    assert read_cell("amount", "1,234", decimal_comma=True) == Decimal("1.234")
