import os
import signal
from pathlib import Path

import pytest

from pennybridge.errors import StylesheetError
from pennybridge.invoicing.check_facturx import (
    check_facturx,
    french_rules_for,
    read_svrl,
    rules_for,
    schema_for,
)
from pennybridge.invoicing.cii import read_cii
from pennybridge.invoicing.einvoice import ElectronicInvoice, TradeParty
from pennybridge.invoicing.problems import Source
from pennybridge.invoicing.stylesheets import StylesheetRunner
from pennybridge.invoicing.xml_paths import UnreadableXmlError, parse_xml
from tests.invoicing.sample_xml import cii

COPY = """<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><seen><xsl:value-of select="name(*)"/></seen></xsl:template></xsl:stylesheet>"""
ENDLESS = """<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><a><xsl:call-template name="again"/></a></xsl:template>
<xsl:template name="again"><xsl:if test="sum(1 to 1000000000) gt 0"><xsl:call-template name="again"/></xsl:if>
</xsl:template></xsl:stylesheet>"""
SOURCE = Source("a.xml")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "copy.xsl"
    path.write_text(COPY)
    return path


def test_a_stylesheet_runs_in_a_child_that_stays(copy: Path, runner: StylesheetRunner) -> None:
    assert "<seen>a</seen>" in runner.run(copy, "<a/>")
    assert "<seen>b</seen>" in runner.run(copy, "<b/>")


def test_what_saxon_cannot_do_is_an_error_and_the_child_stays(copy: Path, runner: StylesheetRunner) -> None:
    with pytest.raises(StylesheetError, match="could not be run"):
        runner.run(copy, "<a>")
    with pytest.raises(StylesheetError, match=r"absent\.xsl"):
        runner.run(copy.with_name("absent.xsl"), "<a/>")

    assert "<seen>a</seen>" in runner.run(copy, "<a/>")


def test_a_killed_child_is_said_and_replaced(copy: Path) -> None:
    with StylesheetRunner() as runner:
        runner.run(copy, "<a/>")
        child = runner._child
        assert child is not None
        os.kill(child.pid, signal.SIGSTOP)  # it cannot answer before it dies
        os.kill(child.pid, signal.SIGKILL)

        outcomes = []
        for _ in range(2):
            try:
                outcomes.append(runner.run(copy, "<a/>"))
            except StylesheetError as error:
                outcomes.append(str(error))

        assert "<seen>a</seen>" in outcomes[-1]
        assert runner._child is not None
        assert runner._child.pid != child.pid


def test_a_stylesheet_that_never_ends_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "endless.xsl"
    path.write_text(ENDLESS)

    with StylesheetRunner(answer_within=1.5) as runner, pytest.raises(StylesheetError, match="took too long"):
        runner.run(path, "<a/>")


def test_rules_that_could_not_be_run_are_unchecked_not_passed() -> None:
    xml = cii("basic", number="F-1")

    class Deaf(StylesheetRunner):
        def run(self, stylesheet: Path, xml: str) -> str:
            raise StylesheetError(f"{stylesheet.name} {len(xml)}")

    checked = check_facturx(xml, read_cii(parse_xml(xml)), SOURCE, Deaf())

    assert (checked.xsd, checked.en16931, checked.french) == ("passed", "unchecked", "unchecked")
    assert [(problem.rule, problem.severity) for problem in checked.problems] == [
        ("UNCHECKED", "warning")
    ] * 2


def test_broken_rules_are_named_and_in_the_words_of_the_standard(runner: StylesheetRunner) -> None:
    xml = cii("basic", number="F-1").replace(b">PMD<", b">XXX<").replace(b">169.65<", b">170.65<")

    checked = check_facturx(xml, read_cii(parse_xml(xml)), SOURCE, runner)

    rules = [problem.rule for problem in checked.problems]
    assert (checked.xsd, checked.en16931, checked.french) == ("passed", "failed", "failed")
    assert {"BR-CO-15", "BR-FR-05"} <= set(rules)


def test_more_than_the_profile_allows_is_a_warning_where_the_document_is_sound(
    runner: StylesheetRunner,
) -> None:
    xml = cii("basic", number="F-1").replace(
        b"urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", b"urn:factur-x.eu:1p0:minimum"
    )

    checked = check_facturx(xml, read_cii(parse_xml(xml)), SOURCE, runner)

    xsd = [problem for problem in checked.problems if problem.rule == "XSD"]
    assert checked.xsd == "failed"
    assert [problem.severity for problem in xsd] == ["warning"]
    assert "holds more than its profile" in xsd[0].message


def test_each_profile_has_its_schema_and_rules() -> None:
    french = TradeParty(country="FR")
    extended = ElectronicInvoice(syntax="cii", guideline="urn:x:extended", seller=french)
    unknown = ElectronicInvoice(syntax="cii", guideline="urn:x", seller=TradeParty(country="DE"))
    old = ElectronicInvoice(syntax="zugferd1", guideline="urn:ferd:x:basic", seller=french)
    root = parse_xml(b"<CrossIndustryInvoice/>")

    assert rules_for(extended) == "facturx-extended/FACTUR-X_EXTENDED.xslt"
    assert french_rules_for(extended) == "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
    assert schema_for(root, unknown) == "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd"
    assert rules_for(unknown) == "facturx-en16931/FACTUR-X_EN16931.xslt"
    assert french_rules_for(unknown) is None
    assert (rules_for(old), french_rules_for(old)) == (None, None)


def test_a_rule_the_standard_only_warns_of_has_no_name_for_strictness() -> None:
    svrl = """<s:schematron-output xmlns:s="http://purl.oclc.org/dsdl/svrl">
    <s:failed-assert id="A" flag="warning"><s:text>[UBL-CR-1]-Should not</s:text></s:failed-assert>
    <s:failed-assert id="FX-1" location="/*:A[1]/*:B[1]/@c"><s:text>Not allowed.</s:text></s:failed-assert>
    <s:failed-assert id="C"><s:text>[BR-CO-15]-Total</s:text></s:failed-assert>
    <s:failed-assert id="C"><s:text>[BR-CO-15]-Total</s:text></s:failed-assert></s:schematron-output>"""

    assert [rule for rule, _ in read_svrl(svrl)] == [None, "FX-1", "BR-CO-15"]
    assert "Not allowed. (in A/B/c)" in [text for _, text in read_svrl(svrl)]


def test_entities_are_not_read() -> None:
    with pytest.raises(UnreadableXmlError, match="document type"):
        parse_xml(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
