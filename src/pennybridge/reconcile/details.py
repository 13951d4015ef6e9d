"""Compares what costs a request per parent: lines beyond 20, payments, transactions, contacts."""

from collections.abc import Iterator
from dataclasses import dataclass

from pennybridge.api.resources import RESOURCES
from pennybridge.errors import NotFoundError
from pennybridge.reconcile import rows
from pennybridge.reconcile.asking import Asking
from pennybridge.reconcile.report import Difference, ResourceResult
from pennybridge.reconcile.rows import Sides
from pennybridge.store import landing
from pennybridge.sync.ahead import fetch_ahead
from pennybridge.sync.resources import DETAILS

# Drafts have no payments and no matched transactions, credit notes no payments (documented:
# https://pennylane.readme.io/changelog/v2-customer-invoices-matched-transactions-1).
_PARENTS = {
    "payments": "not p.draft and p.amount >= 0",
    "matched_transactions": "not p.draft",
    "billing_subscription_lines": "true",
    "contacts": "true",
}
"""Whose details are read of every parent, and of which; of the others only those on the work list are."""


@dataclass
class DetailComparison:
    """The details of one kind under comparison, parent by parent."""

    asking: Asking
    resource: str
    result: ResourceResult
    most: int | None
    """Parents that are compared; all when None."""

    def __post_init__(self) -> None:
        self._table = landing.TABLES[self.resource]
        self._months: dict[int, str] = {}

    def run(self) -> list[Difference]:
        """The differences that stood a second look."""
        chosen = self._chosen()
        differing = []
        for done, (parent_id, sides) in enumerate(fetch_ahead(self.asking.pool, self._read, chosen), start=1):
            if rows.differing_units(sides):
                differing.append(parent_id)
            else:
                rows.tally(sides, self.result)
            self.asking.tell(self.resource, done, len(chosen))
        return list(self._confirmed(differing))

    def _confirmed(self, parents: list[int]) -> Iterator[Difference]:
        for parent_id, sides in fetch_ahead(self.asking.pool, self._read, sorted(parents)):
            rows.tally(sides, self.result)
            if parent_id in self.asking.pending(DETAILS[self.resource]).ids:
                self.result.pending += 1
            else:
                yield from rows.differences(sides)

    def _chosen(self) -> list[int]:
        parents = sorted(self._parents())
        self.result.of += self._live_rows()
        if self.most is None or len(parents) <= self.most:
            return parents
        return sorted(self.asking.chance(self.resource).sample(parents, self.most))

    def _parents(self) -> set[int]:
        """The parents that can have such details, without those that the sync has yet to read."""
        has_rows = self._ids(
            f"select distinct {self._table.parent} from pennylane.{self.resource} "  # noqa: S608 — names of ours
            "where company_id = :company_id and deleted_at is null"
        )
        due = self._work_list("basis is distinct from read_basis")
        self.result.left = len(due)
        possible = self._possible() | has_rows
        if self.resource == "customer_invoice_lines":
            possible &= self._work_list("true")  # the others were compared with their invoices
        return possible - due - self._excluded()

    def _possible(self) -> set[int]:
        condition = _PARENTS.get(self.resource)
        if condition is None:
            found = self._work_list("true")
        else:
            found = self._ids(
                f"select p.id from pennylane.{DETAILS[self.resource]} as p "  # noqa: S608 — names of ours
                f"where p.company_id = :company_id and p.deleted_at is null and {condition}"
            )
        if self.resource == "customer_invoice_categories" and self.most is None:
            found |= self._categorized()
        return found

    def _categorized(self) -> set[int]:
        """The invoices that Pennylane finds by category; a request for every hundred of them."""
        categories = sorted(
            self._ids(
                "select id from pennylane.categories where company_id = :company_id and deleted_at is null"
            )
        )
        found: set[int] = set()
        for at in range(0, len(categories), 100):
            chosen = [("category_id", "in", categories[at : at + 100])]
            _, pages = self.asking.whole("customer_invoices", filter=chosen)
            for page in pages:
                batch = self.asking.batch(landing.CUSTOMER_INVOICES, page.items)
                found.update(batch["id"].to_pylist())
        return found

    def _work_list(self, condition: str) -> set[int]:
        return self._ids(
            "select parent_id from pennylane.details "  # noqa: S608 — conditions of ours
            f"where company_id = :company_id and resource = :resource and {condition}"
        )

    def _excluded(self) -> set[int]:
        """The parents that hang on an excluded customer, whose contents are not kept up to date."""
        parent = landing.TABLES[DETAILS[self.resource]]
        if "customer_id" not in parent.content:
            return set()
        return self._ids(
            f"select p.id from pennylane.{parent.name} as p "  # noqa: S608 — names of ours
            "join pennylane.exclusions as e on e.company_id = p.company_id and e.customer_id = p.customer_id "
            "where p.company_id = :company_id"
        )

    def _ids(self, sql: str) -> set[int]:
        found = self.asking.database.rows(sql, company_id=self.asking.company_id, resource=self.resource)
        return {int(id_) for (id_,) in found}

    def _live_rows(self) -> int:
        ((count,),) = self.asking.database.rows(
            f"select count(*) from pennylane.{self.resource} "  # noqa: S608 — a table of ours
            "where company_id = :company_id and deleted_at is null",
            company_id=self.asking.company_id,
        )
        return int(count)

    def _read(self, parent_id: int) -> Sides:
        """Both sides of one parent's details; ours are read after Pennylane's."""
        sort = "id" if RESOURCES[self.resource].sorts else None
        try:
            records, _ = self.asking.whole(self.resource, parent_id=parent_id, sort=sort)
        except NotFoundError:
            records = []  # the parent is gone, and so are its details
        there = self.asking.batch(self._table, records, [parent_id] * len(records))
        here = self.asking.rows(self._table, f"{self._table.parent} = :parent_id", parent_id=parent_id)
        months = self._month_of(parent_id)
        return Sides(self._table, here, there, self.resource, by_parent=True, months=months)

    def _month_of(self, parent_id: int) -> dict[int, str]:
        """The month of the invoice that details hang on."""
        if DETAILS[self.resource] != "customer_invoices":
            return {}
        ((day,),) = self.asking.database.rows(
            "select max(date) from pennylane.customer_invoices where company_id = :company_id and id = :id",
            company_id=self.asking.company_id,
            id=parent_id,
        )
        return {parent_id: f"{day:%Y-%m}"} if day else {}
