"""Every difference between the database and Pennylane is found and named, and nothing else is."""

from decimal import Decimal
from random import Random

import pytest

from pennybridge.connections.exclusions import exclude
from pennybridge.emulator.records import company_customer
from pennybridge.errors import ConfigurationError
from pennybridge.reconcile import windows
from pennybridge.reconcile.report import GONE, MARKED, MISSING, Reconciliation
from tests.reconcile.conftest import Audited
from tests.sync import truth
from tests.sync.conftest import Stop

Found = set[tuple[str, int, str]]


def found(reconciliation: Reconciliation) -> Found:
    return {(each.resource, each.id, each.field) for each in reconciliation.differences}


def sow(audited: Audited) -> Found:
    """Sixteen things that no sync does to a database, each in a record of its own; what should be found."""
    customers, contacts = audited.ids("customers"), audited.ids("contacts")
    invoices, lines = audited.ids("customer_invoices"), audited.ids("customer_invoice_lines")
    payments, matched = audited.ids("payments"), audited.ids("matched_transactions")
    stopped, its_line = audited.ids("billing_subscriptions")[1], audited.ids("billing_subscription_lines")[1]
    long, short = audited.lines_by_length()
    payload = audited.row("customer_invoices", invoices[3], "payload")
    assert payload
    audited.emulator.books.delete("billing_subscriptions", stopped)
    for sql, values in (
        ("update pennylane.customers set name = 'Other' where id = :id", {"id": customers[0]}),
        ("delete from pennylane.customers where id = :id", {"id": customers[2]}),
        ("update pennylane.customer_invoices set amount = 121 where id = :id", {"id": invoices[0]}),
        ("update pennylane.customer_invoices set customer_id = 1 where id = :id", {"id": invoices[1]}),
        ("update pennylane.customer_invoices set deleted_at = read_at where id = :id", {"id": invoices[2]}),
        (
            "update pennylane.customer_invoices set payload = cast(:payload as json) where id = :id",
            {"id": invoices[3], "payload": payload[0].replace('"fr_FR"', '"en_GB"')},
        ),
        ("update pennylane.customer_invoice_lines set quantity = 2 where id = :id", {"id": short[0]}),
        ("delete from pennylane.customer_invoice_lines where id = :id", {"id": short[3]}),
        ("update pennylane.customer_invoice_lines set label = 'Other' where id = :id", {"id": long[20]}),
        ("update pennylane.payments set currency_amount = 1 where id = :id", {"id": payments[0]}),
        ("delete from pennylane.payments where id = :id", {"id": payments[1]}),
        ("update pennylane.contacts set deleted_at = read_at where id = :id", {"id": contacts[0]}),
        ("update pennylane.matched_transactions set fee = 3 where id = :id", {"id": matched[0]}),
        ("update pennylane.category_groups set label = 'Other'", {}),
        ("update pennylane.customer_invoice_categories set weight = 0.5", {}),
    ):
        audited.change(sql, **values)
    assert len(lines) == 31
    return {
        ("customers", customers[0], "name"),
        ("customers", customers[2], "record"),
        ("customer_invoices", invoices[0], "amount"),
        ("customer_invoices", invoices[1], "customer_id"),
        ("customer_invoices", invoices[2], "record"),
        ("customer_invoices", invoices[3], "payload.language"),
        ("customer_invoice_lines", short[0], "quantity"),
        ("customer_invoice_lines", short[3], "record"),
        ("customer_invoice_lines", long[20], "label"),
        ("payments", payments[0], "currency_amount"),
        ("payments", payments[1], "record"),
        ("contacts", contacts[0], "record"),
        ("matched_transactions", matched[0], "fee"),
        ("category_groups", audited.ids("category_groups")[0], "label"),
        ("customer_invoice_categories", audited.ids("customer_invoice_categories")[0], "weight"),
        ("billing_subscriptions", stopped, "record"),
        ("billing_subscription_lines", its_line, "record"),
    }


