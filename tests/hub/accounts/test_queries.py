"""Who owes what: the same with models and without, and on both engines."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from pennybridge.emulator.server import Emulator
from pennybridge.hub.accounts import customer, customers, exclusion, invoice, invoices
from pennybridge.hub.accounts.books import Books, open_books
from pennybridge.hub.accounts.customers import CustomerFilter
from pennybridge.hub.accounts.invoices import InvoiceFilter
from pennybridge.store import Database, open_database
from tests.conftest import START
from tests.hub.accounts.story import AS_OF, BEGIN, CROWD, FORMULA, HOSTILE, Story, sync_and_build, tell

SEARCHES = {
    "cafe hor": "Café Horizon",
    "732 829 320": "Café Horizon",
    "73282932000015": "Café Horizon",
    "FR44 732829320": "Café Horizon",
    "crm-42": "Café Horizon",
    "compta@horizon": "Café Horizon",
    "<script>": HOSTILE,
    "=hyper": FORMULA,
}


@pytest.mark.parametrize("text", SEARCHES)
def test_customers_are_found_by_what_people_know_of_them(books: Books, text: str) -> None:
    page, _ = customers.customers(books, CustomerFilter(search=text))

    assert [row.name for row in page.rows] == [SEARCHES[text]]


@pytest.mark.parametrize("text", ["%", "_", "~", "'", "' or 1=1 --", "\\"])
def test_signs_with_a_meaning_in_sql_are_searched_as_they_are(books: Books, text: str) -> None:
    assert customers.customers(books, CustomerFilter(search=text))[1].customers == 0
    assert invoices.invoices(books, InvoiceFilter(search=text))[1].invoices == 0


def test_a_customer_is_found_by_its_id(books: Books, story: Story) -> None:
    page, _ = customers.customers(books, CustomerFilter(search=str(story.liberty)))

    assert [row.name for row in page.rows] == ["Liberty Ltd"]


def test_what_customers_owe_is_the_same_with_models_and_without(books: Books) -> None:
    page, totals = customers.customers(books, CustomerFilter(only=frozenset({"owes"})), sort="name")

    owed = {row.name: (row.open_amount_eur, row.overdue_eur, row.days_late) for row in page.rows}
    assert owed == {
        HOSTILE: (Decimal(36), Decimal(36), owed[HOSTILE][2]),
        "Café Horizon": (Decimal(300), Decimal(180), 124),
        "Liberty Ltd": (Decimal(1080), Decimal(1080), owed["Liberty Ltd"][2]),
    }
    assert (totals.customers, totals.open_amount_eur, totals.overdue_eur) == (
        3,
        Decimal(1416),
        Decimal(1296),
    )


def test_filters_narrow_together_and_totals_follow(books: Books) -> None:
    def found(**wanted: object) -> list[str | None]:
        return [
            row.name
            for row in customers.customers(books, CustomerFilter(**wanted))[0].rows  # type: ignore[arg-type]
        ]

    everybody, totals = customers.customers(books, CustomerFilter())
    assert totals.customers == CROWD + 4
    assert (everybody.total, len(everybody.rows), everybody.pages) == (CROWD + 4, 50, 2)
    assert found(only=frozenset({"deleted"})) == ["Partie"]
    assert found(only=frozenset({"excluded"})) == []
    assert found(customer_type="individual") == []
    with_mrr = found(only=frozenset({"mrr", "overdue"}))
    assert with_mrr == (["Café Horizon"] if books.is_built else [])


def test_a_page_beyond_the_last_is_the_last(books: Books) -> None:
    page, _ = customers.customers(books, CustomerFilter(), sort="name", number=99)

    assert (page.number, page.first, page.last) == (2, 51, CROWD + 4)


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in customers.ORDERS for sign in ("", "-")])
def test_customers_are_sorted_by_each_column(books: Books, sort: str) -> None:
    rows = list(customers.all_customers(books, CustomerFilter(only=frozenset({"owes"})), sort=sort))

    attribute = {
        "open": "open_amount_eur", "overdue": "overdue_eur", "delay": "payment_delay_days",
        "rating": "payment_rating",
    }.get(sort.strip("-"), sort.strip("-"))  # fmt: skip
    values = [getattr(row, attribute) for row in rows]
    known = [value.lower() if attribute == "name" else value for value in values if value is not None]
    assert values[: len(known)] == [value for value in values if value is not None]
    assert known == sorted(known, reverse=sort.startswith("-"))


def test_invoices_are_told_apart_by_their_state(books: Books, story: Story) -> None:
    def ids(state: str) -> set[int]:
        return {row.id for row in invoices.invoices(books, InvoiceFilter(state=state))[0].rows}

    assert story.late_invoice in ids("overdue")
    assert story.paid_invoice not in ids("overdue") | ids("open")
    assert story.paid_invoice in ids("paid")
    assert ids("credit_note") == {story.credit_note}
    assert story.credited_invoice in ids("cancelled") & ids("overdue")
    assert ids("draft") == {story.draft}
    assert ids("deleted") == set()
    assert ids("no such state") == ids("")


def test_totals_of_invoices_leave_drafts_out_and_say_so(books: Books) -> None:
    _, totals = invoices.invoices(books, InvoiceFilter())

    assert totals == invoices.InvoiceTotals(
        invoices=9,
        total_incl_tax_eur=Decimal("1776.00"),
        open_amount_eur=Decimal("1416.00"),
        overdue_eur=Decimal("1296.00"),
        drafts=1,
        drafts_eur=Decimal("60.00"),
    )


def test_invoices_are_found_by_number_customer_and_period(books: Books, story: Story) -> None:
    late = invoice.find_invoice(books, story.late_invoice)
    assert late is not None
    for wanted in (
        InvoiceFilter(search=late.invoice_number or ""),
        InvoiceFilter(search=str(late.id)),
        InvoiceFilter(search=late.external_reference or ""),
        InvoiceFilter(search="cafe", last=late.invoice_date, state="overdue"),
        InvoiceFilter(
            customer_id=story.horizon, first=late.invoice_date, last=late.invoice_date, state="open"
        ),
    ):
        page, _ = invoices.invoices(books, wanted)
        assert [row.id for row in page.rows] == [late.id]


def test_an_invoice_shows_how_it_was_lowered(books: Books, story: Story) -> None:
    found = invoice.find_invoice(books, story.credited_invoice)
    assert found is not None
    (note,) = invoice.credit_notes_of(books, found)
    reducing = invoice.find_invoice(books, note.id)
    assert reducing is not None

    assert (found.total_incl_tax_eur, found.open_amount_eur) == (Decimal(180), Decimal(60))
    assert (note.id, note.link_source, note.total_incl_tax_ccy) == (
        story.credit_note,
        "linked",
        Decimal(-120),
    )
    assert [each.id for each in invoice.credit_notes_of(books, reducing)] == [found.id]
    (paid,) = invoice.transactions_of(books, story.paid_invoice)
    assert (paid.amount_ccy, paid.invoice_id) == (Decimal(240), story.paid_invoice)


def test_a_line_names_its_class_and_the_rule_once_there_are_models(books: Books, story: Story) -> None:
    page, _ = invoices.invoices(books, InvoiceFilter(search="Abonnement", customer_id=story.horizon))
    (line,) = invoice.lines_of(books, story.late_invoice)
    assert (line.amount_excl_tax_ccy, line.tax_ccy, line.vat_rate) == (Decimal(100), Decimal(20), "FR_200")
    assert page.total == 0
    assert (line.recurrence_rule is not None) == books.is_built


def test_buckets_add_up_to_what_is_open(books: Books, story: Story) -> None:
    for customer_id in (story.horizon, story.hostile, story.liberty, story.formula):
        standing = customer.standing_of(books, customer_id)
        documents = customer.open_documents_of(books, customer_id)

        buckets = sum(amount for _, amount in standing.buckets)
        assert buckets - standing.unapplied_eur == standing.open_amount_eur
        assert sum(each.open_amount_eur for each in documents) == standing.open_amount_eur


def test_what_exclusion_takes_away_is_known_before(books: Books, story: Story) -> None:
    effect = exclusion.exclusion_effect(books, story.horizon)

    assert (effect.documents, effect.drafts, effect.billed_eur) == (6, 0, Decimal(660))
    assert (effect.open_amount_eur, effect.overdue_eur) == (Decimal(300), Decimal(180))
    assert effect.mrr == (Decimal(100) if books.is_built else None)


def test_both_engines_answer_alike(
    landed: Database, story: Story, make_postgresql_url: Callable[[str], str]
) -> None:
    """The same story is told to PostgreSQL; ids and amounts repeat."""
    with (
        Emulator(start=BEGIN) as emulator,
        open_database(make_postgresql_url("with_tables"), clock=lambda: START) as other,
    ):
        assert tell(emulator) == story
        sync_and_build(emulator, other, story)
        here, there = (open_books(each, story.company_id, AS_OF) for each in (landed, other))
        assert there.is_built
        for left, right in ((here, there), *[tuple(replace(each, as_of=None) for each in (here, there))]):
            assert _everything(left, story) == _everything(right, story)


def _everything(books: Books, story: Story) -> list[object]:
    """What every query answers, without when rows were read."""
    found: list[object] = [
        list(customers.all_customers(books, CustomerFilter(search=text))) for text in SEARCHES
    ]
    found += [list(customers.all_customers(books, CustomerFilter(), sort=sort)) for sort in customers.ORDERS]
    found += [list(invoices.all_invoices(books, InvoiceFilter(), sort=sort)) for sort in invoices.ORDERS]
    found += [invoices.invoices(books, InvoiceFilter(state=state)) for state in invoices.STATES]
    found += [customers.customers(books, CustomerFilter(only=frozenset({only}))) for only in customers.ONLY]
    found.append(customers.choices(books))
    found.append(invoices.invoices(books, InvoiceFilter(search="café", first=BEGIN.date(), last=AS_OF)))
    for query in (
        customer.contacts_of, customer.open_documents_of, customer.standing_of, customer.payments_of,
        customer.transactions_of, customer.to_do_of, customer.mrr_of, exclusion.exclusion_effect,
    ):  # fmt: skip
        found.append(query(books, story.horizon))
    for invoice_id in (story.late_invoice, story.credited_invoice, story.credit_note, story.dollar_invoice):
        one = invoice.find_invoice(books, invoice_id)
        assert one is not None
        found += [
            replace(one, read_at=START),
            invoice.lines_of(books, invoice_id),
            invoice.credit_notes_of(books, one),
        ]
        found += [invoice.payments_of(books, invoice_id), invoice.transactions_of(books, invoice_id)]
    return found
