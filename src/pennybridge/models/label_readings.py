"""Keeps what each distinct line text says in a table, so that a text is read once in its life."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pennybridge.models.label_periods import READER_VERSION, read_line_text
from pennybridge.store import Transaction

if TYPE_CHECKING:
    import pyarrow as pa

_NEW_TEXTS = """
select distinct texts.line_text
from (
    select line_text from staging.invoice_lines
    union
    select line_text from staging.subscription_lines
) as texts
left join intermediate.label_readings as known on known.line_text = texts.line_text
where known.line_text is null
"""
_CHUNK = 100_000


def forget_outdated(transaction: Transaction) -> None:
    """Take away what an earlier reader made of texts; with a new one everything is made again."""
    transaction.execute(
        "delete from intermediate.label_readings where reader_version <> :version", version=READER_VERSION
    )


def missing_readings(transaction: Transaction, put_in: Callable[[str], str]) -> Iterator["pa.Table"]:
    """The rows that `intermediate.label_readings` lacks, a hundred thousand texts at a time.

    Args:
        transaction: The build's, or one of its helpers.
        put_in: Gives the statement that reads this build's rows where one names models.
    """
    texts: list[str] = transaction.query(put_in(_NEW_TEXTS)).column("line_text").to_pylist()
    for start in range(0, len(texts), _CHUNK):
        yield _table(texts[start : start + _CHUNK])


def _table(texts: list[str]) -> "pa.Table":
    import pyarrow as pa

    readings = [read_line_text(*text.split("\n", 1)) for text in texts]
    periods = [reading.period for reading in readings]

    def column(name: str, kind: "pa.DataType") -> "pa.Array":
        return pa.array([getattr(reading, name) for reading in readings], kind)

    text = pa.string()
    return pa.table(
        {
            "line_text": pa.array(texts, text),
            "reader_version": pa.array([READER_VERSION] * len(texts), pa.int32()),
            "stem": column("stem", text),
            "start_date": pa.array([period and period.start for period in periods], pa.date32()),
            "end_date": pa.array([period and period.end for period in periods], pa.date32()),
            "is_yearless": column("is_yearless", pa.bool_()),
            "period_kind": column("period_kind", text),
            "period_confidence": column("confidence", pa.decimal128(3, 2)),
            "evidence": column("evidence", text),
            "cadence_months": column("cadence_months", pa.int32()),
            "recurring_word": column("recurring_word", text),
            "one_off_word": column("one_off_word", text),
            "usage_word": column("usage_word", text),
            "discount_word": column("discount_word", text),
        }
    )
