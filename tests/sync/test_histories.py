"""Whatever happens, in whatever order, with whatever faults: after a last sync the tables are the books."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pennybridge.emulator import selling
from tests.sync.conftest import Stop, Workspace

FAULTS = st.tuples(
    st.sampled_from(["429", "500", "503", "html", "cut", "cut_body", "empty_page", "duplicate_events"]),
    st.sampled_from(["/customer_invoices", "/customer_invoices/*", "/customers*", "/changelogs/*", "*"]),
    st.integers(0, 6),  # how many fitting requests pass before
    st.integers(1, 7),  # how many it strikes: more than five defeat the retries, and the resource fails
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("customer")),
        st.tuples(st.just("invoice"), st.booleans(), st.sampled_from([1, 2, 23])),
        st.tuples(st.just("edit"), st.integers(0, 50)),
        st.tuples(st.just("delete"), st.integers(0, 50)),
        st.tuples(st.just("finalize"), st.integers(0, 50)),
        st.tuples(st.just("pay"), st.integers(0, 50)),
        st.tuples(st.just("subscription"), st.booleans()),
        st.tuples(st.just("contact"), st.integers(0, 50)),
        st.tuples(st.just("categorize"), st.integers(0, 50)),
        st.tuples(st.just("move"), st.sampled_from([10.0, 60.0, 90_000.0, 32 * 86_400.0])),
        st.tuples(st.just("fault"), FAULTS),
        st.tuples(st.just("sync"), st.sampled_from([0, 3, None])),
        st.tuples(st.just("stop"), st.integers(1, 6)),
    ),
    min_size=3,
    max_size=25,
)


class History:
    """Plays steps on a workspace; a step that has nothing to act on does nothing."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.books = workspace.emulator.books
        self.category = workspace.add_category()

    def play(self, steps: list[tuple[Any, ...]]) -> None:
        for name, *details in steps:
            getattr(self, name)(*details)

    def pick(self, resource: str, at: int, **having: object) -> dict[str, Any] | None:
        found = self.books.select(resource, self.workspace.company.id)
        found = [record for record in found if all(record[key] == value for key, value in having.items())]
        return found[at % len(found)] if found else None

    def customer(self) -> None:
        self.workspace.add_customer()

    def invoice(self, draft: bool, lines: int) -> None:
        self.workspace.add_invoice(self.pick("customers", lines), draft=draft, lines=lines)

    def edit(self, at: int) -> None:
        if invoice := self.pick("customer_invoices", at):
            self.books.update("customer_invoices", invoice["id"], {"label": f"Edited {at}"})

    def delete(self, at: int) -> None:
        if invoice := self.pick("customer_invoices", at, draft=True):
            self.books.delete("customer_invoices", invoice["id"])
        elif subscription := self.pick("billing_subscriptions", at):
            self.books.delete("billing_subscriptions", subscription["id"])

    def finalize(self, at: int) -> None:
        if invoice := self.pick("customer_invoices", at, draft=True):
            selling.finalize(self.workspace.desk(), invoice)

    def pay(self, at: int) -> None:
        invoice = self.pick("customer_invoices", at, draft=False, paid=False)
        if invoice and not invoice["amount"].startswith("-"):
            customer = self.books.get("customers", invoice["customer"]["id"])
            self.workspace.pay(customer or {}, invoice)

    def subscription(self, edited: bool) -> None:
        found = self.pick("billing_subscriptions", 1) if edited else None
        if found:
            self.books.update("billing_subscriptions", found["id"], {"label": "Renamed"})
        else:
            self.workspace.add_subscription(self.pick("customers", 1))

    def contact(self, at: int) -> None:
        if customer := self.pick("customers", at):
            record = {"first_name": "Ada", "last_name": f"Martin {at}"}
            self.books.insert("contacts", self.workspace.company.id, record, parent_id=customer["id"])

    def categorize(self, at: int) -> None:
        if invoice := self.pick("customer_invoices", at, draft=False):
            weights = {self.category["id"]: "1.0"} if at % 2 else {}
            self.books.set_categories(invoice["id"], weights)

    def move(self, seconds: float) -> None:
        self.workspace.emulator.move_clock(seconds=seconds)
        self.workspace.clock.move(seconds=seconds)

    def fault(self, terms: tuple[Any, str, int, int]) -> None:
        kind, path, skip, times = terms
        self.workspace.emulator.fail_next("GET", path, kind, skip=skip, times=times)

    def sync(self, budget: int | None) -> None:
        self.workspace.sync(request_budget=budget)

    def stop(self, after: int) -> None:
        """Sync until so many requests are made, then end in the middle."""
        self.workspace.stop_after = after
        with suppress(Stop):
            self.workspace.sync()
        self.workspace.stop_after = None


@given(steps=STEPS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_after_any_history_the_tables_are_the_books(
    workspace: Workspace, steps: list[tuple[Any, ...]]
) -> None:
    workspace.company = workspace.emulator.books.add_company("Cap Horizon")
    history = History(workspace)

    history.play(steps)
    workspace.emulator.api.faults.clear()
    workspace.emulator.settle()
    history.move(timedelta(minutes=5).total_seconds())
    report = workspace.sync_everything()

    assert {name: each.problem for name, each in report.resources.items() if each.state != "done"} == {}
    workspace.assert_same()
