"""One line per thing that happened, on standard error: plain for people, or JSON for machines.

Every line of a sync names its connection, and its end names the loads that wrote the rows. What stands in a
line is chosen here field by field, so no token can stray into one.
"""

import json
import logging
import sys
import traceback
from pathlib import Path

from pennybridge.clock import format_instant, system_clock

logger = logging.getLogger("pennybridge.engine")


def say(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Write one line: what happened, and the fields that tell it apart.

    Args:
        event: Two or three words, as `sync ended`.
        level: A level of the standard library's.
        fields: Texts, numbers, lists of texts. Never a token, never an amount.
    """
    logger.log(level, event, extra={"fields": fields})


def say_fault(error: Exception, **fields: object) -> None:
    """Log where a fault of ours struck, but not its text, which could hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    say("fault", level=logging.ERROR, kind=type(error).__name__, where=where, **fields)


def set_up(*, as_json: bool) -> None:
    """Send the lines of the engine, and warnings of all else, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else PlainLines())
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("pennybridge").setLevel(logging.INFO)


class JsonLines(logging.Formatter):
    """One JSON object a line: `at`, `level`, `event`, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        fields: dict[str, object] = getattr(record, "fields", {})
        line = {
            "at": format_instant(system_clock()),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **({} if fields or record.name == logger.name else {"source": record.name}),
            **fields,
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """The instant, the event, and the fields as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        fields: dict[str, object] = getattr(record, "fields", {})
        told = "".join(
            f" {name}={_plain(value)}" for name, value in fields.items() if value not in (None, ())
        )
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{system_clock():%Y-%m-%d %H:%M:%S} {record.getMessage()}{told}{trace}"


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text else text
