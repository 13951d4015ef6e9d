"""Pennylane's tutorial "create a customer invoice", step by step over HTTP, and what can go wrong."""

import datetime as dt
from decimal import Decimal

import msgspec
import pytest

from pennybridge.api.answers import Answer
from pennybridge.api.client import Client
from pennybridge.errors import AuthenticationError, DraftError, ScopeError
from pennybridge.invoicing.drafts import (
    Address,
    CategoryWeight,
    Customer,
    Discount,
    Draft,
    Period,
    Product,
    Section,
    TransactionReference,
)
from pennybridge.invoicing.follow_up import FollowUp
from pennybridge.invoicing.run import look_over
from tests.invoicing.desk import Desk
from tests.invoicing.drafting import a_draft, a_line

MARTIN = a_draft().customer


def with_email(draft: Draft) -> Draft:
    customer = msgspec.structs.replace(draft.customer, emails=("compta@martin.example",))
    return msgspec.structs.replace(draft, customer=customer)


def test_a_draft_is_created_for_a_new_customer_and_verified(desk: Desk) -> None:
    report = desk.create([a_draft()], create_customers=True)

    (result,) = report.results
    assert (result.outcome, report.customers_created, report.failed) == ("created", 1, False)
    invoice = desk.invoices["SHOP-1"]
    assert (invoice["id"], invoice["draft"], invoice["currency_amount"]) == (result.invoice_id, True, "120.0")
    (customer,) = desk.records("customers")
    assert (customer["name"], customer["billing_address"]["city"]) == ("Atelier Martin", "Lyon")
    assert desk.submission("SHOP-1").state == "verified"


def test_a_final_invoice_gets_its_number_and_everything_it_was_given(desk: Desk) -> None:
    desk.emulator.add_customer("Atelier Martin")
    product = desk.emulator.add_product("Abonnement", "50.00", reference="ABO")
    desk.emulator.books.insert("ledger_accounts", desk.company.id, {"number": "706000", "label": "Services"})
    template = desk.emulator.books.insert(
        "customer_invoice_templates", desk.company.id, {"name": "Classique"}
    )
    draft = a_draft(
        is_final=True,
        template="classique",
        subject="Mars",
        free_text="Merci",
        purchase_order="BC-7",
        sections=(Section("Conseil", "à Lyon"),),
        transaction=TransactionReference("stripe", "payment_id", "pi_1"),
        lines=(
            a_line(
                ledger_account="706",
                section=1,
                discount=Discount("relative", Decimal(10)),
                imputation=Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31)),
            ),
            a_line(product=Product(reference="ABO"), label=None, unit_price=None, vat_code=None, unit=None),
        ),
    )

    report = desk.create([draft])

    assert [result.outcome for result in report.results] == ["created"], report
    invoice = desk.invoices["SHOP-1"]
    assert invoice["invoice_number"] == report.results[0].number != ""
    assert invoice["customer_invoice_template"]["id"] == template["id"]
    assert (invoice["pdf_invoice_subject"], invoice["purchase_order_reference"]) == ("Mars", "BC-7")
    first, second = desk.emulator.books.select("customer_invoice_lines", parent_id=invoice["id"])
    assert first["currency_amount_before_tax"] == "90.0"
    assert first["imputation_dates"] == {"start_date": "2026-03-01", "end_date": "2026-03-31"}
    assert second["product"]["id"] == product.id


def test_a_second_run_sends_nothing_and_says_so(desk: Desk) -> None:
    drafts = [a_draft(reference=f"SHOP-{number}") for number in range(3)]
    desk.create(drafts, create_customers=True)
    before = len(desk.requests())

    report = desk.create(drafts, create_customers=True)

    assert desk.requests(before) == []
    assert report.as_line() == "3 invoices: 3 already sent; nothing was sent."
    assert len(desk.invoices) == 3


def test_a_reference_that_was_sent_with_other_content_is_refused(desk: Desk) -> None:
    desk.create([a_draft()], create_customers=True)

    report = desk.create([a_draft(lines=(a_line(unit_price=Decimal(90)),))], create_customers=True)

    assert report.results[0].outcome == "refused"
    assert "was sent already with other content" in str(report.problems[0])
    assert desk.invoices["SHOP-1"]["currency_amount"] == "120.0"


