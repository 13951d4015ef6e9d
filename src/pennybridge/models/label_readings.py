"""Keeps what each distinct line text says in a table, so that a text is read once in its life."""

from typing import TYPE_CHECKING

from pennybridge.models.label_periods import READER_VERSION, read_line_text
from pennybridge.store import Transaction

if TYPE_CHECKING:
    import pyarrow as pa

_NEW_TEXTS = """
select distinct texts.line_text
from (
    select line_text from {invoice_lines}
    union
    select line_text from {subscription_lines}
) as texts
left join intermediate.label_readings as known on known.line_text = texts.line_text
where known.line_text is null
"""
_CHUNK = 100_000


def add_missing_readings(transaction: Transaction, invoice_lines: str, subscription_lines: str) -> int:
    """Read the texts that `intermediate.label_readings` does not hold yet; how many there were.

    Args:
        transaction: The build's.
        invoice_lines: The table that stands for `staging.invoice_lines` in this build.
        subscription_lines: The same for `staging.subscription_lines`.
    """
    transaction.execute(
        "delete from intermediate.label_readings where reader_version <> :version", version=READER_VERSION
    )
    sql = _NEW_TEXTS.format(invoice_lines=invoice_lines, subscription_lines=subscription_lines)
    texts: list[str] = transaction.query(sql).column("line_text").to_pylist()
    for start in range(0, len(texts), _CHUNK):
        transaction.append("intermediate.label_readings", _table(texts[start : start + _CHUNK]))
    return len(texts)


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