def test_equal_books_have_no_difference(audited: Audited) -> None:
    reconciliation = audited.reconcile()

    assert reconciliation.differences == []
    for name, result in reconciliation.resources.items():
        assert (result.skipped, result.pending, result.left) == (None, 0, 0), name
        assert result.total.records_here == result.total.records_there == result.of, name
    invoices = reconciliation.resources["customer_invoices"]
    assert invoices.months["2026-11"].amount_there == Decimal(120 * 8 + 120 * 23)
    assert reconciliation.resources["customer_invoice_lines"].of == 31
    assert reconciliation.resources["payments"].of == 3


def test_each_of_many_differences_is_named_and_mended(audited: Audited) -> None:
    sown = sow(audited)

    first = audited.reconcile()
    report = audited.mend(first)
    second = audited.reconcile()

    assert found(first) == sown
    assert len(first.differences) == len(sown)
    kinds = {each.here for each in first.differences if each.field == "record"}
    assert kinds == {MISSING, MARKED, "is here"}
    assert GONE in {each.there for each in first.differences}
    wrong_sum = next(each for each in first.differences if each.field == "amount")
    assert (wrong_sum.here, wrong_sum.there, wrong_sum.month) == ("121.000000", "120.000000", "2026-11")
    assert not first.resources["payments"].months["2026-11"].agree
    assert (report.failed, second.differences) == (False, [])
    audited.assert_same()


def test_a_line_that_is_extra_and_one_of_another_invoice_are_found(audited_on_duckdb: Audited) -> None:
    _, short = audited_on_duckdb.lines_by_length()
    one, other = short[0], short[1]
    invoices = audited_on_duckdb.ids("customer_invoices")
    audited_on_duckdb.change(
        "insert into pennylane.customer_invoice_lines by name "
        "select * replace (7 as id) from pennylane.customer_invoice_lines where id = :id",
        id=one,
    )
    audited_on_duckdb.change(
        "update pennylane.customer_invoice_lines set customer_invoice_id = :invoice where id = :id",
        id=other,
        invoice=invoices[-1],
    )

    reconciliation = audited_on_duckdb.reconcile(resources=["customer_invoices"])

    named = {(each.id, each.field, each.here) for each in reconciliation.differences}
    assert named == {(7, "record", "is here"), (other, "customer_invoice_id", str(invoices[-1]))}
    assert not audited_on_duckdb.mend(reconciliation).failed
    audited_on_duckdb.assert_same()


def test_mending_that_is_killed_is_finished_by_the_next_sync(audited_on_duckdb: Audited) -> None:
    audited = audited_on_duckdb
    audited.change("update pennylane.payments set currency_amount = 1 where company_id = :company_id")
    audited.change("update pennylane.category_groups set label = 'Other'")
    found_first = audited.reconcile()
    assert found(found_first)

    audited.stop_after = 0
    for resource in ("payments", "category_groups"):
        with pytest.raises(Stop):
            audited.mend(found_first, only=resource)
    audited.stop_after = None
    audited.clock.move(hours=7)  # short lists are read every six hours
    audited.sync()

    audited.assert_same()
    assert audited.reconcile().differences == []


def test_what_changed_since_the_last_sync_is_no_difference(audited_on_duckdb: Audited) -> None:
    audited, books = audited_on_duckdb, audited_on_duckdb.emulator.books
    books.update("customers", audited.ids("customers")[0], {"name": "Renamed"})
    books.delete("customer_invoices", audited.ids("customer_invoices")[0])
    audited.add_invoice()
    audited.emulator.settle()
    audited.emulator.move_clock(hours=1)

    reconciliation = audited.reconcile()

    assert reconciliation.differences == []
    pending = {name: result.pending for name, result in reconciliation.resources.items() if result.pending}
    assert pending["customers"] == 2
    assert pending["customer_invoices"] == 2
    audited.sync()
    assert sum(result.pending for result in audited.reconcile().resources.values()) == 0


def test_what_changes_while_it_is_read_is_no_difference(audited_on_duckdb: Audited) -> None:
    """The changelog does not tell of it yet: events come late."""
    audited = audited_on_duckdb
    invoice = audited.ids("customer_invoices")[0]

    def edit(_: int) -> None:
        audited.emulator.books.update("customer_invoices", invoice, {"label": "Edited meanwhile"})

    audited.after_page = edit

    assert audited.reconcile().differences == []


