"""The operations under `/changelogs/`."""

import base64
import binascii
from datetime import datetime

from pennybridge.clock import format_instant, parse_instant
from pennybridge.emulator.answers import Answer, Refusal, encode
from pennybridge.emulator.calls import Call
from pennybridge.emulator.changelog import RETENTION
from pennybridge.emulator.lists import read_limit


def changes(call: Call) -> Answer:
    """A page of a changelog.

    Documented: `start_date` with `cursor` 400, older than four weeks 422, neither: from the oldest kept.
    Observed: the cursor is base64 of the last item's `processed_at`; it is null on the last page.
    """
    feed = call.operation.path.rsplit("/", 1)[-1]
    limit = read_limit(call.operation, call.query)
    start, cursor = call.query.get("start_date"), call.query.get("cursor")
    if start and cursor:
        raise Refusal(400, "start_date and cursor cannot be used together")
    rows = call.books.changelog.page(
        feed,
        call.company.id,
        now=call.now,
        after=_processed_at(cursor) if cursor else None,
        start=_start(start, call.now) if start else None,
        limit=limit + 1,
    )
    last = rows[limit - 1]["processed_at"] if len(rows) > limit else None
    next_cursor = base64.b64encode(last.encode()).decode() if last else None
    return Answer(200, call.rendering.list_body(map(encode, rows[:limit]), next_cursor))


def _processed_at(cursor: str) -> str:
    try:
        return format_instant(parse_instant(base64.b64decode(cursor, validate=True).decode()))
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, "Invalid cursor") from error


def _start(text: str, now: datetime) -> str:
    try:
        start = parse_instant(text)
    except ValueError as error:
        raise Refusal(400, f"{text} is no valid start_date") from error
    if start < now - RETENTION:
        raise Refusal(422, "start_date must be less than 4 weeks ago")
    return format_instant(start)
