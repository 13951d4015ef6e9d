"""Compares rows of a landing table with what Pennylane answered, in the same columns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pennybridge.reconcile.report import GONE, MARKED, MISSING, Difference, ResourceResult
from pennybridge.store.landing import Table

if TYPE_CHECKING:
    import pyarrow as pa

AMOUNTS = {
    "products": "price_before_tax",
    "billing_subscriptions": "amount",
    "billing_subscription_lines": "amount",
    "customer_invoices": "amount",
    "customer_invoice_lines": "amount",
    "payments": "currency_amount",
    "matched_transactions": "amount",
    "customer_invoice_categories": "weight",
    "quotes": "amount",
}
"""The column that is added up, for resources that have one: in euros with tax where there is such a one."""

_SHOWN = 80
Row = dict[str, Any]


@dataclass
class Sides:
    """Rows of one table on both sides, ready to be compared."""

    table: Table
    here: "pa.Table"
    """Deleted rows too; with `deleted_at`."""
    there: "pa.Table"
    unit: str
    """The resource that is read again to read these rows again."""
    by_parent: bool = False
    """Whether rows are read again by their parents' ids rather than by their own."""
    months: dict[int, str] = field(default_factory=dict)
    """The month of each unit, where it is not in the rows themselves."""

    @property
    def unit_column(self) -> str:
        """The column that says to which unit a row belongs."""
        return str(self.table.parent) if self.by_parent else "id"

    def without(self, units: Iterable[int]) -> "Sides":
        """The rows of all units but these."""
        return self._chosen(units, keep=False)

    def only(self, units: Iterable[int]) -> "Sides":
        """The rows of these units."""
        return self._chosen(units, keep=True)

    def _chosen(self, units: Iterable[int], *, keep: bool) -> "Sides":
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = pa.array(sorted(units), pa.int64())
        column = self.unit_column

        def chosen(rows: "pa.Table") -> "pa.Table":
            inside = pc.is_in(rows[column], value_set=wanted)
            return rows.filter(inside if keep else pc.invert(inside))

        return Sides(
            self.table, chosen(self.here), chosen(self.there), self.unit, self.by_parent, self.months
        )


def differing_units(sides: Sides) -> set[int]:
    """The units that are not the same on both sides; both, where a row changed from one to another."""
    if _are_equal(sides):
        return set()
    return {
        row[sides.unit_column]
        for ours, theirs in _pairs(sides)
        if next(_compared(sides.table, ours, theirs), None)
        for row in (ours, theirs)
        if row
    }


def differences(sides: Sides) -> Iterator[Difference]:
    """Everything that is not the same, record by record."""
    for ours, theirs in _pairs(sides):
        for name, left, right in _compared(sides.table, ours, theirs):
            row = theirs or ours or {}
            yield Difference(
                resource=sides.table.name,
                id=row["id"],
                parent_id=row[sides.table.parent] if sides.table.parent else None,
                field=name,
                here=_shown(left),
                there=_shown(right),
                month=_month(sides, row),
                unit=(sides.unit, row[sides.unit_column]),
            )


def tally(sides: Sides, result: ResourceResult) -> None:
    """Count the rows of both sides and add up their amounts, by month."""
    amount = AMOUNTS.get(sides.table.name)
    for is_here, rows in ((True, _live(sides.here)), (False, sides.there)):
        dated = [name for name in ("date", "created_at") if name in rows.column_names]
        wanted = [sides.unit_column, *dated, *([amount] if amount else [])]
        for row in rows.select(wanted).to_pylist():
            result.month(_month(sides, row)).add(here=is_here, amount=row[amount] if amount else None)


def _pairs(sides: Sides) -> Iterator[tuple[Row | None, Row | None]]:
    """Each record with both its rows, in order."""
    here, there = _by_key(sides.table, sides.here), _by_key(sides.table, sides.there)
    for key in sorted(here.keys() | there.keys()):
        yield here.get(key), there.get(key)


def _compared(table: Table, ours: Row | None, theirs: Row | None) -> Iterator[tuple[str, Any, Any]]:
    """The fields of one record that are not the same, with both values."""
    is_live = ours is not None and ours["deleted_at"] is None
    if theirs is None:
        if is_live:
            yield "record", "is here", GONE
    elif ours is None:
        yield "record", MISSING, "is there"
    elif not is_live:
        yield "record", MARKED, "is there"
    else:
        columns = [name for name in table.content if name != "payload" and ours[name] != theirs[name]]
        yield from ((name, ours[name], theirs[name]) for name in columns)
        lifted = {column.path.partition(".")[0] for column in table.columns if column.name in columns}
        for name, left, right in _in_payloads(ours["payload"], theirs["payload"]):
            if name not in lifted:
                yield f"payload.{name}", left, right


def _in_payloads(ours: str, theirs: str) -> Iterator[tuple[str, Any, Any]]:
    """The fields of the records as received that are not the same; their order says nothing."""
    if ours == theirs:
        return
    left, right = msgspec.json.decode(ours), msgspec.json.decode(theirs)
    if not isinstance(left, dict):
        yield "*", left, "the record"
        return
    for name in sorted(left.keys() | right.keys()):
        if left.get(name) != right.get(name):
            yield name, left.get(name), right.get(name)


def _are_equal(sides: Sides) -> bool:
    """Whether both sides hold the same, found without looking at single rows."""
    order = [(name, "ascending") for name in sides.table.key]
    columns = [*sides.table.key, *sides.table.content]
    columns = list(dict.fromkeys(columns))
    ours = _live(sides.here).select(columns).sort_by(order)
    theirs = sides.there.select(columns).sort_by(order)
    return bool(ours.equals(theirs))


def _live(rows: "pa.Table") -> "pa.Table":
    import pyarrow.compute as pc

    return rows.filter(pc.is_null(rows["deleted_at"]))


def _by_key(table: Table, rows: "pa.Table") -> dict[tuple[int, ...], Row]:
    return {tuple(row[name] for name in table.key): row for row in rows.to_pylist()}


def _month(sides: Sides, row: Row) -> str:
    known = sides.months.get(row[sides.unit_column])
    day: date | datetime | None = row.get("date") or row.get("created_at")
    return known or (f"{day:%Y-%m}" if day else "")


def _shown(value: Any) -> str:
    if value is None or isinstance(value, str):
        text = value or ""
    elif isinstance(value, (dict, list, bool)):
        text = msgspec.json.encode(value).decode()
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
