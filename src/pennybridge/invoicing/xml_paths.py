"""Looking into XML by local names: the namespaces of ZUGFeRD 1 and CII differ, their names hardly do."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from pennybridge.invoicing.einvoice import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


class UnreadableXmlError(ValueError):
    """The bytes are not an XML document that may be read."""


def parse_xml(content: bytes) -> "Element":
    """The root of a document; no entities, no DTD, no network.

    Raises:
        UnreadableXmlError: It is not well formed, or carries a document type, which no invoice needs.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableXmlError(f"is not well-formed XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableXmlError("carries a document type declaration, which may hide entities")
    return root


def local_name(node: "Element") -> str:
    """The tag without its namespace; empty for comments."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def find_all(node: "Element | None", path: str) -> Iterator["Element"]:
    """Every descendant at a path of local names, `A|B/C`: `|` separates names that stand for each other."""
    if node is None:
        return
    step, _, rest = path.partition("/")
    names = step.split("|")
    for child in node:
        if local_name(child) in names:
            if rest:
                yield from find_all(child, rest)
            else:
                yield child


def find(node: "Element | None", path: str) -> "Element | None":
    """The first of `find_all`, or None."""
    return next(find_all(node, path), None)


def text_at(node: "Element | None", path: str) -> str | None:
    """The text at a path, without spaces around it; None if absent or empty."""
    found = find(node, path)
    return text_of(found)


def text_of(node: "Element | None") -> str | None:
    """The text of a node, None if absent or empty."""
    text = None if node is None or node.text is None else node.text.strip()
    return text or None


class ValueReader:
    """Reads typed values and keeps those that are there but cannot be read."""

    def __init__(self) -> None:
        self.unreadable: list[Unreadable] = []

    def decimal(self, node: "Element | None", path: str) -> Decimal | None:
        """The decimal at a path."""
        return self.decimal_of(text_at(node, path), path)

    def decimal_of(self, text: str | None, term: str) -> Decimal | None:
        """The decimal that a text is."""
        if text is None:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and re.fullmatch(r"[+-]?\d{0,12}(\.\d{0,15})?", text):
            return number
        self.unreadable.append(Unreadable(_term(term), text, "digits with a decimal point"))
        return None

    def date(self, node: "Element | None", path: str, *, last: bool = False) -> dt.date | None:
        """The day at a path: `2026-03-31` of UBL, `20260331` (format 102) of CII.

        Of a month (format 610) or a week (616) the first day, or with `last` the last.
        """
        found = find(node, path)
        text = text_of(found)
        if found is None or text is None:
            return None
        form = found.get("format")
        if "-" in text and form:
            self.unreadable.append(Unreadable(_term(path), text, "20260331, as its format attribute says"))
        try:
            return _day(text, form, last=last)
        except ValueError:
            self.unreadable.append(Unreadable(_term(path), text, "a day of the calendar"))
            return None


def _day(text: str, form: str | None, *, last: bool) -> dt.date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?", text):
        return dt.date.fromisoformat(text[:10])
    if form == "610":
        year, month = int(text[:4]), int(text[4:])
        return dt.date(year, month, calendar.monthrange(year, month)[1] if last else 1)
    if form == "616":
        return dt.date.fromisocalendar(int(text[:4]), int(text[4:]), 7 if last else 1)
    if not re.fullmatch(r"\d{8}(\d{4}(\d\d)?)?", text):
        raise ValueError(text)
    return dt.date.fromisoformat(text[:8])


def _term(path: str) -> str:
    """The name to show for a path: its last step, else that of the element around a date."""
    steps = [step.split("|")[0] for step in path.split("/")]
    return steps[-2] if steps[-1] == "DateTimeString" and len(steps) > 1 else steps[-1]
