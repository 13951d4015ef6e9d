"""The calendar table: months, because SQL series differ between the engines."""

from datetime import date
from typing import TYPE_CHECKING

from pennybridge.periods import month_end

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_YEAR, LAST_YEAR = 1990, 2060


def calendar_months() -> "pa.Table":
    """One row per month; `month_index` is year times twelve plus month, so neighbours differ by one."""
    import pyarrow as pa

    starts = [date(year, month, 1) for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)]
    return pa.table(
        {
            "month_index": pa.array([day.year * 12 + day.month for day in starts], pa.int32()),
            "month_start": pa.array(starts, pa.date32()),
            "month_end": pa.array([month_end(day) for day in starts], pa.date32()),
        }
    )
