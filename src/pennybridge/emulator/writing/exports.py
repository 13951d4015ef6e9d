"""Exports of the accounts: asked for, pending for a while, then ready to be fetched.

Source:
    Fields and statuses: the contract. Assumed: ready after 30 seconds of the emulator's clock, a file
    address that lives as long as that of invoices, a period of at most 24 months that does not end before it
    begins. The file holds a heading and no entries.
"""

from datetime import date, timedelta

from pennybridge.emulator.answers import Answer, Refusal, decode, encode
from pennybridge.emulator.calls import Call, Handler, existing, stored

READY_AFTER = timedelta(seconds=30)
_LONGEST = timedelta(days=731)
_EXPORTS = {
    "exportFec": "fec", "exportGeneralLedger": "general_ledger",
    "exportAnalyticalGeneralLedger": "analytical_general_ledger",
}  # fmt: skip
_FETCHED = {
    "getFecExport": "fec", "getGeneralLedgerExport": "general_ledger",
    "getAnalyticalGeneralLedgerExport": "analytical_general_ledger",
}  # fmt: skip


def _ask(call: Call) -> Answer:
    start, end = (date.fromisoformat(call.data[name]) for name in ("period_start", "period_end"))
    if end < start or end - start > _LONGEST:
        raise Refusal(422, "Period is invalid")
    written = call.insert("exports", {"status": "pending", "_kind": _EXPORTS[call.operation.name]})
    books, key = call.books, written["id"]
    books.later(READY_AFTER, lambda: books.update("exports", key, {"status": "ready"}))
    return Answer(201, stored(call, "exports", key))


def fetch(call: Call) -> Answer:
    """An export; once it is ready, with the address of its file."""
    export = existing(call, "exports", call.record_id())
    if export["_kind"] != _FETCHED[call.operation.name]:
        raise Refusal(404, "Not Found")
    shown = decode(stored(call, "exports", export["id"]))
    shown["file_url"] = (
        call.rendering.file_address("exports", export["id"]) if shown["status"] == "ready" else None
    )
    return Answer(200, encode(shown))


EXPORT_WRITES: dict[str, Handler] = dict.fromkeys(_EXPORTS, _ask)
EXPORT_READS: dict[str, Handler] = dict.fromkeys(_FETCHED, fetch)
