from decimal import Decimal
from pathlib import Path

import pytest

from pennybridge.invoicing.drafts import Party
from pennybridge.invoicing.problems import Source
from pennybridge.invoicing.references import external_reference, file_digest
from tests.invoicing.drafting import a_draft, a_line, an_import


def test_the_sources_own_reference_comes_first() -> None:
    assert external_reference(a_draft(reference=" SHOP-1 ")) == "SHOP-1"


@pytest.mark.parametrize(
    ("seller", "reference"),
    [
        (Party(name="Le Fournisseur", reg_no="73282932000074"), "732829320-F-2026-1"),
        (Party(name="Le Fournisseur", vat_number="FR 44 732829320"), "732829320-F-2026-1"),
        (Party(name="Lieferant GmbH", vat_number="DE136695976"), "DE136695976-F-2026-1"),
        (Party(name="Lieferant GmbH", identifier="4000001123452"), "4000001123452-F-2026-1"),
        (Party(name="Café & Söhne"), "cafe-sohne-F-2026-1"),
        (None, "F-2026-1"),
    ],
)
def test_an_existing_invoice_is_known_by_its_seller_and_number(seller: Party | None, reference: str) -> None:
    assert external_reference(an_import(reference="", seller=seller)) == reference


def test_content_alone_decides_when_nothing_else_is_given() -> None:
    first = external_reference(a_draft(reference=""))

    assert first == external_reference(a_draft(reference="", source=Source("copy.csv", 40)))
    assert first == external_reference(a_draft(reference="", lines=(a_line(unit_price=Decimal("100.0")),)))
    assert first != external_reference(a_draft(reference="", lines=(a_line(unit_price=Decimal("100.01")),)))
    assert first != external_reference(a_draft(reference="", subject="other"))


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    for name, content in (("a.pdf", b"x" * 3_000_000), ("b.pdf", b"x" * 3_000_000), ("c.pdf", b"y")):
        (tmp_path / name).write_bytes(content)

    assert (
        file_digest(tmp_path / "a.pdf") == file_digest(tmp_path / "b.pdf") != file_digest(tmp_path / "c.pdf")
    )
