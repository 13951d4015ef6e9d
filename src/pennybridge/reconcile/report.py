"""What a reconciliation found, and what it looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

MISSING, GONE, MARKED = "is missing here", "is not at Pennylane", "is marked as deleted here"


@dataclass(frozen=True)
class Difference:
    """One field of one record that is not the same here and at Pennylane, or a record that is on one side."""

    resource: str
    id: int
    parent_id: int | None
    """The record that it hangs on."""
    field: str
    """The column, or `payload.name` for what no column holds, or `record` for the record itself."""
    here: str
    there: str
    month: str
    """Of the document, or in which the record was made, as `2026-07`; empty when that is not known."""
    unit: tuple[str, int] = ("", 0)
    """What must be read again to mend it: a resource, and the id of a record or of a parent."""


@dataclass
class Totals:
    """Records and their amounts on both sides."""

    records_here: int = 0
    records_there: int = 0
    amount_here: Decimal = Decimal(0)
    amount_there: Decimal = Decimal(0)

    def add(self, *, here: bool, amount: Decimal | None) -> None:
        """Count one record of one side."""
        if here:
            self.records_here += 1
            self.amount_here += amount or 0
        else:
            self.records_there += 1
            self.amount_there += amount or 0

    @property
    def agree(self) -> bool:
        """Whether both sides have the same."""
        return (self.records_here, self.amount_here) == (self.records_there, self.amount_there)


@dataclass
class ResourceResult:
    """One resource: how much of it was compared, and what it adds up to."""

    resource: str
    of: int = 0
    """Records here that are not deleted."""
    months: dict[str, Totals] = field(default_factory=dict)
    """What was compared, month by month. Amounts are those of the column in `rows.AMOUNTS`."""
    differences: int = 0
    pending: int = 0
    """Records or parents that differ because they changed since the last sync: the next one brings them."""
    left: int = 0
    """Parents that the sync has not read yet, and that were left out here."""
    skipped: str | None = None
    """Why nothing was compared."""

    def month(self, name: str) -> Totals:
        """The totals of a month, to add to."""
        return self.months.setdefault(name, Totals())

    @property
    def total(self) -> Totals:
        """All months added up."""
        added = Totals()
        for each in self.months.values():
            added.records_here += each.records_here
            added.records_there += each.records_there
            added.amount_here += each.amount_here
            added.amount_there += each.amount_there
        return added


@dataclass
class Reconciliation:
    """One company compared with Pennylane."""

    company_id: int
    is_full: bool
    seed: int
    resources: dict[str, ResourceResult] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0

    def take(self, differences: Iterable[Difference]) -> None:
        """Take in what differs, under the resource that each difference is of."""
        for difference in differences:
            self.differences.append(difference)
            self.result(difference.resource).differences += 1

    def result(self, resource: str) -> ResourceResult:
        """The result of a resource, made when it is first asked for."""
        return self.resources.setdefault(resource, ResourceResult(resource))

    def to_mend(self) -> dict[str, set[int]]:
        """By resource, what must be read again."""
        units: dict[str, set[int]] = {}
        for difference in self.differences:
            resource, id_ = difference.unit
            units.setdefault(resource, set()).add(id_)
        return units
