"""Keys that a second run finds again: external references and digests, made from what the source says."""

import hashlib
import re
from pathlib import Path

import msgspec

from pennybridge.invoicing.drafts import Draft, Party
from pennybridge.invoicing.fields import plain
from pennybridge.invoicing.identifiers import siren_of

_BLOCK = 1 << 20


def external_reference(draft: Draft) -> str:
    """The reference Pennylane is given, the same for the same invoice in every run.

    The source's own reference; else seller and number of an invoice that exists; else a digest of the
    content, so that a changed row is another invoice.
    """
    if draft.reference.strip():
        return draft.reference.strip()
    if draft.number and draft.way != "create":
        return "-".join(part for part in (seller_key(draft.seller), draft.number.strip()) if part)
    return f"pb-{content_digest(draft)[:24]}"


def seller_key(seller: Party | None) -> str:
    """What tells sellers apart: SIREN, else VAT number, else another identifier, else the name."""
    if seller is None:
        return ""
    vat = re.sub(r"[\s.\-]", "", seller.vat_number or "").upper()
    known = siren_of(seller.reg_no, seller.vat_number) or vat or seller.reg_no or seller.identifier
    return known or plain(seller.name or "").replace(" ", "-")


def content_digest(draft: Draft) -> str:
    """SHA-256 of what a draft means, in hexadecimal; where it was read does not count.

    Amounts count by value: 10.0 and 10.00 are the same.
    """
    content = msgspec.to_builtins(draft, builtin_types=())
    return hashlib.sha256(msgspec.json.encode(_without_places(content), order="sorted")).hexdigest()


def _without_places(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_places(part) for key, part in value.items() if key not in {"source", "path"}}
    if isinstance(value, (list, tuple)):
        return [_without_places(part) for part in value]
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        return value.rstrip("0").rstrip(".")
    return value


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal: the same file is recognised under any name."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