def test_an_invoice_that_the_journal_does_not_know_is_found_before_anything_is_sent(desk: Desk) -> None:
    customer = desk.emulator.add_customer("Atelier Martin")
    desk.create([a_draft(customer=Customer(id=customer.id))])
    forget(desk)
    before = len(desk.requests())

    report = desk.create([a_draft(customer=Customer(id=customer.id))])

    assert report.results[0].outcome == "found"
    assert desk.writes(before) == []
    assert desk.submission("SHOP-1").state == "verified"


def test_an_invoice_found_by_its_refusal_is_adopted_and_compared(desk: Desk) -> None:
    desk.create([a_draft()], create_customers=True)
    forget(desk)
    # Another date: the look-up by customer and day does not find it, Pennylane's refusal does.
    report = desk.create([a_draft(date=dt.date(2026, 3, 2))], create_customers=True)

    (result,) = report.results
    assert (result.outcome, report.failed) == ("differs", True)
    assert result.problem == "date is 2026-03-01, 2026-03-02 was meant"
    assert len(desk.invoices) == 1


def forget(desk: Desk) -> None:
    """Lose the journal, as a new machine would have."""
    with desk.state.transaction() as transaction:
        transaction.execute("delete from submissions")


def test_every_problem_of_every_row_comes_before_anything_is_sent(desk: Desk) -> None:
    desk.emulator.add_customer("Double")
    desk.emulator.add_customer("Double")
    drafts = [
        a_draft(reference="A", lines=(a_line(quantity=Decimal(0)),)),
        a_draft(reference="B", customer=Customer(name="Double")),
        a_draft(reference="C", customer=Customer(name="Nobody")),
        a_draft(reference="D", lines=(a_line(product=Product(reference="NONE"), ledger_account="799"),)),
        a_draft(reference="E", customer=Customer(id=1)),
        a_draft(reference="F", template="Nope", credits="F-404"),
    ]

    report = desk.create(drafts, create_customers=True)

    assert desk.writes() == []
    assert {result.outcome for result in report.results} == {"refused"}
    said = [f"{problem.field}: {problem.message}" for problem in report.problems]
    assert "lines[1].quantity: is 0, which Pennylane refuses" in said
    assert any(text.startswith("customer: 2 customers have this name") for text in said)
    assert "customer_address: is missing" in said
    assert "lines[1].product: no product has reference 'NONE'" in said
    assert "lines[1].ledger_account: no ledger account has number 799" in said
    assert "customer: 1 is no customer of this company" in said
    assert any(text.startswith("template: no invoice template has name 'Nope'") for text in said)
    assert any(text.startswith("credits: no invoice has the id") for text in said)


def test_customers_are_not_created_unless_allowed(desk: Desk) -> None:
    report = desk.create([a_draft()])

    assert report.results[0].outcome == "refused"
    assert "allow new customers" in report.problems[0].mend
    assert desk.records("customers") == []


def test_a_new_customer_needs_its_address_in_one_row_only(desk: Desk) -> None:
    bare = msgspec.structs.replace(MARTIN, billing_address=Address(), reg_no="732829320")
    whole = msgspec.structs.replace(MARTIN, vat_number="FR44732829320", reg_no="732829320")
    drafts = [a_draft(reference="A", customer=bare), a_draft(reference="B", customer=whole)]

    report = desk.create(drafts, create_customers=True)

    assert [result.outcome for result in report.results] == ["created", "created"], report
    assert len(desk.records("customers")) == 1


def test_a_row_that_pennylane_refuses_stops_no_other_and_can_be_sent_again_alone(desk: Desk) -> None:
    later = a_draft(
        reference="LATER", is_final=True, date=dt.date(2026, 11, 1), due_date=dt.date(2026, 12, 1)
    )
    early = a_draft(reference="EARLY", is_final=True)
    desk.create([later], create_customers=True)

    report = desk.create([early, a_draft(reference="OTHER")], create_customers=True)

    outcomes = {result.reference: result.outcome for result in report.results}
    assert outcomes == {"EARLY": "failed", "OTHER": "created"}
    assert "Date cannot be before latest finalized invoice" in (report.results[0].problem or "")
    mended = msgspec.structs.replace(early, date=dt.date(2026, 11, 1), due_date=dt.date(2026, 12, 1))
    assert desk.create([mended], create_customers=True).results[0].outcome == "created"