def test_documents_of_excluded_customers_are_left_out(audited_on_duckdb: Audited) -> None:
    audited = audited_on_duckdb
    customer = audited.ids("customers")[2]
    audited.change("update pennylane.customer_invoices set amount = 1 where customer_id = :id", id=customer)
    audited.change("delete from pennylane.payments where id = :id", id=audited.ids("payments")[2])
    assert len(audited.reconcile().differences) > 2

    exclude(audited.database, audited.company.id, [customer], at=audited.clock())

    assert audited.reconcile().differences == []


def test_details_that_no_sync_has_read_yet_are_counted_but_do_not_differ(audited_on_duckdb: Audited) -> None:
    audited = audited_on_duckdb
    audited.add_invoice(lines=25)
    audited.emulator.settle()
    audited.sync(request_budget=0)
    audited.emulator.move_clock(hours=1)

    reconciliation = audited.reconcile()

    assert reconciliation.differences == []
    assert reconciliation.resources["customer_invoice_lines"].left == 1
    assert reconciliation.resources["contacts"].left == 1


def test_a_sample_is_chosen_by_its_seed_and_holds_the_newest(audited_on_duckdb: Audited) -> None:
    audited, books = audited_on_duckdb, audited_on_duckdb.emulator.books
    at = "2026-07-01T00:00:00.000000Z"
    older = [company_customer(books.new_id(), at, name=f"Client {n}") for n in range(640)]
    books.insert_many("customers", audited.company.id, [(record, None) for record in older])
    audited.sync(full=["customers"])
    ids = audited.ids("customers")
    audited.change("update pennylane.customers set name = 'Other' where id = :id", id=ids[-1])
    audited.change("update pennylane.customers set phone = '7' where id = :id", id=ids[250])
    asked = {"resources": ["customers"], "sample": 300}

    samples = [audited.reconcile(seed=seed, **asked) for seed in range(8)]
    again = audited.reconcile(seed=3, **asked)

    assert all(("customers", ids[-1], "name") in found(sample) for sample in samples)
    assert {len(sample.differences) for sample in samples} == {1, 2}
    assert found(again) == found(samples[3])
    assert {sample.resources["customers"].total.records_there for sample in samples} <= set(range(243, 301))
    assert max(sample.requests for sample in samples) == 5  # three windows, the changelog, a second look


def test_a_list_beyond_the_scopes_is_skipped_with_the_reason(audited_on_duckdb: Audited) -> None:
    audited_on_duckdb.scopes = ["customers:readonly"]

    reconciliation = audited_on_duckdb.reconcile()

    assert "quotes:readonly" in str(reconciliation.resources["quotes"].skipped)
    assert reconciliation.resources["customers"].skipped is None


def test_books_that_were_never_synced_and_unknown_resources_are_refused(audited_on_duckdb: Audited) -> None:
    with pytest.raises(ConfigurationError, match="no resource 'invoices'"):
        audited_on_duckdb.reconcile(resources=["invoices"])
    audited_on_duckdb.change("delete from pennylane.bookmarks where company_id = :company_id")
    with pytest.raises(ConfigurationError, match="Run `pennybridge sync` first"):
        audited_on_duckdb.reconcile()


def test_windows_cover_the_whole_line_of_ids() -> None:
    chance = Random(1)  # noqa: S311 — repeatable on purpose
    ids = sorted(chance.sample(range(1, 10_000), 777))
    cut = windows.cut(ids, 100)

    assert [sum(low < id_ and (high is None or id_ <= high) for id_ in ids) for low, high in cut] == [
        *[100] * 7,
        77,
    ]
    assert windows.choose(cut, 1, chance) == [cut[-1]]
    assert windows.choose(cut, None, chance) == cut


def test_the_truth_agrees_that_equal_books_are_equal(audited_on_duckdb: Audited) -> None:
    """What these tests compare with is read without any of our code."""
    audited = audited_on_duckdb
    books = truth.read_books(audited.emulator.base_url, audited.token)
    reconciliation = audited.reconcile()

    for name, result in reconciliation.resources.items():
        assert result.total.records_there == len(books[name]), name
