"""Lines and sections of a document, written anew or changed by `{"create", "update", "delete"}`.

Source:
    The form of the edits: the contract. Assumed: what is deleted goes first, then updates, then creations
    at the end; a document keeps at least one line; ids of other documents are not found.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Refusal
from pennybridge.emulator.calls import Call, not_found
from pennybridge.emulator.records import without
from pennybridge.emulator.resources import RESOURCES, Record
from pennybridge.emulator.selling import line_terms
from pennybridge.emulator.writing.lines import check_sections, line_terms_of, priced

Edits = Mapping[str, Any]


def new_lines(call: Call, lines: Sequence[Mapping[str, Any]], exchange_rate: Decimal) -> list[Record]:
    """Lines of a request, priced and ranked, to be written with `write_lines`."""
    return [
        priced(
            call.books.new_id(), call.at, line_terms_of(call, line), rank=rank, exchange_rate=exchange_rate
        )
        for rank, line in enumerate(lines, 1)
    ]


def write_lines(call: Call, resource: str, parent_id: int, lines: Sequence[Record]) -> None:
    """Write priced lines under a document, less the fields that lines of that kind do not have."""
    for line in lines:
        call.insert(resource, _as_kept(resource, line), parent_id)


def write_sections(call: Call, resource: str, parent_id: int, sections: Sequence[Mapping[str, Any]]) -> None:
    """Write the sections of a request under a document."""
    for section in sections:
        call.insert(resource, section, parent_id)


def edit_lines(
    call: Call, resource: str, parent_id: int, edits: Edits, exchange_rate: Decimal
) -> list[Record]:
    """Change the lines of a document, and book all of them at its exchange rate; gives all of them."""
    kept = _less_deleted(call, resource, parent_id, edits)
    for change in edits.get("update", ()):
        line = _of_parent(kept, resource, change["id"])
        kept[line["id"]] = _priced_again(call, resource, line, line_terms_of(call, change), exchange_rate)
    for key, line in kept.items():
        kept[key] = _priced_again(call, resource, line, {}, exchange_rate)
    rank = max((line["_rank"] for line in kept.values()), default=0)
    for line in edits.get("create", ()):
        rank += 1
        terms = line_terms_of(call, line)
        added = priced(call.books.new_id(), call.at, terms, rank=rank, exchange_rate=exchange_rate)
        kept[added["id"]] = call.insert(resource, _as_kept(resource, added), parent_id)
    if not kept:
        raise Refusal(422, "Invoice lines can't be blank")
    return list(kept.values())


def edit_sections(call: Call, resource: str, parent_id: int, edits: Edits, lines: Sequence[Record]) -> None:
    """Change the sections of a document; lines may then name only those that are left."""
    kept = _less_deleted(call, resource, parent_id, edits)
    for change in edits.get("update", ()):
        section = _of_parent(kept, resource, change["id"])
        kept[section["id"]] = call.books.update(resource, section["id"], change)
    for section in edits.get("create", ()):
        added = call.insert(resource, section, parent_id)
        kept[added["id"]] = added
    check_sections(list(kept.values()), lines)


def _less_deleted(call: Call, resource: str, parent_id: int, edits: Edits) -> dict[int, Record]:
    kept = {record["id"]: record for record in call.books.select(resource, parent_id=parent_id)}
    for gone in edits.get("delete", ()):
        call.books.delete(resource, _of_parent(kept, resource, gone["id"])["id"])
        del kept[gone["id"]]
    return kept


def _of_parent(kept: Mapping[int, Record], resource: str, record_id: int) -> Record:
    if record_id not in kept:
        raise not_found(resource, record_id)
    return kept[record_id]


def _priced_again(call: Call, resource: str, line: Record, changes: Record, exchange_rate: Decimal) -> Record:
    terms = line_terms({"imputation_dates": None, **line}) | {"substance": line.get("substance")} | changes
    again = priced(line["id"], line["created_at"], terms, rank=line["_rank"], exchange_rate=exchange_rate)
    if not changes and again["amount"] == line["amount"] and again["tax"] == line["tax"]:
        return line
    changed = without(_as_kept(resource, again), "id", "created_at", "updated_at")
    return call.books.update(resource, line["id"], changed)


def _as_kept(resource: str, line: Record) -> Record:
    known = RESOURCES[resource].defaults
    return without(line, *(name for name in ("imputation_dates", "substance") if name not in known))