def test_final_invoices_are_numbered_in_the_order_of_their_dates(desk: Desk) -> None:
    days = [5, 3, 9, 1, 7]
    drafts = [a_draft(reference=f"DAY-{day}", is_final=True, date=dt.date(2026, 3, day)) for day in days]

    report = desk.create(drafts, create_customers=True)

    assert not report.failed
    numbers = [desk.invoices[f"DAY-{day}"]["invoice_number"] for day in sorted(days)]
    assert numbers == sorted(numbers)
    assert [result.reference for result in report.results] == [draft.reference for draft in drafts]


def test_drafts_are_finalized_mailed_categorized_and_paid_once_each(desk: Desk) -> None:
    draft = with_email(
        a_draft(
            is_final=True,
            categories=(
                CategoryWeight(group="Activité", label="Conseil", weight=Decimal("0.25")),
                CategoryWeight(group="Activité", label="Vente", weight=Decimal("0.75")),
            ),
        )
    )
    wanted = FollowUp(email=True, paid=True, create_categories=True)

    first = desk.create([draft], create_customers=True, after=wanted)
    before = len(desk.requests())
    second = desk.create([draft], create_customers=True, after=wanted)

    assert set(first.results[0].steps) == {"categorized", "emailed", "paid"}, first
    assert set(second.results[0].steps) == {"categorized", "emailed", "paid"}
    assert desk.requests(before) == []
    assert len(desk.emulator.books.outbox) == 1
    assert desk.slept, "the PDF was not there at once"
    invoice = desk.invoices["SHOP-1"]
    assert invoice["paid"]
    with desk.client() as client:
        weights = {one.label: one.weight for one in client.customer_invoices.categories(invoice["id"])}
    assert weights == {"Conseil": Decimal("0.25"), "Vente": Decimal("0.75")}


def test_what_a_draft_cannot_have_waits_for_the_run_after_it_is_final(desk: Desk) -> None:
    draft = a_draft(categories=(CategoryWeight(group="A", label="B"),))
    wanted = FollowUp(paid=True, create_categories=True)
    first = desk.create([draft], create_customers=True, after=wanted)
    assert [text.partition(":")[0] for text in first.results[0].waiting] == ["categorized", "paid"]
    assert first.has_warnings
    assert not first.failed

    with desk.client() as client:
        client.put(f"/customer_invoices/{first.results[0].invoice_id}/finalize")
    second = desk.create([draft], create_customers=True, after=wanted)

    assert (set(second.results[0].steps), second.results[0].waiting) == ({"categorized", "paid"}, ())


def test_a_mail_with_a_lost_answer_is_never_sent_again_by_itself(desk: Desk) -> None:
    draft = with_email(a_draft(is_final=True))
    desk.create([draft], create_customers=True)
    desk.emulator.settle()
    desk.emulator.fail_next("POST", "*/send_by_email", "lost_answer")

    first = desk.create([draft], after=FollowUp(email=True))
    second = desk.create([draft], after=FollowUp(email=True))

    assert "may or may not have been sent" in first.results[0].waiting[0]
    assert "an earlier run may have done it" in second.results[0].waiting[0]
    assert len(desk.emulator.books.outbox) == 1


def test_a_credit_note_is_linked_to_its_invoice_of_the_same_batch(desk: Desk) -> None:
    invoice = a_draft(reference="INV", is_final=True)
    note = a_draft(reference="NOTE", is_final=True, credits="INV", lines=(a_line(quantity=Decimal(-1)),))

    report = desk.create([note, invoice], create_customers=True)

    assert not report.failed, report
    assert desk.invoices["NOTE"]["credited_invoice"]["id"] == desk.invoices["INV"]["id"]
    assert dict(desk.submission("NOTE").steps).keys() == {"linked"}


