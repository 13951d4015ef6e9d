"""What people decide about recurrence and periods: kept in `metrics.overrides`, applied to all of the past.

An override stands for one line, for one customer's purchases of one product, or for a product; the nearest
wins. A product is named by its price (`billing.prices.original_id`), which labels without a product have too.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from pennybridge.clock import Clock
from pennybridge.errors import ConfigurationError
from pennybridge.store import Database, Transaction

Level = Literal["line", "customer_product", "product"]
Recurrence = Literal["recurring", "one_off", "usage", "unknown"]

_IDS: dict[str, tuple[str, ...]] = {
    "line": ("line_id",),
    "customer_product": ("customer_id", "price_id"),
    "product": ("price_id",),
}
_FORGET = """
delete from metrics.overrides
where
    company_id = :company_id and override_level = :level and line_id = :line_id
    and customer_id = :customer_id and price_id = :price_id
"""
FILE_COLUMNS = (
    "line_id",
    "customer_id",
    "price_id",
    "recurrence",
    "cadence_months",
    "period_start",
    "period_end",
    "note",
)


@dataclass(frozen=True)
class Override:
    """One decision. Ids that the level does not use are empty; `period_end` is the last day covered."""

    company_id: int
    level: Level
    line_id: str = ""
    customer_id: str = ""
    price_id: str = ""
    recurrence: Recurrence | None = None
    cadence_months: int | None = None
    period_start: date | None = None
    period_end: date | None = None
    note: str | None = None

    def problem(self) -> str | None:
        """What is wrong with it, in words, or None."""
        ids = {"line_id": self.line_id, "customer_id": self.customer_id, "price_id": self.price_id}
        given = tuple(name for name, value in ids.items() if value)
        if given != _IDS[self.level]:
            return f"an override by {self.level} names {' and '.join(_IDS[self.level])}, nothing else"
        if self.recurrence is None:
            return f"say what it is: {', '.join(get_args(Recurrence))}"
        if (self.period_start is None) != (self.period_end is None):
            return "a period has a first and a last day"
        if self.period_start and self.period_end and self.period_end < self.period_start:
            return "the period ends before it begins"
        return self._cadence_problem()

    def _cadence_problem(self) -> str | None:
        if self.cadence_months is not None and not 1 <= self.cadence_months <= 60:
            return "a cadence is 1 to 60 months"
        if self.period_start and self.level == "product":
            return "a product has no one period; give a cadence"
        return None


def set_overrides(database: Database, overrides: Iterable[Override], *, clock: Clock) -> int:
    """Keep these decisions, each in place of an earlier one about the same; the next build applies them.

    Raises:
        ConfigurationError: Some make no sense; each is named and none is kept.
    """
    wanted = list(overrides)
    problems = [f"{override}: {problem}" for override in wanted if (problem := override.problem())]
    if problems:
        raise ConfigurationError("No override was kept. " + "; ".join(problems))
    with database.transaction() as transaction:
        _prepare(transaction)
        for override in wanted:
            transaction.execute(_FORGET, **_values(override))
            transaction.execute(
                "insert into metrics.overrides values (:company_id, :level, :line_id, :customer_id, "
                ":price_id, :recurrence, :cadence_months, :period_start, :period_end, :note, :set_at)",
                set_at=clock(),
                **_values(override),
            )
    return len(wanted)


def remove_override(database: Database, override: Override) -> bool:
    """Forget a decision; whether there was one."""
    with database.transaction() as transaction:
        _prepare(transaction)
        return transaction.execute(_FORGET, **_values(override)) > 0


def list_overrides(database: Database, company_id: int) -> list[Override]:
    """A company's decisions: lines first, then customers' products, then products."""
    with database.transaction() as transaction:
        _prepare(transaction)
        rows = transaction.rows(
            "select company_id, override_level, line_id, customer_id, price_id, recurrence, cadence_months, "
            "period_start, period_end, note from metrics.overrides where company_id = :company_id",
            company_id=company_id,
        )
    levels = list(_IDS)
    return sorted((Override(*row) for row in rows), key=lambda found: (levels.index(found.level), str(found)))


def read_overrides(path: Path, company_id: int) -> list[Override]:
    """The decisions in a CSV file with a header of `FILE_COLUMNS`; the ids given say the level.

    Raises:
        ConfigurationError: The file cannot be read so; every bad row is named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            f"The overrides in {path} cannot be read: {error}. Nothing was kept."
        ) from error
    overrides, problems = [], []
    for number, row in enumerate(rows, start=2):
        try:
            override = _from_row({name: (row.get(name) or "").strip() for name in FILE_COLUMNS}, company_id)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
            continue
        overrides.append(override)
        if problem := override.problem():
            problems.append(f"line {number}: {problem}")
    if problems:
        raise ConfigurationError(f"The overrides in {path} were not kept. " + "; ".join(problems))
    return overrides


def _from_row(row: dict[str, str], company_id: int) -> Override:
    given = tuple(name for name in ("line_id", "customer_id", "price_id") if row[name])
    level = next((level for level, ids in _IDS.items() if ids == given), None)
    recurrence = next((word for word in get_args(Recurrence) if word == row["recurrence"]), None)
    if level is None:
        raise ValueError("name a line_id, or a price_id, or a customer_id and a price_id")
    if row["recurrence"] and recurrence is None:
        raise ValueError(f"{row['recurrence']!r} is none of {', '.join(get_args(Recurrence))}")
    return Override(
        company_id,
        level,  # type: ignore[arg-type]  # one of the keys of _IDS
        row["line_id"],
        row["customer_id"],
        row["price_id"],
        recurrence,
        int(row["cadence_months"]) if row["cadence_months"] else None,
        date.fromisoformat(row["period_start"]) if row["period_start"] else None,
        date.fromisoformat(row["period_end"]) if row["period_end"] else None,
        row["note"] or None,
    )


def _values(override: Override) -> dict[str, object]:
    return dict(vars(override))


def _prepare(transaction: Transaction) -> None:
    from pennybridge.models.tables import prepare_tables

    prepare_tables(transaction)
