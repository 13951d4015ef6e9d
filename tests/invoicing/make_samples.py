"""Makes the files in tests/data/invoices: one sale in every profile, syntax and kind of damage.

Run it when a sample is to change: `uv run python -m tests.invoicing.make_samples`.
"""

import io
from pathlib import Path

import facturx
import pypdf
import typst

from tests.invoicing.sample_xml import GUIDELINES, cii, document_of, ubl, zugferd_1

UNCEFACT = "urn:un:unece:uncefact:data:"
TARGET = Path(__file__).parents[1] / "data/invoices"


def page(text: str) -> bytes:
    """A one-page PDF/A."""
    source = f"""
    #set document(title: "Sample", date: datetime(year: 2026, month: 3, day: 1))
    #set text(lang: "fr")
    #set page(width: 9cm, height: 5cm)
    {text}"""
    made: bytes = typst.compile(
        source.encode(), format="pdf", pdf_standards=["a-3b"], ignore_system_fonts=True
    )
    return made


def hybrid(xml: bytes, level: str, *, flavor: str = "factur-x") -> bytes:
    """A PDF with the XML inside, as Factur-X wants it."""
    made: bytes = facturx.generate_from_binary(
        page("Facture"), xml, flavor=flavor, level=level, check_xsd=False, check_schematron=False,
        afrelationship="data" if level in {"minimum", "basicwl"} else "alternative",
    )  # fmt: skip
    return made


def loose(xml: bytes, name: str) -> bytes:
    """A PDF with the XML merely attached, under any name."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page("Facture")))
    writer.add_attachment(name, xml)
    return written(writer)


def locked() -> bytes:
    """A PDF behind a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page("Secret")))
    writer.encrypt("secret", algorithm="AES-256")
    return written(writer)


def written(writer: pypdf.PdfWriter) -> bytes:
    """The bytes of a PDF."""
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def samples() -> dict[str, bytes]:
    """Every sample by file name."""
    found = {f"{level}.pdf": hybrid(cii(level, number=f"F-{level}"), level) for level in list(GUIDELINES)[:5]}
    order, message = "SCRDMCCBDACIOMessageStructure", "CrossDomainAcknowledgementAndResponse"
    order_x = document_of(f"rsm:{order}", f'xmlns:rsm="{UNCEFACT}{order}:100"')
    cdar = document_of(f"rsm:{message}", f'xmlns:rsm="{UNCEFACT}standard:{message}:100"')
    whole = found["en16931.pdf"]
    wrong = (
        cii("basic", number="F-wrong")
        .replace(b">169.65<", b">170.65<")
        .replace(b">150.00</ram:Due", b">151.00</ram:Due")
    )
    return found | {
        "credit_381_positive.pdf": hybrid(
            cii("en16931", number="A-381", type_code="381", preceding="F-1"), "en16931"
        ),
        "credit_380_negative.pdf": hybrid(
            cii("en16931", number="A-380", sign=-1, preceding="F-1"), "en16931"
        ),
        "credit_384_negative.pdf": hybrid(
            cii("en16931", number="A-384", type_code="384", sign=-1, preceding="F-1"), "en16931"
        ),
        "zugferd_1.pdf": loose(zugferd_1(), "ZUGFeRD-invoice.xml"),
        "xrechnung.xml": cii("xrechnung", number="X-1"),
        "other_name.pdf": loose(cii("basic", number="F-name"), "facture.xml"),
        "invoice_ubl.xml": ubl("Invoice", number="U-1"),
        "credit_note_ubl.xml": ubl("CreditNote", number="U-2", references=["U-1"]),
        "plain.pdf": page("Facture F-plain, 120,00 EUR"),
        "order_x.pdf": loose(order_x, "order-x.xml"),
        "cdar.xml": cdar,
        "totals_wrong.pdf": hybrid(wrong, "basic"),
        "schema_invalid.xml": cii("basic", number="F-bad").replace(
            b"ram:IssueDateTime>", b"ram:IssuedDateTime>"
        ),
        "broken_xml.pdf": loose(cii("basic", number="F-broken")[:900], "factur-x.xml"),
        "password.pdf": locked(),
        "truncated.pdf": whole[: len(whole) // 2],
        "png_renamed.pdf": b"\x89PNG\r\n\x1a\n" + bytes(32),
        "xml_renamed.pdf": cii("minimum", number="F-renamed"),
        "empty.pdf": b"",
        "text_renamed.pdf": b"This is no invoice.\n",
    }


def main() -> None:
    """Write every sample."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, content in samples().items():
        (TARGET / name).write_bytes(content)


if __name__ == "__main__":
    main()