def test_several_currencies_go_as_they_are(desk: Desk) -> None:
    drafts = [a_draft(reference=code, currency=code) for code in ("EUR", "USD", "CHF")]

    report = desk.create(drafts, create_customers=True)

    assert not report.failed, report
    assert {one["currency"] for one in desk.invoices.values()} == {"EUR", "USD", "CHF"}


def test_a_refused_token_stops_the_batch_with_everything_said(desk: Desk) -> None:
    drafts = [a_draft(reference=f"SHOP-{number}") for number in range(3)]
    token = desk.emulator.token(desk.company.number)
    with desk.client() as client:
        checked = look_over(
            drafts, client=client, submissions=desk.journal(), ways=["create"], create_customers=True
        )
    desk.emulator.revoke_token(token)

    with pytest.raises(AuthenticationError):
        desk.create(drafts, create_customers=True)

    desk.emulator.give_token(token, scopes=["customers:readonly", "customer_invoices:readonly"])
    report = desk.create(drafts, create_customers=True)
    assert {result.outcome for result in report.results} == {"not_tried"}
    assert 'the scope "customers:all"' in (report.results[0].problem or "")
    assert checked.problems == ()
    desk.emulator.give_token(token)
    assert {one.outcome for one in desk.create(drafts, create_customers=True).results} == {"created"}


def test_nothing_is_sent_if_all_or_nothing_was_asked_and_one_row_is_wrong(desk: Desk) -> None:
    with pytest.raises(DraftError, match="Nothing was sent"):
        desk.create(
            [a_draft(), a_draft(reference="B", date=None)], create_customers=True, all_or_nothing=True
        )

    assert desk.writes() == []


def test_the_dry_run_shows_the_bodies_that_are_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = desk.emulator.add_customer("Atelier Martin")
    draft = a_draft(customer=Customer(id=customer.id))
    with desk.client() as client:
        checked = look_over([draft], client=client, submissions=desk.journal(), ways=["create"])
    sent: list[object] = []
    post = Client.post

    def listening(self: Client, path: str, body: object = None) -> Answer:
        sent.append(body)
        return post(self, path, body)

    monkeypatch.setattr(Client, "post", listening)

    desk.create([draft])

    assert [request["body"] for request in checked.bodies()] == sent


def test_a_look_up_that_is_not_allowed_ends_before_anything_is_sent(desk: Desk) -> None:
    desk.emulator.give_token(desk.emulator.token(desk.company.number), scopes=["customer_invoices:all"])

    with pytest.raises(ScopeError, match="customers:readonly"):
        desk.create([a_draft()], create_customers=True)


def test_a_final_invoice_that_may_still_come_holds_later_ones_back(desk: Desk) -> None:
    """Numbered first, the later one would make Pennylane refuse the earlier one's date for good."""
    drafts = [a_draft(reference=f"DAY-{day}", is_final=True, date=dt.date(2026, 3, day)) for day in (1, 2)]
    desk.emulator.fail_next("POST", "/customer_invoices", "500", times=3)

    first = desk.create(drafts, create_customers=True)
    second = desk.create(drafts, create_customers=True)

    assert [result.outcome for result in first.results] == ["unknown", "not_tried"]
    assert "a final invoice of 2026-03-01 is not there yet" in (first.results[1].problem or "")
    assert [result.outcome for result in second.results] == ["created", "created"]


def test_a_final_invoice_before_the_last_one_is_warned_of_before_it_is_refused(desk: Desk) -> None:
    desk.create([a_draft(is_final=True, date=dt.date(2026, 3, 5))], create_customers=True)
    early = a_draft(reference="EARLY", is_final=True, date=dt.date(2026, 3, 4))
    late = a_draft(reference="LATE", is_final=True, date=dt.date(2026, 3, 5))

    report = desk.create([early, late])

    (warning,) = [problem for problem in report.problems if problem.field == "date"]
    assert (warning.row, warning.severity) == (1, "warning")
    assert [result.outcome for result in report.results] == ["failed", "created"]


def test_an_unknown_category_is_said_before_anything_is_sent(desk: Desk) -> None:
    draft = a_draft(categories=(CategoryWeight(group="Activité", label="Conseil"),))

    report = desk.create([draft], create_customers=True)

    assert [problem.field for problem in report.problems] == ["categories"]
    assert desk.writes() == []
