"""Whatever the bytes: a reader answers with problems, it does not raise."""

import json
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pennybridge.invoicing.bodies import Found, import_body
from pennybridge.invoicing.check import check_draft
from pennybridge.invoicing.drafts import Attachment
from pennybridge.invoicing.map_einvoice import map_einvoice
from pennybridge.invoicing.problems import Source, errors
from pennybridge.invoicing.read_csv import parse_csv
from pennybridge.invoicing.read_facturx import parse_document
from pennybridge.invoicing.read_json import parse_json
from tests.invoicing.sample_xml import cii, ubl, zugferd_1

SAMPLES = Path(__file__).parents[1] / "data/invoices"


@cache
def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


names = st.sampled_from(["en16931.pdf", "extended.pdf", "zugferd_1.pdf", "password.pdf", "plain.pdf"])
documents = st.sampled_from([cii("extended", number="F"), zugferd_1(), ubl("Invoice", number="U")])
cuts = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 60), st.binary(max_size=6)), min_size=1, max_size=12
)
values = st.sampled_from(
    [b"-1", b"0", b"1e9", b"NaN", b"9" * 40, b"0." + b"9" * 40, b"x", b"", b"20260231", b"\xff"]
)


def damaged(content: bytes, wounds: list[tuple[float, int, bytes]]) -> bytes:
    for where, length, patch in wounds:
        at = int(where * len(content))
        content = content[:at] + patch + content[at + length :]
    return content


def follow(content: bytes) -> None:
    """What an import does with a file, up to the body it would send."""
    document = parse_document(content, Source("x.pdf"))
    if document.invoice is None:
        return
    mapped = map_einvoice(document.invoice, Source("x.pdf"), way="import", attachment=Attachment("x.pdf"))
    if not errors([*document.problems, *mapped.problems, *check_draft(mapped.draft)]):
        import_body(mapped.draft, Found(customer_id=1, file_attachment_id=2))


@given(names, cuts)
@settings(deadline=None, max_examples=120)
def test_a_damaged_pdf_raises_nothing(name: str, wounds: list[tuple[float, int, bytes]]) -> None:
    follow(damaged(sample(name), wounds))


@given(documents, st.lists(st.tuples(st.integers(0, 200), values), min_size=1, max_size=5))
@settings(deadline=None, max_examples=200)
def test_strange_values_in_an_invoice_raise_nothing(xml: bytes, changes: list[tuple[int, bytes]]) -> None:
    parts = xml.split(b">")
    for place, value in changes:
        at = place % len(parts)
        text, bracket, tag = parts[at].partition(b"<")
        parts[at] = value + bracket + tag if text.strip() else parts[at]

    document = parse_document(b">".join(parts), Source("x.xml"))
    if document.invoice is not None:
        mapped = map_einvoice(document.invoice, Source("x"), way="import", attachment=Attachment("x"))
        check_draft(mapped.draft)


@given(st.text(st.sampled_from('reference,label;vat\n\t"0123456789.,%-€éFR_ \x00'), max_size=200))
@settings(deadline=None)
def test_strange_tables_raise_nothing(text: str) -> None:
    heading = "reference,date,label,unit_price,quantity,vat,line_discount,total_incl_tax,categories\n"
    for content in (text.encode(), (heading + text).encode(), text.encode("utf-16")):
        for draft in parse_csv(content, "f.csv").drafts:
            check_draft(draft)


keys = st.sampled_from(
    ["lines", "customer", "label", "unit_price", "discount", "categories", "type", "value"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
@settings(deadline=None)
def test_strange_json_raises_nothing(value: object) -> None:
    for draft in parse_json(json.dumps(value).encode(), "f.json").drafts:
        check_draft(draft)
