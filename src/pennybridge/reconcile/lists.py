"""Compares a list, window by window; what differs is read a second time on both sides before it counts."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from pennybridge.api.resources import RESOURCES
from pennybridge.reconcile import rows, windows
from pennybridge.reconcile.asking import Asking, Pending, listed
from pennybridge.reconcile.report import Difference, ResourceResult
from pennybridge.reconcile.rows import Sides
from pennybridge.reconcile.windows import Window
from pennybridge.store import landing
from pennybridge.sync.ahead import fetch_ahead
from pennybridge.sync.changes import IDS_PER_REQUEST

if TYPE_CHECKING:
    from msgspec import Raw

    from pennybridge.api.pages import Page

_NEWEST = 2**63 - 1


class ListComparison:
    """One list under comparison; invoices with their lines, as far as these come with them."""

    def __init__(self, asking: Asking, resource: str, results: dict[str, ResourceResult]) -> None:
        self._asking = asking
        self._resource = resource
        self._table = landing.TABLES[resource]
        self._results = results
        self._has_lines = resource == "customer_invoices"
        self._by_id = RESOURCES[resource].has_id_filter

    def run(self) -> list[Difference]:
        """The differences that stood a second look."""
        asking, resource = self._asking, self._resource
        chosen = self._windows()
        differing: set[int] = set()
        for done, (_, sides) in enumerate(fetch_ahead(asking.pool, self._read, chosen), start=1):
            differing |= self._compare(sides)
            asking.tell(resource, done, len(chosen))
        return list(self._confirmed(sorted(differing)))

    def _windows(self) -> list[Window]:
        asking = self._asking
        found = asking.database.rows(
            f"select id, deleted_at is null from pennylane.{self._table.name} "  # noqa: S608 — a table of ours
            "where company_id = :company_id order by id",
            company_id=asking.company_id,
        )
        self._results[self._resource].of = sum(is_live for _, is_live in found)
        size = RESOURCES[self._resource].page_limit
        if not self._by_id:
            return [(0, None)]
        most = None if asking.most is None else -(-asking.most // size)
        whole = windows.cut([id_ for id_, _ in found], size)
        return windows.choose(whole, most, asking.chance(self._resource))

    def _read(self, window: Window) -> list[Sides]:
        low, high = window
        between = [("id", "gt", low)] if low else []
        between += [("id", "lteq", high)] if high is not None else []
        condition, params = "{0} > :low and {0} <= :high", {"low": low, "high": high or _NEWEST}
        return self._sides(self._ask(filter=between), condition, **params)

    def _read_again(self, ids: Sequence[int]) -> list[Sides]:
        condition = f"{{0}} in ({listed(ids)})"
        if self._by_id:
            return self._sides(self._ask(filter=[("id", "in", list(ids))]), condition)
        return [sides.only(ids) for sides in self._sides(self._ask(), "true")]

    def _ask(self, **how: object) -> "tuple[list[Raw], list[Page]]":
        include = "invoice_lines" if self._has_lines else None
        return self._asking.whole(self._resource, include=include, **how)

    def _sides(self, answer: "tuple[list[Raw], list[Page]]", condition: str, **params: object) -> list[Sides]:
        """Both sides of a stretch of the list; ours are read after Pennylane's."""
        records, pages = answer
        asking, table = self._asking, self._table
        there = asking.batch(table, records)
        here = asking.rows(table, condition.format("id"), **params)
        left_out = self._left_out(here) | self._left_out(there)
        whole = [Sides(table, here, there, self._resource)]
        if self._has_lines:
            whole.append(self._lines(pages, whole[0], condition, **params))
        return [sides.without(left_out) for sides in whole] if left_out else whole

    def _lines(self, pages: "list[Page]", invoices: Sides, condition: str, **params: object) -> Sides:
        table = landing.CUSTOMER_INVOICE_LINES
        lists = [(id_, lines) for page in pages for id_, lines in (page.included_lines or {}).items()]
        there = self._asking.batch(
            table,
            [record for _, lines in lists for record in lines.items],
            [id_ for id_, lines in lists for _ in lines.items],
        )
        here = self._asking.rows(table, condition.format(table.parent), **params)
        sides = Sides(table, here, there, self._resource, by_parent=True, months=_months(invoices))
        # A list that goes on is compared with the details.
        return sides.without(id_ for id_, found in lists if found.has_more)

    def _left_out(self, found: pa.Table) -> set[int]:
        """The records of excluded customers, of which new contents are not written."""
        if not self._asking.excluded or "customer_id" not in found.column_names:
            return set()
        excluded = pa.array(sorted(self._asking.excluded), pa.int64())
        return set(found.filter(pc.is_in(found["customer_id"], value_set=excluded))["id"].to_pylist())

    def _compare(self, parts: list[Sides]) -> set[int]:
        """The units that differ; the others are counted."""
        differing = {unit for sides in parts for unit in rows.differing_units(sides)}
        for sides in parts:
            rows.tally(sides.without(differing), self._result(sides))
        return differing

    def _confirmed(self, units: list[int]) -> Iterator[Difference]:
        batches = [units[at : at + IDS_PER_REQUEST] for at in range(0, len(units), IDS_PER_REQUEST)]
        for _, parts in fetch_ahead(self._asking.pool, self._read_again, batches):
            pending = self._asking.pending(self._resource)
            coming = {unit for sides in parts for unit in _changed(sides, pending)}
            self._results[self._resource].pending += len(coming)
            for sides in parts:
                rows.tally(sides, self._result(sides))
                yield from rows.differences(sides.without(coming))

    def _result(self, sides: Sides) -> ResourceResult:
        return self._results.setdefault(sides.table.name, ResourceResult(sides.table.name))


def _months(invoices: Sides) -> dict[int, str]:
    return {
        row["id"]: f"{row['date']:%Y-%m}"
        for side in (invoices.here, invoices.there)
        for row in side.select(["id", "date"]).to_pylist()
        if row["date"]
    }


def _changed(sides: Sides, pending: Pending) -> set[int]:
    """The units that differ because they changed after what the last sync saw."""
    differing = rows.differing_units(sides)
    coming = differing & pending.ids
    if pending.since and "updated_at" in sides.there.column_names:
        for unit, at in zip(
            sides.there[sides.unit_column].to_pylist(), sides.there["updated_at"].to_pylist(), strict=True
        ):
            if unit in differing and at and at >= pending.since:
                coming.add(unit)
    return coming
