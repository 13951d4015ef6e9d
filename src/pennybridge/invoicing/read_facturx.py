"""A PDF or XML file → the electronic invoice in it, or the reason why there is none.

The file is looked at, not trusted: what it is follows from its bytes, never from its name.
"""

import io
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from pennybridge.invoicing.cii import read_cii
from pennybridge.invoicing.einvoice import ElectronicInvoice
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.ubl import read_ubl
from pennybridge.invoicing.xml_paths import UnreadableXmlError, local_name, parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
    from pypdf import PdfReader

LARGEST = 100 * 1024 * 1024
"""Bytes that Pennylane takes (https://pennylane.readme.io/reference/postfileattachments): 100 MB."""

Kind = Literal["pdf", "xml"]
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_NAMES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")
_REPAIR = "ask the sender for the file again, or print it to a new PDF and give its data in a sidecar"


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a file. `invoice` is None for a plain PDF and for whatever is refused."""

    kind: Kind | None = None
    xml: bytes | None = None
    """The invoice's XML as embedded, also when it could not be read."""
    xml_name: str | None = None
    invoice: ElectronicInvoice | None = None
    problems: tuple[Problem, ...] = ()


def read_document(path: Path) -> Document:
    """What a PDF or XML file holds; problems instead of exceptions, whatever the bytes."""
    source = Source(str(path))
    try:
        if path.stat().st_size > LARGEST:
            size = path.stat().st_size // (1024 * 1024)
            return _refused(
                source, f"is {size} MB, Pennylane takes 100 MB", "make it smaller, as by fewer scans"
            )
        content = path.read_bytes()
    except OSError as error:
        return _refused(source, f"cannot be read: {error.strerror}", "check its name and your rights to it")
    return parse_document(content, source)


def parse_document(content: bytes, source: Source) -> Document:
    """As `read_document`, of bytes already read."""
    if not content:
        return _refused(source, "is empty", "export it again")
    if b"%PDF-" in content[:1024]:
        return _read_pdf(content, source)
    if content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<"):
        if source.file.lower().endswith(".pdf"):
            return _refused(source, "is XML under a .pdf name", "rename it to .xml, or give the PDF")
        return _read_xml(content, source, kind="xml", name=None)
    found = "a PNG picture" if content.startswith(b"\x89PNG") else "neither a PDF nor XML"
    return _refused(source, f"is {found}", "give an invoice as PDF, Factur-X or XML")


def _refused(source: Source, message: str, mend: str) -> Document:
    return Document(problems=(source.problem("file", message, mend),))


def _read_pdf(content: bytes, source: Source) -> Document:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what matters of it comes back as problems
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            reader = pypdf.PdfReader(io.BytesIO(content))
            if reader.is_encrypted and not reader.decrypt(""):
                return _refused(source, "is protected by a password", "give it without the password")
            pages = len(reader.pages)
            attached = _attached(reader)
            shortcomings = pdf_shortcomings(reader, source) if attached else []
        except Exception as error:  # noqa: BLE001 - a broken file makes pypdf raise nearly anything
            return _refused(source, f"is a broken PDF: {error}", _REPAIR)
    if not pages:
        return _refused(source, "is a PDF without pages", _REPAIR)
    if not attached:
        return Document(kind="pdf")
    name, xml = attached
    document = _read_xml(xml, source, kind="pdf", name=name)
    return msgspec.structs.replace(document, problems=(*shortcomings, *document.problems))


def _attached(reader: "PdfReader") -> tuple[str, bytes] | None:
    """The attached invoice: the file with a standard's name, else the first that is an invoice or order."""
    files = [(attachment.name, attachment.content or b"") for attachment in reader.attachment_list]
    xmls = [(name, content) for name, content in files if name.lower().endswith(".xml")]
    for name, content in xmls:
        if name.lower() in _NAMES:
            return name, content
    return next((found for found in xmls if _looks_like_trade(found[1])), None)


def _looks_like_trade(content: bytes) -> bool:
    try:
        return refusal_of(parse_xml(content)) != _UNKNOWN
    except UnreadableXmlError:
        return False


def pdf_shortcomings(reader: "PdfReader", source: Source) -> list[Problem]:
    """Where a PDF falls short of Factur-X and PDF/A-3, though the data inside can be read."""
    catalog = reader.root_object
    attachment = next(iter(reader.attachment_list))
    found: list[tuple[str, str]] = []
    if attachment.name.lower() not in (*_NAMES, "order-x.xml"):
        found.append(("FX-NAME", f"the embedded file is called {attachment.name}, not factur-x.xml"))
    relation = attachment.associated_file_relationship
    if relation not in {"/Data", "/Source", "/Alternative"}:
        found.append(("FX-AFRELATIONSHIP", f"the embedded file has relationship {relation or 'none'}"))
    if "/AF" not in catalog:
        found.append(("FX-AF", "the catalog does not list the embedded file (/AF)"))
    if "/OutputIntents" not in catalog:
        found.append(("PDF-A", "it is not PDF/A: no output intent"))
    mend = "ask the sender to make it with a Factur-X tool"
    return [source.problem("file", message, mend, "warning", rule) for rule, message in found]


_UNKNOWN = "is XML, but not an invoice we know"


def refusal_of(root: "Element") -> str | None:
    """Why a document is not an invoice that can be read; None if it is one."""
    name = local_name(root)
    namespace = root.nsmap.get(root.prefix) or ""
    if name in {"CrossIndustryInvoice", "CrossIndustryDocument"}:
        return None
    if name in {"Invoice", "CreditNote"} and namespace.startswith(_UBL):
        return None
    return {
        "SCRDMCCBDACIOMessageStructure": "is an order (Order-X), not an invoice",
        "CrossDomainAcknowledgementAndResponse": "is a life-cycle message (CDAR), not an invoice",
        "ApplicationResponse": "is an answer to an invoice, not an invoice",
        "Order": "is an order (UBL), not an invoice",
    }.get(name, _UNKNOWN)


def _read_xml(content: bytes, source: Source, *, kind: Kind, name: str | None) -> Document:
    document = Document(kind=kind, xml=content, xml_name=name)
    where = "xml" if kind == "pdf" else "file"
    try:
        root = parse_xml(content)
    except UnreadableXmlError as error:
        problem = source.problem(
            where, str(error), "ask the sender for a valid file, or give its data in a sidecar"
        )
        return msgspec.structs.replace(document, problems=(problem,))
    if refusal := refusal_of(root):
        problem = source.problem(
            where, refusal, "leave it out; only invoices and credit notes can be imported"
        )
        return msgspec.structs.replace(document, problems=(problem,))
    invoice = read_ubl(root) if root.nsmap.get(root.prefix, "").startswith(_UBL) else read_cii(root)
    problems = [
        source.problem(
            item.term, f"{item.text!r} cannot be read", f"it should be {item.wanted}", "warning", "FORMAT"
        )
        for item in invoice.unreadable
    ]
    return msgspec.structs.replace(document, invoice=invoice, problems=tuple(problems))
