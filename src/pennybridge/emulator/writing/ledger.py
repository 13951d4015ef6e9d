"""Ledger entries, balanced or refused; lettering of their lines.

Source:
    Lines must be balanced, at most a thousand; lettered lines bring those they are lettered with; `none`
    refuses an unbalanced lettering: documented, https://pennylane.readme.io/reference/postledgerentries.
    `Entry lines are not balanced`: documented as an example. Assumed: the other texts; a line has a debit or
    a credit, neither negative; lettered lines share one account; unlettering takes the lines named out of
    their lettering; after a change an entry must still be balanced and open.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pennybridge.emulator.answers import Answer, Refusal, decode, encode, json_answer
from pennybridge.emulator.calls import Call, Handler, existing, not_found, parent_id, read_page, stored
from pennybridge.emulator.lists import Condition, read_list_query
from pennybridge.emulator.resources import Record
from pennybridge.emulator.writing.checks import check_present, number_of
from pennybridge.emulator.writing.numbering import check_open
from pennybridge.money import format_amount

_ENTRIES, _LINES = "ledger_entries", "ledger_entry_lines"
_MOST_LINES = 1_000
_ON_GET = ("created_at", "updated_at")
_ON_WRITE = ("journal_id", "ledger_attachment_filename", "ledger_attachment_id")
_OF_LINE = ("id", "label", "debit", "credit", "ledger_account")


def _create(call: Call) -> Answer:
    data = call.data
    check_present(data, "label")
    fields = _header(call, data)
    entry = call.insert(_ENTRIES, {"piece_number": "", **fields})
    if not entry["piece_number"]:
        entry = call.books.update(_ENTRIES, entry["id"], {"piece_number": f"P{entry['id'] // 4096}"})
    for line in data["ledger_entry_lines"]:
        _add_line(call, entry, line)
    return _written(call, entry, 201)


def _change(call: Call) -> Answer:
    data = call.data
    check_present(data, "label")
    entry = existing(call, _ENTRIES, call.record_id())
    check_open(call, date.fromisoformat(entry["date"]))
    entry = call.books.update(_ENTRIES, entry["id"], _header(call, data))
    edits = data.get("ledger_entry_lines", {})
    own = {line["id"] for line in call.books.select(_LINES, parent_id=entry["id"])}
    for named in (*edits.get("delete", ()), *edits.get("update", ())):
        if named["id"] not in own:
            raise not_found(_LINES, named["id"])
    for gone in {one["id"] for one in edits.get("delete", ())}:
        own.discard(gone)
        call.books.delete(_LINES, gone)
    for change in edits.get("update", ()):
        if change["id"] not in own:
            raise not_found(_LINES, change["id"])
        call.books.update(_LINES, change["id"], _line_fields(call, change))
    for line in edits.get("create", ()):
        _add_line(call, entry, line)
    for key in own:
        call.books.update(_LINES, key, {"date": entry["date"], "journal": entry["journal"]})
    return _written(call, entry, 200)


def _header(call: Call, data: Mapping[str, Any]) -> Record:
    fields: Record = {
        name: data[name] for name in ("date", "due_date", "label", "piece_number") if name in data
    }
    if "date" in data:
        check_open(call, date.fromisoformat(data["date"]))
    if "journal_id" in data:
        journal = existing(call, "journals", data["journal_id"])["id"]
        fields |= {"journal": {"id": journal}, "journal_id": journal}
    if "file_attachment_id" in data:
        file = existing(call, "file_attachments", data["file_attachment_id"])
        attachment = {"filename": file["filename"], "url": file["url"]}
        fields |= {"attachment": attachment, "ledger_attachment_filename": file["filename"]}
    return fields


def _add_line(call: Call, entry: Mapping[str, Any], line: Mapping[str, Any]) -> None:
    key = call.books.new_id()
    fields = {"label": entry["label"], **_line_fields(call, line)}
    references = {"journal": entry["journal"], "ledger_entry": {"id": entry["id"]}, **_lettered(key, ())}
    call.insert(_LINES, {"id": key, "date": entry["date"], **references, **fields}, entry["id"])


def _line_fields(call: Call, line: Mapping[str, Any]) -> Record:
    fields: Record = {"label": line["label"]} if "label" in line else {}
    for side in ("debit", "credit"):
        if side in line:
            amount = number_of(line[side] or "0", side.capitalize(), decimals=2)
            if amount < 0:
                raise Refusal(422, f"{side.capitalize()} must be greater than or equal to 0")
            fields[side] = format_amount(amount)
    if "ledger_account_id" in line:
        account = existing(call, "ledger_accounts", line["ledger_account_id"])
        fields["ledger_account"] = {"id": account["id"], "number": account["number"]}
    return fields


def _written(call: Call, entry: Record, status: int) -> Answer:
    lines = call.books.select(_LINES, parent_id=entry["id"])
    if not lines or len(lines) > _MOST_LINES:
        raise Refusal(422, f"An entry must have 1 to {_MOST_LINES} lines")
    if any((Decimal(line["debit"]) != 0) == (Decimal(line["credit"]) != 0) for line in lines):
        raise Refusal(422, "A line must have either a debit or a credit")
    if _balance(lines):
        raise Refusal(422, "Entry lines are not balanced")
    return _answer(call, entry["id"], status, hidden=_ON_GET)


def _balance(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(line["debit"]) - Decimal(line["credit"]) for line in lines), Decimal(0))


def _answer(call: Call, entry_id: int, status: int, *, hidden: Sequence[str]) -> Answer:
    shown: Record = decode(stored(call, _ENTRIES, entry_id))
    lines = [
        decode(stored(call, _LINES, line["id"])) for line in call.books.select(_LINES, parent_id=entry_id)
    ]
    extra = {"ledger_account_id": None} if hidden == _ON_GET else {}
    shown["ledger_entry_lines"] = [
        {name: line[name] for name in _OF_LINE} | dict.fromkeys(extra, line["ledger_account"]["id"])
        for line in lines
    ]
    shown["ledger_attachment_id"] = None
    kept = {name: value for name, value in shown.items() if name not in hidden}
    return Answer(status, call.rendering.with_base(encode(kept)))


def one_entry(call: Call) -> Answer:
    """`GET /ledger_entries/{id}`, with its lines."""
    return _answer(call, existing(call, _ENTRIES, call.record_id())["id"], 200, hidden=_ON_WRITE)


def lines_of_entry(call: Call) -> Answer:
    """`GET /ledger_entries/{id}/ledger_entry_lines`."""
    return _lines(call, Condition("parent_id = ?", (parent_id(call, _ENTRIES),)), short=True)


def lettered_lines(call: Call) -> Answer:
    """`GET /ledger_entry_lines/{id}/lettered_ledger_entry_lines`."""
    line = existing(call, _LINES, call.record_id(next(iter(call.values))))
    ids = line["lettered_ledger_entry_lines"]["ids"]
    return _lines(call, Condition(f"id in ({', '.join('?' * len(ids))})", tuple(ids)))


def _lines(call: Call, owner: Condition, *, short: bool = False) -> Answer:
    rows, next_cursor = read_page(call.books, read_list_query(call.operation, call.query), _LINES, owner)
    items = [decode(body) for _, body in rows]
    if short:
        items = [
            {name: item[name] for name in _OF_LINE} | {"ledger_account_id": item["ledger_account"]["id"]}
            for item in items
        ]
    return Answer(200, call.rendering.list_body(map(encode, items), next_cursor))


# Lettering


def _letter(call: Call) -> Answer:
    lines = [existing(call, _LINES, named["id"]) for named in call.data["ledger_entry_lines"]]
    others = {key for line in lines for key in line["lettered_ledger_entry_lines"]["ids"]}
    together = {line["id"]: line for line in [*lines, *(existing(call, _LINES, key) for key in others)]}
    if len({line["ledger_account"]["id"] for line in together.values()}) > 1:
        raise Refusal(422, "Ledger entry lines must belong to the same ledger account")
    if call.data["unbalanced_lettering_strategy"] == "none" and _balance(together.values()):
        raise Refusal(422, "Ledger entry lines are not balanced")
    _tie(call, sorted(together))
    return json_answer([{"id": key} for key in sorted(together)])


def _unletter(call: Call) -> Answer:
    lines = {named["id"]: existing(call, _LINES, named["id"]) for named in call.data["ledger_entry_lines"]}
    left = {key for line in lines.values() for key in line["lettered_ledger_entry_lines"]["ids"]} - set(lines)
    remaining = [existing(call, _LINES, key) for key in left]
    if call.data["unbalanced_lettering_strategy"] == "none" and _balance(remaining):
        raise Refusal(422, "Ledger entry lines are not balanced")
    for key in lines:
        _tie(call, [key])
    _tie(call, sorted(left))
    return Answer(204)


def _tie(call: Call, keys: Sequence[int]) -> None:
    for key in keys:
        call.books.update(_LINES, key, _lettered(key, [other for other in keys if other != key]))


def _lettered(key: int, others: Sequence[int]) -> Record:
    url = f"@/ledger_entry_lines/{key}/lettered_ledger_entry_lines"
    return {"lettered_ledger_entry_lines": {"ids": list(others), "url": url}}


LEDGER_WRITES: dict[str, Handler] = {
    "postLedgerEntries": _create,
    "putLedgerEntries": _change,
    "postLedgerEntryLinesLetter": _letter,
    "deleteLedgerEntryLinesUnletter": _unletter,
}
LEDGER_READS: dict[str, Handler] = {
    "getLedgerEntry": one_entry,
    "getLedgerEntriesLedgerEntryLines": lines_of_entry,
    "getLedgerEntryLinesLetteredLedgerEntryLines": lettered_lines,
}
